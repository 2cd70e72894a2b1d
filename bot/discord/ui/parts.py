"""Parts of messages: the answer itself, panels in the colour of a band, headings, buttons, lines about episodes."""

import datetime
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.app.one_line import one_line
from bot.app.quotes import Quoted, pair_key, pair_of
from bot.discord.ui.components import (
    AnswerAlertAction,
    ChoiceAction,
    ChoiceView,
    EpisodeAction,
    MemberAction,
    QuoteAction,
    QuoteChoice,
    ReadingAction,
)
from bot.discord.ui.limits import (
    MAX_BUTTON_URL,
    MAX_CHOICE,
    MAX_COMPONENTS,
    MAX_LABEL,
    MAX_OPTIONS,
    MAX_PLACEHOLDER,
    Detail,
    TooManyComponents,
    cut,
    size,
)
from bot.discord.ui.markup import escape, link, quoted, safe
from bot.i18n.language import Language
from bot.i18n.message_catalogue import signed
from bot.render.text import bars, track
from bot.render.theme import Colour, band_colour
from index.search.answers import Passage
from index.search.excerpts import Excerpt, excerpt_of
from index.search.related import Counterbalance, Opposed
from index.storage.records import EpisodeRecord, SliceRecord
from index.transcripts.links import video_url

Row = ui.ActionRow[Any]
Panel = ui.Container[Any]

_LEAST_WORDS = 20
_LEAST_CHAPTER, _MOST_CHAPTER = 8, 64

LEAST_LINK = 60
"""Characters of a link that are kept however little room there is."""

CELLS = 15
"""Places of a marker on a gauge; odd, so that one is the middle."""

_MOST_BARS = 28
_ROOM_FOR_QUESTION, _MOST_NAME = 240, 60
"""Characters of a quotation from which on the question before it is shown, and of whoever asks it, at most."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with the words that stand for it.

    Attributes:
        name: of the file.
        alt: alternative text in one line, at most ``MAX_ALT`` characters.
        png: the file.
    """

    name: str
    alt: str
    png: bytes

    @property
    def address(self) -> str:
        """The address by which a message's components refer to it."""
        return f"attachment://{self.name}"

    def file(self) -> discord.File:
        """Return the file for one sending; discord.py closes it."""
        return discord.File(io.BytesIO(self.png), self.name, description=self.alt)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a message offers for download."""

    name: str
    data: bytes

    @property
    def address(self) -> str:
        """The address by which a message's components refer to it."""
        return f"attachment://{self.name}"

    def file(self) -> discord.File:
        """Return the file for one sending; discord.py closes it."""
        return discord.File(io.BytesIO(self.data), self.name)


class Answer(ui.LayoutView):
    """A message made of ``parts``; strings become texts, None and empty ones are left out.

    It waits for no press itself: every button says in its custom_id what it does.

    Attributes:
        picture: the file that goes with it and that its gallery shows, or None.
        instead: words in place of the picture where it cannot be sent, or None.
        attachment: a file for download, or None.
    """

    def __init__(
        self,
        *parts: ui.Item[Any] | str | None,
        picture: Picture | None = None,
        instead: str | None = None,
        attachment: Attachment | None = None,
    ) -> None:
        super().__init__(timeout=None)
        self.picture = picture
        self.instead = instead
        self.attachment = attachment
        items = [ui.TextDisplay(part) if isinstance(part, str) else part for part in parts if part]
        n_components = sum(1 + len([*_within(item)]) for item in items)
        if n_components > MAX_COMPONENTS:
            raise TooManyComponents(n_components)
        for item in items:
            self.add_item(item)
        self.stop()

    def files(self) -> list[discord.File]:
        """Return the files that go with it, for one sending."""
        return [part.file() for part in (self.picture, self.attachment) if part is not None]

    def without_picture(self) -> "Answer":
        """Take the picture out of this answer, put words in its place if there are any, and return it."""
        _take_galleries_out(self, self.instead)
        self.picture = None
        return self


def _take_galleries_out(place: "Answer | Panel", instead: str | None) -> None:
    parts = list(place.children)
    place.clear_items()
    for part in parts:
        if isinstance(part, ui.MediaGallery):
            if instead:
                place.add_item(ui.TextDisplay(instead))
            continue
        if isinstance(part, ui.Container):
            _take_galleries_out(part, instead)
        place.add_item(part)


def _within(item: ui.Item[Any]) -> Iterator[ui.Item[Any]]:
    """Return all components inside a container, a section or a row; none of a text or a button."""
    walk = getattr(item, "walk_children", None)
    return iter(()) if walk is None else walk()


def gallery(picture: Picture | None) -> ui.MediaGallery[Any] | None:
    """Return the place of ``picture`` in a message; None without one."""
    if picture is None:
        return None
    return ui.MediaGallery(discord.MediaGalleryItem(picture.address, description=picture.alt))


def panel(colour: Colour | None, *parts: ui.Item[Any] | str | None) -> Panel:
    """Return a framed part of a message; strings become texts, None and empty ones are left out."""
    return ui.Container(
        *(ui.TextDisplay(part) if isinstance(part, str) else part for part in parts if part),
        accent_colour=None if colour is None else discord.Colour.from_rgb(*colour),
    )


def colour_at(language: Language, position: float) -> Colour:
    """Return the colour of the band of ``position``."""
    return band_colour(language.axis, position)


def button(label: str, action: MemberAction, *, is_off: bool = False) -> ui.Button[Any]:
    """Return a grey button."""
    return ui.Button(label=cut(label, MAX_LABEL), custom_id=str(action), disabled=is_off)


class PlacedButton(ui.Button[Any]):
    """A button whose label is short, since it stands beside the episode that it is about.

    Attributes:
        alone: the label for a place that is not beside it: it names the episode.
    """

    def __init__(self, label: str, alone: str, action: MemberAction) -> None:
        super().__init__(label=label, custom_id=str(action))
        self.alone = alone


def card_button(language: Language, episode: EpisodeRecord) -> PlacedButton:
    """Return the button that opens the card of ``episode``."""
    return _placed(language, "card", episode, EpisodeAction(episode.slug, "card"))


def pair_button(language: Language, answer: Counterbalance, opposed: Opposed) -> PlacedButton | None:
    """Return the button that shows a picture of the two passages of a pick's crux; None where it has none."""
    pair = pair_of(answer, opposed)
    if pair is None:
        return None
    action = QuoteAction(answer.episode.slug, None, pair_key(pair))
    return _placed(language, "pair", opposed.episode, action)


def answered_button(language: Language, opposed: Opposed) -> PlacedButton | None:
    """Return the button to be told when somebody answers the passage of a pick's crux; None where it has none."""
    if opposed.crux is None:
        return None
    action = AnswerAlertAction(opposed.episode.slug, opposed.crux.there.piece.ordinal)
    return _placed(language, "when_answered", opposed.episode, action)


def _placed(language: Language, name: str, episode: EpisodeRecord, action: MemberAction) -> PlacedButton:
    title = one_line(episode.about.title) or episode.slug
    alone = cut(language.say(f"button.{name}_of", title=title), MAX_LABEL)
    return PlacedButton(language.say(f"button.{name}"), alone, action)


def link_button(label: str, url: str | None) -> ui.Button[Any] | None:
    """Return a button that opens ``url``; None if there is none, or it is too long for a button."""
    if url is None or size(url) > MAX_BUTTON_URL:
        return None
    return ui.Button(label=cut(label, MAX_LABEL), url=url)


def row(*buttons: ui.Button[Any] | None) -> Row | None:
    """Return the buttons in one row; None without any."""
    present = [item for item in buttons if item is not None]
    return ui.ActionRow(*present) if present else None


def source_limit(language: Language, source: str, detail: Detail, *, is_usual: bool) -> str:
    """Return to which source an answer is limited; where the server limits it, also how all are asked."""
    name = safe(source, detail.name)
    if not is_usual:
        return language.say("find.in_source", source=name)
    return language.say("find.in_usual_source", source=name, every=language.say("find.every_source"))


def share_button(language: Language, action: MemberAction, *, is_public: bool) -> ui.Button[Any]:
    """Return a button that shares an answer seen by one person, or gives a person a copy of a shared one."""
    return button(language.say("button.mine" if is_public else "button.share"), action)


def select(
    action: ReadingAction | ChoiceAction | QuoteChoice,
    placeholder: str,
    options: Sequence[discord.SelectOption],
) -> Row | None:
    """Return a row with a select of ``options``; None without any."""
    if not options:
        return None
    placeholder = cut(placeholder, MAX_PLACEHOLDER)
    return ui.ActionRow(ui.Select(custom_id=str(action), placeholder=placeholder, options=list(options)))


def slice_option(
    language: Language, record: SliceRecord, detail: Detail, *, by_chapter: bool
) -> discord.SelectOption:
    """Return an option that leads to a slice: when it is, and its chapter, or its position over its first words."""
    piece, reading = record.piece, record.reading
    second = piece.start_s
    when = (
        language.say("picture.place.slice", number=piece.ordinal + 1)
        if second is None
        else language.say("passage.clock", second=second)
    )
    position = f"{signed(reading.position)} {language.band(reading.band)}"
    n_words = detail.quote // 8
    if by_chapter:
        name = cut(one_line(piece.chapter or "") or "–", max(_LEAST_CHAPTER, min(detail.name, _MOST_CHAPTER)))
        words = position
    else:
        name = position
        words = cut(one_line(piece.text), max(1, n_words))
    return discord.SelectOption(
        label=cut(f"{when} · {name}", MAX_CHOICE),
        value=str(piece.ordinal),
        description=words if n_words >= _LEAST_WORDS and words else None,
    )


def most_options(detail: Detail) -> int:
    """Return how many options a select has at this detail."""
    return min(MAX_OPTIONS, 5 * detail.items)


def choice_view(language: Language, titles: Sequence[str], slugs: Sequence[str], view: ChoiceView) -> ui.View:
    """Return a select of episodes that a name may mean, to send beside a sentence.

    Args:
        language: of the person.
        titles: of the episodes.
        slugs: of the same episodes, at least one.
        view: what is opened of the episode that is chosen.
    """
    options = [
        discord.SelectOption(label=cut(one_line(title), MAX_CHOICE) or slug, value=slug)
        for title, slug in list(zip(titles, slugs, strict=True))[:MAX_OPTIONS]
    ]
    placeholder = cut(language.say("choose.episode"), MAX_PLACEHOLDER)
    message = ui.View(timeout=None)
    message.add_item(ui.Select(custom_id=str(ChoiceAction(view)), placeholder=placeholder, options=options))
    message.stop()
    return message


def quote_button(language: Language, quoted: Quoted) -> ui.Button[Any]:
    """Return the button that shows a picture of a quote."""
    action = QuoteAction(quoted.episode.slug, quoted.record.piece.ordinal, quoted.key)
    return button(language.say("button.quote"), action)


def quote_select(language: Language, passages: Sequence[Passage], detail: Detail) -> Row | None:
    """Return a select that shows a picture of the quote of one of ``passages``; None without any."""
    options = []
    for passage in passages[: most_options(detail)]:
        quoted = Quoted.of_passage(passage)
        said, slug = quoted.excerpt, quoted.episode.slug
        who = one_line(said.speaker or quoted.episode.about.title)
        when = "" if said.start_s is None else language.say("passage.clock", second=said.start_s)
        label = " · ".join(part for part in (str(passage.rank), when, who) if part)
        value = f"{slug}:{quoted.record.piece.ordinal}:{quoted.key}"
        options.append(discord.SelectOption(label=cut(label, min(MAX_CHOICE, detail.name)), value=value))
    return select(QuoteChoice(), language.say("quote.choose"), options)


def recording(episode: EpisodeRecord) -> str | None:
    """Return the address of the whole recording, or None."""
    about = episode.about
    return about.url or (video_url(about.video_id) if about.video_id else None)


def title(episode: EpisodeRecord, detail: Detail) -> str:
    """Return the episode's title as a link to its recording."""
    return link(safe(episode.about.title, detail.name), recording(episode), longest=detail.link)


def byline(language: Language, episode: EpisodeRecord, detail: Detail, *more: str) -> str:
    """Return source, date and ``more`` in small print."""
    about = episode.about
    parts = [
        safe(about.source, detail.name) if about.source else "",
        day(about.published) if about.published else "",
        *more,
    ]
    return "-# " + (" · ".join(part for part in parts if part) or language.say("episode.no_source"))


def day(date: datetime.date) -> str:
    """Return a date that each reader's client writes in its own language.

    At ten o'clock UTC it is that day from Hawaii (-10) to New Zealand's summer (+13); at noon it is the next day there.
    """
    moment = datetime.datetime.combine(date, datetime.time(10), datetime.UTC)
    return discord.utils.format_dt(moment, "D")


def time_link(language: Language, second: float, url: str | None, detail: Detail) -> str:
    """Return a time as ``mm:ss`` that opens the recording there."""
    return link(language.say("passage.clock", second=second), url, longest=max(detail.link, LEAST_LINK))


def attribution(language: Language, excerpt: Excerpt, detail: Detail) -> str:
    """Return when, as a link into the recording, and by whom an excerpt was said, and a link that opens its page.

    Where there is no recording to open, when it was said is the link to the page.
    """
    read, second = excerpt.read, excerpt.start_s
    parts = [safe(excerpt.speaker, detail.name) if excerpt.speaker else ""]
    if second is None:
        parts.append(language.say("passage.untimed"))
    else:
        parts.insert(0, time_link(language, second, excerpt.link or read, detail))
    if read is not None and (second is None or excerpt.link) and size(read) <= max(detail.link, LEAST_LINK):
        parts.append(link(language.say("passage.read"), read, longest=max(detail.link, LEAST_LINK)))
    return " · ".join(part for part in parts if part)


def slice_place(language: Language, episode: EpisodeRecord, record: SliceRecord, detail: Detail) -> str:
    """Return when a slice begins, as a link into the recording, or its number where there are no times."""
    second = record.piece.start_s
    if second is None:
        return language.say("picture.place.slice", number=record.piece.ordinal + 1)
    return time_link(language, second, episode.link_at(second), detail)


def slice_quote(
    language: Language,
    episode: EpisodeRecord,
    record: SliceRecord,
    detail: Detail,
    *,
    speaker: str | None = None,
    with_position: bool = True,
) -> str:
    """Return the words of a slice (of ``speaker``, if given) that pull most, with when, who and its position."""
    excerpt = excerpt_of(episode, record, speaker=speaker, most=detail.quote)
    text = escape(cut(one_line(excerpt.text), detail.quote))
    lines = [f"> {'…' if excerpt.begins_inside else ''}{text}", attribution(language, excerpt, detail)]
    return "\n".join([*lines, position_line(language, record.reading.position)] if with_position else lines)


def quotation(excerpt: Excerpt, most: int) -> str:
    """Return an excerpt as a quotation with its marks, of at most ``most`` characters.

    Above it, smaller, stands the question that it answers, if somebody else asks one and there is room.
    """
    told = quoted(excerpt.text, excerpt.marks, most, excerpt.core)
    begins = "…" if excerpt.begins_inside and not told.startswith("…") else ""
    lines = [f"> {begins}{told}"]
    if (asked := excerpt.asked) is not None and most >= _ROOM_FOR_QUESTION:
        lines.insert(
            0, f"> -# {safe(asked.speaker, _MOST_NAME)}: {quoted(asked.text, asked.marks, most // 2)}"
        )
    return "\n".join(lines)


def passage_quotation(passage: Passage, detail: Detail) -> str:
    """Return the quote of a passage that was found as a quotation; the first has more room than the others."""
    return quotation(passage.quote, detail.quote * 4 // 3 if passage.rank == 1 else detail.quote)


def passage_quote(language: Language, passage: Passage, detail: Detail, *, with_position: bool = True) -> str:
    """Return the quote of a passage that was found, with when, who and the passage's position."""
    quote = passage.quote
    lines = [passage_quotation(passage, detail), attribution(language, quote, detail)]
    return "\n".join([*lines, position_line(language, passage.reading.position)] if with_position else lines)


def gauge(position: float, other: float | None = None) -> str:
    """Return a gauge from the low pole to the high one, marked at ``position`` and hollow at ``other``."""
    return f"◂{track(position, other, cells=CELLS)}▸"


def sparkline(arc: Sequence[float]) -> str:
    """Return an arc, early to late, as bars whose height is the position; empty for an empty arc."""
    return "".join(bar.letter for bar in bars(arc, most=_MOST_BARS))


def position_line(language: Language, position: float) -> str:
    """Return a position as a gauge, a number and a band."""
    return f"`{gauge(position)} {signed(position)}` {language.band(language.axis.band_of(position))}"


def signed_tenths(points: float) -> str:
    """Return points of the scale with one decimal where they are few, such as a driver's share of an hour."""
    if abs(points) >= 9.95:
        return signed(points)
    text = f"{abs(points):.1f}"
    return "0" if text == "0.0" else ("+" if points > 0 else "−") + text
