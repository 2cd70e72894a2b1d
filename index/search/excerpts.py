"""Excerpts of slices, chosen by the same rule for every interface.

An excerpt is whole sentences of one speaker, of a slice and, with a question, of those beside it: those that answer the
question, or without one those that carry the slice's position.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.search.host_questions import answer_to, question_before
from index.search.quotable_sentences import Match, QuotableSentences
from index.search.speaker_names import speakers_meant
from index.search.whole_quotes import QuoteReach, before_next_question
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.boilerplate import adverts_and_boilerplate, turns_of
from index.text.slicing import Slice

LONGEST_EXCERPT_CHARS = 420
"""Characters of an excerpt, unless a single sentence is longer; a face with less room asks for fewer."""

LONGEST_FIRST_CHARS = 560
"""Characters of the first passage's excerpt, which is what was asked for, if anything is."""


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """The question that a quote answers.

    Attributes:
        text: whole sentences, unchanged.
        speaker: who asks, another than the one who is quoted.
        marks: offsets in ``text``, in order, of what matches the question of whoever searched.
    """

    text: str
    speaker: str
    marks: tuple[tuple[int, int], ...] = ()


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
        core: start and end in ``text`` of the sentence that is likeliest asked for: where there is less room, it is
            kept. Both are 0 where none is.
        asked: what somebody else asks right before, where this begins to answer it; None where nobody does, or nobody
            is named.
    """

    text: str
    start: int
    end: int
    start_s: float | None
    speaker: str | None
    link: str | None
    marks: tuple[tuple[int, int], ...] = ()
    read: str | None = None
    core: tuple[int, int] = (0, 0)
    asked: AskedBefore | None = None

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
    own: tuple[int, int] | None = None,
    speaker: str | None = None,
    most: int = LONGEST_EXCERPT_CHARS,
) -> Excerpt:
    """Return the excerpt of a slice: consecutive sentences that do not run over a change of speaker.

    With ``match`` it is the sentences that are likeliest asked for (see ``QuotableSentences.answering``), and what
    makes them understood: sentences that they lean on or that go on with them, and the rest of a clause (see
    ``whole_quotes``). A host's question that a guest answers there gives way to the first sentences of that answer,
    and stands before it as ``asked``, unless it is very short. Where the very words are asked for, it is a sentence
    that holds them, whoever says it, and what goes on with it.
    Without, it is the sentences that pull most the slice's way, with their neighbours as far as they fit into half of
    ``most``; where nothing pulls, as much as fits. Where a judge named the words that make the claim, it is these, or
    as much from their beginning as fits. Ties take the earlier, then the shorter. A statement comes before a
    question, a guest's before the host's, and what greets or sells comes last.

    Where nobody is named, an answer does not run on into the next question.

    Args:
        episode: the episode of the slice.
        record: the slice.
        match: the question, if there is one.
        own: start and end offset of the best slice, where the text of ``record`` is of several; else None.
        speaker: without a question, whose sentences alone are quoted, if they say any (see ``speakers_meant``); or
            None.
        most: characters at most; a single sentence may be longer.
    """
    sentences = QuotableSentences.of(record, episode.about.hosts)
    if match is not None:
        found = match.finder.find(record.piece.text)
        allowed = _spoken_by(match.speaker, record.piece, sentences)
        held, near = sentences.stems_of(found), sentences.nearness_to(match, allowed)
        said = sentences.holding(found, allowed) if match.finder.terms.are_quoted else None
        answer = None
        if said is not None:
            best, core = (said, said), said
        else:
            first, last = sentences.places_of(*(own or (0, len(record.piece.text))))
            places = range(first, last + 1)
            first, last, core = sentences.answering(match, held, near, most=most, allowed=allowed, own=places)
            best = first, last
            if match.speaker is None:
                answer = answer_to(sentences, best, most, held)
        is_named = record.piece.speaker_at(sentences.bounds[best[0]][0]) is not None
        reach = QuoteReach.of(sentences, held, match.idf, near, most, is_named=is_named)
        first, last = answer or reach.whole(*best)
        if not is_named:
            weights = [sum(match.idf.get(stem, 0.0) for stem in stems) for stems in held]
            first, last = before_next_question(sentences, first, last, weights, core)
        start, end = reach.offsets(first, last, found)
        marks = [(begin, stop) for begin, stop, _ in found]
        excerpt = _excerpt(episode, record.piece, start, end, marks)
        begin, stop = max(start, sentences.bounds[core][0]), min(end, sentences.bounds[core][1])
        if answer is None and begin < stop:
            excerpt = replace(excerpt, core=(begin - start, stop - start))
        return _with_question(excerpt, record.piece, sentences, marks)
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
    return Excerpt(
        text=piece.text[start:end],
        start=start,
        end=end,
        start_s=start_s,
        speaker=piece.speaker_at(start),
        link=episode.link_at(start_s),
        marks=_within(marks, start, end),
        read=episode.read_at(piece, start, end),
    )


def _with_question(
    quote: Excerpt, piece: Slice, sentences: QuotableSentences, marks: Sequence[tuple[int, int]]
) -> Excerpt:
    """Return ``quote`` of a text with the question that it answers there, if another speaker asks one."""
    first, last = sentences.places_of(quote.start, quote.end)
    places = question_before(sentences, first)
    if places is None or quote.speaker is None or all(sentences.are_questions[first : last + 1]):
        return quote
    start, end = sentences.from_to(*places)
    speaker = piece.speaker_at(start)
    if speaker is None or speaker == quote.speaker:
        return quote
    return replace(quote, asked=AskedBefore(piece.text[start:end], speaker, _within(marks, start, end)))


def _within(marks: Iterable[tuple[int, int]], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Return the parts of ``marks``, in order, that lie from ``start`` to ``end``, counted from there.

    Those that overlap or touch are made one.
    """
    merged: list[tuple[int, int]] = []
    for mark in marks:
        begin, stop = max(mark[0], start) - start, min(mark[1], end) - start
        if begin >= stop:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((begin, stop))
    return tuple(merged)
