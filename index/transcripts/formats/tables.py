"""Tables with times, as Whisper and spreadsheets write them: TSV and CSV whose first row names the columns."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.errors import NotATranscript
from index.transcripts.formats.timed_rows import TimedRow, parse_timed_rows
from index.transcripts.model import Transcript

_STARTS = (
    "start",
    "start time",
    "start_time",
    "starttime",
    "begin",
    "from",
    "timestamp",
    "time",
    "start_s",
    "in",
)
_ENDS = ("end", "end time", "end_time", "endtime", "stop", "to", "end_s", "out")
_TEXTS = (
    "text",
    "transcript",
    "transcription",
    "sentence",
    "utterance",
    "words",
    "body",
    "caption",
    "content",
)
_SPEAKERS = ("speaker", "speaker name", "speaker_name", "speakername", "name", "who")
_MS = ("ms", "_ms", "(ms)", "milliseconds")
_LONGEST_HEADER = 1000


@dataclass(frozen=True, slots=True)
class _Columns:
    delimiter: str
    start: int
    text: int
    end: int | None
    speaker: int | None
    per_second: float | None


def is_table(text: str) -> bool:
    """Return True where the first row names a column of starts and one of texts."""
    return _columns(text) is not None


def parse_table(text: str, *, file: str) -> Transcript:
    """Return the transcript of a table. Times are clocks, seconds or milliseconds.

    Raises:
        NotATranscript: the first row does not name a start and a text, or the quoting is broken; MalformedCue,
        TimesRunBackwards, NoSpeech, TooManyCues, TooManyWords.
    """
    columns = _columns(text)
    if columns is None:
        raise NotATranscript(file=file, line=1)
    try:
        rows = list(_rows(text, columns))
    except csv.Error as error:
        raise NotATranscript(file=file, line=None) from error
    return parse_timed_rows(rows, file=file, format_name="table")


def _rows(text: str, columns: _Columns) -> Iterator[TimedRow]:
    # Whisper does not quote in its TSV: a word in quotes there is a word in quotes.
    rows = io.StringIO(text.lstrip(), newline="")  # with their line ends, which a quoted cell may hold
    if columns.delimiter == "\t":
        reader = csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(rows, delimiter=columns.delimiter)
    next(reader)
    for row in reader:
        if not any(cell.strip(" :-") for cell in row):
            continue  # blank, or the rule below the head of a Markdown table
        cells = [
            *row,
            *(
                [""]
                * (max(columns.start, columns.text, columns.end or 0, columns.speaker or 0) + 1 - len(row))
            ),
        ]
        yield TimedRow(
            start=cells[columns.start].strip() or None,
            end=None if columns.end is None else cells[columns.end].strip() or None,
            text=cells[columns.text],
            speaker=None if columns.speaker is None else cells[columns.speaker].strip() or None,
            per_second=columns.per_second,
            line=reader.line_num,
        )


def _columns(text: str) -> _Columns | None:
    header = text.lstrip()[:_LONGEST_HEADER].split("\n", 1)[0]
    for delimiter in "\t,;|":
        try:
            names = [name.strip().casefold() for name in next(csv.reader([header], delimiter=delimiter), [])]
        except csv.Error:
            continue
        start, text_at = _place(names, _STARTS), _place(names, _TEXTS)
        if start is not None and text_at is not None and start != text_at:
            per_second = 1000.0 if names[start].endswith(_MS) else None
            return _Columns(
                delimiter, start, text_at, _place(names, _ENDS), _place(names, _SPEAKERS), per_second
            )
    return None


def _place(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    bare = [
        name.removesuffix("(ms)").removesuffix("_ms").removesuffix(" ms").removesuffix("(s)").strip()
        for name in names
    ]
    return next((bare.index(name) for name in wanted if name in bare), None)
