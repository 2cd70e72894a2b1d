"""What names a transcript or lies beside it: file names, sidecars, feeds, addresses, episode files; votes."""

import contextlib
import json
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from bench.fuzz_targets import Target, text
from bot.app.votes import read_votes
from index.errors import EpisodeFileInvalid, OverrideInvalid, RowsInvalid, SlugInvalid, TranscriptRejected
from index.library.episodes import EPISODE_FILE, read_about, slugify
from index.library.ingest.filenames import parse_name
from index.library.ingest.overrides import Overrides, override_fields, override_slug
from index.library.ingest.parsed_file import parse_bytes
from index.library.ingest.plan import plan_episode
from index.library.ingest.shows import split_show
from index.library.ingest.sidecars import Sidecars, parse_sidecars
from index.library.ingest.summary import summary_of
from index.library.sources.episode_sources import source_of
from index.library.sources.errors import SourceError
from index.library.sources.feeds import parse_chapters, parse_feed
from index.library.sources.public_web import Page, checked_address, retry_s

_INFO = "title uploader channel description upload_date webpage_url id duration language series tags artists".split()
_EPISODE = (
    "title source shelf published guests tags url video_id summary transcripts chapters duration_s".split()
)
_ITEM = "<item>{}</item>"
_ELEMENTS = (
    "<title>{}</title>", "<guid>{}</guid>", "<link>{}</link>", "<pubDate>{}</pubDate>", "<p>{}</p>", "<br/>{}",
    "<description>{}</description>", "<itunes:duration>{}</itunes:duration>", "<itunes:author>{}</itunes:author>",
    '<podcast:person role="host">{}</podcast:person>', '<podcast:transcript url="{}" type="text/vtt"/>',
    '<podcast:chapters url="{}"/>', '<enclosure url="{}"/>', "<content:encoded>{}</content:encoded>", "&lt;p>{}&lt;/p>",
)  # fmt: skip
_FEED = (
    '<rss xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{}</channel></rss>'
)
_HOME = Path(tempfile.gettempdir()) / "nothing-here"


def _value(random: Random, size: int) -> Any:
    return random.choice(
        (
            text(random, size),
            random.randint(-5, 10**12),
            random.random(),
            None,
            [text(random, 9)] * 3,
            {"a": 1},
            True,
        )
    )


def _info(random: Random, size: int) -> bytes:
    found = {key: _value(random, size // 4) for key in random.choices(_INFO, k=5)}
    return json.dumps(found).encode() + random.choice((b"", b"", b"}", b"\xff"))


def _episode_file(random: Random, size: int) -> bytes:
    about = {"title": text(random, 60)} | {
        key: _value(random, size // 4) for key in random.choices(_EPISODE, k=3)
    }
    return json.dumps(about).encode() + random.choice((b"", b"", b",", b"\x00"))


def _read_episode_file(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "a"
        own.mkdir()
        (own / EPISODE_FILE).write_bytes(data)
        read_about(Path(folder), "a")


def _votes(random: Random, size: int) -> bytes:
    row = {
        "id": text(random, 20), "episode": text(random, 20), "text": text(random, size // 4), "axis": "a",
        "shown": {"position": random.choice((1, -100.5, "1")), "band": "b", "confidence": "c", "scorer": "s"},
        "votes": {"fits": random.choice((1, -1, True))}, "last_on": text(random, 10),
    }  # fmt: skip
    return (json.dumps(row) + random.choice(("\n", "\n\n", ",\n"))).encode() * random.randint(1, 3)


def _read_votes(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "votes.jsonl"
        file.write_bytes(data)
        read_votes(file)


def _feed(random: Random, size: int) -> bytes:
    def foreign(n: int) -> str:
        return text(random, n).replace("&", "&amp;").replace("<", "&lt;").replace("\x00", "")

    inside = [random.choice(_ELEMENTS).format(foreign(random.randint(0, 60))) for _ in range(6)]
    item = _ITEM.format("".join(inside))
    return _FEED.format(item * max(1, size // len(item))).encode(errors="replace")


def _chapters(random: Random, size: int) -> bytes:
    mark = {
        "startTime": _value(random, 5),
        "title": _value(random, 30),
        "toc": random.choice((True, False, None)),
    }
    return json.dumps({"version": "1.2.0", "chapters": [mark] * max(1, size // 60)}).encode()


def _overrides(random: Random, size: int) -> Overrides:
    return Overrides(
        title=text(random, size), source=text(random, 50), url=text(random, size), slug=text(random, size),
        tags=(text(random, 50),) * 3,
    )  # fmt: skip


def _override(given: Overrides) -> None:
    with contextlib.suppress(OverrideInvalid):
        override_fields(given)
    override_slug(given)


def _file(random: Random, size: int) -> tuple[bytes, str, Sidecars]:
    rows = [f"{text(random, 12)}: {text(random, 80)}" for _ in range(3)]
    body = f"---\ntitle: {text(random, 40)}\n---\n" + "\n\n".join(rows * max(1, size // 300))
    info = json.dumps({"title": text(random, 60), "channel": text(random, 9)}).encode()
    about = text(random, size // 4).encode(errors="replace")
    sidecars = parse_sidecars({"a.info.json": info, "a.description": about})
    return body.encode(errors="replace"), text(random, 80) + ".txt", sidecars


def _plan(made: tuple[bytes, str, Sidecars]) -> None:
    data, name, sidecars = made
    plan_episode(parse_bytes(data, name, sidecars=sidecars, folder=name), Overrides(), _HOME)


TARGETS = (
    Target("names of files", text, parse_name),
    Target("slugs", text, slugify, (SlugInvalid,)),
    Target("info.json", _info, lambda data: parse_sidecars({"a.info.json": data})),
    Target("descriptions", text, lambda said: (summary_of(said), split_show(f"A - {said[:200]}", said))),
    Target("episode.json", _episode_file, _read_episode_file, (EpisodeFileInvalid,)),
    Target("votes to read", _votes, _read_votes, (RowsInvalid,)),
    Target(
        "feeds",
        _feed,
        lambda data: parse_feed(Page("https://example.org/feed", data)),
        (SourceError,),
        100_000,
    ),
    Target("chapters", _chapters, parse_chapters, (SourceError,), 100_000),
    Target("what is followed", text, lambda typed: source_of(typed, folders=False), (SourceError,)),
    Target("addresses", text, checked_address, (SourceError,)),
    Target("a wait that a server asks for", text, retry_s),
    Target("overrides", _overrides, _override, (OverrideInvalid, SlugInvalid)),
    Target("plans", _file, _plan, (TranscriptRejected, SlugInvalid), 40_000),
)
