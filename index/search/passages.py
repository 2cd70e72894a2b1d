"""Passages of an answer, made of the slices that were chosen: text, quote and link, and the answer to a question."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce

from index.search.answers import Passage
from index.search.candidates import Candidates
from index.search.excerpts import LONGEST_EXCERPT_CHARS, LONGEST_FIRST_CHARS, Excerpt, excerpt_of
from index.search.quotable_sentences import Match
from index.search.ranking import Floats, SliceGroup
from index.storage.columns import Columns
from index.storage.records import SliceRecord
from index.text.slicing import Slice, joined
from index.text.tokens import TermFinder, Terms, stem, stems_in, tokenize

_TEASER_SLICES = 3
"""First slices of an episode, of about a minute each, that may be excerpts of it."""

_RUN_WORDS, _SAID_AGAIN = 4, 0.6
"""Words of a run, and the least share of a sentence's runs that are said again later, for it to be an excerpt."""


async def passages_of(
    groups: Sequence[SliceGroup],
    score: Floats,
    candidates: Candidates,
    terms: Terms,
    records: Mapping[int, SliceRecord],
    *,
    speaker: str | None,
    reaches_beside: bool,
) -> list[Passage]:
    """Return a passage for each of ``groups``, in their order.

    A slice ends after about a minute, whatever is said then. So a quote may reach into the slices beside a group, or
    lie there, as the answer to a host's question does; these are the passage's, then. What is of another passage is
    not taken for that: passages do not overlap.

    Args:
        groups: places in ``candidates``, best first.
        score: how much each of ``candidates`` is about the question, shape (n,).
        candidates: slices with their evidence.
        terms: the question's; they are marked, and decide what is quoted.
        records: the slices of ``groups``, by id.
        speaker: the only person to quote, if the answer is limited to somebody.
        reaches_beside: whether the slices beside a group may be quoted.
    """
    finder = TermFinder(terms)
    edition = candidates.edition
    own = [
        sorted((records[int(candidates.ids[place])] for place in group.places), key=_ordinal)
        for group in groups
    ]
    beside = [_ids_beside(edition.columns, members) if reaches_beside else () for members in own]
    taken = {record.id for members in own for record in members}
    wanted = {number for numbers in beside for number in numbers} - taken
    neighbours = await edition.slices.by_id(wanted) if wanted else {}
    parts = (
        candidates.with_pieces_of(await edition.slices.pieces(wanted))
        if wanted and candidates.pieces
        else candidates
    )
    passages = []
    for rank, (group, members, numbers) in enumerate(zip(groups, own, beside, strict=True), 1):
        best = records[int(candidates.ids[group.places[0]])]
        free = [neighbours[number] for number in numbers if number in neighbours and number not in taken]
        free = [record for record in free if record.piece.chapter == best.piece.chapter]
        around = sorted((*members, *free), key=_ordinal)
        quote, quoted, touched = _quote_of(
            around, best, Match(finder, candidates.idf, (), speaker), parts, is_first=rank == 1
        )
        slices = tuple(record for record in around if record in members or record.id in touched)
        taken |= {record.id for record in slices}
        place = group.places[0]
        passages.append(
            Passage(
                rank=rank,
                episode=edition.episodes[best.episode_id],
                slices=slices,
                best=[record.id for record in slices].index(quoted),
                text=_text_of(slices),
                quote=_shifted(quote, -_chars_before(around, around.index(slices[0]))),
                score=round(float(score[place]), 4),
                also_in=tuple(edition.episodes[other] for other in group.also_in),
                near=round(float(candidates.near[place]), 4),
                telling=round(float(candidates.telling[place]), 4),
            )
        )
    return passages


def _quote_of(
    around: Sequence[SliceRecord], best: SliceRecord, match: Match, candidates: Candidates, *, is_first: bool
) -> tuple[Excerpt, int, list[int]]:
    """Return what is quoted of slices in a row, with offsets in their text, and of which it is.

    That is the id of the one that has most of it, and those of all that have some. Where the library has no word
    pieces, sentences of a slice that is no candidate count by the question's words alone.

    Args:
        around: the slices.
        best: the one of them that was found.
        match: the question, without windows.
        candidates: tell how near each part of a slice is to it.
        is_first: whether it is the first passage of an answer.
    """
    shifts = [_chars_before(around, place) for place in range(len(around))]
    windows = [
        (start + shift, end + shift, near)
        for record, shift in zip(around, shifts, strict=True)
        for start, end, near in candidates.parts_of(record)
    ]
    shift = shifts[around.index(best)]
    drivers = tuple(
        replace(driver, start=driver.start + shift, end=driver.end + shift) for driver in best.reading.drivers
    )
    whole = replace(
        best,
        piece=_joined(around),
        reading=replace(best.reading, drivers=drivers),
    )
    episode = candidates.edition.episodes[best.episode_id]
    quote = excerpt_of(
        episode,
        whole,
        match=replace(match, windows=windows),
        own=(shift, shift + len(best.piece.text)),
        most=LONGEST_FIRST_CHARS if is_first else LONGEST_EXCERPT_CHARS,
    )
    lengths = {
        place: min(quote.end, start + len(record.piece.text)) - max(quote.start, start)
        for place, (record, start) in enumerate(zip(around, shifts, strict=True))
    }
    touched = [place for place, length in lengths.items() if length > 0]
    begins, of = touched[0], max(touched, key=lambda place: (lengths[place], around[place] is best))
    piece = _joined(around[begins:])
    read = episode.read_at(piece, quote.start - shifts[begins], quote.end - shifts[begins])
    return replace(quote, read=read), around[of].id, [around[place].id for place in touched]


def naming(
    person: str,
    groups: Sequence[SliceGroup],
    candidates: Candidates,
    records: Mapping[int, SliceRecord],
    *,
    corrected: Mapping[str, str],
    terms: Terms,
) -> list[SliceGroup]:
    """Return the ``groups`` that hold a person's surname, or a word that may be a mishearing of it.

    What others say, without a word of somebody who speaks nowhere here, is not that person's view.
    """
    surname = person.lower().split()[-1]
    wanted = set(stems_in(corrected.get(surname, surname)))
    wanted |= {variant for variant, meant in terms.variants if meant in wanted}

    def names_them(group: SliceGroup) -> bool:
        texts = (records[int(candidates.ids[place])].piece.text for place in group.places)
        return any(not wanted.isdisjoint(stems_in(text)) for text in texts)

    return [group for group in groups if names_them(group)]


def without_teasers(
    groups: Sequence[SliceGroup],
    candidates: Candidates,
    records: Mapping[int, SliceRecord],
    finder: TermFinder,
) -> list[SliceGroup]:
    """Return ``groups`` without those of an episode's first slices whose best sentence another group has, too.

    Shows begin with what will be said later: the place where it was said is the later one.
    """

    def record_of(place: int) -> SliceRecord:
        return records[int(candidates.ids[place])]

    def is_teaser(group: SliceGroup) -> bool:
        episode, ordinal = candidates.ordinals[group.places[0]]
        if ordinal >= _TEASER_SLICES:
            return False
        later = [
            place
            for other in groups
            for place in other.places
            if candidates.ordinals[place][0] == episode and candidates.ordinals[place][1] >= _TEASER_SLICES
        ]
        said = _runs(_best_sentence(record_of(group.places[0]), finder, candidates.idf))
        again = {run for place in later for run in _runs(record_of(place).piece.text)}
        return bool(said) and len(said & again) >= _SAID_AGAIN * len(said)

    return [group for group in groups if not is_teaser(group)]


def _best_sentence(record: SliceRecord, finder: TermFinder, idf: Mapping[str, float]) -> str:
    """Return the sentence of a slice that holds most of what is asked, the first of equals."""
    text = record.piece.text
    sentences = [text[start:end] for start, end in record.piece.units()]
    return max(sentences, key=lambda said: _asked_idf(said, finder, idf), default="")


def _runs(text: str) -> set[tuple[str, ...]]:
    """Return the runs of ``_RUN_WORDS`` words of a text."""
    words = [token.word for token in tokenize(text)]
    return {tuple(words[at : at + _RUN_WORDS]) for at in range(len(words) - _RUN_WORDS + 1)}


def helpful_corrections(corrected: Mapping[str, str], passages: Sequence[Passage]) -> dict[str, str]:
    """Return the corrections whose words the ``passages`` hold: the others found nothing."""
    held = {stemmed for passage in passages for stemmed in stems_in(passage.text)} if corrected else set()
    return {
        typed: meant
        for typed, meant in corrected.items()
        if all(stem(word) in held for word in meant.split())
    }


def _asked_idf(text: str, finder: TermFinder, idf: Mapping[str, float]) -> float:
    """Return the idf of the question's words that a text holds."""
    return sum(idf.get(stemmed, 0.0) for stemmed in {stemmed for *_, stemmed in finder.find(text)})


def _ids_beside(columns: Columns, members: Sequence[SliceRecord]) -> tuple[int, ...]:
    """Return the ids of the slices right before and after ``members``, which stand in order; fewer at an end."""
    first, last = (int(place) for place in columns.places_of([members[0].id, members[-1].id]))
    return tuple(
        int(columns.slice_id[place])
        for place in (first - 1, last + 1)
        if 0 <= place < len(columns.slice_id) and columns.slice_episode[place] == members[0].episode_id
    )


def _shifted(quote: Excerpt, by: int) -> Excerpt:
    return replace(quote, start=quote.start + by, end=quote.end + by)


def _ordinal(record: SliceRecord) -> int:
    return record.piece.ordinal


def _joined(records: Sequence[SliceRecord]) -> Slice:
    """Return the text of slices in a row as one slice; from the last on, so that each turn goes on as it does."""
    return reduce(lambda after, before: joined(before, after), (record.piece for record in reversed(records)))


def _text_of(slices: Sequence[SliceRecord]) -> str:
    return " ".join(record.piece.text for record in slices)


def _chars_before(slices: Sequence[SliceRecord], place: int) -> int:
    """Return the offset in a passage's text of its slice at ``place``."""
    return sum(len(record.piece.text) + 1 for record in slices[:place])
