"""From a question to an answer: asks the library what a command or a button wants to know, and has it rendered."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from bot.app.service import LibraryService
from bot.discord.context import Context
from bot.discord.language import Speech
from bot.discord.questions import FindQuestion, SliceUnknown, SourceUnknown
from bot.discord.rendering.balanced import Wing, balanced_answer, on_wings
from bot.discord.rendering.card import card_answer
from bot.discord.rendering.found import Finding, found_answer, on_page
from bot.discord.rendering.parts import Answer
from bot.discord.rendering.picks import kin_answer, picks_answer
from bot.discord.rendering.reading import reading_answer
from bot.discord.rendering.spectrum import spectrum_answer
from bot.discord.votes import own_verdict, vote_row
from index.errors import EpisodeUnknown
from index.search.answers import EpisodeHit, Filters, Found, Passage
from index.search.coverage import coverage_of
from index.text.tokens import fold
from scoring.mirror import CENTRE, CROSSING
from scoring.positions import mean_position

LOOKED_AT = 20
"""Passages that one question brings; its pages show them."""

COUNTED = 40
"""Passages that are counted for how the library covers a subject."""

ON_TOPIC = 0.6
"""Least score of a passage that is shown, as a part of the best one's in the whole library. Beyond it, on the
corpus, passages share a word with the question and no more."""

EVERY_SOURCE = "*"
"""What an asker says who wants all sources although the server has its own."""

_PICKS, _KIN = 3, 5
_NEAREST_SOURCES = 8

T = TypeVar("T")

Make = Callable[[Speech, bool], Awaitable[Answer]]


def find(context: Context, question: FindQuestion, page: int = 0) -> Make:
    """The answer to a question: plain, balanced, or from the other side."""

    async def make(speech: Speech, is_public: bool) -> Answer:
        key = await context.keeping.keep("find", question.payload())
        filters = await _filters(context.answerer, question)
        if question.other:
            finding = await _other_side(context.answerer, question, filters, key)
            return await _paged(context, speech, replace(finding, is_public=is_public), page)
        n_passages = COUNTED if question.balanced else LOOKED_AT
        found = _on_topic(await context.answerer.find(question.query, n_passages=n_passages, filters=filters))
        finding = Finding(question, key, found, is_public)
        if not question.balanced:
            return await _paged(context, speech, finding, page)
        best = _best(found)
        wings = [
            await _wing(context.answerer, question, replace(filters, band=band), best)
            for band in speech.axis.bands
        ]
        counts = [sum(one.reading.band == wing.band for one in found.passages) for wing in wings]
        together, numbered = on_wings(found, wings)
        picture = await context.pictures.found(speech, together, (key, "wings"))
        return balanced_answer(speech, finding, numbered, counts, picture)

    return make


def counter(context: Context, text: str) -> Make:
    """What stands on the other side of ``text``; both wings where it takes no side."""

    async def make(speech: Speech, is_public: bool) -> Answer:
        (scored,) = await context.answerer.score([text])
        takes_side = scored.reading.reason != "nothing" and abs(scored.position) >= CENTRE
        question = FindQuestion(text, balanced=not takes_side, other=takes_side)
        side = round(scored.position, 1) if takes_side else None
        return await find(context, replace(question, side=side))(speech, is_public)

    return make


def card(context: Context, name: str) -> Make:
    """An episode's card."""

    async def make(speech: Speech, is_public: bool) -> Answer:
        answerer = context.answerer
        found, edition = await _settled(answerer, lambda: answerer.episode(name))
        picture = await context.pictures.card(speech, found, edition)
        return card_answer(
            speech, found, prefer_editor=answerer.prefer_editor, is_public=is_public, picture=picture
        )

    return make


def picks(context: Context, name: str) -> Make:
    """Who stands opposite to an episode."""

    async def make(speech: Speech, is_public: bool) -> Answer:
        answerer = context.answerer
        found, edition = await _settled(answerer, lambda: answerer.counterbalance(name, n_picks=_PICKS))
        picture = await context.pictures.balance(speech, found, edition)
        return picks_answer(speech, found, is_public=is_public, picture=picture)

    return make


def kin(context: Context, name: str) -> Make:
    """What is akin to an episode."""

    async def make(speech: Speech, is_public: bool) -> Answer:
        episode, others = await context.answerer.related(name, limit=_KIN)
        return kin_answer(speech, episode, others, is_public=is_public)

    return make


def reading(context: Context, name: str, ordinal: int, *, voter: int | None = None) -> Make:
    """One slice of an episode with its reading, its drivers and buttons to vote on it; ``voter``'s own vote is marked.

    The answer raises ``SliceUnknown`` where the episode has fewer slices by now.
    """

    async def make(speech: Speech, is_public: bool) -> Answer:
        del is_public
        found = await context.answerer.episode(name)
        if ordinal >= len(found.slices):
            raise SliceUnknown(received=ordinal + 1, n_slices=len(found.slices))
        slug, record = found.episode.slug, found.slices[ordinal]
        own = None
        if voter is not None:
            own = await own_verdict(context.keeping.votes, voter, speech.axis.name, slug, record)
        return reading_answer(speech, found, ordinal, rows=(vote_row(speech, slug, record, own),))

    return make


def spectrum(context: Context, source: str | None, topic: str | None) -> Make:
    """What the library covers, and the wings that it lacks; of one source and on one topic where they are given."""

    async def make(speech: Speech, is_public: bool) -> Answer:
        asked = {"source": source, "topic": topic}
        key = await context.keeping.keep("spectrum", {name: one for name, one in asked.items() if one})
        episodes, edition = await _settled(context.answerer, context.answerer.episodes)
        coverage = await asyncio.to_thread(coverage_of, episodes, speech.axis, source=source, topic=topic)
        picture = await context.pictures.map(speech, coverage, edition)
        return spectrum_answer(speech, coverage, key, is_public=is_public, picture=picture)

    return make


async def sources(answerer: LibraryService) -> list[str]:
    """The sources that the library has, in alphabetical order."""
    known = {one.about.source for one in await answerer.episodes() if one.about.source}
    return sorted(known, key=fold)


async def source_meant(answerer: LibraryService, typed: str | None, default: str | None) -> str | None:
    """The source that an asker wants, or None for all.

    Args:
        answerer: knows which there are.
        typed: what was typed; None takes the server's ``default``, ``*`` all.
        default: the server's own source; one that the library no longer has limits nothing.

    Raises:
        SourceUnknown: the library has none of the typed name.
    """
    if typed is not None and typed.strip() == EVERY_SOURCE:
        return None
    wanted = typed if typed is not None and typed.strip() else default
    if wanted is None:
        return None
    known = await sources(answerer)
    for one in known:
        if fold(one) == fold(wanted):
            return one
    if wanted is default:
        return None
    near = [one for one in known if fold(wanted) in fold(one)]
    if len(near) == 1:
        return near[0]
    raise SourceUnknown(received=wanted, known=(near or known)[:_NEAREST_SOURCES])


async def _settled(answerer: LibraryService, ask: Callable[[], Awaitable[T]]) -> tuple[T, str | None]:
    """What ``ask`` gives, and the edition that it comes from; None where a newer one came in meanwhile."""
    before = (await answerer.facts()).edition
    given = await ask()
    after = (await answerer.facts()).edition
    return given, before if before == after else None


async def _paged(context: Context, speech: Speech, finding: Finding, page: int) -> Answer:
    page = min(page, finding.n_pages - 1)
    shown = on_page(finding, page)
    picture = await context.pictures.found(speech, shown, (finding.key, page))
    return found_answer(speech, finding, page, picture)


async def _filters(answerer: LibraryService, question: FindQuestion) -> Filters:
    axis = answerer.axis
    episode = None
    if question.episode is not None:
        slugs = {one.slug: one.id for one in await answerer.episodes()}
        if question.episode not in slugs:
            raise EpisodeUnknown(received=question.episode, nearest=[])
        episode = slugs[question.episode]
    return Filters(
        source=question.source,
        lens=question.lens if question.lens in axis.lenses else None,
        band=question.band if question.band in axis.bands else None,
        episode=episode,
    )


async def _wing(answerer: LibraryService, question: FindQuestion, filters: Filters, best: float) -> Wing:
    found = await answerer.find(question.query, n_passages=2, filters=filters)
    return Wing(filters.band or "", _on_topic(found, best).passages)


async def _other_side(
    answerer: LibraryService, question: FindQuestion, filters: Filters, key: str
) -> Finding:
    """Passages of the wing that lies opposite; where it is empty, what leans that way at all."""
    here = _on_topic(await answerer.find(question.query, n_passages=LOOKED_AT, filters=filters))
    side = question.side
    if side is None:
        if not here.passages:
            return Finding(question, key, here)
        side = mean_position([passage.reading.position for passage in here.passages[:10]])
    way = -1.0 if side > 0 else 1.0
    band = answerer.axis.bands[-1 if way > 0 else 0]
    found = await answerer.find(question.query, n_passages=LOOKED_AT, filters=replace(filters, band=band))
    across = _on_topic(found, _best(here))
    if across.passages:
        return Finding(question, key, across, countered=side)
    everywhere = _on_topic(
        await answerer.find(question.query, n_passages=COUNTED, filters=replace(filters, band=None)),
        _best(here),
    )
    leaning = [one for one in everywhere.passages if _is_across(side, one.reading.position)]
    return Finding(question, key, _only(everywhere, leaning), countered=side, is_clear=False)


def _is_across(side: float, position: float) -> bool:
    """As the mirror rule has it: beyond the middle, and far enough from ``side``."""
    return position * side <= 0 and abs(position - side) >= CROSSING


def _best(found: Found) -> float:
    return max((one.score for one in found.passages), default=0.0)


def _on_topic(found: Found, best: float | None = None) -> Found:
    """What of an answer is about the question, measured by the best passage: its own, or one of score ``best``."""
    floor = ON_TOPIC * (_best(found) if best is None else best)
    return _only(found, [one for one in found.passages if one.score >= floor])


def _only(found: Found, passages: list[Passage]) -> Found:
    kept = {one.rank for one in passages}
    hits = [
        EpisodeHit(hit.episode, tuple(rank for rank in hit.ranks if rank in kept)) for hit in found.episodes
    ]
    return replace(found, passages=tuple(passages), episodes=tuple(hit for hit in hits if hit.ranks))
