"""Large libraries for measurements, made of a small one's sentences, and an encoder that costs hardly anything.

    PYTHONPATH=. python bench/libraries.py SOURCE_LIBRARY GOAL --episodes 1000

What such a library is and is not: every sentence was said in an episode of the source, the order is new, an episode
mixes three of the source's, and names inside sentences give way to invented ones now and then, so that windows are new
texts and the vocabulary grows with the library. What a person would learn from it is nothing.
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embedding.encoder import Vectors
from index.library.episodes import read_episode, slugs
from index.text.slicing import slice_transcript
from index.text.windows import window_key

SHORTEST_SLICES, LONGEST_SLICES = 25, 50
"""Lengths of episodes, in slices of about ``SLICE_CHARS``."""

SLICE_CHARS = 1090
_CHARS_A_SECOND = 16.5
_WORDS_A_CUE = 9
_MIXED = 3
_NAMES_AN_EPISODE, _RENAMED_SHARE = 12, 0.3
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")
_SYLLABLES = "ba be bo da den do fa fel gar ha hol il jo ka kel lin lo mar mi mo nel no or pa per ra ren ro sa sel ta tor u va vin wel ya zo".split()  # noqa: E501

_NOISE = 0.6
_NOISE_ENTRIES = 1 << 20


@dataclass(frozen=True, slots=True)
class Talk:
    """An episode of the source: its sentences in order."""

    slug: str
    sentences: tuple[str, ...]


class BorrowedVectors:
    """An encoder for measurements alone: a text's vector is one of the ``given`` with noise, both chosen by its hash.

    The same text has the same vector always and everywhere; nothing else about it means anything. Noise is as long
    as ``_NOISE`` of the vector, which leaves a cosine of about 0.86 to the one that was given.

    Args:
        given: unit vectors, shape (n, dim); at least one.
        fingerprint: of the model that ``given`` are of, if what asks later is that model.
    """

    def __init__(self, given: Vectors, fingerprint: str = "bench") -> None:
        self.fingerprint = fingerprint
        self.dim = given.shape[1]
        self._given = given.astype(np.float32)
        noise = np.random.default_rng(7).normal(size=_NOISE_ENTRIES + self.dim).astype(np.float32)
        self._noise = np.lib.stride_tricks.sliding_window_view(noise * (_NOISE / self.dim**0.5), self.dim)

    def __reduce__(self) -> tuple[type["BorrowedVectors"], tuple[Vectors, str]]:
        return type(self), (self._given, self.fingerprint)  # the noise is made anew

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """One unit row a text, shape (n, dim)."""
        keys = np.array([window_key(text) for text in texts], np.uint64)
        chosen = (keys % np.uint64(len(self._given))).astype(np.int64)
        offsets = ((keys >> np.uint64(32)) % np.uint64(len(self._noise))).astype(np.int64)
        vectors: Vectors = self._given[chosen] + self._noise[offsets]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        if progress is not None:
            progress(len(texts))
        return vectors


def invented_vectors(n: int = 4096, dim: int = 384) -> Vectors:
    """Unit vectors of no meaning, where there are no real ones to borrow."""
    vectors = np.random.default_rng(11).normal(size=(n, dim)).astype(np.float32)
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def talks_of(source: Path) -> list[Talk]:
    """The episodes of the library ``source`` that have speech."""
    talks = []
    for slug in slugs(source):
        transcript = read_episode(source, slug).transcript
        if transcript is not None:
            sentences = [piece.text[a:b] for piece in slice_transcript(transcript) for a, b in piece.units()]
            talks.append(Talk(slug, tuple(sentences)))
    return talks


def write_library(talks: Sequence[Talk], goal: Path, numbers: Sequence[int], *, seed: int = 0) -> None:
    """Write the episodes ``numbers`` to the library ``goal``; those that are there already are left alone.

    Episode n of one seed is the same in a library of any size.
    """
    for number in numbers:
        folder = goal / f"conversation-{number:06}"
        if folder.is_dir():
            continue
        chance = random.Random(f"{seed} {number}")
        names = [_name(chance) for _ in range(_NAMES_AN_EPISODE)]
        folder.mkdir(parents=True)
        (folder / "captions.vtt").write_text(_captions(_sentences(talks, chance, names)), encoding="utf-8")
        about = {
            "title": f"{names[0]} {names[1]} on {names[2]}, {number}",
            "source": f"Show {number % 17}",
            "guests": [f"{names[0]} {names[1]}"],
            "published": f"20{10 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}",
            "transcripts": [{"file": "captions.vtt", "track": "auto" if number % 3 else "uploaded"}],
        }
        (folder / "episode.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def _sentences(talks: Sequence[Talk], chance: random.Random, names: Sequence[str]) -> Iterator[str]:
    pool = [sentence for talk in chance.sample(talks, min(_MIXED, len(talks))) for sentence in talk.sentences]
    n_chars = chance.uniform(SHORTEST_SLICES, LONGEST_SLICES) * SLICE_CHARS

    def renamed(match: re.Match[str]) -> str:
        return chance.choice(names) if chance.random() < _RENAMED_SHARE else match.group()

    while n_chars > 0:
        sentence = _NAME.sub(renamed, chance.choice(pool))
        n_chars -= len(sentence) + 1
        yield sentence


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=3)).capitalize()


def _captions(sentences: Iterator[str]) -> str:
    words = " ".join(sentences).split()
    rows = ["WEBVTT", ""]
    start_s = 0.0
    for at in range(0, len(words), _WORDS_A_CUE):
        line = " ".join(words[at : at + _WORDS_A_CUE])
        end_s = start_s + (len(line) + 1) / _CHARS_A_SECOND
        rows += [f"{_clock(start_s)} --> {_clock(end_s)}", line, ""]
        start_s = end_s
    return "\n".join(rows)


def _clock(second: float) -> str:
    return f"{int(second) // 3600:02}:{int(second) // 60 % 60:02}:{second % 60:06.3f}"


def main() -> None:
    """Write a library."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("goal", type=Path)
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    write_library(talks_of(wanted.source), wanted.goal, range(wanted.episodes), seed=wanted.seed)
    sys.stdout.write(f"{wanted.episodes} episodes in {wanted.goal}\n")


if __name__ == "__main__":
    main()
