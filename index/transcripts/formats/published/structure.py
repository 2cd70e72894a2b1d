"""What the whole of a published text says about its lines: which stamps and labels count, and where speech begins.

The statistics of the file decide. A stamp in brackets counts, a bare time where such times open the text's
paragraphs; a label that recurs is a speaker. What nobody speaks is found in ``unspoken``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from index.transcripts.formats.published.lines import (
    SAME_S,
    TextLine,
    is_stamp_alone,
    line_above,
    line_below,
)
from index.transcripts.formats.published.unspoken import (
    after_transcript_heading,
    asides_of,
    contents_of,
    first_below_heading,
    first_of_speech,
    metadata_rows,
)
from index.transcripts.formats.speakers import (
    accepted_labels,
    is_name_shaped,
    is_role,
    is_section_label,
    spelt_out,
)

LEAST_SHARE_STAMPED = 0.3
"""Bare times at the start of lines are stamps where they open this share of the lines, or of the paragraphs."""

LEAST_SHARE_IN_BOLD = 0.8
"""Where this share of the labels is in bold type, a label that never is, is none."""

FEWEST_LINES_OF_OUTLINE = 30
LEAST_SHARE_OF_OUTLINE = 0.25
MOST_STAMPED_OF_OUTLINE = 0.05
FEWEST_TURNS_A_SPEAKER = 3
LEAST_SHARE_IN_CYCLE = 0.9
"""See ``_is_outline``. Of a hundred public transcripts none had more than a seventh of its lines in headings and lists
if it had names, and of the reports and guides beside them none less than a quarter."""

LEAST_RISING = 0.8
_LONGEST_ABBREVIATION = 3
_NUMBERED_CHAPTER = re.compile(
    r"(?:chapter|kapitel|chapitre|capítulo|capitolo) [0-9]{1,3} ?: ?(\S.*)", re.IGNORECASE
)


@dataclass(slots=True)
class Structure:
    """Kinds of lines, as sets of places in the list of lines.

    Attributes:
        first: the place of the first line of speech.
        stamped: lines whose stamp counts.
        labelled: the speaker of the lines whose label counts.
        contents: lines of a table of contents.
        asides: lines in parts of the text that nobody speaks.
        marks: lines that hold a mark such as ``Break:`` and nothing said.
        chapters: the title of each heading in the speech.
        starts_of_titles: the second of each entry of a table of contents, by its title in small letters.
    """

    first: int = 0
    stamped: set[int] = field(default_factory=set)
    labelled: dict[int, str] = field(default_factory=dict)
    contents: set[int] = field(default_factory=set)
    asides: set[int] = field(default_factory=set)
    marks: set[int] = field(default_factory=set)
    chapters: dict[int, str] = field(default_factory=dict)
    starts_of_titles: dict[str, float] = field(default_factory=dict)


def structure_of(lines: Sequence[TextLine], *, known: Iterable[str], title: str) -> Structure:
    """Return what the lines are.

    Args:
        lines: of the whole text below its front matter.
        known: names of people that the front matter gives.
        title: of the episode, maybe empty; a name in it is a name in the text.
    """
    found = Structure()
    after_heading = after_transcript_heading(lines)
    metadata = metadata_rows(lines)
    found.contents = contents_of(lines, after_heading or 0)
    usable = [
        at for at in range(after_heading or 0, len(lines)) if at not in found.contents and at not in metadata
    ]
    people = {
        *known,
        *(name for line in lines if (name := line.label) and " " in name and _is_in(name, title)),
    }
    speakers = _speakers(lines, usable, people)
    names = spelt_out(speakers)
    for at in usable:
        label = lines[at].label
        if label is not None and label in speakers and _is_label_here(lines, at):
            found.labelled[at] = names.get(label, label)
    found.stamped = _stamped(lines, usable, found)
    for at in [at for at in found.labelled if lines[at].form == "stamp" and at not in found.stamped]:
        del found.labelled[at]
    _put_stamps_of_contents(lines, found)
    turns = sorted({*found.labelled, *found.stamped})
    if after_heading is None:
        found.first = first_of_speech(lines, turns, metadata)
    else:
        found.first = first_below_heading(lines, turns, after_heading)
    found.asides = asides_of(
        lines,
        found.first,
        unspoken=found.contents | metadata,
        labelled=found.labelled,
        stamped=found.stamped,
    )
    for at in range(len(lines)):
        if (numbered := _numbered_chapter(lines, at)) is not None:
            found.chapters[at] = numbered
            found.labelled.pop(at, None)
        elif lines[at].level and at not in found.labelled:
            found.chapters[at] = lines[at].said(with_stamp=at in found.stamped, with_label=False)
        elif at not in found.labelled and _is_mark(lines[at], at in found.stamped):
            found.marks.add(at)
    return found


def _numbered_chapter(lines: Sequence[TextLine], at: int) -> str | None:
    """Return the title of ``Chapter 2: The rail`` above a line that is a stamp alone, as video pages show chapters."""
    match = _NUMBERED_CHAPTER.fullmatch(lines[at].whole) if lines[at].stamp is None else None
    if match is None or (below := line_below(lines, at)) is None:
        return None
    return match[1] if is_stamp_alone(lines[below]) else None


def _is_in(name: str, title: str) -> bool:
    """Return True where ``title`` holds ``name`` as whole words."""
    return name in title and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", title) is not None


def _speakers(lines: Sequence[TextLine], usable: Sequence[int], known: Iterable[str]) -> frozenset[str]:
    """Return the labels that are speakers."""
    marked: list[str] = []
    surely: list[str] = []
    weak: Counter[str] = Counter()
    beside_stamp: Counter[str] = Counter()
    for at in usable:
        line = lines[at]
        label = line.label
        if label is None or not _has_words(lines, at):
            continue
        is_by_stamp = line.stamp is not None or _is_beside_stamp(lines, at)
        if line.level or line.form == "alone" or (line.form == "bold" and line.rest):
            weak[label] += 1
            beside_stamp[label] += is_by_stamp
            continue
        marked.append(label)
        if (
            line.stamp is not None
            and line.form in {"stamp", "bracket", "colon"}
            and (line.is_bold or not line.rest)
        ):
            surely.append(label)
    surely = [label for label in surely if is_name_shaped(label)]
    n_openings = sum(1 for at in usable if lines[at].follows_blank or lines[at].label is not None)
    known = tuple(known)
    accepted = accepted_labels(
        marked, n_openings=n_openings, surely=surely if len(surely) > 1 else (), known=known
    )
    accepted = _in_usual_type(lines, usable, accepted)
    speakers = _with_weak(accepted, weak, beside_stamp, n_openings=n_openings, known=known)
    if _is_outline(lines, usable, speakers):
        speakers = _surely_spoken(lines, usable, speakers, known)
    return speakers


def _surely_spoken(
    lines: Sequence[TextLine], usable: Sequence[int], speakers: frozenset[str], known: Iterable[str]
) -> frozenset[str]:
    """Return those of ``speakers`` that are known names, or roles and letters that recur."""
    folded = {name.casefold() for name in known}
    counts = Counter(lines[at].label for at in usable)
    return frozenset(
        label
        for label in speakers
        if label.casefold() in folded
        or (counts[label] >= FEWEST_TURNS_A_SPEAKER and (is_role(label) or len(label) == 1))
    )


def _in_usual_type(
    lines: Sequence[TextLine], usable: Sequence[int], labels: frozenset[str]
) -> frozenset[str]:
    """Return ``labels`` without those never in bold type where nearly all others are: ``I'm wondering:``."""
    n_bold: Counter[str] = Counter()
    n_all: Counter[str] = Counter()
    for at in usable:
        label = lines[at].label
        if label in labels:
            n_all[label] += 1
            n_bold[label] += lines[at].is_bold
    if sum(n_bold.values()) < LEAST_SHARE_IN_BOLD * sum(n_all.values()):
        return labels
    return frozenset(label for label in labels if n_bold[label] or is_role(label))


def _is_outline(lines: Sequence[TextLine], usable: Sequence[int], speakers: frozenset[str]) -> bool:
    """Return True for a document of headings, lists and tables without times: what stands in bold there are headwords.

    Headings that name a speaker are turns. Lists are turns, too, where a few labels open nearly all items again and
    again.
    """
    texts = [at for at in usable if not lines[at].is_blank]
    n_stamped = sum(1 for at in texts if lines[at].stamp is not None)
    if len(texts) < FEWEST_LINES_OF_OUTLINE or n_stamped > MOST_STAMPED_OF_OUTLINE * len(texts):
        return False
    n_headings = sum(1 for at in texts if lines[at].level and lines[at].label not in speakers)
    items = [at for at in texts if lines[at].is_item]
    named = [label for at in items if (label := lines[at].label) in speakers and label is not None]
    are_turns = (
        2 * len(named) > len(items)
        and len(named) >= FEWEST_TURNS_A_SPEAKER * len(set(named))
        and not _are_fields(named)
    )
    n_items = 0 if are_turns else len(items)
    return n_headings + n_items >= LEAST_SHARE_OF_OUTLINE * len(texts)


def _are_fields(labels: Sequence[str]) -> bool:
    """Return True where three labels or more come round in one order, as the fields of records do and people do not."""
    followers: dict[str, Counter[str]] = {}
    for label, after in pairwise(labels):
        followers.setdefault(label, Counter())[after] += 1
    n_usual = sum(counts.most_common(1)[0][1] for counts in followers.values())
    return len(set(labels)) > 2 and n_usual >= LEAST_SHARE_IN_CYCLE * (len(labels) - 1)


def _with_weak(
    accepted: frozenset[str],
    weak: Counter[str],
    beside_stamp: Counter[str],
    *,
    n_openings: int,
    known: Iterable[str],
) -> frozenset[str]:
    """Add names that stand on a line of their own, or in a heading: such lines are titles as often as speakers.

    They count where they recur beside stamps, or where two of them that recur open a good part of the text.
    """
    folded = {name.casefold() for name in known}
    named = {label for label in weak if label in accepted or label.casefold() in folded or is_role(label)}
    shaped = {label: count for label, count in weak.items() if is_name_shaped(label)}
    recurring = {label for label, count in shaped.items() if count > 1}
    at_stamps = {label for label in recurring if 2 * beside_stamp[label] > weak[label]}
    n_recurring = sum(shaped[label] for label in recurring)
    if at_stamps or (recurring and n_recurring >= LEAST_SHARE_STAMPED * n_openings):
        chosen = at_stamps or {label for label in recurring if " " in label or len(recurring) > 1}
        # Who speaks once in such a form is named as the others are: with two words, or beside a stamp.
        once = {
            label
            for label in shaped
            if (" " in label and (beside_stamp[label] or not at_stamps))
            or (beside_stamp[label] and at_stamps)
        }
        named |= chosen | (once if chosen else set())
    elif len(shaped) > 1 and sum(shaped.values()) >= LEAST_SHARE_STAMPED * n_openings:
        named |= {label for label in shaped if " " in label and beside_stamp[label]}
    return accepted | named


def _is_beside_stamp(lines: Sequence[TextLine], at: int) -> bool:
    """Return True where the line before or after is a stamp and nothing else."""
    neighbours = (line_above(lines, at), line_below(lines, at))
    return any(place is not None and is_stamp_alone(lines[place]) for place in neighbours)


def _has_words(lines: Sequence[TextLine], at: int) -> bool:
    """Return True where words stand beside the label or below it: a word between two stamps is said, not a name."""
    line = lines[at]
    if line.rest or line.form not in {"alone", "bold"}:
        return True
    below = line_below(lines, at)
    is_sentence = line.whole.endswith(".") and len(line.whole.rsplit(None, 1)[-1]) > _LONGEST_ABBREVIATION
    return (
        below is not None and not is_sentence and (lines[below].stamp is None or is_stamp_alone(lines[below]))
    )


def _is_label_here(lines: Sequence[TextLine], at: int) -> bool:
    """Return True where an accepted label is one at this place too.

    A name alone on its line inside a paragraph is a word of it, and a bare time after a name may be spoken of.
    """
    line = lines[at]
    if not _has_words(lines, at):
        return False
    if line.form == "alone" and line.stamp is None and not line.level:
        return line.follows_blank or _is_beside_stamp(lines, at) or _ends_turn(lines, at)
    return True


def _ends_turn(lines: Sequence[TextLine], at: int) -> bool:
    """Return True where the line above ends a sentence, so that a name below it opens a turn."""
    above = lines[at - 1] if at else None
    return above is None or above.whole.endswith((".", "?", "!", "…", '"', "”", ")", "]", "。", "？", "！"))


def _stamped(lines: Sequence[TextLine], usable: Sequence[int], found: Structure) -> set[int]:
    """Return the places of the lines whose stamp counts, by the form that their stamps have in common."""
    by_style: dict[tuple[str, bool], list[int]] = {}
    for at in usable:
        line = lines[at]
        if line.stamp is not None:
            by_style.setdefault((_position(line, at, found), line.stamp.is_wrapped), []).append(at)
    texts = [at for at in usable if not lines[at].is_blank]
    n_paragraphs = sum(1 for at in texts if lines[at].follows_blank)
    n_labelled = len(found.labelled)
    stamped: set[int] = set()
    for (position, is_wrapped), places in by_style.items():
        if _counts(
            lines,
            position,
            places,
            is_wrapped=is_wrapped,
            n_lines=n_labelled if position == "label_and_text" else len(texts),
            n_paragraphs=n_paragraphs,
        ):
            stamped.update(places)
    return {at for at in stamped if not _is_doubtful(lines, at)}


def _position(line: TextLine, at: int, found: Structure) -> str:
    if line.level:
        return "heading"
    if line.is_inline:
        return "inline"
    if at in found.labelled:
        is_bare_before_text = line.parts[0][0] == "label" and bool(line.rest) and line.form != "column"
        return "label_and_text" if is_bare_before_text else "label"
    if line.label is not None and line.parts[0][0] == "label":
        return "declined"
    return "lead" if line.rest or line.label is not None else "alone"


def _counts(
    lines: Sequence[TextLine],
    position: str,
    places: Sequence[int],
    *,
    is_wrapped: bool,
    n_lines: int,
    n_paragraphs: int,
) -> bool:
    share = len(places) / max(1, n_lines)
    n_opening = sum(1 for at in places if lines[at].follows_blank)
    rising = _share_rising(lines, places)
    if position == "inline":
        return len(places) > 2 and rising >= LEAST_RISING
    if position == "declined":
        return is_wrapped
    if is_wrapped or position in {"heading", "alone", "label"}:
        return True
    is_common = share >= LEAST_SHARE_STAMPED or n_opening >= LEAST_SHARE_STAMPED * max(1, n_paragraphs)
    return len(places) > 1 and is_common and rising >= LEAST_RISING


def _share_rising(lines: Sequence[TextLine], places: Sequence[int]) -> float:
    starts_s = [stamp.start_s for at in places if (stamp := lines[at].stamp) is not None]
    steps = list(pairwise(starts_s))
    return sum(before <= after for before, after in steps) / len(steps) if steps else 1.0


def _is_doubtful(lines: Sequence[TextLine], at: int) -> bool:
    """Return True for ``5 seconds`` alone, unless the clock beside it says the same."""
    stamp = lines[at].stamp
    if stamp is None or not stamp.is_usable:
        return True
    if stamp.form != "spelt" or stamp.is_wrapped or len(lines[at].whole.split()) > 2:
        return False
    for place in (line_above(lines, at), line_below(lines, at)):
        beside = lines[place].stamp if place is not None else None
        if beside is not None and abs(beside.start_s - stamp.start_s) <= SAME_S:
            return False
    return True


def _put_stamps_of_contents(lines: Sequence[TextLine], found: Structure) -> None:
    for at in found.contents:
        stamp = lines[at].stamp
        title = lines[at].said(with_stamp=True, with_label=False).casefold()
        if stamp is not None and title:
            found.starts_of_titles.setdefault(title, stamp.start_s)


def _is_mark(line: TextLine, is_stamped: bool) -> bool:
    """Return True for ``Break:`` beside a stamp, and for a heading of a part that is no Markdown heading."""
    if line.label is None or line.rest or line.form in {"alone", "bracket"}:
        return False
    return is_section_label(line.label) and (is_stamped or line.is_bold)
