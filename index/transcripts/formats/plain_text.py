"""Plain text: paragraphs of speech, perhaps with labels; anything that does not read as speech is refused."""

import re
from collections.abc import Sequence

from index.errors import NoSpeech, NotATranscript
from index.transcripts.formats.prose import Paragraph, cues_of, paragraphs
from index.transcripts.formats.turns import find_labels
from index.transcripts.links import video_id_in, video_url
from index.transcripts.model import Hints, Transcript

FORMAT = "plain"
FEWEST_WORDS = 20
FEWEST_WORDS_IN_TURNS = 6
LEAST_SHARE_OF_WORDS = 0.72
MOST_SHARE_OF_CODE_LINES = 0.15
JUDGED_CHARACTERS = 30_000
JUDGED_LINES = 1000

_WORD = re.compile(
    r"[\"“”'‘’(\[*_#¿¡«-]*(?:[^\W\d_]+(?:['’.&/-][^\W\d_]+)*['’.]?|[$€£]?\d[\d.,:%]*(?:st|nd|rd|th|s|k|x)?)[.,;:!?…\"”'’)\]*_»–—-]*"
)
_DASH = re.compile(r"[-–—&]+|\.\.\.|…")
_CODE_LINE = re.compile(
    r"\s*(?:(?:from\s+[\w.]+\s+)?import\s+[\w.{*]|def\s+\w+\s*\(|class\s+\w+\s*[:({]|#\s*include\b|#!|<\?|@\w+\s*$|"
    r"(?:const|let|var|public|private|static|fn|func|function|return|package|use|using)\s+.*[;{(=]|"
    r"(?:if|for|while|switch|else|try|elif|except|with)\b.*[:{]\s*$|SELECT\s|INSERT\s|CREATE\s|[\w.\[\]]+\s*[-+*/]?=\s|[{}()\[\];,]+\s*$)"
    r"|\s*[\"'][^\"']*[\"']\s*[,:]|\s*\"\"\"|\s*(?:raise|assert|yield|del|elif)\s\w|\s*[\w.]+\(.*\)[,:]?\s*$|\s*[\w.]+:\s+[\"'{\[]"
    r"|\s*(?://|/\*|\*/|--\s*$)|.*[;{}]\s*$|.*[\w)\]]\([\"'\w,. =]*\)$"
)
_MARKUP_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_ABOUT_CHARACTERS = 2000


def parse_plain(text: str, *, file: str) -> Transcript:
    """The transcript of a text without any format.

    Cues are its paragraphs, or its lines where no blank line parts them. Bracketed times before a paragraph and
    ``Name:`` labels are read where they are there.

    Raises:
        NotATranscript: code, data, a web page, or fewer than 20 words (6 in two turns or more); NoSpeech: nothing
            at all; TimesRunBackwards, MalformedCue.
    """
    if not text.strip():
        raise NoSpeech(file=file, line=None, format=FORMAT)
    lines = text.split("\n")
    labels = find_labels(lines)
    if not reads_as_speech(text, lines, n_labels=len(labels)):
        raise NotATranscript(file=file, line=None)
    video_id = video_id_in(text[:_ABOUT_CHARACTERS])
    found = _split_where_unparted(paragraphs(lines, labels, first=0, chapter=None, lines_before=0))
    cues = cues_of((each for each in found if not _is_bare_link(each.text)), file=file, is_markdown=False)
    if not cues:
        raise NoSpeech(file=file, line=None, format=FORMAT)
    hints = Hints(video_id=video_id, url=video_url(video_id) if video_id else None)
    n_turns = len(labels) or len(cues)
    return Transcript(cues=cues, format=FORMAT, kind="published", n_segments=n_turns, hints=hints)


def reads_as_speech(text: str, lines: Sequence[str], *, n_labels: int) -> bool:
    """True where ``text`` has enough words, and little beside words; its first 30,000 characters are judged."""
    text, lines = text[:JUDGED_CHARACTERS], lines[:JUDGED_LINES]
    tokens = text.split()
    n_words = sum(1 for token in tokens if _WORD.fullmatch(token[:80]))
    n_words += len(_WIDE.findall(text)) // 2
    enough = FEWEST_WORDS_IN_TURNS if n_labels > 1 else FEWEST_WORDS
    n_judged = sum(1 for token in tokens if not _DASH.fullmatch(token[:80])) + len(_WIDE.findall(text)) // 4
    filled = [line for line in lines if line.strip()]
    n_code = sum(1 for line in filled if _CODE_LINE.match(line[:500]))
    n_tags = len(_MARKUP_TAG.findall(text))
    return (
        n_words >= enough
        and n_words >= LEAST_SHARE_OF_WORDS * n_judged
        and n_code <= MOST_SHARE_OF_CODE_LINES * len(filled)
        and n_tags <= 0.05 * n_words
    )


def _split_where_unparted(found: list[Paragraph]) -> list[Paragraph]:
    """The lines of a text that has no blank line at all, each as a paragraph of its own."""
    if len(found) != 1 or "\n" not in found[0].text:
        return found
    only = found[0]
    rows = only.text.split("\n")
    return [
        Paragraph(
            only.line + at,
            only.speaker,
            only.chapter,
            None if at else only.start_s,
            only.starts_turn and not at,
            row,
        )
        for at, row in enumerate(rows)
    ]


def _is_bare_link(text: str) -> bool:
    return video_id_in(text) is not None and len(text.split()) <= 6
