"""What the head of a published text says about its episode."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from index.transcripts.formats.dates import day_in
from index.transcripts.formats.markdown import plain_text
from index.transcripts.formats.published.lines import TextLine
from index.transcripts.formats.published.unspoken import (
    ENDS_OF_SPEECH,
    TITLE_WORDS,
    metadata_row,
    title_line,
)
from index.transcripts.formats.sound_notes import is_said
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S, clock_s
from index.transcripts.links import video_id_in, video_url
from index.transcripts.model import Hints

LONGEST_DAY = 40
"""Characters of a line that holds a day and nothing else worth speaking of."""

_LISTING = re.compile(
    r"(?:(?P<keywords>(?:summary )?key ?words|stichw[oö]rter|schlagw[oö]rter|schlüsselwörter)|"
    r"speakers|participants|attendees|sprecher(?:innen)?|teilnehmer(?:innen)?|teilnehmende)\s*:?",
    re.IGNORECASE,
)
_SHOWS = ("channel", "podcast", "show", "series")
_DAYS = (
    "date",
    "published",
    "publication_date",
    "date_published",
    "publish_date",
    "uploaded",
    "upload_date",
    "recorded",
)
_LINKS = ("url", "link", "video", "youtube", "source", "website", "video_url", "watch")


def hints_of(
    front: Hints, rows: Sequence[str], lines: Sequence[TextLine], *, first: int, first_number: int
) -> Hints:
    """Return what ``front`` says, completed by title, links, rows of metadata and description above the speech.

    Args:
        front: what the front matter says.
        rows: the text below it, as it stands.
        lines: the same, read.
        first: the place of the first line of speech in ``lines``.
        first_number: the number of the first row in the file.
    """
    before = lines[:first]
    n_rows = (lines[first].number if first < len(lines) else len(rows) + first_number) - first_number
    head = rows[: max(0, n_rows)]
    listings, keywords = _listings(head)
    stated = dict(found for line in before if (found := metadata_row(line)) is not None)
    listings.update(line.number - first_number for line in before if metadata_row(line) is not None)
    links = [row for key, row in stated.items() if key in _LINKS and "://" in row]
    title = next((line.whole for line in lines if line.level == 1 and line.stamp is None), None)
    if title is None and (at := title_line(lines)) is not None:
        title = lines[at].whole
    if title is None and (at := _title_above_day(before)) is not None:
        title = lines[at].whole
        listings.add(lines[at].number - first_number)
    video_id = (
        front.video_id
        or next(filter(None, map(video_id_in, head)), None)
        or _video_of_stamps(rows[len(head) :])
    )
    days = [day_in(value) for key, value in stated.items() if key in _DAYS or key.endswith("_date")]
    # A day alone on its line, as meeting programs put it, is that of the meeting.
    day_lines = [line for line in before if _day_alone(line) is not None]
    days += [_day_alone(line) for line in day_lines]
    listings.update(line.number - first_number for line in day_lines)
    described = [
        front.description or "",
        _description(row for at, row in enumerate(head) if at not in listings),
    ]
    lasting = [line.whole.rpartition("•")[2].strip() for line in day_lines if "•" in line.whole]
    url = front.url or next(iter(links), None)
    return replace(
        front,
        title=front.title or stated.get("title") or title or None,
        source=front.source or next((row for key in _SHOWS if (row := stated.get(key))), None),
        video_id=video_id,
        url=url or (video_url(video_id) if video_id else None),
        published=front.published or next(filter(None, days), None),
        duration_s=front.duration_s
        or next(
            filter(None, map(_duration_s, (stated.get("duration"), stated.get("length"), *lasting))), None
        ),
        tags=front.tags or keywords,
        description="\n\n".join(part for part in dict.fromkeys(described) if part) or None,
    )


def _day_alone(line: TextLine) -> str | None:
    """Return the day of a line that holds one and little else."""
    is_short = len(line.whole) <= LONGEST_DAY and not line.level and metadata_row(line) is None
    return day_in(line.whole) if is_short else None


def _title_above_day(lines: Sequence[TextLine]) -> int | None:
    """Return the place of a first line with the day of the recording right below it, as meeting programs have it."""
    at = next((at for at, line in enumerate(lines) if not line.is_blank), None)
    if at is None or at + 1 >= len(lines):
        return None
    line, below = lines[at], lines[at + 1]
    stated = metadata_row(below)
    has_day = _day_alone(below) is not None or (
        stated is not None and stated[0].endswith("date") and day_in(stated[1]) is not None
    )
    is_title = (
        has_day
        and line.stamp is None
        and not line.level
        and 0 < line.n_words <= TITLE_WORDS
        and _day_alone(line) is None
        and metadata_row(line) is None
        and line.whole[-1] not in ENDS_OF_SPEECH
    )
    return at if is_title else None


def _listings(head: Sequence[str]) -> tuple[set[int], tuple[str, ...]]:
    """Return the places of rows that list speakers or keywords under a heading of their own, and the keywords."""
    places: set[int] = set()
    keywords: list[str] = []
    for at, raw in enumerate(head):
        heading = _LISTING.fullmatch(plain_text(raw.lstrip("#")).strip()[:80])
        if heading is None:
            continue
        places.add(at)
        first = next((below for below in range(at + 1, len(head)) if head[below].strip()), len(head))
        rows = list(takewhile(lambda below: head[below].strip(), range(first, len(head))))
        places.update(rows)
        if heading["keywords"]:
            words = ",".join(plain_text(head[row]) for row in rows).split(",")
            keywords += [word.strip(" -*•") for word in words]
    return places, tuple(dict.fromkeys(word for word in keywords if word))


def _video_of_stamps(rows: Sequence[str]) -> str | None:
    """Return the video that most of the links with a time lead to, if there are two or more."""
    ids = Counter(video_id_in(row) for row in rows if "t=" in row and "://" in row)
    del ids[None]
    (video_id, count), *_ = [*ids.most_common(1), (None, 0)]
    return video_id if count > 1 else None


def _duration_s(text: str | None) -> float | None:
    seconds = clock_s(text or "")
    return seconds if seconds is not None and 0.0 < seconds <= LONGEST_RECORDING_S else None


def _description(head: Iterable[str]) -> str:
    rows: list[str] = []
    for raw in head:
        if raw.startswith("# ") or raw.strip().startswith("!["):
            continue
        row = plain_text(raw.lstrip("#")) if not raw.lstrip().startswith("[^") else ""
        is_bare_link = video_id_in(raw) is not None and len(row.split()) <= 6
        if not is_bare_link and (is_said(row) or (rows and rows[-1])):
            rows.append(row)
    return "\n".join(rows).strip()
