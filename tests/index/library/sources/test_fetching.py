"""Videos are fetched one after the other, off the event loop, and never for longer than agreed."""

from __future__ import annotations

import asyncio
import threading

import pytest
from waiting import LONG_S

from index.library.sources import Fetched, Fetcher
from index.library.sources.errors import LinkUnknown, NoCaptions, SourceTookTooLong

VIDEO = "abcdefghij0"


class Shelf:
    """A source whose videos are at hand, unless it is told to wait."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: set[int] = set()
        self.working = 0
        self.most = 0
        self.opened = threading.Event()
        self.opened.set()

    def fetch(self, video_id: str, *, limit_s: float) -> Fetched:
        self.asked.append(video_id)
        self.threads.add(threading.get_ident())
        self.working += 1
        self.most = max(self.most, self.working)
        self.opened.wait(LONG_S)
        self.working -= 1
        if video_id == "no-captions":
            raise NoCaptions(video_id=video_id)
        return Fetched(video_id, f"{video_id}.en.json", b"[]", "en", False, None)


@pytest.mark.parametrize(
    "link", [VIDEO, f"https://youtu.be/{VIDEO}?t=3", f"look: https://www.youtube.com/watch?v={VIDEO}&list=x"]
)
async def test_an_id_and_a_link_name_the_same_video(link: str) -> None:
    shelf = Shelf()
    assert (await Fetcher(shelf, pause_s=0).fetch(link)).video_id == VIDEO
    assert threading.get_ident() not in shelf.threads


@pytest.mark.parametrize("link", ["", "https://example.org/watch?v=abcdefghij0", "../../x", "a" * 6000])
async def test_anything_else_is_refused_before_anybody_is_asked(link: str) -> None:
    shelf = Shelf()
    with pytest.raises(LinkUnknown) as refusal:
        await Fetcher(shelf).fetch(link)
    assert refusal.value.fields == {"received": link}
    assert shelf.asked == []


async def test_a_refusal_comes_back_and_the_next_video_is_fetched() -> None:
    fetcher = Fetcher(Shelf(), pause_s=0)
    with pytest.raises(NoCaptions):
        await fetcher.fetch("no-captions")
    assert (await fetcher.fetch(VIDEO)).video_id == VIDEO


async def test_one_at_a_time() -> None:
    shelf = Shelf()
    fetcher = Fetcher(shelf, pause_s=0)
    await asyncio.gather(*(fetcher.fetch(f"video-{number:05}") for number in range(5)))
    assert shelf.most == 1
    assert len(shelf.asked) == 5


async def test_a_video_that_takes_too_long_is_given_up_while_it_is_still_being_fetched() -> None:
    shelf = Shelf()
    shelf.opened.clear()
    try:
        with pytest.raises(SourceTookTooLong) as refusal:
            await Fetcher(shelf, limit_s=0.05).fetch(VIDEO)
    finally:
        shelf.opened.set()
    assert refusal.value.fields == {"video_id": VIDEO, "limit_s": 0.05}
