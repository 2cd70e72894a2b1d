"""Cutting transcripts into slices of about a minute, which are quoted, scored and linked.

Slices are measured in characters, since speech without times must be cut as well: 1,090 characters are about 65
seconds of speech. All cuts are chosen together (dynamic programming), so that no short rest is left over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.text.sentences import after_space, unit_ends
from index.transcripts.model import Cue, Transcript

SLICING_VERSION = 4
"""Version of how transcripts are read, cut into slices and divided into windows; raised with every change. A build
reuses only the vectors of an edition of another version."""

TARGET_CHARS = 1090
"""The seed page's episode of 17,460 spoken characters makes 16 slices."""

_HARD_ENDS = ".!?…\"'”’)]»؟۔।॥。！？｡」』）】》"
_LONGEST = 2.0
_LENGTH_WEIGHT = 2.0
_TURN_COST, _SENTENCE_COST, _SOFT_COST, _CHAPTER_GAIN = 0.0, 0.04, 0.35, 0.25


@dataclass(frozen=True, slots=True)
class Slice:
    """About a minute of consecutive speech.

    Attributes:
        ordinal: 0-based place in the episode.
        text: the words, single-spaced; never empty.
        start_s: second of the first word whose second is known; None if none is.
        end_s: second at which the last word ends, as far as known, or None.
        speaker: speaker of the first word, or None.
        chapter: the heading over the first word, or None.
        unit_ends: offsets just past each sentence (or breath, in unpunctuated captions); the last is ``len(text)``.
        anchors: ``(offset, second)`` for each word or cue whose time is known, ascending in both.
        turns: ``(offset, speaker)`` of each change of speaker inside, the first at 0. Where nobody is named, each
            turn that the transcript marks is one.
    """

    ordinal: int
    text: str
    start_s: float | None
    end_s: float | None
    speaker: str | None
    chapter: str | None
    unit_ends: tuple[int, ...]
    anchors: tuple[tuple[int, float], ...]
    turns: tuple[tuple[int, str | None], ...]

    def units(self) -> Iterator[tuple[int, int]]:
        """Yield start and end offsets of each unit, without the space between them."""
        start = 0
        for end in self.unit_ends:
            yield start, end
            start = end + 1

    def turn_bounds(self) -> Iterator[tuple[int, int, str | None]]:
        """Yield start and end offsets of each turn, without the space between them, and its speaker or None."""
        ends = [start for start, _ in self.turns[1:]] + [len(self.text)]
        for (start, speaker), end in zip(self.turns or ((0, self.speaker),), ends, strict=True):
            yield start, end - (end < len(self.text)), speaker

    def chars_by_speaker(self) -> dict[str | None, int]:
        """Return how many characters each speaker says, who speaks first comes first; None is nobody named."""
        said: dict[str | None, int] = {}
        for start, end, speaker in self.turn_bounds():
            said[speaker] = said.get(speaker, 0) + end - start
        return said

    def second_at(self, offset: int) -> float | None:
        """Return the second at which the word at ``offset`` is spoken, interpolated; None without known times."""
        return interpolate_second(self.anchors, offset, len(self.text), self.end_s)

    def speaker_at(self, offset: int) -> str | None:
        """Return the speaker at ``offset``, or None."""
        speaker = self.speaker
        for turn_offset, name in self.turns:
            if turn_offset > offset:
                break
            speaker = name
        return speaker


def goes_on(piece: Slice, after: Slice) -> bool:
    """Return True if ``after``, the next slice of an episode, begins amid the turn that ``piece`` ends with.

    Where nobody is named it is not known whether a turn begins there, unless no turns are marked at all.
    """
    speaker = piece.turns[-1][1] if piece.turns else piece.speaker
    if speaker != after.speaker or piece.chapter != after.chapter:
        return False
    return speaker is not None or (len(piece.turns) <= 1 and len(after.turns) <= 1)


def joined(piece: Slice, after: Slice) -> Slice:
    """Return a slice and the next one as one, with the turn that goes on in both made one."""
    shift = len(piece.text) + 1
    turns = after.turns[1:] if goes_on(piece, after) else after.turns
    return replace(
        piece,
        text=f"{piece.text} {after.text}",
        start_s=piece.start_s if piece.start_s is not None else after.start_s,
        end_s=after.end_s,
        unit_ends=(*piece.unit_ends, *(end + shift for end in after.unit_ends)),
        anchors=(*piece.anchors, *((offset + shift, second) for offset, second in after.anchors)),
        turns=(*piece.turns, *((offset + shift, speaker) for offset, speaker in turns)),
    )


def interpolate_second(
    anchors: Sequence[tuple[int, float]], offset: int, n_chars: int, end_s: float | None
) -> float | None:
    """Return the second at which the character ``offset`` is spoken, linear between anchors; None without any."""
    if not anchors:
        return None
    before = anchors[0]
    for after in anchors:
        if after[0] > offset:
            break
        before = after
    else:
        after = (n_chars, end_s) if end_s is not None and end_s > before[1] else before
    if after[0] <= before[0] or offset <= before[0]:
        return before[1]
    return before[1] + (after[1] - before[1]) * (offset - before[0]) / (after[0] - before[0])


@dataclass(frozen=True, slots=True)
class _Unit:
    text: str
    end_s: float | None
    speaker: str | None
    chapter: str | None
    anchors: tuple[tuple[int, float], ...]
    starts_turn: bool
    is_marked: bool
    is_soft: bool


def slice_transcript(transcript: Transcript, *, target_chars: int = TARGET_CHARS) -> tuple[Slice, ...]:
    """Cut ``transcript`` into slices of about ``target_chars`` characters.

    Every word is in exactly one slice, in order. Cuts fall at turn, sentence or chapter ends; only where the text
    has no sentence end for ``sentences.LONGEST_UNIT_CHARS`` characters do they fall at a pause or a caption's end.

    Raises:
        ValueError: if ``target_chars`` is below 1.
    """
    if target_chars < 1:
        raise ValueError(f"target_chars must be at least 1, not {target_chars}")
    units = [unit for run in _runs(transcript.cues) for unit in _units(run)]
    slices = []
    start = 0
    for ordinal, end in enumerate(_cuts(units, target_chars)):
        slices.append(_slice_of(units[start:end], ordinal))
        start = end
    return tuple(slices)


def _runs(cues: Sequence[Cue]) -> Iterator[list[Cue]]:
    """Yield runs of consecutive cues of one turn under one chapter."""
    run: list[Cue] = []
    for cue in cues:
        if run and (cue.starts_turn or cue.speaker != run[-1].speaker or cue.chapter != run[-1].chapter):
            yield run
            run = []
        run.append(cue)
    if run:
        yield run


def _units(run: list[Cue]) -> Iterator[_Unit]:
    text = " ".join(cue.text for cue in run)
    anchors: list[tuple[int, float]] = []
    cue_starts: list[int] = []
    cue_ends: list[tuple[int, float | None]] = []
    offset = 0
    for cue in run:
        cue_starts.append(offset)
        anchors.extend(_cue_anchors(cue, offset))
        offset += len(cue.text) + 1
        cue_ends.append((offset - 1, cue.end_s))
    anchors = _ascending(anchors)
    ends = unit_ends(text, anchors, cue_starts)
    hard = {end for end in ends if text[end - 1] in _HARD_ENDS} | {len(text)}
    start = 0
    anchor = cue_index = 0
    for end in ends:
        while cue_index + 1 < len(cue_ends) and cue_ends[cue_index][0] < end:
            cue_index += 1
        first = anchor
        while anchor < len(anchors) and anchors[anchor][0] < end:
            anchor += 1
        inside = tuple((at - start, second) for at, second in anchors[first:anchor])
        begin_s = interpolate_second(
            anchors[max(first - 1, 0) : anchor + 1], start, len(text), cue_ends[-1][1]
        )
        if begin_s is not None and (not inside or inside[0][0] > 0):
            inside = ((0, begin_s), *inside)
        cue_end = cue_ends[cue_index]
        end_s = (
            cue_end[1]
            if cue_end[0] == end
            else interpolate_second(anchors[max(anchor - 1, 0) : anchor + 1], end, len(text), cue_ends[-1][1])
        )
        yield _Unit(
            text=text[start:end],
            end_s=end_s,
            speaker=run[0].speaker,
            chapter=run[0].chapter,
            anchors=inside,
            starts_turn=start == 0,
            is_marked=start == 0 and run[0].starts_turn,
            is_soft=end not in hard,
        )
        start = after_space(text, end)


def _cue_anchors(cue: Cue, offset: int) -> Iterator[tuple[int, float]]:
    if cue.word_starts_s:
        at = offset
        for word, second in zip(cue.text.split(" "), cue.word_starts_s, strict=False):
            yield at, second
            at += len(word) + 1
    elif cue.start_s is not None:
        yield offset, cue.start_s


def _ascending(anchors: list[tuple[int, float]]) -> list[tuple[int, float]]:
    kept: list[tuple[int, float]] = []
    for at, second in anchors:
        if not kept or second >= kept[-1][1]:
            kept.append((at, second))
    return kept


def _cuts(units: Sequence[_Unit], target_chars: int) -> list[int]:
    """Return the ends (exclusive unit indices) of the slices with the least total cost; ties take the earlier cut."""
    n_units = len(units)
    boundary = [_boundary_cost(before, after) for before, after in pairwise(units)]
    usual = (
        sum(boundary) / len(boundary) if boundary else 0.0
    )  # taken off, so that costly ends do not lengthen slices
    best = [0.0] + [float("inf")] * n_units
    back = [0] * (n_units + 1)
    for end in range(1, n_units + 1):
        ending = 0.0 if end == n_units else boundary[end - 1] - usual
        length = 0
        for start in range(end - 1, -1, -1):
            length += len(units[start].text) + 1
            if length > _LONGEST * target_chars and start < end - 1:
                break
            cost = best[start] + ending + _LENGTH_WEIGHT * ((length - target_chars) / target_chars) ** 2
            if cost < best[end]:
                best[end], back[end] = cost, start
    cuts = []
    end = n_units
    while end > 0:
        cuts.append(end)
        end = back[end]
    return cuts[::-1]


def _boundary_cost(before: _Unit, after: _Unit) -> float:
    if before.chapter != after.chapter:
        return -_CHAPTER_GAIN
    if after.starts_turn:
        return _TURN_COST
    return _SOFT_COST if before.is_soft else _SENTENCE_COST


def _slice_of(units: Sequence[_Unit], ordinal: int) -> Slice:
    ends: list[int] = []
    anchors: list[tuple[int, float]] = []
    turns: list[tuple[int, str | None]] = []
    offset = 0
    for unit in units:
        if not turns or unit.speaker != turns[-1][1] or (unit.speaker is None and unit.is_marked):
            turns.append((offset, unit.speaker))
        anchors.extend((offset + at, second) for at, second in unit.anchors)
        ends.append(offset + len(unit.text))
        offset = ends[-1] + 1
    known = _ascending(anchors)
    ends_s = [unit.end_s for unit in units if unit.end_s is not None]
    return Slice(
        ordinal=ordinal,
        text=" ".join(unit.text for unit in units),
        start_s=known[0][1] if known else None,
        end_s=max(ends_s, default=None),
        speaker=units[0].speaker,
        chapter=units[0].chapter,
        unit_ends=tuple(ends),
        anchors=tuple(known),
        turns=tuple(turns),
    )
