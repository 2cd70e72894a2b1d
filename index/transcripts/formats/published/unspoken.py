"""The parts of a published text that nobody speaks: its head, tables of contents, show notes, a page's furniture."""

import math
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence

from index.transcripts.formats.dates import day_in
from index.transcripts.formats.published.lines import TextLine, line_above, line_below
from index.transcripts.formats.speakers import is_name_shaped, is_role

LEAST_SHARE_AFTER_HEADING = 0.3
"""A heading that says transcript opens the speech if this share of the file's words stands below it."""

MOST_INTRODUCTION = 0.5
"""What stands before the first turn is a description unless it is more than this share of the file's words."""

_FIRST_WORDS_S = 60.0
"""A recording's first stamp is printed within so many seconds; later ones are the middle of something."""

_LONGEST_TITLE = 40
TITLE_WORDS = 14
"""An entry of a table of contents has at most so many words."""

_TRANSCRIPT = re.compile(
    r"(?:[\W\d]|full|episode|the|edited|complete|video|raw|podcast|machine|auto(?:matic)?|generated|interview|audio)*"
    r"(?:transcript(?:ion|s)?|transkript(?:ion)?|transcripción|transcrição|trascrizione|transcripció|"
    r"逐字稿|文字稿|文稿|转录|转写|字幕|トランスクリプト|文字起こし|транскрипт|транскрипция|расшифровка)"
    r"(?: below| follows|\W)*",
    re.IGNORECASE,
)
_CONTENTS = re.compile(
    r"\W*(?:time ?(?:stamps?|codes?)|chapters?|table of contents?|contents?|outline|topics?|agenda|timeline|sections?|"
    r"episode (?:outline|timestamps|chapters|guide)|in this episode|(?:topics )?(?:we )?(?:discuss|cover)(?:ed)?|"
    r"kapitel|inhalt(?:sverzeichnis)?|chapitres|sommaire|capítulos|índice|indice|"
    r"时间戳|时间轴|章节|目录|目次|チャプター|таймкоды|содержание)\W*(?:\(.*\))?\W*",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\W*(?:show ?notes|links?(?: from the (?:show|episode))?|references|foot ?notes|notes|resources|further reading|"
    r"credits|where to find .*|referenced|mentioned.*|related(?: episodes?| posts?| videos?)?|"
    r"about the (?:host|guest|show).*|transcription (?:ended|stopped|ends)\b.*)\W*",
    re.IGNORECASE,
)
_PAGE_FURNITURE = re.compile(
    r"search in (?:video|transcript)|search transcript|(?:show|hide|toggle) (?:transcript|timestamps)|"
    r"follow along using the transcript\.?|"
    r"[^\W\d_]{3,20} \((?:auto-generated|automatisch erzeugt|generados automáticamente)\)|"
    r"im video suchen|transkript (?:anzeigen|ausblenden)",
    re.IGNORECASE,
)
"""What a video page shows around its transcript and people copy along."""

_AFTER_SPEECH = re.compile(
    r"transcription (?:ended|stopped) after [0-9:]{4,8}|transcribed by https?://\S{1,60}|"
    r"this editable transcript was computer[- ]generated and might contain errors\b.*|"
    r"die transkription wurde nach [0-9:]{4,8} beendet|"
    r"dieses bearbeitbare transkript wurde computergeneriert und kann fehler enthalten\b.*",
    re.IGNORECASE,
)
"""What programs write below the last words."""

_METADATA_KEYS = frozenset(
    "title date channel host hosts guest guests duration length views view url link links video youtube published "
    "publication source author authors language lang tags keywords show podcast episode speakers participants "
    "attendees recorded uploaded upload transcribed category type id video_id series website date_published "
    "publish_date model generated created updated file filename format subtitle likes subscribers".split()
)
_METADATA_ROW = re.compile(r"\W{0,4}(?P<key>[^\W\d_][\w ]{1,24}?)\W{0,3}[:：]\W{0,3}(?P<value>.*)")
_METADATA_LINES = 60
ENDS_OF_SPEECH = frozenset(".!?…,;:\"'”’)。！？")


def n_words(lines: Sequence[TextLine], places: Iterable[int]) -> int:
    """Return the number of words in the lines at ``places``."""
    return sum(lines[at].n_words for at in places)


def after_transcript_heading(lines: Sequence[TextLine]) -> int | None:
    """Return the place after the heading that says transcript, where enough stands below it, or a stamp opens it."""
    total = n_words(lines, range(len(lines)))
    below = 0
    for at in range(len(lines) - 1, -1, -1):
        if _is_transcript_heading(lines[at]):
            opening = line_below(lines, at)
            is_stamped = opening is not None and lines[opening].stamp is not None
            if is_stamped or below >= LEAST_SHARE_AFTER_HEADING * total:
                return at + 1
        below += lines[at].n_words
    return None


def _is_transcript_heading(line: TextLine) -> bool:
    is_title = line.level > 1 or (line.level == 0 and len(line.whole) <= _LONGEST_TITLE)
    return is_title and bool(line.whole) and _TRANSCRIPT.fullmatch(line.whole[:80]) is not None


def metadata_row(line: TextLine) -> tuple[str, str] | None:
    """Return key and value of a line such as ``Channel: The Lock House``; None for any other line."""
    match = _METADATA_ROW.fullmatch(line.whole) if len(line.whole) <= 400 else None
    if match is None:
        return None
    key = match["key"].strip().casefold().replace(" ", "_")
    value = match["value"].strip()
    if is_role(key):
        return (key, value) if is_name_shaped(value.split(",")[0].strip()) else None
    is_key = key in _METADATA_KEYS or key.split("_")[-1] in _METADATA_KEYS
    return (key, value) if is_key and len(value.split()) <= TITLE_WORDS else None


def title_line(lines: Sequence[TextLine]) -> int | None:
    """Return the place of a first line such as ``Show: Title``, which is no turn though it looks like one.

    It stands alone, is short, ends without a mark, and what may be its speaker opens no other line, while two others
    open some.
    """
    at = next((at for at, line in enumerate(lines) if not line.is_blank), None)
    if at is None or at + 1 >= len(lines) or not lines[at + 1].is_blank:
        return None
    line, labels = lines[at], {other.label for other in lines[at + 1 :]} - {None}
    is_title = (
        line.label is not None
        and line.form == "colon"
        and line.level == 0
        and line.stamp is None
        and line.label not in labels
        and len(labels) > 1
        and bool(line.rest)
        and line.n_words <= TITLE_WORDS
        and line.whole[-1] not in ENDS_OF_SPEECH
        and metadata_row(line) is None
    )
    return at if is_title else None


def metadata_rows(lines: Sequence[TextLine]) -> set[int]:
    """Return the places of the rows at the head that say what the episode is, and of its title."""
    title = title_line(lines)
    found: set[int] = set() if title is None else {title}
    for at, line in enumerate(lines[:_METADATA_LINES]):
        if line.is_blank or at == title:
            continue
        if (line.level == 1 and line.stamp is None and not found) or metadata_row(line) is not None:
            found.add(at)
        elif not _is_bare_link(line):
            break
        else:
            found.add(at)
    return found


def _is_bare_link(line: TextLine) -> bool:
    return "://" in line.whole and len(line.whole.split()) <= 6


def contents_of(lines: Sequence[TextLine], after_heading: int) -> set[int]:
    """Return the places of tables of contents, with the line that heads them."""
    stamps = [(at, line.stamp.start_s) for at, line in enumerate(lines) if line.stamp is not None]
    total = n_words(lines, range(len(lines)))
    found: set[int] = set()
    for run in _runs_of_titles(lines):
        inside = n_words(lines, run)
        if 3 * inside > total:
            continue
        heading = line_above(lines, run[0])
        if heading is not None and _is_transcript_heading(lines[heading]):
            continue
        is_headed = heading is not None and _is_contents_heading(lines[heading])
        are_all = len(stamps) == len(run) and len(run) > 2 and 4 * inside <= total
        is_contents = (len(run) > 1 and (is_headed or are_all or run[-1] < after_heading)) or _starts_again(
            lines, run, stamps
        )
        if is_contents:
            found.update(range(run[0], run[-1] + 1))
            if is_headed and heading is not None and not lines[heading].level:
                found.add(heading)
    return found


def _starts_again(lines: Sequence[TextLine], run: Sequence[int], stamps: Sequence[tuple[int, float]]) -> bool:
    """Return True where the times after ``run`` begin before it ends, or its own begin before those above it end.

    One entry out of three or more may be a slip of the pen, so all but the first must lie beyond; a list of Markdown
    needs but one.
    """
    starts_s = [stamp.start_s for at in run if (stamp := lines[at].stamp) is not None]
    is_list = all(lines[at].is_item for at in run)
    if len(run) < 3 and not is_list:
        return False
    after = bisect_right(stamps, (run[-1], math.inf))
    if after < len(stamps):
        later_s = stamps[after][1]
        return later_s < min(starts_s[1:], default=starts_s[0]) and later_s <= starts_s[0] + _FIRST_WORDS_S
    earlier_s = max((second_s for at, second_s in stamps if at < run[0]), default=None)
    return (
        earlier_s is not None and len(run) > 1 and starts_s[-1] <= earlier_s and starts_s[0] < _FIRST_WORDS_S
    )


def _is_contents_heading(line: TextLine) -> bool:
    return _CONTENTS.fullmatch(line.whole[:80]) is not None


def _runs_of_titles(lines: Sequence[TextLine]) -> list[list[int]]:
    """Return the runs of stamped lines with nothing but a title each and nothing between them, times rising."""
    runs: list[list[int]] = []
    now: list[int] = []
    for at, line in enumerate(lines):
        if line.is_blank:
            continue
        if _is_title(line) and (not now or _rises(lines[now[-1]], line)):
            now.append(at)
            continue
        runs.append(now)
        now = [at] if _is_title(line) else []
    runs.append(now)
    return [run for run in runs if run]


def _is_title(line: TextLine) -> bool:
    if line.stamp is None or line.is_inline or line.level or line.parts[0][0] != "stamp":
        return False
    return 0 < len(line.said(with_stamp=True, with_label=False).split()) <= TITLE_WORDS


def _rises(before: TextLine, after: TextLine) -> bool:
    return (
        before.stamp is not None and after.stamp is not None and before.stamp.start_s <= after.stamp.start_s
    )


def first_of_speech(lines: Sequence[TextLine], turns: Sequence[int], metadata: set[int]) -> int:
    """Return the place of the first turn if most of the text is in turns, of the first words otherwise."""
    after_metadata = max(metadata, default=-1) + 1
    if not turns:
        return after_metadata
    first = turns[0]
    before = n_words(lines, range(after_metadata, first))
    total = n_words(lines, range(after_metadata, len(lines)))
    if before > MOST_INTRODUCTION * total:
        return after_metadata
    heading = line_above(lines, first)
    is_chapter = heading is not None and lines[heading].level > 1
    return heading if is_chapter and heading is not None else first


def first_below_heading(lines: Sequence[TextLine], turns: Sequence[int], after_heading: int) -> int:
    """Return the place after the heading, past a day or a title between it and the first turn: nobody says those."""
    first = next((at for at in turns if at >= after_heading), None)
    between = [at for at in range(after_heading, first or after_heading) if not lines[at].is_blank]
    are_notes = all(
        lines[at].level
        or _PAGE_FURNITURE.fullmatch(lines[at].whole) is not None
        or (len(lines[at].whole) <= _LONGEST_TITLE and day_in(lines[at].whole) is not None)
        for at in between
    )
    if not between or first is None or not are_notes:
        return after_heading
    # Headings of chapters above the first turn tell where it stands.
    return next((at for at in between if lines[at].level and at == between[-1]), first)


def asides_of(
    lines: Sequence[TextLine],
    first: int,
    *,
    unspoken: Iterable[int],
    labelled: Collection[int],
    stamped: Collection[int],
) -> set[int]:
    """Return the places in sections that nobody speaks: show notes, links, tables of contents and the like.

    Args:
        lines: of the whole text.
        first: the place of the first line of speech.
        unspoken: places of tables of contents and of rows that say what the episode is.
        labelled: places of the lines whose label counts.
        stamped: places of the lines whose stamp counts.
    """
    asides = {at for at in unspoken if at >= first}
    is_aside = False
    for at in range(first, len(lines)):
        line = lines[at]
        is_head = bool(line.level) and _ASIDE.fullmatch(line.whole[:80]) is not None
        if at not in labelled and (is_head or _AFTER_SPEECH.fullmatch(line.whole[:200]) is not None):
            is_aside = True
        elif at in labelled or at in stamped or line.level:
            is_aside = False
        is_furniture = _PAGE_FURNITURE.fullmatch(line.whole[:80]) is not None
        if is_aside or is_furniture or (_is_bare_link(line) and at not in stamped and at not in labelled):
            asides.add(at)
    return asides
