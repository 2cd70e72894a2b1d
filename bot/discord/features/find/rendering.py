"""Answers to ``/find``: episodes with their passages, a page at a time; the other side; bands side by side."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import discord
from discord import ui

from bot.app.one_line import one_line
from bot.discord.features.find.question import FindQuestion
from bot.discord.ui.components import FindAction, FindVerb, ReadingAction
from bot.discord.ui.limits import MAX_CHOICE, Detail, cut, fitted
from bot.discord.ui.markup import inner_quotes, safe
from bot.discord.ui.parts import (
    Answer,
    Panel,
    Picture,
    Row,
    attribution,
    button,
    byline,
    card_button,
    colour_at,
    day,
    gallery,
    most_options,
    panel,
    passage_quotation,
    position_line,
    quote_select,
    row,
    select,
    share_button,
    source_limit,
    time_link,
    title,
)
from bot.i18n.language import Language
from bot.i18n.message_catalogue import signed
from bot.render.png.picture_texts import whole_in_words
from bot.render.text import FILLS, found_notes, shares
from index.search.answers import EpisodeHit, Found, Passage
from index.search.relevance import MOST_SPEAKING
from index.storage.records import EpisodeRecord
from scoring.position_arithmetic import LIMIT

EPISODES_ON_A_PAGE = 5

IN_A_BAND = 2
"""Passages that are quoted of each band in a balanced answer."""

_PASSAGES_ON_A_PAGE = 6
_LEAST_QUERY = 16
_MOST_TITLES = 2
_PARTS = {
    "start": 0.0,
    "quarter": 1 / 4,
    "third": 1 / 3,
    "half": 1 / 2,
    "two_thirds": 2 / 3,
    "three_quarters": 3 / 4,
    "end": 1.0,
}
"""Parts of an episode that have a word."""

_FULL_QUOTE, _FULL_BAND_QUOTE = 180, 130
"""Characters of a quotation from which on more than one passage of an episode, or of a band, is quoted."""


@dataclass(frozen=True, slots=True)
class FindResult:
    """What was found, and what its buttons refer to.

    Attributes:
        question: as it was asked.
        key: under which the question is stored.
        found: the answer.
        is_public: whether everybody sees it.
        countered: the position that ``found`` is the other side of, or None. Too close to the centre to have one, it is
            answered with every band.
        is_clear: for the other side: whether it is in a band of its own, or only the nearest to that.
    """

    question: FindQuestion
    key: str
    found: Found
    is_public: bool = False
    countered: float | None = None
    is_clear: bool = True

    @property
    def n_pages(self) -> int:
        """Pages of episodes, at least 1."""
        return max(1, -(-len(self.found.episodes) // EPISODES_ON_A_PAGE))

    def hits(self, page: int) -> Sequence[EpisodeHit]:
        """Return the episodes of a page, which is 0-based."""
        return self.found.episodes[page * EPISODES_ON_A_PAGE :][:EPISODES_ON_A_PAGE]

    def action(self, page: int, verb: FindVerb) -> FindAction:
        """Return an action for a button of this answer."""
        return FindAction(self.key, page, verb)


@dataclass(frozen=True, slots=True)
class BandPassages:
    """Passages of one band, best first, for the balanced answer."""

    band: str
    passages: tuple[Passage, ...]


def found_answer(language: Language, result: FindResult, page: int, picture: Picture | None = None) -> Answer:
    """Return a page of what was found, with a picture of ``on_page``.

    Args:
        language: of the answer.
        result: what was found.
        page: 0-based; the last one if there are fewer.
        picture: of the same page.
    """
    page = min(page, result.n_pages - 1)
    wholes = {hit.episode.id: whole_in_words(hit.episode, language) for hit in result.hits(page)}
    return fitted(lambda detail: _found(language, result, page, detail, wholes, picture=picture))


def balanced_answer(
    language: Language,
    result: FindResult,
    groups: Sequence[BandPassages],
    counts: Sequence[int],
    picture: Picture | None = None,
) -> Answer:
    """Return passages of every band side by side.

    Args:
        language: of the answer.
        result: the question, and what it found without regard to bands.
        groups: passages of each band, in the axis's order.
        counts: how many of the passages that were looked at are in each band.
        picture: of ``numbered_by_band``.
    """
    return fitted(lambda detail: _balanced(language, result, groups, counts, detail, picture=picture))


def on_page(result: FindResult, page: int) -> Found:
    """Return the part of an answer that is on a page, which is counted as in ``found_answer``."""
    hits = result.hits(min(page, result.n_pages - 1))
    ranks = {rank for hit in hits for rank in hit.ranks}
    passages = tuple(passage for passage in result.found.passages if passage.rank in ranks)
    return replace(result.found, query=result.question.words, passages=passages, episodes=tuple(hits))


def numbered_by_band(found: Found, groups: Sequence[BandPassages]) -> tuple[Found, tuple[BandPassages, ...]]:
    """Return the passages of all bands as a single answer to ``found``, and the groups with their new ranks."""
    numbered, rank = [], 0
    for group in groups:
        own = tuple(replace(passage, rank=rank + at) for at, passage in enumerate(group.passages, start=1))
        rank += len(own)
        numbered.append(BandPassages(group.band, own))
    passages = tuple(passage for group in numbered for passage in group.passages)
    ranks: dict[int, tuple[EpisodeRecord, list[int]]] = {}
    for passage in passages:
        ranks.setdefault(passage.episode.id, (passage.episode, []))[1].append(passage.rank)
    hits = tuple(EpisodeHit(episode, tuple(own)) for episode, own in ranks.values())
    return replace(found, passages=passages, episodes=hits), tuple(numbered)


def _found(
    language: Language,
    result: FindResult,
    page: int,
    detail: Detail,
    wholes: Mapping[int, str],
    *,
    picture: Picture | None,
) -> Answer:
    """Return the page at one detail; ``wholes`` say by episode where it stands as a whole."""
    hits = result.hits(page)[: detail.items]
    passages = {passage.rank: passage for passage in result.found.passages}
    n_quoted = max(2, _PASSAGES_ON_A_PAGE - len(hits)) if detail.quote >= _FULL_QUOTE else 1
    more = _open_more(language, result, hits, n_quoted, detail)
    shown = [passages[rank] for hit in hits for rank in hit.ranks[:n_quoted]]
    has_room = more is None or len(hits) < EPISODES_ON_A_PAGE
    quotes = quote_select(language, shown, detail) if has_room else None
    return Answer(
        _headline(language, result, detail),
        gallery(picture),
        *(
            _episode_panel(
                language, [passages[rank] for rank in hit.ranks], n_quoted, detail, wholes[hit.episode.id]
            )
            for hit in hits
        ),
        more,
        quotes,
        _buttons(language, result, page),
        picture=picture,
    )


def _balanced(
    language: Language,
    result: FindResult,
    groups: Sequence[BandPassages],
    counts: Sequence[int],
    detail: Detail,
    *,
    picture: Picture | None,
) -> Answer:
    is_claim = result.question.is_claim
    if result.countered is None:
        lines = ["## " + language.say("find.heading", query=_query(result, detail))]
    else:
        lines = ["## " + language.say("find.other_side", query=_query(result, detail))]
        lines.append(language.say("find.neither_side", stand=position_line(language, result.countered)))
    if any(counts):
        lines += [language.say("find.on_claim")] if is_claim else _coverage(language, result, groups, counts)
    else:
        lines.append(_nothing(language, result))
    limits = _limits(language, result, detail)
    if limits:
        lines.append("-# " + " · ".join(limits))
    lines += _missing(language, result) + _notes(language, result, detail)
    n_quoted = (MOST_SPEAKING if is_claim else IN_A_BAND) if detail.quote >= _FULL_BAND_QUOTE else 1
    told_of = [group for group in groups if group.passages or not is_claim]
    panels = [_band_panel(language, group, n_quoted, detail) for group in told_of] if any(counts) else []
    shown = [passage for group in groups for passage in group.passages[:n_quoted]] if panels else []
    return Answer(
        "\n".join(lines),
        gallery(picture),
        *panels,
        quote_select(language, shown, detail),
        _buttons(language, result, 0),
        picture=picture,
    )


def _coverage(
    language: Language, result: FindResult, groups: Sequence[BandPassages], counts: Sequence[int]
) -> list[str]:
    """Return the lines that say how many passages stand in which band."""
    bands = " · ".join(
        f"{fill} {count} {language.band(group.band)}"
        for fill, group, count in zip(FILLS, groups, counts, strict=False)
    )
    unsure = [] if result.found.is_sure else [language.say("find.unsure")]
    return [*unsure, language.say("find.coverage", bar=f"`{shares(counts)}`"), f"-# {bands}"]


def _band_panel(language: Language, group: BandPassages, n_quoted: int, detail: Detail) -> Panel:
    bands = language.axis.bands
    position = {0: -LIMIT, len(bands) - 1: LIMIT}.get(bands.index(group.band), 0.0)
    texts = [
        f"**{title(passage.episode, detail)}**\n{_passage(language, passage, detail)}"
        for passage in group.passages[:n_quoted]
    ] or [language.say("find.wing_empty")]
    return panel(colour_at(language, position), f"### {language.band(group.band)}", *texts)


def _episode_panel(
    language: Language, passages: Sequence[Passage], n_quoted: int, detail: Detail, whole: str
) -> Panel:
    best = passages[0]
    episode = best.episode
    head = ui.Section[Answer](
        f"### {title(episode, detail)}\n"
        + byline(language, episode, detail, language.lens(episode.profile.lens))
        + f"\n-# {whole}",
        accessory=card_button(language, episode),
    )
    return panel(
        colour_at(language, best.reading.position),
        head,
        "\n\n".join(_passage(language, passage, detail) for passage in passages[:n_quoted]),
        _more_here(language, passages[n_quoted:], detail),
    )


def _more_here(language: Language, passages: Sequence[Passage], detail: Detail) -> str | None:
    """Return the numbers, seconds or places, and positions of an episode's passages that are not quoted."""
    if not passages:
        return None
    entries = []
    for passage in passages[: 2 * detail.items]:
        second, reading = passage.quote.start_s, passage.reading
        when = (
            _untimed_place(language, passage, detail)
            if second is None
            else time_link(language, second, passage.quote.link or passage.quote.read, detail)
        )
        position = f"{signed(reading.position)} {language.band_within(reading.band)}"
        entries.append(f"**{passage.rank}** {when} {position}")
    return f"-# {language.count('find.more_here', len(passages))}: {' · '.join(entries)}"


def _untimed_place(language: Language, passage: Passage, detail: Detail) -> str:
    """Return where in its episode a passage without times is, with its chapter."""
    place = part_in_words(language, passage.place)
    return f"{place} ({safe(passage.chapter, detail.name)})" if passage.chapter else place


def part_in_words(language: Language, place: float) -> str:
    """Return in words the part of an episode, 0 to 1, that is nearest to ``place``."""
    return language.say("passage.part." + min(_PARTS, key=lambda name: abs(_PARTS[name] - place)))


def _open_more(
    language: Language, result: FindResult, hits: Sequence[EpisodeHit], n_quoted: int, detail: Detail
) -> Row | None:
    """Return a select that opens those passages on a page that are not quoted and have no time to link to."""
    passages = {passage.rank: passage for passage in result.found.passages}
    further = [passages[rank] for hit in hits for rank in hit.ranks[n_quoted:][: 2 * detail.items]]
    untimed = [passage for passage in further if passage.quote.start_s is None][: most_options(detail)]
    if not untimed:
        return None
    options = []
    for passage in untimed:
        episode, piece = passage.episode, passage.slices[passage.best].piece
        where = [part_in_words(language, passage.place), one_line(passage.chapter or "")]
        label = " · ".join([str(passage.rank), *filter(None, where)])
        about = cut(one_line(episode.about.title), detail.name)
        option = discord.SelectOption(
            label=cut(label, MAX_CHOICE), value=f"{episode.slug}:{piece.ordinal}", description=about or None
        )
        options.append(option)
    first = untimed[0].episode.slug
    return select(ReadingAction(first, 0, "open"), language.say("find.open_more"), options)


def _passage(language: Language, passage: Passage, detail: Detail) -> str:
    """Return a passage: its quote, its number, when and by whom it was said, and its position."""
    quote = passage.quote
    said = [f"**{passage.rank}**", attribution(language, quote, detail)]
    if quote.start_s is None:
        said.append(_untimed_place(language, passage, detail))
    lines = [
        passage_quotation(passage, detail),
        " · ".join(said),
        position_line(language, passage.reading.position),
    ]
    if passage.also_in:
        others = passage.also_in[:_MOST_TITLES]
        titles = ", ".join(safe(episode.about.title, detail.name) for episode in others)
        lines.append("-# " + language.say("passage.also_in", titles=titles))
    return "\n".join(lines)


def _query(result: FindResult, detail: Detail) -> str:
    return safe(inner_quotes(result.question.words), max(detail.name, _LEAST_QUERY))


def _headline(language: Language, result: FindResult, detail: Detail) -> str:
    found, lines = result.found, []
    if result.countered is not None:
        lines.append("## " + language.say("find.other_side", query=_query(result, detail)))
        lines.append(language.say("find.this_side", stand=position_line(language, result.countered)))
    else:
        lines.append("## " + language.say("find.heading", query=_query(result, detail)))
    if not found.is_match or not found.passages:
        lines.append(_nothing(language, result))
    elif result.countered is not None:
        lines.append(language.say("find.opposite" if result.is_clear else "find.only_near"))
    else:
        if result.question.missed is not None:
            lines.append(language.say("find.nothing_in_band", band=language.band(result.question.missed)))
        if not found.is_sure:
            lines.append(language.say("find.unsure"))
    small = [language.count("count.episodes", len(found.episodes))] if found.passages else []
    small += _limits(language, result, detail)
    if small:
        lines.append("-# " + " · ".join(small))
    if found.corrected:
        words = ", ".join(
            language.say(
                "find.corrected_word", typed=safe(typed, detail.name), meant=safe(meant, detail.name)
            )
            for typed, meant in list(found.corrected.items())[: detail.items]
        )
        lines.append("-# " + language.say("find.corrected", words=words))
    lines += _missing(language, result)
    lines += _notes(language, result, detail)
    return "\n".join(lines)


def _missing(language: Language, result: FindResult) -> list[str]:
    """Return that the message's link leads to nothing here, if it does."""
    missing = {"video": result.question.missing_video, "link": result.question.missing_link}
    return [
        f"-# {language.say(f'find.missing_{kind}')}" for kind, is_missing in missing.items() if is_missing
    ]


def _notes(language: Language, result: FindResult, detail: Detail) -> list[str]:
    notes = found_notes(
        result.found,
        language.say,
        lambda name: safe(name, detail.name),
        is_of_speaker=result.question.speaker is not None,
    )
    return [f"-# {note}" for note in notes]


def _nothing(language: Language, result: FindResult) -> str:
    """Return why there are no passages, in a sentence."""
    if result.countered is not None:
        return language.say("find.no_other_side")
    if result.question.is_limited:
        return language.say("find.nothing_within")
    return f"{language.say('find.nothing')} {language.say('find.see_spectrum')}"


def _limits(language: Language, result: FindResult, detail: Detail) -> list[str]:
    """Return what limits a question, a few words each."""
    question, limits = result.question, []
    if question.source:
        limits.append(source_limit(language, question.source, detail, is_usual=question.is_usual))
    if question.speaker:
        limits.append(language.say("find.speaker", speaker=safe(question.speaker, detail.name)))
    limits += [
        language.say(f"find.{name}", day=day(datetime.date.fromisoformat(limit)))
        for name, limit in (("since", question.since), ("until", question.until))
        if limit is not None
    ]
    if question.lens:
        limits.append(language.lens(question.lens))
    if question.band and not question.other:
        limits.append(language.band(question.band))
    if question.episode:
        title = safe(inner_quotes(question.title or question.episode), detail.name)
        limits.append(language.say("find.in_episode", title=title))
    return limits


def _buttons(language: Language, result: FindResult, page: int) -> Row | None:
    """Return the buttons under an answer: turn the page, look at the other side, drop the limits, share."""
    found, question, action = result.found, result.question, result.action
    turning = []
    if result.n_pages > 1 and not question.balanced:
        is_last = page + 1 >= result.n_pages
        following = (
            language.say("button.last")
            if is_last
            else language.say("button.next", page=page + 2, pages=result.n_pages)
        )
        turning = [
            button(language.say("button.previous"), action(max(0, page - 1), "turn"), is_off=page == 0),
            button(following, action(min(page + 1, result.n_pages), "turn"), is_off=is_last),
        ]
    flip = None
    if question.other and (found.passages or result.countered is not None):
        flip = button(language.say("button.this_side"), action(page, "flip"))
    elif found.passages and not question.balanced and question.missed is None:
        flip = button(language.say("button.other_side"), action(page, "flip"))
    wide = button(language.say("button.wide"), action(0, "wide")) if question.is_limited else None
    share = None
    if found.passages:
        verb: FindVerb = "mine" if result.is_public else "share"
        share = share_button(language, action(page, verb), is_public=result.is_public)
    return row(*turning, flip, wide, share)
