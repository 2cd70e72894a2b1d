"""Passages of an answer, made of the slices that were chosen: text, quote and link, and the answer to a question."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.search.answers import Passage
from index.search.candidates import Candidates
from index.search.excerpts import (
    Excerpt,
    answer_beginning,
    excerpt_of,
    reaching_beyond,
    waits_for_answer,
)
from index.search.quotable_sentences import Match
from index.search.ranking import Floats, SliceGroup
from index.storage.columns import Columns
from index.storage.edition import Edition
from index.storage.records import SliceRecord
from index.text.slicing import goes_on
from index.text.tokens import TermFinder, Terms, stem, stems_in, tokenize

_CLEARLY_MORE = 0.15
"""Share of the question's idf that a neighbouring slice's quote holds more than the best slice's, to be shown."""

_TEASER_SLICES = 3
"""First slices of an episode, of about a minute each, that may be excerpts of it."""

_RUN_WORDS, _SAID_AGAIN = 4, 0.6
"""Words of a run, and the least share of a sentence's runs that are said again later, for it to be an excerpt."""


def passages_of(
    groups: Sequence[SliceGroup],
    score: Floats,
    candidates: Candidates,
    terms: Terms,
    records: Mapping[int, SliceRecord],
    *,
    speaker: str | None,
) -> list[Passage]:
    """Return a passage for each of ``groups``, in their order.

    Args:
        groups: places in ``candidates``, best first.
        score: how much each of ``candidates`` is about the question, shape (n,).
        candidates: slices with their evidence.
        terms: the question's; they are marked, and decide what is quoted.
        records: the slices of ``groups``, by id.
        speaker: the only person to quote, if the answer is limited to somebody.
    """
    finder = TermFinder(terms)
    episodes = candidates.edition.episodes
    passages = []
    for rank, group in enumerate(groups, 1):
        places = sorted(group.places, key=lambda place: candidates.ordinals[place])
        members = [records[int(candidates.ids[place])] for place in places]
        episode = episodes[members[0].episode_id]
        quotes = [
            excerpt_of(
                episode,
                record,
                match=Match(finder, candidates.idf, candidates.parts_of(record), speaker),
            )
            for record in members
        ]
        best = _best_quoted(quotes, places.index(group.places[0]), finder, candidates.idf)
        quote = quotes[best]
        before = _chars_before(members, best)
        passages.append(
            Passage(
                rank=rank,
                episode=episode,
                slices=tuple(members),
                best=best,
                text=_text_of(members),
                quote=replace(quote, start=before + quote.start, end=before + quote.end),
                score=round(float(score[places[best]]), 4),
                also_in=tuple(episodes[other] for other in group.also_in),
                near=round(float(candidates.near[places[best]]), 4),
                telling=round(float(candidates.telling[places[best]]), 4),
            )
        )
    return passages


async def with_neighbours(
    edition: Edition, passages: Sequence[Passage], finder: TermFinder, idf: Mapping[str, float]
) -> list[Passage]:
    """Return ``passages`` with their quotes made whole by the slices beside those that are quoted.

    A host's question gives way to its answer where the next slice begins so, and a quote that begins or ends where
    its slice does takes the sentences beyond that it is not understood without. A slice that is in another passage is
    not taken for that: passages do not overlap.

    Args:
        edition: has the slices.
        passages: of an answer.
        finder: finds the question's words.
        idf: inverse document frequency of each of their stems.
    """
    waits = [_waits(passage, finder) for passage in passages]
    wanted = [
        _wanted_beside(edition.columns, passage, waits=is_waiting)
        for passage, is_waiting in zip(passages, waits, strict=True)
    ]
    ids = {number for beside in wanted for number in beside if number is not None}
    records = await edition.slices.by_id(ids) if ids else {}
    taken = Counter(record.id for passage in passages for record in passage.slices)
    whole = []
    for passage, beside, is_waiting in zip(passages, wanted, waits, strict=True):
        own = {record.id for record in passage.slices}
        before, after = (
            records[number] if number is not None and (number in own or number not in taken) else None
            for number in beside
        )
        if is_waiting:
            widened = passage if after is None else _answered(passage, after)
        else:
            widened = _reaching_beyond(passage, before, after, Match(finder, idf))
        taken.update(record.id for record in widened.slices if record.id not in own)
        whole.append(widened)
    return whole


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


def _best_quoted(quotes: Sequence[Excerpt], first: int, finder: TermFinder, idf: Mapping[str, float]) -> int:
    """Return the place of the quote to show: that of the best slice, unless a neighbour's has clearly more asked words.

    A slice may end right before the sentence that was meant.
    """
    held = [_asked_idf(quote.text, finder, idf) for quote in quotes]
    most = max(range(len(quotes)), key=lambda place: (held[place], -abs(place - first)))
    return most if held[most] >= held[first] + _CLEARLY_MORE * sum(idf.values()) else first


def _asked_idf(text: str, finder: TermFinder, idf: Mapping[str, float]) -> float:
    """Return the idf of the question's words that a text holds."""
    return sum(idf.get(stemmed, 0.0) for stemmed in {stemmed for *_, stemmed in finder.find(text)})


def _waits(passage: Passage, finder: TermFinder) -> bool:
    """Return True if a passage quotes a host's question that its best slice does not answer."""
    return waits_for_answer(passage.episode, passage.slices[passage.best], _own_quote(passage), finder)


def _wanted_beside(columns: Columns, passage: Passage, *, waits: bool) -> tuple[int | None, int | None]:
    """Return the ids of the slices before and after a passage's best one that its quote may need; None for none."""
    record, quote = passage.slices[passage.best], _own_quote(passage)
    at = int(columns.places_of([record.id])[0])

    def id_of(place: int) -> int | None:
        is_there = 0 <= place < len(columns.slice_id) and columns.slice_episode[place] == record.episode_id
        return int(columns.slice_id[place]) if is_there else None

    ends = waits or quote.end >= len(record.piece.text)
    return id_of(at - 1) if quote.start == 0 else None, id_of(at + 1) if ends else None


def _answered(passage: Passage, after: SliceRecord) -> Passage:
    """Return ``passage`` with the answer that ``after``, the slice after its best one, begins with, if it does."""
    answer = answer_beginning(passage.episode, after)
    if answer is None:
        return passage
    slices = _with_slice(passage.slices, after)
    return _quoting(passage, slices, slices.index(after), answer)


def _reaching_beyond(
    passage: Passage, before: SliceRecord | None, after: SliceRecord | None, match: Match
) -> Passage:
    """Return ``passage`` with a quote that reaches into the slices beside its best one, where it is not whole in it.

    These are the passage's, then.
    """
    record, quote = passage.slices[passage.best], _own_quote(passage)
    if before is not None and not goes_on(before.piece, record.piece):
        before = None
    if after is not None and not goes_on(record.piece, after.piece):
        after = None
    if before is None and after is None:
        return passage
    pieces = (None if before is None else before.piece, None if after is None else after.piece)
    whole = reaching_beyond(passage.episode, record, quote, pieces, match)
    if whole is None:
        return passage
    slices = passage.slices
    if before is not None and whole.start < 0:
        slices = _with_slice(slices, before)
    if after is not None and whole.end > len(record.piece.text):
        slices = _with_slice(slices, after)
    return _quoting(passage, slices, slices.index(record), whole)


def _own_quote(passage: Passage) -> Excerpt:
    """Return the quote of a passage with offsets in the text of its best slice."""
    before = _chars_before(passage.slices, passage.best)
    return replace(passage.quote, start=passage.quote.start - before, end=passage.quote.end - before)


def _with_slice(slices: Sequence[SliceRecord], record: SliceRecord) -> tuple[SliceRecord, ...]:
    """Return the slices of a passage with a neighbour, in order."""
    if record in slices:
        return tuple(slices)
    return tuple(sorted((*slices, record), key=lambda each: each.piece.ordinal))


def _quoting(passage: Passage, slices: tuple[SliceRecord, ...], best: int, quote: Excerpt) -> Passage:
    """Return ``passage`` of these slices, with a quote that has its offsets in the text of the best of them."""
    before = _chars_before(slices, best)
    return replace(
        passage,
        slices=slices,
        best=best,
        text=_text_of(slices),
        quote=replace(quote, start=before + quote.start, end=before + quote.end),
    )


def _text_of(slices: Sequence[SliceRecord]) -> str:
    return " ".join(record.piece.text for record in slices)


def _chars_before(slices: Sequence[SliceRecord], place: int) -> int:
    """Return the offset in a passage's text of its slice at ``place``."""
    return sum(len(record.piece.text) + 1 for record in slices[:place])
