"""The answer to ``/spectrum``: what the library covers, which subjects lack a wing, and what to add."""

from collections import Counter

from discord import ui

from bot.discord.custom_ids import SpectrumPress
from bot.discord.gauge import FILLS, shares
from bot.discord.language import Speech
from bot.discord.limits import Detail, fitted
from bot.discord.markup import shown
from bot.discord.pictures import Picture
from bot.discord.rendering.parts import (
    Answer,
    Panel,
    card_button,
    colour_of,
    gallery,
    panel,
    row,
    share_button,
    title,
)
from bot.i18n.catalogue import signed
from bot.render.png.words import gap_in_words, name_of
from index.search.coverage import Coverage, Gap, Subject
from index.storage.records import EpisodeRecord


def spectrum_answer(
    speech: Speech, coverage: Coverage, key: str, *, is_public: bool, picture: Picture | None = None
) -> Answer:
    """A library by subject, and the voices that it lacks.

    Args:
        speech: the language.
        coverage: with any number of subjects; none is an answer of its own.
        key: under which the look is stored.
        is_public: whether everybody sees it.
        picture: of the same.
    """
    return fitted(lambda detail: _spectrum(speech, coverage, key, detail, picture, is_public=is_public))


def _spectrum(
    speech: Speech,
    coverage: Coverage,
    key: str,
    detail: Detail,
    picture: Picture | None,
    *,
    is_public: bool,
) -> Answer:
    head = [f"## {speech.say('spectrum.title')}", "-# " + " · ".join(_limits(speech, coverage, detail))]
    if not coverage.subjects:
        return Answer("\n".join((*head, speech.say("spectrum.nothing"))))
    subjects = "\n".join(_subject(speech, one, detail) for one in coverage.subjects)
    press = SpectrumPress(key, "mine" if is_public else "share")
    return Answer(
        "\n".join(head),
        gallery(picture),
        panel(None, f"-# {_legend(speech)}\n{subjects}"),
        *_missing(speech, coverage, detail),
        row(share_button(speech, press, is_public=is_public)),
        picture=picture,
    )


def _limits(speech: Speech, coverage: Coverage, detail: Detail) -> list[str]:
    told = [speech.count("count.episodes", coverage.n_episodes)]
    if coverage.source:
        told.append(speech.say("find.in_source", source=shown(coverage.source, detail.name)))
    if coverage.topic:
        told.append(speech.say("picture.quoted", text=shown(coverage.topic, detail.name)))
    else:
        told.append(speech.say(f"picture.by_{coverage.by}"))
    return told


def _legend(speech: Speech) -> str:
    return " · ".join(
        f"{fill} {speech.band(band)}" for fill, band in zip(FILLS, speech.axis.bands, strict=False)
    )


def _subject(speech: Speech, subject: Subject, detail: Detail) -> str:
    """A subject: how many of its episodes stand in each band, and where they stand together."""
    counts = Counter(one.profile.band for one in subject.episodes)
    bands = [counts[band] for band in speech.axis.bands]
    name = shown(name_of(subject, speech), detail.name)
    told = " · ".join(str(count) for count in bands)
    return f"`{shares(bands, cells=12)}` **{name}** {told}, " + speech.say(
        "spectrum.mean", mean=signed(subject.mean)
    )


def _missing(speech: Speech, coverage: Coverage, detail: Detail) -> list[Panel | str]:
    """What each missing wing wants; a button opens its candidate's card, once for each candidate."""
    gaps = [(subject, gap) for subject in coverage.subjects for gap in subject.gaps]
    if not gaps:
        is_complete = any(subject.name is not None for subject in coverage.subjects)
        return [speech.say("spectrum.complete")] if is_complete else []
    most = 2 * detail.items - 2 if detail.items > 1 else 1
    offered: set[str] = set()
    lines: list[ui.Item[Answer] | str] = [f"### {speech.say('spectrum.missing')}"]
    for subject, gap in gaps[:most]:
        told = _gap(speech, subject, gap, detail)
        if gap.nearest is None or gap.nearest.slug in offered:
            lines.append(told)
            continue
        offered.add(gap.nearest.slug)
        lines.append(ui.Section[Answer](told, accessory=card_button(speech, gap.nearest)))
    if len(gaps) > most:
        lines.append("-# " + speech.count("spectrum.more", len(gaps) - most))
    bands = {gap.band for _, gap in gaps}
    wanted = gaps[0][1].wanted if len(bands) == 1 else 0.0
    return [panel(colour_of(speech, wanted), *lines)]


def _gap(speech: Speech, subject: Subject, gap: Gap, detail: Detail) -> str:
    def titled(episode: EpisodeRecord) -> str:
        return title(episode, detail)

    def harmless(text: str) -> str:
        return shown(text, detail.name)

    return gap_in_words(subject, gap, speech, shown=harmless, titled=titled)
