"""An episode's card: what it is, where it stands and why, its arc, its markers, and how far to trust it."""

from bot.app.service import EpisodeCard
from bot.discord.custom_ids import EpisodePress
from bot.discord.gauge import FILLS, shares, sparkline
from bot.discord.language import Speech
from bot.discord.limits import Detail, fitted
from bot.discord.markup import escaped, shown
from bot.discord.pictures import Picture
from bot.discord.rendering.parts import (
    Answer,
    Panel,
    button,
    byline,
    colour_of,
    day,
    gallery,
    link_button,
    panel,
    place_of,
    recording,
    row,
    share_button,
    signed_tenths,
    title,
)
from bot.discord.rendering.places import card_select, jump_row, turns_of
from bot.i18n.catalogue import signed
from index.storage.records import EpisodeRecord
from scoring.profile import Profile

_MARKERS = ("low", "median", "high")
_DRIVERS = 6
_STATEMENTS, _STATEMENT = 3, 90


def card_answer(
    speech: Speech,
    card: EpisodeCard,
    *,
    prefer_editor: bool,
    is_public: bool,
    picture: Picture | None = None,
) -> Answer:
    """The whole card of one episode; the words say all that ``picture`` shows."""
    return fitted(
        lambda detail: _card(speech, card, detail, picture, prefer_editor=prefer_editor, is_public=is_public)
    )


def statistics_line(speech: Speech, profile: Profile) -> str:
    """The numbers of a profile in a sentence: median, mean, range, percentiles and shares of the bands."""
    told = ", ".join(
        speech.say("card.share", fill=fill, percent=round(100 * share), band=speech.band(band))
        for fill, share, band in zip(FILLS, profile.shares, speech.axis.bands, strict=False)
    )
    return speech.count(
        "card.statistics",
        profile.n_slices,
        median=profile.median,
        mean=profile.mean,
        low=profile.min,
        high=profile.max,
        p10=profile.p10,
        p90=profile.p90,
        shares=told,
    )


def _card(
    speech: Speech,
    card: EpisodeCard,
    detail: Detail,
    picture: Picture | None,
    *,
    prefer_editor: bool,
    is_public: bool,
) -> Answer:
    episode = card.episode
    standing = episode.standing(prefer_editor=prefer_editor)
    about = episode.about
    shelf = shown(about.shelf, detail.name) if about.shelf else ""
    slug = episode.slug
    written = _written(speech, episode, detail)
    return Answer(
        f"## {title(episode, detail)}\n{byline(speech, episode, detail, shelf, _length(speech, episode))}",
        gallery(picture),
        jump_row(speech, card, detail),
        panel(None, written) if written else None,
        panel(
            colour_of(speech, standing.position),
            _standing(speech, card, detail, prefer_editor=prefer_editor),
            _arc(speech, card, detail),
            _provenance(speech, episode),
        ),
        _assessment(speech, episode, detail),
        card_select(speech, card, detail),
        row(
            button(speech.say("button.counterbalance"), EpisodePress(slug, "picks")),
            button(speech.say("button.related"), EpisodePress(slug, "kin")),
            share_button(
                speech,
                EpisodePress(slug, "card", "mine" if is_public else "share"),
                is_public=is_public,
            ),
            link_button(speech.say("button.recording"), recording(episode)),
        ),
        picture=picture,
    )


def _written(speech: Speech, episode: EpisodeRecord, detail: Detail) -> str:
    """What people wrote about the episode; what is nowhere written is left out."""
    about = episode.about
    paragraphs = [
        f"**{speech.say('card.' + name)}**\n{shown(text, detail.prose)}"
        for name, text in (
            ("why_it_matters", about.why_it_matters),
            ("summary", about.summary),
            ("editor_note", about.editor_note),
        )
        if text
    ]
    if about.guests:
        guests = ", ".join(shown(one, detail.name) for one in about.guests[: detail.items])
        paragraphs.append(speech.say("card.guests", guests=guests))
    if about.tags:
        paragraphs.append("-# " + " · ".join(shown(one, detail.name) for one in about.tags[: detail.items]))
    elif episode.terms and detail.quote > 90:
        terms = ", ".join(shown(one, detail.name) for one in list(episode.terms)[:6])
        paragraphs.append("-# " + speech.say("card.terms", terms=terms))
    return "\n\n".join(paragraphs)


def _standing(speech: Speech, card: EpisodeCard, detail: Detail, *, prefer_editor: bool) -> str:
    episode, profile = card.episode, card.episode.profile
    standing = episode.standing(prefer_editor=prefer_editor)
    lines = [
        f"### {speech.say('card.position')}",
        speech.stand(standing.position),
        "-# "
        + " · ".join(
            (
                speech.say("card.lens", lens=speech.lens(profile.lens)),
                speech.say("confidence." + standing.confidence),
                speech.say("evidence." + standing.evidence.replace(" ", "_")),
            )
        ),
    ]
    drivers = card.drivers(min(_DRIVERS, detail.items))
    phrases = [
        f"{shown(one.text, detail.name)} {signed_tenths(one.pull)}" for one in drivers if one.kind == "phrase"
    ]
    if phrases:
        lines.append(speech.say("card.drivers", drivers=" · ".join(phrases)))
    lines += [
        "-# "
        + speech.say(
            "card.near",
            pull=signed_tenths(one.pull),
            statement=shown(one.text, min(detail.name, _STATEMENT)),
        )
        for one in [one for one in drivers if one.kind == "statement"][:_STATEMENTS]
    ]
    return "\n".join(lines)


def _arc(speech: Speech, card: EpisodeCard, detail: Detail) -> str | None:
    profile = card.episode.profile
    if not profile.n_slices:
        return speech.say("card.no_transcript")
    lines = [
        f"### {speech.say('card.arc')}",
        f"`{sparkline(profile.arc)}`",
        f"-# {speech.say('card.arc_legend')}",
        f"`{shares(profile.shares)}`",
        f"-# {statistics_line(speech, profile)}",
    ]
    for name, ordinal in zip(_MARKERS, profile.markers, strict=False):
        record = card.slices[ordinal]
        said = place_of(speech, card.episode, record, detail)
        pole = {"low": speech.axis.low_pole, "high": speech.axis.high_pole}.get(name, "")
        told = speech.say("marker." + name, pole=speech.pole(pole))
        lines.append(f"{told} **{signed(record.reading.position)}** · {said}")
    turns = [
        f"{'↗' if one.change > 0 else '↘'} {signed(one.change)} "
        + place_of(speech, card.episode, card.slices[one.ordinal], detail)
        for one in turns_of(card)
    ]
    if turns:
        lines.append(speech.say("card.turns", turns=" · ".join(turns)))
    return "\n".join(lines)


def _provenance(speech: Speech, episode: EpisodeRecord) -> str | None:
    about = episode.about
    if not about.transcripts:
        return None
    lines = []
    for entry in about.transcripts[:2]:
        parts = [speech.say(f"provenance.{entry.kind}" + (f"_{entry.track}" if entry.track else ""))]
        if about.video_id:
            parts.append(speech.say("provenance.video", video=escaped(about.video_id)))
        if entry.stored:
            parts.append(speech.say("provenance.stored", date=day(entry.stored)))
        lines.append("-# " + " · ".join(parts))
    if episode.n_segments:
        lines[-1] += " · " + speech.count("provenance.segments", episode.n_segments)
    if any(entry.kind == "captions" for entry in about.transcripts):
        lines.append("-# " + speech.say("provenance.caveat"))
    elif not episode.is_timed:
        lines.append("-# " + speech.say("provenance.untimed"))
    return "\n".join(lines)


def _assessment(speech: Speech, episode: EpisodeRecord, detail: Detail) -> Panel | str:
    one = episode.assessment
    if one is None:
        return "-# " + speech.say("card.no_assessment")
    who = shown(one.name, detail.name) + (f", {day(one.date)}" if one.date else "")
    texts = [shown(text, detail.prose) for text in (one.summary, one.note) if text]
    return panel(
        colour_of(speech, one.position),
        "\n".join(
            (
                f"### {speech.say('card.assessment')}",
                speech.stand(one.position),
                f"-# {who} · {speech.say('confidence.' + one.confidence)}",
                *texts,
            )
        ),
    )


def _length(speech: Speech, episode: EpisodeRecord) -> str:
    seconds = episode.about.duration_s
    return "" if seconds is None else speech.say("passage.clock", second=seconds)
