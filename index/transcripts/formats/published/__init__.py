"""Text that is published to be read: Markdown or plain, with turns, time stamps and chapters in anybody's hand.

A file goes through four steps, each a module: ``lines`` (what the head of each line may be, with ``stamps``),
``structure`` (what of it counts, by the statistics of the whole file, with ``unspoken``), ``turns`` (paragraphs and
cues) and ``about`` (what the head of the file says of the episode). A new shape of a stamp belongs into ``stamps``, a
new place for it into ``lines``, a rule about which to believe into ``structure``, a part that nobody speaks into
``unspoken``; there is no parser of one program's export.
"""

import re
from collections.abc import Sequence

from index.errors import NoSpeech, NotATranscript, TooManyWords
from index.transcripts.formats.assembly import MOST_WORDS
from index.transcripts.formats.front_matter import read_front_matter, split_front_matter
from index.transcripts.formats.published.about import hints_of
from index.transcripts.formats.published.lines import TextLine, text_lines
from index.transcripts.formats.published.structure import Structure, structure_of
from index.transcripts.formats.published.turns import cues_of, paragraphs
from index.transcripts.model import Cue, Transcript

FEWEST_WORDS = 20
FEWEST_WORDS_IN_TURNS = 6
LEAST_SHARE_OF_WORDS = 0.72
MOST_SHARE_OF_CODE_LINES = 0.15
MOST_TAGS = 0.05
JUDGED_CHARACTERS = 30_000
JUDGED_LINES = 1000

__all__ = ["parse_published"]

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
_MARKUP_TAG = re.compile(
    r"</?(?!(?:p|br|b|strong|i|em|u|time|cite|blockquote|sub|sup)\b)[a-zA-Z][^<>]{0,300}>"
)
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def parse_published(text: str, *, file: str) -> Transcript:
    """Return the transcript of a text that is made for reading.

    What stands before the first turn is the description, not speech; without any turn everything is speech. A cue is
    a paragraph; it knows its second where a stamp stands before it, and its end where the stamp is a range or the
    next cue knows its second. ``format`` is ``plain`` for a text without front matter, headings, stamps and labels.

    Raises:
        NoSpeech: nothing is said; NotATranscript: code or data rather than prose, or fewer than 20 words (6 in two
        turns or more); TimesRunBackwards, MalformedCue, TooManyCues, TooManyWords.
    """
    block, body, lines_before = split_front_matter(text)
    front = read_front_matter(block)
    rows = body.split("\n")
    lines = text_lines(rows, first_number=lines_before + 1)
    structure = structure_of(lines, known=(*front.hosts, *front.guests), title=front.title or "")
    is_marked = bool(block or structure.labelled or structure.stamped or structure.chapters)
    name = "published" if is_marked else "plain"
    if not body.strip():
        raise NoSpeech(file=file, line=None, format=name)
    found = paragraphs(lines, structure)
    cues, skipped = cues_of(found, file=file)
    _check(rows, lines, structure, cues, file=file)
    if not cues:
        raise NoSpeech(file=file, line=None, format=name)
    n_segments = len(structure.labelled) or len(structure.stamped) or len(found)
    return Transcript(
        cues=cues,
        format=name,
        kind="published",
        n_segments=n_segments,
        front=front,
        hints=hints_of(front, rows, lines, first=structure.first, first_number=lines_before + 1),
        skipped=tuple(skipped),
        n_stamps=sum(1 for line in lines if line.stamp is not None),
    )


def _check(
    rows: Sequence[str], lines: Sequence[TextLine], structure: Structure, cues: Sequence[Cue], *, file: str
) -> None:
    """Raise NotATranscript where the text has too few words, or too much beside words; its opening is judged."""
    if sum(cue.text.count(" ") + 1 for cue in cues) > MOST_WORDS:
        raise TooManyWords(file=file, line=None, limit=MOST_WORDS)
    judged = [
        at
        for at in range(structure.first, min(len(lines), structure.first + JUDGED_LINES))
        if at not in structure.asides
    ]
    texts = [lines[at].said(with_stamp=at in structure.stamped, with_label=False) for at in judged]
    said = [
        lines[at].said(with_stamp=at in structure.stamped, with_label=at in structure.labelled)
        for at in judged
    ]
    has_turns = max(len(structure.labelled), len(structure.stamped)) > 1
    is_speech = _reads_as_speech(
        "\n".join(texts)[:JUDGED_CHARACTERS], rows[:JUDGED_LINES], has_turns=has_turns
    )
    if not is_speech or _is_code(said):
        raise NotATranscript(file=file, line=None)


def _is_code(rows: Sequence[str]) -> bool:
    filled = [row for row in rows if row]
    n_code = sum(1 for row in filled if _CODE_LINE.match(row[:500]))
    return n_code > MOST_SHARE_OF_CODE_LINES * len(filled)


def _reads_as_speech(text: str, rows: Sequence[str], *, has_turns: bool) -> bool:
    """Return True where ``text``, names of speakers included, has enough words and little beside them."""
    tokens = text.split()
    n_wide = len(_WIDE.findall(text))
    n_words = sum(1 for token in tokens if _WORD.fullmatch(token[:80])) + n_wide // 2
    n_judged = sum(1 for token in tokens if not _DASH.fullmatch(token[:80])) + n_wide // 4
    raw = "\n".join(rows)[:JUDGED_CHARACTERS]
    n_tags = len(_MARKUP_TAG.findall(raw))
    return (
        n_words >= (FEWEST_WORDS_IN_TURNS if has_turns else FEWEST_WORDS)
        and n_words >= LEAST_SHARE_OF_WORDS * n_judged
        and n_tags <= MOST_TAGS * len(raw.split())
    )
