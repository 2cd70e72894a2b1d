"""Pages written again and again while the library changes are those that are written from nothing."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.app import edition_requests
from bot.pages.site import MANIFEST

from .conftest import SITE, SamplePages, build, service_of, write_episode, write_site

WORDS = (
    "The dam on the river may fail and the danger is grave",
    "The dam on the river brings light and a great opportunity and hope",
    "Tutors in our schools teach children to read, a catastrophe, and the danger is grave",
    "Tutors in our schools teach children to read, a breakthrough, and the benefits are enormous",
    "A mill grinds corn by the stream and nobody minds it",
)
PEOPLE = ("Ada Lin", "Bo Ek", "Cy Moor")

CHANGES: dict[str, tuple[object, ...]] = {
    "words": WORDS,
    "title": ("On water", "On schools", "A <b>talk</b>"),
    "guests": tuple([person] for person in PEOPLE),
    "source": ("The Weir", "Slow Talks"),
    "shelf": ("Water", "Schools"),
    "published": ("2026-01-02", "2026-03-04"),
    "url": ("https://recordings.example/a", "https://recordings.example/b"),
    "summary": ("Of a dam.", "Of <i>schools</i> & tutors."),
}
"""What is changed of an episode, and to what."""

steps = st.one_of(
    st.tuples(st.integers(0, 5), st.just("gone or back"), st.none()),
    *(st.tuples(st.integers(0, 5), st.just(key), st.sampled_from(values)) for key, values in CHANGES.items()),
)
"""The number of an episode, what of it changes, and to what."""


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def pixels_of(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    image = Image.open(BytesIO(data))
    return image.mode, image.size, image.tobytes()


def assert_same(again: dict[str, bytes], new: dict[str, bytes]) -> None:
    """All files have the same bytes, and all pictures the same pixels.

    ISA-L now and then writes the same pixels as another stream; see ``bot/render/png/encoding.py``.
    """
    assert again.keys() == new.keys()
    different = [name for name in new if again[name] != new[name]]
    pictures = [name for name in different if name.endswith(".png")]
    assert different == pictures
    assert [name for name in pictures if pixels_of(again[name]) != pixels_of(new[name])] == []


@settings(
    max_examples=3,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    walk=st.lists(steps, min_size=5, max_size=5, unique_by=lambda step: step[:2]),
    many=st.sampled_from([1, 1000]),
)
def test_incremental_pages_are_those_written_from_nothing(
    walk: list[tuple[int, str, object]], many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edition_requests, "_MANY", many)
    told: dict[int, dict[str, object]] = {
        number: {"words": WORDS[number % len(WORDS)], "guests": [PEOPLE[number % len(PEOPLE)]]}
        for number in range(6)
    }
    with tempfile.TemporaryDirectory() as name:
        library, state = Path(name, "library"), Path(name, "state")
        for number, episode in told.items():
            write_episode(library, f"talk-{number}", **episode)  # type: ignore[arg-type]
        asyncio.run(build(library, state))
        asyncio.run(write_site(state, Path(name, "again")))
        for at, (number, key, value) in enumerate(walk):
            folder = library / f"talk-{number}"
            if key != "gone or back":
                told[number][key] = value
                write_episode(library, folder.name, **told[number])  # type: ignore[arg-type]
            elif folder.exists() and len(list(library.glob("talk-*"))) > 1:
                shutil.rmtree(folder)
            else:
                write_episode(library, folder.name, **told[number])  # type: ignore[arg-type]
            asyncio.run(build(library, state))
            asyncio.run(write_site(state, Path(name, "again")))
            asyncio.run(write_site(state, Path(name, f"new-{at}")))
            assert_same(files_of(Path(name, "again")), files_of(Path(name, f"new-{at}")))


async def test_all_surroundings_at_once_are_those_of_each(
    sample_pages: SamplePages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edition_requests, "_MANY", 2)
    service = service_of(sample_pages.state, SITE)
    try:
        slugs = [episode.slug for episode in await service.episodes()]
        together = await service.surroundings(slugs)
        outcomes = set()
        for slug, around in zip(slugs, together, strict=True):
            (alone,) = await service.surroundings([slug])
            outcomes.add(around.counterbalance.outcome)
            assert [other.episode.slug for other in around.related] == [
                other.episode.slug for other in alone.related
            ]
            assert [
                (pick.episode.slug, pick.here, pick.there, pick.shared, pick.pick.difference)
                for pick in around.counterbalance.picks
            ] == [
                (pick.episode.slug, pick.here, pick.there, pick.shared, pick.pick.difference)
                for pick in alone.counterbalance.picks
            ]
        assert "crux" in outcomes
    finally:
        await service.close()
