"""A small library, an encoder without a model, and the sample library as the real model indexes it."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from indexed_sample import IndexedSample
from small_library import Quiet

from index.build.builder import Builder
from index.build.judge_stage import JudgeOptions
from index.build.progress import BuildReport
from index.embedding.encoder import Encoder, ServingEncoder, Vectors
from index.embedding.model_export import PACKAGED_MODEL, export_model
from index.embedding.token_projection import read_projections
from index.library.episodes import EpisodeFile
from index.search.searcher import Searcher
from index.storage.edition import Edition, open_edition
from index.storage.records import EpisodeRecord
from index.text.slicing import Slice
from index.text.stopwords import FUNCTION_WORDS
from index.text.tokens import tokenize
from scoring.axis import load_axis
from scoring.profile import Profile
from scoring.scorer import LexicalScorer

DATA = Path(__file__).resolve().parents[2] / "data"
AXIS = DATA / "axes" / "risk-opportunity"
SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"


class WordEncoder:
    """An encoder without a model: a text's vector is the sum of its words' own random directions."""

    dim = 48

    def __init__(self, fingerprint: str = "words") -> None:
        self.fingerprint = fingerprint
        self.embedded: list[str] = []

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        self.embedded += texts
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            for token in tokenize(text):
                if token.word not in FUNCTION_WORDS:
                    vectors[row] += self._direction(token.stem)
            vectors[row] /= np.linalg.norm(vectors[row]) or 1.0
        if progress is not None:
            progress(len(texts))
        return vectors

    def _direction(self, word: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256((self.fingerprint + word).encode()).digest()[:8], "little")
        return np.random.default_rng(seed).normal(size=self.dim).astype(np.float32)


def captions(text: str, *, step_s: float = 4.0, words_a_cue: int = 8) -> str:
    """``text`` as a WebVTT file."""
    words = text.split()
    rows = ["WEBVTT", ""]
    for number, at in enumerate(range(0, len(words), words_a_cue)):
        start_s, end_s = number * step_s, (number + 1) * step_s
        rows += [f"{_clock(start_s)} --> {_clock(end_s)}", " ".join(words[at : at + words_a_cue]), ""]
    return "\n".join(rows)


def _clock(second: float) -> str:
    return f"{int(second) // 3600:02}:{int(second) // 60 % 60:02}:{second % 60:06.3f}"


class House:
    """A library and the state beside it."""

    def __init__(self, folder: Path, encoder: Encoder | None = None) -> None:
        self.library = folder / "library"
        self.state = folder / "state"
        self.library.mkdir(parents=True, exist_ok=True)
        self.encoder: Encoder = encoder or WordEncoder()
        self.scorer = LexicalScorer.load(AXIS)
        self.axis = load_axis(AXIS)
        self.judge_options: JudgeOptions | None = None
        self._opened: list[Edition] = []

    def put(self, slug: str, text: str | None, *, track: str | None = None, **about: object) -> None:
        """Write the episode ``slug``: spoken ``text`` as captions, or none."""
        folder = self.library / slug
        folder.mkdir(parents=True, exist_ok=True)
        about = {"title": slug.replace("-", " ").title(), **about}
        if text is not None:
            (folder / "captions.vtt").write_text(captions(text), encoding="utf-8")
            about["transcripts"] = [{"file": "captions.vtt"}]
        if track is not None:
            about["transcripts"] = [{"file": "captions.vtt", "track": track}]
        (folder / "episode.json").write_text(json.dumps(about), encoding="utf-8")

    async def build(self, *, full: bool = False) -> BuildReport:
        builder = Builder(
            self.library,
            self.state,
            lambda: self.encoder,
            lambda _: self.scorer,
            self.axis,
            self.encoder.fingerprint,
            self.judge_options,
        )
        return await builder.build(Quiet(), full=full)

    async def open(self) -> Searcher:
        """What answers from the published edition."""
        searcher = await searcher_over(await open_edition(self.state), self.encoder)
        self._opened.append(searcher.edition)
        return searcher

    async def close(self) -> None:
        """Give back the files of every edition that was opened."""
        for edition in self._opened:
            await edition.close()
        self._opened.clear()


async def searcher_over(edition: Edition, encoder: Encoder) -> Searcher:
    return Searcher.over(edition, encoder, load_axis(AXIS))


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def real_house(tmp_path: Path, real_encoder: ServingEncoder) -> AsyncIterator[House]:
    """A house with the real model."""
    made = House(tmp_path, real_encoder)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def real_encoder(indexed_sample: IndexedSample) -> ServingEncoder:
    """The packaged model, exported as the sample's index was made with it."""
    projections = read_projections(DATA / "encoders")
    return ServingEncoder(export_model(PACKAGED_MODEL, indexed_sample.models, projections))


@pytest.fixture(scope="session")
def sample(indexed_sample: IndexedSample, real_encoder: ServingEncoder) -> Iterator[Searcher]:
    """The sample library, indexed and opened."""
    edition = asyncio.run(open_edition(indexed_sample.state))
    yield asyncio.run(searcher_over(edition, real_encoder))
    asyncio.run(edition.close())


def piece_of(*units: str, anchors: tuple[tuple[int, float], ...] = (), end_s: float | None = None) -> Slice:
    """A slice of ``units``."""
    ends, at = [], 0
    for unit in units:
        ends.append(at + len(unit))
        at += len(unit) + 1
    start_s = anchors[0][1] if anchors else None
    return Slice(0, " ".join(units), start_s, end_s, None, None, tuple(ends), anchors, ((0, None),))


def episode_record(number: int, title: str, **about: object) -> EpisodeRecord:
    """An episode of an edition that only has a name."""
    profile = Profile(
        0.0, "Mixed", "technical", "low", "metadata only", 0, 0, 0, 0, 0, 0, 0, (0.0, 0.0, 0.0), (), ()
    )
    published = about.pop("published", None)
    slug = str(about.pop("slug", f"episode-{number}"))
    file = EpisodeFile(
        title=title,
        published=date.fromisoformat(str(published)) if published else None,
        **about,  # type: ignore[arg-type]
    )
    return EpisodeRecord(number, slug, file, None, profile, False, 0, {})
