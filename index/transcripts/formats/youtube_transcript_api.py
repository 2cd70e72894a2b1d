"""Lists as youtube-transcript-api gives them: text, start and duration, both in seconds."""

from collections.abc import Sequence

from index.errors import MalformedCue
from index.transcripts.formats.assembly import assembled, guessed_track
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.lines import Line, ends_clipped, in_order
from index.transcripts.formats.markup import unescaped
from index.transcripts.formats.timestamps import number_s, shown
from index.transcripts.model import Hints, Track, Transcript

FORMAT = "youtube_transcript_api"


def snippets_of(value: object) -> list[object] | None:
    """The snippets of a bare list or of ``{"snippets": [...]}``; None where ``value`` has another shape."""
    snippets = value.get("snippets") if isinstance(value, dict) else value
    if not isinstance(snippets, list):
        return None
    first = snippets[0] if snippets else {}
    is_wrapped = isinstance(value, dict)
    looks_right = isinstance(first, dict) and ("text" in first and "start" in first)
    return snippets if looks_right or (is_wrapped and not snippets) else None


def parse_snippets(value: object, snippets: Sequence[object], *, file: str) -> Transcript:
    """The transcript of ``snippets``, which ``value`` is or wraps.

    ``track`` is what ``is_generated`` says, else guessed from the punctuation.

    Raises:
        MalformedCue, TimesRunBackwards, NoSpeech.
    """
    lines = ends_clipped(in_order([_line(snippet, file) for snippet in snippets], file=file))
    about = value if isinstance(value, dict) else {}
    language, video_id = about.get("language_code"), about.get("video_id")
    track: Track | None = guessed_track(lines)
    if isinstance(about.get("is_generated"), bool):
        track = "auto" if about["is_generated"] else "uploaded"
    hints = Hints(
        language=language if isinstance(language, str) else None,
        video_id=video_id if isinstance(video_id, str) and len(video_id) == 11 else None,
    )
    return assembled(lines, file=file, format_name=FORMAT, track=track, hints=hints)


def _line(snippet: object, file: str) -> Line:
    text = snippet.get("text") if isinstance(snippet, dict) else None
    if not isinstance(snippet, dict) or not isinstance(text, str):
        raise MalformedCue(file=file, line=None, received=shown(snippet))
    start_s = number_s(snippet.get("start"), file=file)
    duration = snippet.get("duration")
    end_s = None if duration is None else round(start_s + number_s(duration, file=file), 3)
    return Line(None, start_s, end_s, folded(unescaped(text)))
