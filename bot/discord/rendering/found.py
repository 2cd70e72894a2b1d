"""Answers to ``/find``: episodes with their passages, a page at a time; the other side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from discord import ui

from bot.discord.custom_ids import FindPress, FindVerb
from bot.discord.language import Speech
from bot.discord.limits import Detail, fitted
from bot.discord.markup import linked, quoted, shown
from bot.discord.pictures import Picture
from bot.discord.questions import FindQuestion
from bot.discord.rendering.parts import (
    Answer,
    Panel,
    Row,
    attribution,
    button,
    byline,
    card_button,
    colour_of,
    gallery,
    panel,
    row,
    share_button,
    title,
)
from bot.i18n.catalogue import signed
from bot.render.png.words import whole_in_words
from index.search.answers import Found, Passage

EPISODES_ON_A_PAGE = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what its buttons refer to.

    Attributes:
        question: as it was asked.
        key: under which the question is stored.
        found: the answer.
        is_public: whether everybody sees it.
        countered: the position that ``found`` is the other side of, or None.
        is_clear: for the other side: whether it stands in a band of its own, or is only the nearest to that.
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

    def press(self, page: int, verb: FindVerb) -> FindPress:
        """A button of this answer."""
        return FindPress(self.key, page, verb)


def found_answer(speech: Speech, finding: Finding, page: int, picture: Picture | None = None) -> Answer:
    """A page of what was found, with a picture of ``on_page``; ``page`` is 0-based, the last where it lies beyond."""
    page = min(page, finding.n_pages - 1)
    return fitted(lambda detail: _found(speech, finding, page, detail, picture))


def on_page(finding: Finding, page: int) -> Found:
    """What of an answer stands on a page, which is counted as in ``found_answer``."""
    page = min(page, finding.n_pages - 1)
    hits = finding.found.episodes[page * EPISODES_ON_A_PAGE :][:EPISODES_ON_A_PAGE]
    ranks = {rank for hit in hits for rank in hit.ranks}
    passages = tuple(one for one in finding.found.passages if one.rank in ranks)
    return replace(finding.found, passages=passages, episodes=tuple(hits))


def _found(speech: Speech, finding: Finding, page: int, detail: Detail, picture: Picture | None) -> Answer:
    hits = finding.found.episodes[page * EPISODES_ON_A_PAGE :][: min(EPISODES_ON_A_PAGE, detail.items)]
    passages = {one.rank: one for one in finding.found.passages}
    n_shown = max(2, 6 - len(hits)) if detail.quote >= 180 else 1
    panels = [_episode_panel(speech, [passages[rank] for rank in hit.ranks], n_shown, detail) for hit in hits]
    return Answer(
        _headline(speech, finding, detail),
        gallery(picture),
        *panels,
        finding_buttons(speech, finding, page),
        picture=picture,
    )


def _episode_panel(speech: Speech, passages: Sequence[Passage], n_shown: int, detail: Detail) -> Panel:
    best = passages[0]
    episode = best.episode
    head = ui.Section[Answer](
        f"### {title(episode, detail)}\n"
        + byline(speech, episode, detail, speech.lens(episode.profile.lens))
        + f"\n-# {whole_in_words(episode, speech)}",
        accessory=card_button(speech, episode),
    )
    return panel(
        colour_of(speech, best.reading.position),
        head,
        "\n\n".join(passage_words(speech, one, detail) for one in passages[:n_shown]),
        _more_here(speech, passages[n_shown:], detail),
    )


def _more_here(speech: Speech, passages: Sequence[Passage], detail: Detail) -> str | None:
    """The passages of an episode that are not quoted: their numbers, seconds and positions."""
    if not passages:
        return None
    told = []
    for one in passages[: 2 * detail.items]:
        second = one.quote.start_s
        clock = "" if second is None else speech.say("passage.clock", second=second)
        when = linked(clock, one.link, longest=max(detail.link, 60))
        told.append(" ".join(part for part in (f"**{one.rank}**", when, _standing(speech, one)) if part))
    return f"-# {speech.count('find.more_here', len(passages))}: {' · '.join(told)}"


def _standing(speech: Speech, one: Passage) -> str:
    return f"{signed(one.reading.position)} {speech.band_within(one.reading.band)}"


def passage_words(speech: Speech, one: Passage, detail: Detail) -> str:
    """A passage: its quote, its number, when and by whom it was said, and where it stands."""
    said = attribution(speech, one.quote.start_s, one.link, one.quote.speaker, detail)
    lines = [f"> {_quote(one, detail.quote)}", f"**{one.rank}** · {said}", speech.stand(one.reading.position)]
    if one.also_in:
        titles = ", ".join(shown(other.about.title, detail.name) for other in one.also_in[:2])
        lines.append("-# " + speech.say("passage.also_in", titles=titles))
    return "\n".join(lines)


def _quote(one: Passage, most: int) -> str:
    text = one.quote_text
    starts_inside = one.quote.start > 0 and text[:1].islower()
    return ("…" if starts_inside else "") + quoted(text, one.quote.marks, most)


def _headline(speech: Speech, finding: Finding, detail: Detail) -> str:
    question, found = finding.question, finding.found
    query = shown(question.query, max(detail.name, 16))
    lines = []
    if finding.countered is not None:
        lines.append("## " + speech.say("find.other_side", query=query))
        lines.append(speech.say("find.countered", stand=speech.stand(finding.countered)))
    else:
        lines.append(f"## “{query}”")
    if not found.is_match or not found.passages:
        lines.append(nothing_words(speech, finding, detail))
    elif not finding.is_clear:
        lines.append(speech.say("find.only_near"))
    small = []
    if found.passages:
        small.append(speech.count("count.episodes", len(found.episodes)))
    small += limits_of(speech, question, detail)
    if small:
        lines.append("-# " + " · ".join(small))
    if found.other_language is not None:
        other = found.other_language
        lines.append(
            "-# " + speech.say("find.other_language", library=other.library, question=other.question)
        )
    if found.corrected:
        words = ", ".join(
            speech.say(
                "find.corrected_word", typed=shown(typed, detail.name), meant=shown(meant, detail.name)
            )
            for typed, meant in list(found.corrected.items())[: detail.items]
        )
        lines.append("-# " + speech.say("find.corrected", words=words))
    return "\n".join(lines)


def nothing_words(speech: Speech, finding: Finding, detail: Detail) -> str:
    """Why there are no passages, in a sentence."""
    question = finding.question
    if finding.countered is not None:
        return speech.say("find.no_other_side")
    if question.is_limited:
        return speech.say("find.nothing_within")
    nearest = [shown(one, detail.name) for one in finding.found.nearest[: detail.items]]
    if not nearest:
        return speech.say("find.nothing")
    return speech.say("find.nothing_but", nearest=", ".join(f"*{one}*" for one in nearest))


def limits_of(speech: Speech, question: FindQuestion, detail: Detail) -> list[str]:
    """What limits a question, a few words each."""
    limits = []
    if question.source:
        limits.append(speech.say("find.in_source", source=shown(question.source, detail.name)))
    if question.lens:
        limits.append(speech.lens(question.lens))
    if question.band:
        limits.append(speech.band(question.band))
    if question.episode:
        limits.append(speech.say("find.in_episode", slug=shown(question.episode, detail.name)))
    return limits


def finding_buttons(speech: Speech, finding: Finding, page: int) -> Row | None:
    """Under an answer: turn the page, look at the other side, drop the limits, share."""
    found, question = finding.found, finding.question
    press = finding.press
    turning = []
    if finding.n_pages > 1 and not question.balanced:
        turning = [
            button(speech.say("button.previous"), press(max(0, page - 1), "turn"), is_off=page == 0),
            button(
                speech.say("button.next", page=page + 2, pages=finding.n_pages)
                if page + 1 < finding.n_pages
                else speech.say("button.last"),
                press(min(page + 1, finding.n_pages), "turn"),
                is_off=page + 1 >= finding.n_pages,
            ),
        ]
    flip = None
    if question.other:
        flip = button(speech.say("button.this_side"), press(page, "flip"))
    elif found.passages and not question.balanced:
        flip = button(speech.say("button.other_side"), press(page, "flip"))
    wide = button(speech.say("button.wide"), press(0, "wide")) if question.is_limited else None
    share = None
    if found.passages:
        verb: FindVerb = "mine" if finding.is_public else "share"
        share = share_button(speech, press(page, verb), is_public=finding.is_public)
    return row(*turning, flip, wide, share)
