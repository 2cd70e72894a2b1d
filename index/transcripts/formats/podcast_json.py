"""Podcasting 2.0 transcripts: segments of a sentence, or of one word each."""

from typing import TypeGuard

from index.errors import MalformedCue
from index.transcripts.formats.assembly import assembled
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.lines import Line, in_order
from index.transcripts.formats.markup import unescaped
from index.transcripts.formats.timestamps import number_s, shown
from index.transcripts.model import Hints, Transcript

FORMAT = "podcast_json"
WORDS_A_CUE = 14
PAUSE_S = 1.5
MOST_WORDS_IN_A_WORD_SEGMENT = 1.5

_SENTENCE_ENDS = (".", "?", "!", "…", '."', '?"', '!"', ".”", "?”", "!”")


def is_podcast_json(value: object) -> TypeGuard[dict[str, object]]:
    """True for the shape of a Podcasting 2.0 transcript."""
    segments = value.get("segments") if isinstance(value, dict) else None
    if not isinstance(segments, list):
        return False
    return not segments or (isinstance(segments[0], dict) and "body" in segments[0])


def parse_podcast_json(value: dict[str, object], *, file: str) -> Transcript:
    """The transcript of decoded Podcasting 2.0 JSON.

    Where segments are single words they are gathered into cues that end with a sentence, at a change of speaker,
    before a pause of 1.5 s, or at 14 words, and each word keeps its second.

    Raises:
        MalformedCue, TimesRunBackwards, NoSpeech.
    """
    segments = value["segments"]
    lines = [_line(segment, file) for segment in (segments if isinstance(segments, list) else [])]
    lines = in_order([line for line in lines if line.text], file=file)
    n_words = sum(len(line.text.split()) for line in lines)
    if len(lines) > 2 and n_words <= MOST_WORDS_IN_A_WORD_SEGMENT * len(lines):
        lines = _gathered(lines)
    language = value.get("language")
    hints = Hints(language=language if isinstance(language, str) else None)
    return assembled(lines, file=file, format_name=FORMAT, track=None, hints=hints)


def _line(segment: object, file: str) -> Line:
    body = segment.get("body") if isinstance(segment, dict) else None
    if not isinstance(segment, dict) or not isinstance(body, str):
        raise MalformedCue(file=file, line=None, received=shown(segment))
    start_s = number_s(segment.get("startTime"), file=file)
    end = segment.get("endTime")
    end_s = None if end is None else number_s(end, file=file)
    speaker = segment.get("speaker")
    name = " ".join(folded(unescaped(speaker)).split()) if isinstance(speaker, str) else ""
    return Line(None, start_s, end_s, folded(unescaped(body)).strip(), speaker=name or None)


def _gathered(words: list[Line]) -> list[Line]:
    groups: list[list[Line]] = []
    for word in words:
        if not groups or _is_break(groups[-1], word):
            groups.append([])
        groups[-1].append(word)
    return [_joined(group) for group in groups]


def _is_break(group: list[Line], word: Line) -> bool:
    last = group[-1]
    last_s = last.start_s if last.end_s is None else last.end_s
    return (
        word.speaker != last.speaker
        or len(group) >= WORDS_A_CUE
        or last.text.endswith(_SENTENCE_ENDS)
        or word.start_s - last_s > PAUSE_S
    )


def _joined(group: list[Line]) -> Line:
    text = ""
    marks = []
    for word in group:
        text += " " if text else ""
        marks.append((len(text), word.start_s))
        text += word.text
    return Line(None, group[0].start_s, group[-1].end_s, text, tuple(marks), group[0].speaker)
