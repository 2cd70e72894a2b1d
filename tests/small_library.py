"""A small library, and an encoder without a model: what answers questions within a second of its start.

The encoder does harm where a question asks for it by one of the words of ``Harm``; workers import it by its name.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from waiting import Latch

from bot.app.edition_session import EditionOpener, EditionSession
from bot.app.settings import DATA
from index.build.builder import Builder
from index.embedding.encoder import Vectors
from index.errors import IndexingError
from index.text.tokens import tokenize
from scoring.axis import load_axis
from scoring.crux_gate import CruxGate
from scoring.scorer import LexicalScorer

AXIS = DATA / "axes" / "risk-opportunity"


class Harm(StrEnum):
    """Words that do harm to whoever embeds them."""

    HANG = "xhang"
    HANG_HOLDING_THE_LOCK = "xhanglock"
    EXIT = "xexit"
    SEGFAULT = "xsegfault"
    EAT_MEMORY = "xmemory"
    RAISE = "xraise"
    WAIT = "xwait"


class WordCounts:
    """An encoder without a model: a text's vector counts its words. It notes the threads that it is called on."""

    dim = 32
    fingerprint = "word-counts"

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.hold: Callable[[], None] = lambda: None

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        self.threads.add(threading.get_ident())
        self.hold()
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            for token in tokenize(text):
                vectors[row, hashlib.sha256(token.word.encode()).digest()[0] % self.dim] += 1
            vectors[row] /= np.linalg.norm(vectors[row]) or 1
        if progress is not None:
            progress(len(texts))
        return vectors


class HarmfulWordCounts(WordCounts):
    """Does what the first text's words ask for."""

    def __init__(self, latch: Latch | None = None) -> None:
        super().__init__()
        self._latch = latch

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        for word in set(texts[0].lower().split()) & {*Harm} if texts else ():
            do_harm(Harm(word), self._latch)
        return super().encode(texts, progress=progress)


def do_harm(harm: Harm, latch: Latch | None = None) -> None:
    """Do to this process what ``harm`` says; it waits at ``latch``."""
    match harm:
        case Harm.HANG:
            while True:
                pass
        case Harm.HANG_HOLDING_THE_LOCK:
            re.fullmatch("(a+)+", "a" * 60 + "b")
        case Harm.EXIT:
            os._exit(7)
        case Harm.SEGFAULT:
            ctypes.string_at(0)
        case Harm.EAT_MEMORY:
            eaten = []
            while True:
                eaten.append(bytearray(16 << 20))
        case Harm.RAISE:
            raise RuntimeError("the secret of the house")
        case Harm.WAIT:
            assert latch is not None
            latch.wait()


class Quiet:
    """Progress that nobody looks at."""

    def stage(self, name: str, total: int) -> None: ...

    def advance(self, steps: int) -> None: ...


def likeness_gate(encoder: Any, questions: Sequence[str], *, bias: float = 0.0) -> CruxGate:
    """A gate with these questions, whose probability rises with the claims' likeness alone, and with ``bias``."""
    vectors = encoder.encode(questions)
    weights = np.array([bias - 4.0, 0.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    unit = np.eye(encoder.dim, dtype=np.float32)
    return CruxGate(encoder.fingerprint, unit, tuple(questions), vectors, vectors, weights)


def make_opener(
    state: Path,
    encoder: WordCounts | None = None,
    *,
    deadly: str | None = None,
    latch: Latch | None = None,
) -> EditionOpener:
    """What opens the library's editions, here or in a worker; opening the one that is ``deadly`` ends the process."""
    counts = encoder or HarmfulWordCounts(latch)
    opener = DeadlyOpener(state, lambda _: counts, lambda *_: LexicalScorer.load(AXIS), load_axis(AXIS))
    opener.deadly = deadly
    return opener


class DeadlyOpener(EditionOpener):
    """Opens editions as ever, all but one."""

    deadly: str | None = None

    async def open(
        self, *, falls_back: bool = True, skip: Mapping[str, IndexingError] = MappingProxyType({})
    ) -> EditionSession:
        if self.deadly is not None and self.deadly not in skip:
            os._exit(9)
        return await super().open(falls_back=falls_back, skip=skip)


class SmallLibrary:
    """A library of a few episodes, and what builds it."""

    def __init__(self, folder: Path) -> None:
        self.library = folder / "library"
        self.state = folder / "state"
        self.encoder = WordCounts()

    @classmethod
    def of_two(cls, folder: Path) -> SmallLibrary:
        """A library of a dam and a school, not built yet."""
        made = cls(folder)
        made.write("the-dam", "The dam on the river may fail and the danger is grave")
        made.write("the-school", "The school in the valley gains a great opportunity and hope")
        return made

    def write(self, slug: str, words: str, *, guests: Sequence[str] = ()) -> None:
        place = self.library / slug
        place.mkdir(parents=True)
        about: dict[str, Any] = {"title": slug.replace("-", " ").title(), "guests": list(guests)}
        about["transcripts"] = [{"file": "captions.vtt"}]
        (place / "episode.json").write_text(json.dumps(about), encoding="utf-8")
        lines = [
            f"00:{n // 6:02}:{n % 6 * 10:02}.000 --> 00:{n // 6:02}:{n % 6 * 10 + 9:02}.000"
            for n in range(30)
        ]
        captions = "\n\n".join(f"{line}\n{words} {n}." for n, line in enumerate(lines))
        (place / "captions.vtt").write_text(f"WEBVTT\n\n{captions}\n", encoding="utf-8")

    async def build(self) -> str:
        """Publish an edition, and return its name."""
        builder = Builder(
            self.library,
            self.state,
            lambda: self.encoder,
            lambda *_: LexicalScorer.load(AXIS),
            load_axis(AXIS),
            "words",
        )
        report = await builder.build(Quiet())
        assert report.facts is not None
        return report.facts.edition
