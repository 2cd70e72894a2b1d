"""The answer to ``/spectrum``: what the library covers, which subjects lack a wing, and what to add."""

from collections import Counter

from discord import ui

from bot.discord.ui.components import SpectrumAction
from bot.discord.ui.limits import Detail, fitted
from bot.discord.ui.markup import safe
from bot.discord.ui.parts import (
    Answer,
    Panel,
    Picture,
    card_button,
    colour_at,
    gallery,
    panel,
    row,
    share_button,
    source_limit,
    title,
)
from bot.i18n.language import Language
from bot.i18n.message_catalogue import signed
from bot.render.png.picture_texts import gap_in_words, name_of
from bot.render.text import FILLS, shares
from index.search.coverage import Coverage, Gap, Subject

_BAR_CELLS = 12


def spectrum_answer(
    language: Language,
    coverage: Coverage,
    key: str,
    *,
    is_usual: bool = False,
    is_public: bool,
    picture: Picture | None = None,
) -> Answer:
    """Return a library by subject, and the wings that it lacks.

    Args:
        language: of the answer.
        coverage: with any number of subjects; none is an answer of its own.
        key: under which the question is stored.
        is_usual: whether the source is the server's usual one, which the asker did not name.
        is_public: whether everybody sees it.
        picture: of the same.
    """
    return fitted(
        lambda detail: _spectrum(
            language, coverage, key, detail, picture, is_usual=is_usual, is_public=is_public
        )
    )


def _spectrum(
    language: Language,
    coverage: Coverage,
    key: str,
    detail: Detail,
    picture: Picture | None,
    *,
    is_usual: bool,
    is_public: bool,
) -> Answer:
    limits = _limits(language, coverage, detail, is_usual=is_usual)
    head = [f"## {language.say('spectrum.title')}"] + ["-# " + " · ".join(limits)] * bool(limits)
    if not coverage.subjects:
        return Answer("\n".join((*head, *_nothing(language, coverage, detail, is_usual=is_usual))))
    legend = " · ".join(
        f"{fill} {language.band(band)}" for fill, band in zip(FILLS, language.axis.bands, strict=False)
    )
    subjects = "\n".join(_subject(language, subject, detail) for subject in coverage.subjects)
    if coverage.topic:
        subjects += _episodes(language, coverage, detail)
    action = SpectrumAction(key, "mine" if is_public else "share")
    return Answer(
        "\n".join(head),
        gallery(picture),
        panel(None, f"-# {legend}\n{subjects}"),
        _missing(language, coverage, detail),
        row(share_button(language, action, is_public=is_public)),
        picture=picture,
    )


def _limits(language: Language, coverage: Coverage, detail: Detail, *, is_usual: bool) -> list[str]:
    """Return how many episodes there are, if there are any, and what limits them."""
    about = "spectrum.on_topic" if coverage.topic else "count.episodes"
    limits = [language.count(about, coverage.n_episodes)] if coverage.n_episodes else []
    if coverage.source:
        limits.append(source_limit(language, coverage.source, detail, is_usual=is_usual))
    if coverage.topic:
        limits.append(language.say("picture.quoted", text=safe(coverage.topic, detail.name)))
    elif coverage.n_episodes:
        limits.append(language.say(f"picture.by_{coverage.by}"))
    return limits


def _nothing(language: Language, coverage: Coverage, detail: Detail, *, is_usual: bool) -> list[str]:
    """Return that no episode speaks of a topic, which ones name it at all, and which limit may be left out."""
    if coverage.topic is None:
        lines = [language.say("spectrum.nothing")]
    elif coverage.mentioning:
        shown = coverage.mentioning[: 2 * detail.items]
        lines = [language.say("spectrum.nothing_on"), language.say("spectrum.mentioned")]
        lines += [f"- {title(episode, detail)}" for episode in shown]
        left = len(coverage.mentioning) - len(shown)
        lines += [f"-# {language.count('count.more_episodes', left)}"] if left else []
    else:
        lines = [language.say("spectrum.nothing_on"), language.say("spectrum.not_mentioned")]
    if coverage.source and not is_usual:
        lines.append(language.say("spectrum.without_source"))
    return lines


def _subject(language: Language, subject: Subject, detail: Detail) -> str:
    """Return a subject with its number of episodes in each band, and the mean of their positions."""
    counts = Counter(episode.profile.band for episode in subject.episodes)
    by_band = [counts[band] for band in language.axis.bands]
    name = safe(name_of(subject, language), detail.name)
    numbers = " · ".join(str(count) for count in by_band)
    mean = language.say("spectrum.mean", mean=signed(subject.mean))
    return f"`{shares(by_band, cells=_BAR_CELLS)}` **{name}** {numbers}, {mean}"


def _episodes(language: Language, coverage: Coverage, detail: Detail) -> str:
    """Return the episodes that speak on a topic, from the low pole to the high pole, a line each."""
    episodes = [episode for subject in coverage.subjects for episode in subject.episodes]
    lines = [f"\n**{signed(episode.profile.headline)}** {title(episode, detail)}" for episode in episodes]
    of_each_end = detail.items + 1
    left = len(lines) - 2 * of_each_end
    if left > 0:  # those between the ends
        lines[of_each_end:-of_each_end] = [f"\n-# {language.count('count.more_episodes', left)}"]
    return "".join(lines)


def _missing(language: Language, coverage: Coverage, detail: Detail) -> Panel | str | None:
    """Return what each missing wing needs; a button opens its candidate's card, once for each candidate."""
    gaps = [(subject, gap) for subject in coverage.subjects for gap in subject.gaps]
    if not gaps:
        if all(subject.name is None for subject in coverage.subjects):
            return None
        return language.say("spectrum.complete" if coverage.is_complete(language.axis) else "spectrum.single")
    most = 2 * detail.items - 2 if detail.items > 1 else 1
    offered: set[str] = set()
    lines: list[ui.Item[Answer] | str] = [f"### {language.say('spectrum.missing')}"]
    for subject, gap in gaps[:most]:
        words = _gap(language, subject, gap, detail)
        if gap.nearest is None or gap.nearest.slug in offered:
            lines.append(words)
            continue
        offered.add(gap.nearest.slug)
        lines.append(ui.Section[Answer](words, accessory=card_button(language, gap.nearest)))
    if len(gaps) > most:
        lines.append("-# " + language.count("spectrum.more", len(gaps) - most))
    bands = {gap.band for _, gap in gaps}
    wanted = gaps[0][1].wanted if len(bands) == 1 else 0.0
    return panel(colour_at(language, wanted), *lines)


def _gap(language: Language, subject: Subject, gap: Gap, detail: Detail) -> str:
    return gap_in_words(
        subject,
        gap,
        language,
        shown=lambda text: safe(text, detail.name),
        titled=lambda episode: title(episode, detail),
    )
