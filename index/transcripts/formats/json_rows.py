"""JSON with times: Podcasting 2.0, youtube-transcript-api, Whisper and its relatives, and speech services."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Literal

from index.transcripts.formats.timed_rows import SENTENCE_ENDS, TimedRow, parse_timed_rows, word_offsets
from index.transcripts.model import Hints, Track, Transcript

DEEPEST = 6
"""Levels below which no list of rows is looked for."""

_LISTS = (
    "segments", "utterances", "audio_segments", "transcription", "chunks", "snippets", "monologues", "captions",
    "subtitles", "cues", "sentences", "entries", "turns", "paragraphs", "transcript", "transcripts", "results",
    "result", "lines", "items", "data", "words", "word_segments", "alternatives", "channels", "body", "output",
    "response",
)  # fmt: skip
"""Names under which rows of text stand, the ones with whole sentences first."""

_TEXTS = (
    "body",
    "text",
    "transcript",
    "punctuated_word",
    "word",
    "sentence",
    "caption",
    "line",
    "value",
    "content",
)
_STARTS = (
    "start", "startTime", "start_time", "startTimeSeconds", "start_s", "begin", "from", "ts", "time", "timestamp",
    "offset", "start_seconds", "begin_time", "start_sec",
)  # fmt: skip
_STARTS_MS = (
    "startMs",
    "start_ms",
    "startTimeMs",
    "startInMs",
    "offsetMs",
    "tStartMs",
    "start_time_ms",
    "beginMs",
)
_ENDS = (
    "end",
    "endTime",
    "end_time",
    "endTimeSeconds",
    "end_s",
    "stop",
    "to",
    "end_ts",
    "end_seconds",
    "end_sec",
)
_ENDS_MS = ("endMs", "end_ms", "endTimeMs", "endInMs", "end_time_ms")
_DURATIONS = ("duration", "dur", "length")
_DURATIONS_MS = ("durationMs", "duration_ms", "dDurationMs")
_SPEAKERS = (
    "speaker", "speaker_name", "speakerName", "speaker_label", "speakerLabel", "speaker_id", "speakerId",
    "speakerTag", "speaker_tag", "speakerDesignation",
)  # fmt: skip

FEWEST_WORDS_OF_ANOTHER = 3
"""Fewer words within another's sentence are no turn: recognisers that name each word's speaker err by one or two."""

_Name = Literal["podcast_json", "youtube_transcript_api", "segments_json"]
_PODCAST: _Name = "podcast_json"
_SNIPPETS: _Name = "youtube_transcript_api"
_OTHERS: _Name = "segments_json"


@dataclass(frozen=True, slots=True)
class JsonRows:
    """The rows of a decoded JSON file, in order, and the object around them."""

    format_name: _Name
    rows: Sequence[object]
    about: Mapping[str, object]


def rows_of(value: object) -> JsonRows | None:
    """Return the rows with text and start that ``value`` holds, or None where it is no transcript with times."""
    about = value if isinstance(value, dict) else {}
    rows = _find(value, 0)
    if rows is None:
        is_empty = about.get("segments") == [] or about.get("snippets") == []
        return JsonRows(_PODCAST if "segments" in about else _SNIPPETS, [], about) if is_empty else None
    first = next(row for row in rows if isinstance(row, dict))
    if "body" in first and "startTime" in first:
        return JsonRows(_PODCAST, rows, about)
    is_snippet = (
        "text" in first and "start" in first and not any(name in first for name in (*_ENDS, "words", "id"))
    )
    return JsonRows(_SNIPPETS if is_snippet else _OTHERS, rows, about)


def parse_rows(found: JsonRows, *, file: str) -> Transcript:
    """Return the transcript of the rows of a JSON file.

    ``track`` is what ``is_generated`` says, else guessed from the punctuation; a published podcast's is not known.

    Raises:
        MalformedCue, TimesRunBackwards, NoSpeech, TooManyCues, TooManyWords.
    """
    about = found.about
    language = about.get("language_code", about.get("language"))
    video_id = about.get("video_id")
    is_generated = about.get("is_generated")
    track: Track | None = None
    if isinstance(is_generated, bool):
        track = "auto" if is_generated else "uploaded"
    hints = Hints(
        language=language if isinstance(language, str) else None,
        video_id=video_id if isinstance(video_id, str) and len(video_id) == 11 else None,
    )
    return parse_timed_rows(
        _named([timed for row in found.rows for timed in _timed_rows(row)], _names_by_id(about)),
        file=file,
        format_name=found.format_name,
        track=track,
        is_track_known=track is not None or found.format_name == _PODCAST,
        hints=hints,
    )


def _find(value: object, depth: int) -> Sequence[object] | None:
    """Return the first list of rows in ``value``, looking under the usual names first."""
    if depth > DEEPEST:
        return None
    if isinstance(value, list):
        opening = [row for row in value[:20] if isinstance(row, dict)]
        if any(_is_row(row) for row in opening):
            return value
        for row in opening[:3]:
            if (rows := _find(row, depth + 1)) is not None:
                return _all_like(value, rows, depth)
        return None
    if isinstance(value, dict):
        for name in _LISTS:
            if name in value and (rows := _find(value[name], depth + 1)) is not None:
                return rows
    return None


def _all_like(values: Sequence[object], first: Sequence[object], depth: int) -> Sequence[object]:
    """Return the rows of every element where a long recording is parted into results, each with rows of its own."""
    found = [rows for value in values if (rows := _find(value, depth + 1)) is not None]
    return [row for rows in found for row in rows] if len(found) > 1 else first


def _is_row(row: Mapping[str, object]) -> bool:
    return any(timed.start is not None and timed.text is not None for timed in _timed_rows(row))


def _timed_rows(row: object) -> Iterator[TimedRow]:
    """Yield the row itself, or its elements where a service parts a turn into them."""
    if not isinstance(row, dict):
        yield TimedRow(row, None, None)
        return
    elements = row.get("elements")
    if isinstance(elements, list):
        for element in elements:
            if isinstance(element, dict):
                yield _timed_row({"speaker": row.get("speaker"), **element})
        return
    yield from _turns(_timed_row(row), row.get("words"))


def _timed_row(row: Mapping[str, object]) -> TimedRow:
    start, per_second = _first(row, _STARTS), None
    end, duration = _first(row, _ENDS), _first(row, _DURATIONS)
    if start is None and (start := _first(row, _STARTS_MS)) is not None:
        end, duration, per_second = _first(row, _ENDS_MS), _first(row, _DURATIONS_MS), 1000.0
    if isinstance(start, list):
        start, end = (*start, None, None)[:2]
    for name, unit in (("timestamps", 1.0), ("offsets", 1000.0)):
        inner = row.get(name)
        if start is None and isinstance(inner, dict):
            start, end, per_second = inner.get("from"), inner.get("to"), unit
    return TimedRow(
        start,
        end,
        _text(row),
        _speaker(row),
        duration if end is None else None,
        per_second,
        _words(row),
    )


def _text(row: Mapping[str, object]) -> str | None:
    for name in _TEXTS:
        if name in row:
            value = row[name]
            return value if isinstance(value, str) else "" if value is None else None
    alternatives = row.get("alternatives")
    if isinstance(alternatives, list) and alternatives and isinstance(alternatives[0], dict):
        return _text(alternatives[0])
    return None


def _turns(row: TimedRow, words: object) -> list[TimedRow]:
    """Return ``row``, parted where its words name other speakers; whole where they do not fit its text."""
    if not isinstance(words, list) or not row.words:
        return [row]
    words = [word for word in words if isinstance(word, dict) and _text(word) is not None]
    text = row.text or ""
    offsets = word_offsets(text, [word for word, _ in row.words])
    speakers: list[str | None] = []
    for word in words:
        speakers.append(_speaker(word) or (speakers[-1] if speakers else row.speaker))
    if len(set(speakers)) < 2 or not offsets:
        return [row]
    heard = _heard_turns(speakers, [text[a:b].strip() for a, b in pairwise((*offsets, len(text)))])
    firsts = [first for first, _ in heard]
    starts = [row.start, *(row.words[first][1] for first in firsts[1:])]
    if not heard or any(start is None for start in starts):
        return [row]
    turns = []
    for at, (first, stop) in enumerate(pairwise((*firsts, len(words)))):
        is_last = stop == len(words)
        turns.append(
            replace(
                row,
                start=starts[at],
                end=row.end if is_last else _first(words[stop - 1], (*_ENDS, *_ENDS_MS)) or starts[at + 1],
                duration=row.duration if is_last else None,
                text=text[offsets[first] if first else 0 : None if is_last else offsets[stop]],
                speaker=heard[at][1],
                words=row.words[first:stop],
            )
        )
    return turns


def _heard_turns(speakers: Sequence[str | None], words: Sequence[str]) -> list[tuple[int, str | None]]:
    """Return the first word and the speaker of each turn; a few words within another's sentence belong to that turn."""
    turns: list[tuple[int, str | None]] = []
    stop = 0
    for speaker, run in groupby(speakers):
        first, stop = stop, stop + len(list(run))
        is_sentence = (first == 0 or words[first - 1].endswith(SENTENCE_ENDS)) and words[stop - 1].endswith(
            SENTENCE_ENDS
        )
        is_long = stop - first >= FEWEST_WORDS_OF_ANOTHER
        if (is_long or is_sentence) and (not turns or turns[-1][1] != speaker):
            turns.append((first if turns else 0, speaker))
    return turns


def _names_by_id(about: Mapping[str, object]) -> dict[str, str]:
    """Return the names of a file that lists its speakers once and refers to them by their ids."""
    listed = about.get("speakers")
    if not isinstance(listed, list):
        return {}
    return {
        str(speaker["id"]): name
        for speaker in listed
        if isinstance(speaker, dict)
        and isinstance(speaker.get("id"), str | int)
        and isinstance(name := _first(speaker, ("name", "display_name", "label")), str)
        and name.strip()
    }


def _named(rows: Sequence[TimedRow], names: Mapping[str, str]) -> list[TimedRow]:
    return [replace(row, speaker=names.get(row.speaker or "", row.speaker)) for row in rows]


def _speaker(row: Mapping[str, object]) -> str | None:
    value = _first(row, _SPEAKERS)
    if value is not None and isinstance(voice := row.get("voice"), str) and voice.strip():
        return voice  # Podlove's: the name, beside the number of a speaker
    if value is None and isinstance(alternatives := row.get("alternatives"), list) and alternatives:
        value = _first(alternatives[0], _SPEAKERS) if isinstance(alternatives[0], dict) else None
    if isinstance(value, dict):
        value = value.get("name") or value.get("label") or value.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def _words(row: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    words = row.get("words")
    if not isinstance(words, list):
        return ()
    return tuple(
        (text, _first(word, (*_STARTS, *_STARTS_MS)))
        for word in words
        if isinstance(word, dict) and (text := _text(word)) is not None
    )


def _first(row: Mapping[str, object], names: Sequence[str]) -> object:
    return next((row[name] for name in names if row.get(name) is not None), None)
