"""SubRip: numbered blocks, comma decimals; speakers stand as ``Name:`` in the text."""

from index.transcripts.formats.assembly import assembled, guessed_track
from index.transcripts.formats.cue_blocks import timed_blocks
from index.transcripts.formats.lines import in_order
from index.transcripts.formats.markup import voiced
from index.transcripts.formats.rolling import has_timed_words, unrolled
from index.transcripts.model import Transcript

FORMAT = "subrip"


def parse_subrip(text: str, *, file: str) -> Transcript:
    """The transcript of a SubRip file; points are taken for commas, numbers and blank lines may be missing.

    ``track`` is ``auto`` where lines roll or nothing is punctuated, None otherwise.

    Raises:
        MalformedCue, TimesRunBackwards, NoSpeech.
    """
    raw = in_order(timed_blocks(text, file=file), file=file)
    timed = has_timed_words(raw)
    fresh, rolled = unrolled(raw)
    lines = [part for line in fresh for part in voiced(line)]
    return assembled(
        lines, file=file, format_name=FORMAT, track="auto" if timed or rolled else guessed_track(lines)
    )
