"""Excerpts of slices, chosen by the same rule for every interface.

An excerpt is whole sentences of one speaker in one slice: those that answer the question, or without a question those
that carry the slice's position.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.search.quotable_sentences import (
    FULL_ANSWER_CHARS,
    MOST_ANSWERING,
    SHORTEST_ANSWER_CHARS,
    Match,
    QuotableSentences,
    width,
)
from index.search.speaker_names import speakers_meant
from index.search.whole_quotes import QuoteReach, before_next_question
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.boilerplate import adverts_and_boilerplate, turns_of
from index.text.slicing import Slice, joined
from index.text.tokens import TermFinder, fold

LONGEST_EXCERPT_CHARS = 420
"""Characters of an excerpt, unless a single sentence is longer; a face with less room asks for fewer."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words of one speaker to quote.

    Attributes:
        text: whole sentences, unchanged.
        start, end: offsets in the text of the slice, or of the passage that the excerpt belongs to.
        start_s: second of the first word, or None without times.
        speaker: name of the speaker, or None if unknown.
        link: opens the recording shortly before ``start_s``, or None.
        marks: offsets in ``text``, in order, of what matches the question, or else of phrases that carry the position.
        read: opens the first sentence on the episode's page, with a receipt of the words; None where no site is set.
    """

    text: str
    start: int
    end: int
    start_s: float | None
    speaker: str | None
    link: str | None
    marks: tuple[tuple[int, int], ...] = ()
    read: str | None = None

    @property
    def begins_inside(self) -> bool:
        """True if the excerpt begins amid a sentence, as it may where speech has no full stops."""
        return self.text[:1].islower()

    @property
    def ends_inside(self) -> bool:
        """True if the excerpt ends amid a sentence, as it may where speech has no full stops."""
        return self.text[-1:].isalnum() or self.text[-1:] == ","


def excerpt_of(
    episode: EpisodeRecord,
    record: SliceRecord,
    *,
    match: Match | None = None,
    speaker: str | None = None,
    most: int = LONGEST_EXCERPT_CHARS,
) -> Excerpt:
    """Return the excerpt of a slice: consecutive sentences that do not run over a change of speaker.

    With ``match`` it is one to three sentences that answer best, and what makes them understood: sentences that they
    lean on or that go on with them, and the rest of a clause (see ``whole_quotes``). They gain by the
    question's words that they hold, by lying in the windows that are nearest to it, and a little by carrying the
    position; they lose by length, as questions, as a host's beside a guest's, as adverts, and where they break off. A
    host's question that a guest answers in the slice gives way to the first sentences of that answer. Where the very
    words are asked for, it is a sentence that holds them, whoever says it.
    Without, it is the sentences that pull most the slice's way, with their neighbours as far as they fit into half of
    ``most``; where nothing pulls, as much as fits. Where a judge named the words that make the claim, it is these, or
    as much from their beginning as fits. Ties take the earlier, then the shorter. A statement comes before a
    question, a guest's before the host's, and what greets or sells comes last.

    Where nobody is named, an answer does not run on into the next question.

    Args:
        episode: the episode of the slice.
        record: the slice.
        match: the question, if there is one.
        speaker: without a question, whose sentences alone are quoted, if they say any (see ``speakers_meant``); or
            None.
        most: characters at most; a single sentence may be longer.
    """
    sentences = QuotableSentences.of(record, episode.about.hosts)
    if match is not None:
        found = match.finder.find(record.piece.text)
        spoken = _spoken_by(match.speaker, record.piece, sentences)
        if match.finder.terms.are_quoted and (said := sentences.holding(found, spoken)) is not None:
            start, end = sentences.from_to(said, said)
        else:
            held, near = sentences.stems_of(found), sentences.nearness_to(match, spoken)
            asked = sentences.answering(match, found, most, spoken)
            is_named = record.piece.speaker_at(sentences.bounds[asked[0]][0]) is not None
            reach = QuoteReach.of(sentences, held, match.idf, near, most, is_named=is_named)
            first, last = sentences.answer_to(asked, most, held) or reach.whole(*asked)
            if not is_named:
                first, last = before_next_question(sentences, first, last, sentences.weights_of(match, found))
            start, end = reach.offsets(first, last, found)
        return _excerpt(episode, record.piece, start, end, [(begin, stop) for begin, stop, _ in found])
    if record.claim is None or speaker is not None:
        first, last = sentences.carrying(most, _spoken_by(speaker, record.piece, sentences))
        if record.piece.speaker_at(sentences.bounds[first][0]) is None:
            first, last = before_next_question(sentences, first, last, sentences.pulls)
        start, end = sentences.from_to(first, last)
    else:
        start, end = sentences.claim(*record.claim, most)
    phrases = (driver for driver in record.reading.drivers if driver.kind == "phrase")
    marks = sorted((driver.start, driver.end) for driver in phrases)
    return _excerpt(episode, record.piece, start, end, marks)


def reaching_beyond(
    episode: EpisodeRecord,
    record: SliceRecord,
    quote: Excerpt,
    beside: tuple[Slice | None, Slice | None],
    match: Match,
) -> Excerpt | None:
    """Return ``quote`` of a slice with what it lacks in the slices beside it; None where it lacks nothing there.

    A slice ends after about a minute, wherever its speaker is then. The offsets are those of the words in the texts
    of the slice and of those ``beside`` it, with a space in between; of the text before it they are below zero.

    Args:
        episode: the episode of the slice.
        record: the slice.
        quote: its quote, as ``excerpt_of`` chose it, that begins or ends where the slice does.
        beside: the slices before and after it, None where the quote does not reach so far.
        match: the question.
    """
    before, after = beside
    piece, shift = record.piece, 0
    if before is not None:
        piece, shift = joined(before, piece), len(before.text) + 1
    if after is not None:
        piece = joined(piece, after)
    whole = replace(record, piece=piece, reading=replace(record.reading, drivers=()))
    sentences = QuotableSentences.of(whole, episode.about.hosts)
    found = match.finder.find(piece.text)
    reach = QuoteReach.of(
        sentences,
        sentences.stems_of(found),
        match.idf,
        [0.0] * len(sentences.bounds),
        LONGEST_EXCERPT_CHARS,
        is_named=quote.speaker is not None,
    )
    start, end = reach.beyond(
        quote.start + shift,
        quote.end + shift,
        before=before is not None,
        after=after is not None,
        found=found,
    )
    if (start, end) == (quote.start + shift, quote.end + shift):
        return None
    if before is not None and start > len(before.text):  # so that the link names the sentence's own slice
        piece = record.piece if after is None else joined(record.piece, after)
        start, end, found = start - shift, end - shift, match.finder.find(piece.text)
        shift = 0
    excerpt = _excerpt(episode, piece, start, end, [(begin, stop) for begin, stop, _ in found])
    return replace(excerpt, start=start - shift, end=end - shift)


def waits_for_answer(
    episode: EpisodeRecord, record: SliceRecord, excerpt: Excerpt, finder: TermFinder
) -> bool:
    """Return True if ``excerpt`` of a slice is a host's, asks or leads up to a question, and nobody answers it there.

    What a guest says after it in fewer than ``FULL_ANSWER_CHARS`` is no answer yet.
    """
    if fold(excerpt.speaker or "") not in {fold(name) for name in episode.about.hosts}:
        return False
    sentences = QuotableSentences.of(record, episode.about.hosts)
    first, last = sentences.places_of(excerpt.start, excerpt.end)
    turn_end = sentences.bounds[sentences.last_in_turn[last]][1]
    if width(record.piece.text[turn_end:]) >= FULL_ANSWER_CHARS:
        return False
    return sentences.ask(first, last, sentences.stems_of(finder.find(record.piece.text)))


def answers_beside_advert(
    piece: Slice, found: Sequence[tuple[int, int, str]], idf: Mapping[str, float]
) -> bool:
    """Return True if the sentences of a slice that neither sell nor greet hold most of the question's words in it.

    False for an episode's first slice: what stands beside its adverts introduces the episode.

    Args:
        piece: the slice.
        found: start, end and stem of the question's words in it.
        idf: inverse document frequency of each stem of the question.
    """
    bounds = list(piece.units())
    are_boilerplate = adverts_and_boilerplate(piece.text, bounds, turns_of(piece, bounds))[1]
    if piece.ordinal == 0:
        return False
    starts = [start for start, _ in bounds]
    beside = {
        stem for start, _, stem in found if not are_boilerplate[max(0, bisect_right(starts, start) - 1)]
    }
    total = sum(idf.get(stem, 0.0) for stem in {stem for _, _, stem in found})
    return total > 0 and 2 * sum(idf.get(stem, 0.0) for stem in beside) > total


def answer_beginning(episode: EpisodeRecord, record: SliceRecord) -> Excerpt | None:
    """Return the first sentences of a slice, which follows a question, as far as an excerpt goes.

    None if a host says them, they are few, or only ask back.
    """
    sentences = QuotableSentences.of(record, episode.about.hosts)
    if sentences.are_hosts[0] or any(sentences.are_adverts[:MOST_ANSWERING]):
        return None
    last = sentences.answer_end(0, LONGEST_EXCERPT_CHARS)
    if all(sentences.are_questions[: last + 1]):
        return None
    excerpt = _excerpt(episode, record.piece, sentences.bounds[0][0], sentences.bounds[last][1], ())
    is_hosts = fold(excerpt.speaker or "") in {fold(name) for name in episode.about.hosts}
    return None if is_hosts or width(excerpt.text) < SHORTEST_ANSWER_CHARS else excerpt


def excerpt_between(episode: EpisodeRecord, record: SliceRecord, start: int, end: int) -> Excerpt:
    """Return the excerpt of a slice from one offset to another, as ``excerpt_of`` would, but without marks."""
    return _excerpt(episode, record.piece, start, end, ())


def states_its_side(episode: EpisodeRecord, record: SliceRecord) -> bool:
    """Return True if a statement of a slice pulls its way and at least half of its characters are statements.

    What is mainly a question, an advert, a greeting or an introduction answers nothing, whatever its position.
    """
    sentences = QuotableSentences.of(record, episode.about.hosts)
    stated = sum(
        end - start
        for (start, end), is_stated in zip(sentences.bounds, sentences.are_statements, strict=True)
        if is_stated
    )
    pulls = any(
        pull > 0 and is_stated
        for pull, is_stated in zip(sentences.pulls, sentences.are_statements, strict=True)
    )
    return pulls and 2 * stated >= len(record.piece.text)


def _spoken_by(speaker: str | None, piece: Slice, sentences: "QuotableSentences") -> list[int]:
    """Return the places of the sentences that ``speaker`` says; of all, where nobody is asked for or it is none."""
    places = list(range(len(sentences.bounds)))
    if speaker is None:
        return places
    says = [piece.speaker_at(start) or "" for start, _ in sentences.bounds]
    meant = speakers_meant(speaker, {*says})
    return [place for place in places if says[place] in meant] or places


def _excerpt(
    episode: EpisodeRecord, piece: Slice, start: int, end: int, marks: Iterable[tuple[int, int]]
) -> Excerpt:
    start_s = piece.second_at(start)
    inside = ((max(a, start) - start, min(b, end) - start) for a, b in marks if a < end and start < b)
    return Excerpt(
        text=piece.text[start:end],
        start=start,
        end=end,
        start_s=start_s,
        speaker=piece.speaker_at(start),
        link=episode.link_at(start_s),
        marks=_merged(inside),
        read=episode.read_at(piece, start, end),
    )


def _merged(marks: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return ``marks``, in order of their start, with those that overlap or touch made one."""
    merged: list[tuple[int, int]] = []
    for start, end in marks:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
