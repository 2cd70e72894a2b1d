"""Captions as blocks, a line with two times and rows of text: WebVTT, SubRip, and YouTube Studio's ``.sbv``."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from index.errors import MalformedCue
from index.transcripts.formats.assembly import assembled, guessed_track
from index.transcripts.formats.caption_lines import CaptionLine, check_number_of_cues, in_order
from index.transcripts.formats.markup import voiced, with_breaks
from index.transcripts.formats.rolling_captions import has_timed_words, unrolled
from index.transcripts.formats.speakers import is_name_shaped
from index.transcripts.formats.timestamps import ARROW, LOOSE_CLOCK, loose_clock_s, shown
from index.transcripts.model import Hints, Skipped, Track, Transcript

MOST_BROKEN = 0.5
"""A file half of whose blocks have no time that can be read is refused."""

LEAST_SHARE_NAMED = 0.5
"""Identifiers are speakers where half of the blocks have one that recurs and is a name."""

LONGEST_NAME_ROW = 80
FEWEST_NAMED_ROWS = 3
LEAST_SHARE_OF_NAMED_ROWS = 0.8
FEWEST_ROWS_A_NAME = 1.5
"""First rows are speakers where this share of the blocks begins with a name, and names recur."""

TIMING = re.compile(
    rf"(?m)^[ \t]*(?P<start>{LOOSE_CLOCK})[ \t]*{ARROW}[ \t]*(?P<end>{LOOSE_CLOCK})(?P<rest>.*)$"
)
"""A line with the start and the end of a caption; ``rest`` holds settings, or text that somebody put there."""

SBV_TIMING = re.compile(
    r"(?m)^[ \t]*(?P<start>[0-9]{1,3}:[0-9]{2}:[0-9]{2}[.][0-9]{1,3})[ \t]*,"
    r"[ \t]*(?P<end>[0-9]{1,3}:[0-9]{2}:[0-9]{2}[.][0-9]{1,3})(?P<rest>)[ \t]*$"
)

_ARROW = re.compile(ARROW)
_TIME_LIKE = re.compile(r"[0-9][ \t]?:[ \t]?[0-9]|\bnan\b", re.IGNORECASE)
_SETTINGS = re.compile(
    r"(?:[ \t]+(?:(?:align|line|position|size|vertical|region|[XxYy][12])[ \t]?:\S*|\{[^{}\n]*\}))*[ \t]*"
)
_LONE_CLOCK = re.compile(
    rf"[ \t]*[0-9]{{1,3}}:[0-9]{{2}}(?::[0-9]{{2}})?[.,][0-9]{{1,3}}[ \t]*(?:{ARROW})?[ \t]*"
)
_NAME_ROW = re.compile(r"([^\W\d_][^\n:<>\[\]]{0,58}?) ?(?:\([0-9:.,]{4,14}\))?")
_HEADER_FIELD = re.compile(r"(?m)^(Kind|Language):[ \t]*(\S.*)$")
_ASIDES = ("NOTE", "STYLE", "REGION", "WEBVTT")

_Times = tuple[float, float, str]
"""Start and end of a caption in seconds, and the text that somebody put on the same line."""


def parse_webvtt(text: str, *, file: str) -> Transcript:
    """Return the transcript of a WebVTT file, with or without its header.

    Voices become speakers, inline times word times. ``track`` is ``auto`` where words have times or lines roll,
    ``uploaded`` where YouTube's header stands without either or voices are named.

    Raises:
        MalformedCue, TimesRunBackwards, NoSpeech, TooManyCues, TooManyWords.
    """
    header = dict(_HEADER_FIELD.findall(text[: text.find("-->")][:2000]))
    hints = Hints(language=header.get("Language", "").strip() or None)
    return _parse(text, TIMING, "webvtt", file=file, hints=hints, is_by_hand="Kind" in header)


def parse_subrip(text: str, *, file: str) -> Transcript:
    """Return the transcript of a SubRip file; points are taken for commas, numbers and blank lines may be missing.

    ``track`` is ``auto`` where lines roll or nothing is punctuated, ``uploaded`` where voices are named.

    Raises:
        MalformedCue, TimesRunBackwards, NoSpeech, TooManyCues, TooManyWords.
    """
    return _parse(text, TIMING, "subrip", file=file)


def parse_sbv(text: str, *, file: str) -> Transcript:
    """Return the transcript of a file as YouTube Studio downloads it, or of SubViewer 2, which has the same blocks.

    Raises:
        MalformedCue, TimesRunBackwards, NoSpeech, TooManyCues, TooManyWords.
    """
    return _parse(text, SBV_TIMING, "sbv", file=file)


def _parse(
    text: str,
    timing: re.Pattern[str],
    format_name: str,
    *,
    file: str,
    hints: Hints | None = None,
    is_by_hand: bool = False,
) -> Transcript:
    blocks, broken = _timed_blocks(with_breaks(text), timing, file=file)
    if broken and len(broken) >= MOST_BROKEN * (len(blocks) + len(broken)):
        raise MalformedCue(file=file, line=broken[0].line, received=broken[0].received)
    raw, strays = in_order(_named_by_first_row(blocks), file=file)
    fresh, rolled = unrolled(raw)
    lines = [part for line in fresh for part in voiced(line)]
    track: Track | None
    if rolled or has_timed_words(raw):
        track = "auto"
    elif is_by_hand or any(line.speaker for line in lines):
        track = "uploaded"
    else:
        track = guessed_track(lines)
    skipped = sorted([*broken, *strays], key=lambda part: part.line or 0)
    return assembled(lines, file=file, format_name=format_name, track=track, hints=hints, skipped=skipped)


def _timed_blocks(
    text: str, timing: re.Pattern[str], *, file: str
) -> tuple[list[CaptionLine], list[Skipped]]:
    """Return the blocks of ``text`` in the order of the file, rows as they stand, and those whose times are broken.

    Identifiers, cue numbers, comments, style blocks and headers are left out; an identifier that recurs and is a
    name is the speaker. Rows may hold blank lines, and blocks need none between them, as careless writers have it.
    A leading blank row is kept (a rolling track means something by it), trailing ones are not.
    """
    rows = text.split("\n")
    timings: list[tuple[int, _Times | None]] = []
    for at, row in enumerate(rows):
        if ":" not in row and ">" not in row and "→" not in row:
            continue
        match = timing.match(row)
        caption = _times(match) if match else None
        if caption is not None or _is_timing_meant(rows, at):
            timings.append((at, caption))
            check_number_of_cues(len(timings), file=file)
    blocks: list[CaptionLine] = []
    broken: list[Skipped] = []
    identifiers: dict[int, str] = {}
    for order, (at, caption) in enumerate(timings, 1):
        until = timings[order][0] if order < len(timings) else len(rows)
        payload = rows[at + 1 : until]
        identifier = _take_identifier(payload, order, is_last=order == len(timings))
        if caption is None:
            broken.append(Skipped(at + 1, "time", shown(rows[at])))
        else:
            start_s, end_s, text = caption
            spoken = _without_asides(payload)
            blocks.append(CaptionLine(at + 1, start_s, end_s, "\n".join([text, *spoken] if text else spoken)))
        if identifier and order < len(timings):
            identifiers[timings[order][0] + 1] = identifier
    if timings and timings[0][0]:
        identifiers[timings[0][0] + 1] = rows[timings[0][0] - 1].strip()
    return _named_by_identifier(blocks, identifiers), broken


def _times(match: re.Match[str]) -> _Times | None:
    start, end, rest = match.group("start", "end", "rest")
    start_s, end_s = loose_clock_s(start), loose_clock_s(end)
    if start_s is None or end_s is None:
        return None
    return start_s, end_s, _text_after_times(rest) if rest else ""


@lru_cache(maxsize=64)
def _text_after_times(rest: str) -> str:
    """Return what stands behind the times of a caption, unless that is settings for its place on the screen."""
    return "" if _SETTINGS.fullmatch(rest) else rest.strip(" \t:|")


def _is_timing_meant(rows: list[str], at: int) -> bool:
    """Return True where a row should hold two times and does not."""
    row = rows[at]
    follows_number = at > 0 and rows[at - 1].strip().isdigit()
    if not _has_arrow(row):
        return follows_number and _LONE_CLOCK.fullmatch(row) is not None
    opens_block = at == 0 or follows_number or not rows[at - 1].strip()
    is_time_like = _TIME_LIKE.search(row) is not None
    return (opens_block or is_time_like) if "-->" in row else (opens_block and is_time_like)


def _has_arrow(row: str) -> bool:
    # Rows of a rolling track are full of ">" and rarely have what begins an arrow.
    return "→" in row or (
        ("-" in row or "–" in row or "—" in row or "−" in row or "=" in row)
        and _ARROW.search(row) is not None
    )


def _take_identifier(payload: list[str], order: int, *, is_last: bool) -> str | None:
    """Take off the last row where it names the next block rather than being said in this one."""
    while is_last and payload and not payload[-1].strip():
        payload.pop()
    if not payload or not payload[-1].strip():
        return None
    row = payload[-1].strip()
    follows_blank = len(payload) > 1 and not payload[-2].strip()
    if (follows_blank and (row.isdigit() or not is_last)) or (not is_last and row == str(order + 1)):
        payload.pop()
        return row
    return None


def _without_asides(payload: list[str]) -> list[str]:
    while payload and not payload[-1].strip():
        payload.pop()
    if "" not in payload and "WEBVTT" not in payload:
        return payload
    kept: list[str] = []
    inside_aside = False
    for at, row in enumerate(payload):
        opening = row.split(maxsplit=1)[0] if row.startswith(_ASIDES) else ""
        if row == "WEBVTT" or (opening in _ASIDES and at and not payload[at - 1]):
            inside_aside = True
        elif not row:
            inside_aside = False
        if not inside_aside and (row or not kept):
            kept.append(row)
    return kept


def _named_by_first_row(blocks: Sequence[CaptionLine]) -> list[CaptionLine]:
    """Give blocks whose first row is a name alone that name as their speaker, where nearly all blocks have such a row.

    Meeting programs write so, some with the block's time behind the name.
    """
    names = {
        at: name
        for at, block in enumerate(blocks)
        if block.speaker is None and (name := _name_of_first_row(block.text)) is not None
    }
    counts = Counter(names.values())
    n_named = sum(counts.values())
    if n_named < FEWEST_NAMED_ROWS or n_named < LEAST_SHARE_OF_NAMED_ROWS * len(blocks):
        return list(blocks)
    if n_named < FEWEST_ROWS_A_NAME * len(counts):
        return list(blocks)
    return [
        replace(block, speaker=names[at], text=block.text.partition("\n")[2])
        if names.get(at) in counts
        else block
        for at, block in enumerate(blocks)
    ]


def _name_of_first_row(text: str) -> str | None:
    """Return the first row where it is a name alone and words stand below it."""
    row, _, below = text.partition("\n")
    if len(row) > LONGEST_NAME_ROW or row[:1].islower() or not below or below.isspace():
        return None
    match = _NAME_ROW.fullmatch(row.strip())
    return match[1] if match is not None and is_name_shaped(match[1]) else None


def _named_by_identifier(blocks: Sequence[CaptionLine], identifiers: dict[int, str]) -> list[CaptionLine]:
    """Give blocks their identifier as a speaker where identifiers are names, which recur, rather than numbers."""
    counts = Counter(
        name for name in identifiers.values() if is_name_shaped(name) and not name.startswith(_ASIDES)
    )
    n_named = sum(count for count in counts.values() if count > 1)
    if not n_named or n_named < LEAST_SHARE_NAMED * len(blocks):
        return list(blocks)
    return [
        replace(block, speaker=name) if (name := identifiers.get(block.number or 0)) in counts else block
        for block in blocks
    ]
