"""Captions of one line each: SubStation Alpha (``.ass``, ``.ssa``), MicroDVD and MPL2 (``.sub``), and ``.lrc``."""

import re
from collections.abc import Sequence

from index.errors import MalformedCue, UnsupportedFormat
from index.transcripts.formats.assembly import assembled, guessed_track
from index.transcripts.formats.caption_lines import CaptionLine, check_number_of_cues, in_order
from index.transcripts.formats.markup import untagged, voiced, with_breaks
from index.transcripts.formats.sound_notes import is_said
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S, loose_clock_s, shown
from index.transcripts.model import Hints, Skipped, Transcript

SLOWEST_FRAMES_A_SECOND = 5.0
FASTEST_FRAMES_A_SECOND = 240.0

FRAME_LINE = re.compile(r"[ \t]*\{[ \t]*(\d{1,8})[ \t]*\}[ \t]*\{[ \t]*(\d{0,8})[ \t]*\}(.*)")
TENTHS_LINE = re.compile(r"[ \t]*\[(\d{1,8})\][ \t]*\[(\d{0,8})\](.*)")
LYRICS_TAG = re.compile(
    r"(?mi)^[ \t]*\[(ti|ar|al|au|by|length|offset|re|ve|la|tool):([^\[\]\n]{0,200})\][ \t]*$"
)

_EVENT = re.compile(r"[ \t]*(Dialogue|Comment)[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_FIELDS = re.compile(r"[ \t]*Format[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_SECTION = re.compile(r"[ \t]*\[([^\[\]\n]{1,40})\][ \t]*")
_EVENT_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_DRAWING = re.compile(r"\{[^{}\n]*\\p[1-9][^{}\n]*\}")
_OVERRIDE = re.compile(r"\{[^{}\n]*\}")
_LYRICS_STAMP = re.compile(r"[ \t]*\[(\d{1,3}:\d{2}(?:[.:]\d{1,3})?)\]")
_LYRICS_WORD = re.compile(r"<(\d{1,3}:\d{2}(?:[.:]\d{1,3})?)>")
_OFFSET = re.compile(r"[+-]?\d{1,7}")


def parse_substation(text: str, *, file: str) -> Transcript:
    """Return the transcript of a SubStation Alpha script; the field ``Name`` or ``Actor`` is the speaker.

    Comments, drawings and styles are no speech. Events are sorted, since scripts list them by style; one that is
    shown in several layers counts once.

    Raises:
        MalformedCue, NoSpeech, TooManyCues, TooManyWords.
    """
    fields: Sequence[str] = _EVENT_FIELDS
    section = "events"
    lines: dict[tuple[float, float | None, str], CaptionLine] = {}
    broken: list[Skipped] = []
    for number, row in enumerate(text.split("\n"), 1):
        if (match := _SECTION.fullmatch(row)) is not None:
            section = match[1].casefold()
        elif section == "events" and (match := _FIELDS.fullmatch(row)) is not None:
            fields = tuple(name.strip().casefold() for name in match[1].split(","))
        elif (match := _EVENT.fullmatch(row)) is not None and match[1].casefold() == "dialogue":
            line = _event(match[2], fields, number)
            if line is None:
                broken.append(Skipped(number, "time", shown(row)))
            else:
                lines.setdefault((line.start_s, line.end_s, line.text), line)
                check_number_of_cues(len(lines), file=file)
    in_time = sorted(lines.values(), key=lambda line: line.start_s)
    return _made(in_time, broken, format_name="substation", file=file)


def parse_frames(text: str, *, file: str) -> Transcript:
    """Return the transcript of MicroDVD captions, which count frames, at the rate that their first line states.

    Raises:
        UnsupportedFormat: no rate is stated; MalformedCue, TimesRunBackwards, NoSpeech, TooManyCues, TooManyWords.
    """
    rows = [(number, FRAME_LINE.fullmatch(row)) for number, row in enumerate(text.split("\n"), 1)]
    found = [(number, match) for number, match in rows if match is not None]
    rate = _frame_rate(found[0][1][3]) if found else None
    if rate is None:
        raise UnsupportedFormat(
            file=file, line=found[0][0] if found else None, format="MicroDVD without a frame rate"
        )
    return _counted(found[1:], rate, format_name="microdvd", file=file)


def parse_tenths(text: str, *, file: str) -> Transcript:
    """Return the transcript of MPL2 captions, which count tenths of a second.

    Raises:
        MalformedCue, TimesRunBackwards, NoSpeech, TooManyCues, TooManyWords.
    """
    rows = [(number, TENTHS_LINE.fullmatch(row)) for number, row in enumerate(text.split("\n"), 1)]
    found = [(number, match) for number, match in rows if match is not None]
    return _counted(found, 10.0, format_name="mpl2", file=file)


def parse_lyrics(text: str, *, file: str) -> Transcript:
    """Return the transcript of an ``.lrc`` file; a row with several stamps is said at each of them.

    ``[offset:+500]`` moves all of it, in milliseconds, where plus means earlier.

    Raises:
        NoSpeech, TooManyCues, TooManyWords.
    """
    tags = {name.casefold(): value.strip() for name, value in LYRICS_TAG.findall(text)}
    offset = tags.get("offset", "")
    earlier_s = int(offset) / 1000 if _OFFSET.fullmatch(offset) else 0.0
    lines: list[CaptionLine] = []
    for number, row in enumerate(text.split("\n"), 1):
        starts_s: list[float | None] = []
        at = 0
        while (match := _LYRICS_STAMP.match(row, at)) is not None:
            starts_s.append(_lyrics_clock_s(match[1]))
            at = match.end()
        for start_s in starts_s:
            if start_s is not None:
                line = CaptionLine(number, round(max(0.0, start_s - earlier_s), 3), None, row[at:].strip())
                lines.append(_with_word_times(line, earlier_s))
                check_number_of_cues(len(lines), file=file)
    lines.sort(key=lambda line: line.start_s)
    hints = Hints(
        title=tags.get("ti") or None, source=tags.get("al") or None, language=tags.get("la") or None
    )
    return _made(_until_next(lines), [], format_name="lyrics", file=file, hints=hints)


def _made(
    lines: Sequence[CaptionLine],
    broken: Sequence[Skipped],
    *,
    format_name: str,
    file: str,
    hints: Hints | None = None,
) -> Transcript:
    if broken and len(broken) >= len(lines):
        raise MalformedCue(file=file, line=broken[0].line, received=broken[0].received)
    ordered, strays = in_order(lines, file=file)
    spoken = [part for line in ordered for part in voiced(line)]
    return assembled(
        spoken,
        file=file,
        format_name=format_name,
        track=guessed_track(spoken),
        hints=hints,
        skipped=[*broken, *strays],
    )


def _event(values: str, fields: Sequence[str], number: int) -> CaptionLine | None:
    """Return the caption of a ``Dialogue`` line, or None where its times cannot be read."""
    event = dict(zip(fields, values.split(",", len(fields) - 1), strict=False))
    start_s, end_s = (
        loose_clock_s(event.get("start", "").strip()),
        loose_clock_s(event.get("end", "").strip()),
    )
    text = event.get("text", "")
    if start_s is None or end_s is None:
        return None
    text = "" if _DRAWING.search(text) else with_breaks(_OVERRIDE.sub("", text))
    name = " ".join((event.get("name") or event.get("actor") or "").split())
    return CaptionLine(number, start_s, end_s, text, speaker=name if is_said(name) else None)


def _frame_rate(text: str) -> float | None:
    try:
        rate = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return rate if SLOWEST_FRAMES_A_SECOND <= rate <= FASTEST_FRAMES_A_SECOND else None


def _counted(
    found: Sequence[tuple[int, re.Match[str]]], rate: float, *, format_name: str, file: str
) -> Transcript:
    """Return the transcript of captions whose starts and ends are counted, ``rate`` of them a second."""
    check_number_of_cues(len(found), file=file)
    lines: list[CaptionLine] = []
    broken: list[Skipped] = []
    for number, match in found:
        start_s = round(int(match[1]) / rate, 3)
        if start_s > LONGEST_RECORDING_S:
            broken.append(Skipped(number, "time", shown(match[0])))
            continue
        end_s = round(int(match[2]) / rate, 3) if match[2] else None
        rows = match[3].replace("|", "\n").replace("\n/", "\n").removeprefix("/")
        lines.append(CaptionLine(number, start_s, end_s, with_breaks(rows)))
    return _made(lines, broken, format_name=format_name, file=file)


def _lyrics_clock_s(text: str) -> float | None:
    minutes, _, rest = text.partition(":")
    return loose_clock_s(f"{minutes}:{rest.replace(':', '.')}")


def _with_word_times(line: CaptionLine, earlier_s: float) -> CaptionLine:
    """Return ``line`` with the times between its words, if it has them, as marks."""
    parts = _LYRICS_WORD.split(line.text)
    if len(parts) < 3:
        return line
    text, marks = parts[0].lstrip(), [(0, line.start_s)]
    for clock, part in zip(parts[1::2], parts[2::2], strict=True):
        second_s = _lyrics_clock_s(clock)
        if second_s is not None:
            marks.append((len(text), max(marks[-1][1], round(second_s - earlier_s, 3))))
        text += part
    return CaptionLine(line.number, line.start_s, None, untagged(text) if "<" in text else text, tuple(marks))


def _until_next(lines: Sequence[CaptionLine]) -> list[CaptionLine]:
    """End each line where the next begins; the last one's end is not known."""
    ends_s: list[float | None] = [*(line.start_s for line in lines), None][1:]
    return [
        CaptionLine(line.number, line.start_s, end_s, line.text, line.marks)
        for line, end_s in zip(lines, ends_s, strict=True)
    ]
