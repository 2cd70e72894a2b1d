"""An episode's card: what it is, its position and why, its arc, its markers, and how far to trust it."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from bot.app.service import EpisodeCard, SaidDriver
from bot.discord.ui.components import EpisodeAction, ReadingAction
from bot.discord.ui.limits import Detail, fitted, size
from bot.discord.ui.markup import escape, safe
from bot.discord.ui.parts import (
    LEAST_LINK,
    Answer,
    Panel,
    Picture,
    Row,
    button,
    byline,
    colour_at,
    day,
    gallery,
    link_button,
    most_options,
    panel,
    position_line,
    recording,
    row,
    select,
    share_button,
    signed_tenths,
    slice_option,
    slice_place,
    sparkline,
    title,
)
from bot.i18n.language import End, Language
from bot.i18n.message_catalogue import signed, whole_shares
from bot.render.text import FILLS, shares, term_text
from index.storage.records import EpisodeRecord, chapters_of
from index.text.topics import subject_terms
from scoring.profile import Profile, Turn, sharpest_turns

_MARKERS = ("low", "median", "high")
_ENDS: Mapping[str, End] = {"low": "low", "high": "high"}
_DRIVERS = 6
_STATEMENTS, _STATEMENT = 3, 90
_TERMS, _TERMS_FROM_QUOTE = 6, 90
_TRANSCRIPTS = 2

T = TypeVar("T")


def card_answer(
    language: Language,
    card: EpisodeCard,
    *,
    prefer_editor: bool,
    is_public: bool,
    picture: Picture | None = None,
    note: str | None = None,
) -> Answer:
    """Return the whole card of one episode; the words say all that ``picture`` shows.

    ``note`` says, below the heading, why the card is shown, if that needs saying.
    """
    return fitted(
        lambda detail: _card(
            language, card, detail, picture, prefer_editor=prefer_editor, is_public=is_public, note=note
        )
    )


def spread_over(items: Sequence[T], most: int) -> list[T]:
    """Return ``items``, or ``most`` of them at even steps, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    if most <= 1:
        return list(items[:most])
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def _card(
    language: Language,
    card: EpisodeCard,
    detail: Detail,
    picture: Picture | None,
    *,
    prefer_editor: bool,
    is_public: bool,
    note: str | None,
) -> Answer:
    episode, about = card.episode, card.episode.about
    standing = episode.standing(prefer_editor=prefer_editor)
    shelf = safe(about.shelf, detail.name) if about.shelf else ""
    length = "" if about.duration_s is None else language.say("passage.clock", second=about.duration_s)
    written = _written(language, card, detail)
    share = EpisodeAction(episode.slug, "card", "mine" if is_public else "share")
    return Answer(
        f"## {title(episode, detail)}\n{byline(language, episode, detail, shelf, length)}",
        f"-# {note}" if note else None,
        gallery(picture),
        _jumps(language, card, detail),
        panel(None, written) if written else None,
        panel(
            colour_at(language, standing.position),
            _position(language, card, detail, prefer_editor=prefer_editor),
            _arc(language, card, detail),
            _provenance(language, episode),
        ),
        _assessment(language, episode, detail),
        _places(language, card, detail),
        row(
            button(language.say("button.counterbalance"), EpisodeAction(episode.slug, "picks")),
            button(language.say("button.related"), EpisodeAction(episode.slug, "kin")),
            share_button(language, share, is_public=is_public),
            link_button(language.say("button.recording"), recording(episode)),
        ),
        picture=picture,
    )


def _written(language: Language, card: EpisodeCard, detail: Detail) -> str:
    """Return what people wrote about the episode, and who talks in it; what nobody wrote is left out."""
    episode, about = card.episode, card.episode.about
    paragraphs = [
        f"**{language.say('card.' + name)}**\n{safe(text, detail.prose)}"
        for name, text in (
            ("why_it_matters", about.why_it_matters),
            ("summary", about.summary),
            ("editor_note", about.editor_note),
        )
        if text
    ]
    if card.guests:
        guests = ", ".join(safe(guest, detail.name) for guest in card.guests[: detail.items])
        paragraphs.append(language.say("card.guests", guests=guests))
    if about.tags:
        paragraphs.append("-# " + " · ".join(safe(tag, detail.name) for tag in about.tags[: detail.items]))
    elif episode.terms and detail.quote > _TERMS_FROM_QUOTE:
        terms = ", ".join(safe(term_text(term), detail.name) for term in subject_terms(episode.terms, _TERMS))
        paragraphs.append("-# " + language.say("card.terms", terms=terms))
    return "\n\n".join(paragraphs)


def _position(language: Language, card: EpisodeCard, detail: Detail, *, prefer_editor: bool) -> str:
    standing = card.episode.standing(prefer_editor=prefer_editor)
    small = (
        language.say("card.lens", lens=language.lens(card.episode.profile.lens)),
        language.say("confidence." + standing.confidence),
        language.say("evidence." + standing.evidence.replace(" ", "_")),
    )
    lines = [
        f"### {language.say('card.position')}",
        position_line(language, standing.position),
        "-# " + " · ".join(small),
    ]
    drivers = card.drivers(min(_DRIVERS, detail.items))
    phrases = [said for said in drivers if said.driver.kind == "phrase"]
    if phrases:
        speakers = {said.speaker for said in phrases}
        shown = " · ".join(_phrase(language, said, detail, is_named=len(speakers) > 1) for said in phrases)
        speaker = next(iter(speakers)) if len(speakers) == 1 else None
        lines.append(
            language.say("card.drivers", drivers=shown)
            if speaker is None
            else language.say("card.drivers_of", drivers=shown, speaker=safe(speaker, detail.name))
        )
    statements = [said.driver for said in drivers if said.driver.kind == "statement"]
    for driver in statements[:_STATEMENTS]:
        statement = safe(driver.text, min(detail.name, _STATEMENT))
        near = language.say("card.near", pull=signed_tenths(driver.pull), statement=statement)
        lines.append(f"-# {near}")
    return "\n".join(lines)


def _phrase(language: Language, said: SaidDriver, detail: Detail, *, is_named: bool) -> str:
    quoted = language.say("picture.quoted", text=safe(said.driver.text, detail.name))
    speaker = f" ({safe(said.speaker, detail.name)})" if is_named and said.speaker else ""
    return f"{quoted}{speaker} {signed_tenths(said.driver.pull)}"


def _arc(language: Language, card: EpisodeCard, detail: Detail) -> str | None:
    episode, profile = card.episode, card.episode.profile
    if not profile.n_slices:
        return language.say("card.no_transcript")
    lines = [
        f"### {language.say('card.arc')}",
        f"`{sparkline(profile.arc)}`",
        f"-# {language.say('card.arc_legend')}",
        f"`{shares(profile.shares)}`",
        f"-# {_statistics(language, profile)}",
    ]
    for name, ordinal in zip(_MARKERS, profile.apart, strict=False):
        record = card.slices[ordinal]
        marker = _marker(language, name, record.reading.position)
        place = slice_place(language, episode, record, detail)
        speaker = card.speaker_of(ordinal)
        who = f" · {safe(speaker, detail.name)}" if speaker else ""
        lines.append(f"{marker} **{signed(record.reading.position)}** · {place}{who}")
    if profile.apart and _leaves_out(card):
        lines.append(f"-# {language.say('card.left_out')}")
    turns = [
        f"{'↗' if turn.change > 0 else '↘'} {signed(turn.change)} "
        + slice_place(language, episode, card.slices[turn.ordinal], detail)
        for turn in _turns(card)
    ]
    if turns:
        lines.append(language.say("card.turns", turns=" · ".join(turns)))
    return "\n".join(lines)


def _leaves_out(card: EpisodeCard) -> bool:
    """Return True if a slice that may not speak for the episode lies beyond its lowest or highest marker."""
    profile = card.episode.profile
    marked = [card.slices[ordinal].reading.position for ordinal in profile.apart]
    return profile.min < min(marked) or profile.max > max(marked)


def _marker(language: Language, name: str, position: float) -> str:
    """Return the name of a marker: "most" of a pole only where the slice gets to that pole's band."""
    if name not in _ENDS:
        return language.say(f"marker.{name}")
    pole = language.extreme(_ENDS[name], position)
    return language.say(f"marker.{name}est") if pole is None else language.say(f"marker.{name}", pole=pole)


def _statistics(language: Language, profile: Profile) -> str:
    """Return the numbers of a profile in a sentence: median, mean, range, percentiles and shares of the bands."""
    by_band = ", ".join(
        language.say("card.share", fill=fill, share=share, band=language.band(band))
        for fill, share, band in zip(FILLS, whole_shares(profile.shares), language.axis.bands, strict=False)
    )
    return language.count(
        "card.statistics",
        profile.n_slices,
        median=profile.median,
        mean=profile.mean,
        low=profile.min,
        high=profile.max,
        p10=profile.p10,
        p90=profile.p90,
        shares=by_band,
    )


def _provenance(language: Language, episode: EpisodeRecord) -> str | None:
    about = episode.about
    if not about.transcripts:
        return None
    lines = []
    for entry in about.transcripts[:_TRANSCRIPTS]:
        parts = [language.say(f"provenance.{entry.kind}" + (f"_{entry.track}" if entry.track else ""))]
        if about.video_id:
            parts.append(language.say("provenance.video", video=escape(about.video_id)))
        if entry.stored:
            parts.append(language.say("provenance.stored", date=day(entry.stored)))
        lines.append("-# " + " · ".join(parts))
    if episode.n_segments:
        lines[-1] += " · " + language.count("provenance.segments", episode.n_segments)
    if any(entry.kind == "captions" for entry in about.transcripts):
        lines.append("-# " + language.say("provenance.caveat"))
    elif not episode.is_timed:
        lines.append("-# " + language.say("provenance.untimed"))
    return "\n".join(lines)


def _assessment(language: Language, episode: EpisodeRecord, detail: Detail) -> Panel | str:
    assessment = episode.assessment
    if assessment is None:
        return "-# " + language.say("card.no_assessment")
    who = safe(assessment.name, detail.name) + (f", {day(assessment.date)}" if assessment.date else "")
    texts = [safe(text, detail.prose) for text in (assessment.summary, assessment.note) if text]
    lines = (
        f"### {language.say('card.assessment')}",
        position_line(language, assessment.position),
        f"-# {who} · {language.say('confidence.' + assessment.confidence)}",
        *texts,
    )
    return panel(colour_at(language, assessment.position), "\n".join(lines))


def _jumps(language: Language, card: EpisodeCard, detail: Detail) -> Row | None:
    """Return buttons into the recording: to the three markers and the two sharpest turns, labelled with their times.

    A slice has one button, that of its first name; None where nothing has a time and an address.
    """
    targets = [*zip(_MARKERS, card.episode.profile.apart, strict=False)]
    targets += [("rise" if turn.change > 0 else "fall", turn.ordinal) for turn in _turns(card)]
    buttons, taken = [], set()
    for name, ordinal in targets:
        second = card.slices[ordinal].piece.start_s
        url = card.episode.link_at(second) or card.episode.read_at(card.slices[ordinal].piece)
        if (
            ordinal not in taken
            and second is not None
            and url is not None
            and size(url) <= max(detail.link, LEAST_LINK)
        ):
            taken.add(ordinal)
            label = _jump_label(language, name, card.slices[ordinal].reading.position, second)
            buttons.append(link_button(label, url))
    return row(*buttons)


def _jump_label(language: Language, name: str, position: float, second: float | None) -> str:
    if name not in _ENDS:
        return language.say(f"jump.{name}", second=second)
    pole = language.extreme(_ENDS[name], position)
    named = language.say(f"jump.{name}est") if pole is None else pole
    return language.say(f"jump.{name}", pole=named, second=second)


def _turns(card: EpisodeCard) -> tuple[Turn, ...]:
    """Return the two sharpest turns of an episode's arc, in transcript order."""
    return sharpest_turns(card.episode.profile.arc)


def _places(language: Language, card: EpisodeCard, detail: Detail) -> Row | None:
    """Return a select of the episode's chapters, or of slices all over it where it has none. None without slices."""
    starts = [chapter.start for chapter in chapters_of(card.slices)]
    ordinals = spread_over(starts or range(len(card.slices)), most_options(detail))
    options = [slice_option(language, card.slices[at], detail, by_chapter=bool(starts)) for at in ordinals]
    placeholder = language.say("places.chapters" if starts else "places.slices")
    return select(ReadingAction(card.episode.slug, 0, "open"), placeholder, options)
