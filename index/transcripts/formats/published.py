"""Transcripts that a show publishes to be read: Markdown with front matter, turns and chapters."""

from collections.abc import Sequence
from dataclasses import replace

from index.errors import NoSpeech, NotATranscript
from index.transcripts.formats.front_matter import read_front_matter, split_front_matter
from index.transcripts.formats.markdown import heading_of, is_furniture, plain_text
from index.transcripts.formats.plain_text import reads_as_speech
from index.transcripts.formats.prose import cues_of, paragraphs
from index.transcripts.formats.speech import is_said
from index.transcripts.formats.turns import find_labels
from index.transcripts.links import video_id_in, video_url
from index.transcripts.model import Hints, Transcript

FORMAT = "published"


def parse_published(text: str, *, file: str) -> Transcript:
    """The transcript of a published text.

    What stands before the first turn is the description, not speech; a heading right above the first turn is
    its chapter. Without any turn everything is speech. A cue is a paragraph; it knows its
    second where a time stands before it, and its end where the next one knows its second.

    Raises:
        NotATranscript: code or data rather than prose; TimesRunBackwards, MalformedCue, NoSpeech.
    """
    block, body, lines_before = split_front_matter(text)
    lines = body.split("\n")
    labels = find_labels(lines)
    if body.strip() and not reads_as_speech(body, lines, n_labels=len(labels)):
        raise NotATranscript(file=file, line=None)
    first = min(labels, default=0)
    intro, chapter = _intro_and_chapter(lines[:first])
    found = paragraphs(lines, labels, first=first, chapter=chapter, lines_before=lines_before)
    cues = cues_of(found, file=file, is_markdown=True)
    if not cues:
        raise NoSpeech(file=file, line=None, format=FORMAT)
    hints = _hints(
        read_front_matter(block), lines, intro, body[: sum(len(line) + 1 for line in lines[:first])]
    )
    n_turns = len(labels) or len(found)
    return Transcript(cues=cues, format=FORMAT, kind="published", n_segments=n_turns, hints=hints)


def _intro_and_chapter(lines: Sequence[str]) -> tuple[list[str], str | None]:
    """The lines before the speech, and the heading that belongs to the speech rather than to them."""
    intro = list(lines)
    while intro and not intro[-1].strip():
        intro.pop()
    heading = heading_of(intro[-1]) if intro else None
    if heading is None or heading[0] == 1:
        return intro, None
    intro.pop()
    return intro, None if heading[1].casefold().rstrip(":").endswith("transcript") else heading[1]


def _hints(hints: Hints, lines: Sequence[str], intro: Sequence[str], before_speech: str) -> Hints:
    title = next((found[1] for line in lines if (found := heading_of(line)) and found[0] == 1), None)
    video_id = hints.video_id or video_id_in(before_speech)
    described = [hints.description or "", _description(intro)]
    return replace(
        hints,
        title=hints.title or title or None,
        video_id=video_id,
        url=hints.url or (video_url(video_id) if video_id else None),
        description="\n\n".join(part for part in dict.fromkeys(described) if part) or None,
    )


def _description(intro: Sequence[str]) -> str:
    rows: list[str] = []
    for line in intro:
        heading = heading_of(line)
        if (heading is not None and heading[0] == 1) or is_furniture(line):
            continue
        row = heading[1] if heading else plain_text(line)
        is_bare_link = video_id_in(line) is not None and len(row.split()) <= 6
        if not is_bare_link and (is_said(row) or (rows and rows[-1])):
            rows.append(row)
    return "\n".join(rows).strip()
