"""What every message is made of: containers in the colour of a band, headings, buttons, episodes' lines."""

import datetime
from typing import Any

import discord
from discord import ui

from bot.discord.custom_ids import EpisodePress, Press
from bot.discord.language import Speech
from bot.discord.limits import BUTTON_URL_MOST, LABEL_MOST, Detail, cut, size
from bot.discord.markup import escaped, folded, linked, shown
from bot.discord.pictures import Picture
from bot.i18n.catalogue import signed
from index.search.excerpts import excerpt_of
from index.storage.records import EpisodeRecord, SliceRecord
from index.transcripts.links import video_url

AMBER, CYAN, WHITE = 0xE8A33D, 0x5FB3C4, 0xF4F3EF
"""Risk-forward, the middle and opportunity-forward, as the perspective map has them."""

Row = ui.ActionRow[Any]
Panel = ui.Container[Any]


class Answer(ui.LayoutView):
    """A message of ``parts``; strings become texts, None and empty ones nothing.

    It waits for no press itself: every button says in its custom_id what it does.

    Attributes:
        picture: the file that goes with it, and that its gallery shows; None without one.
    """

    def __init__(self, *parts: ui.Item[Any] | str | None, picture: Picture | None = None) -> None:
        super().__init__(timeout=None)
        self.picture = picture
        for part in parts:
            if part:
                self.add_item(ui.TextDisplay(part) if isinstance(part, str) else part)
        self.stop()

    def without_picture(self) -> "Answer":
        """The same answer in words alone; this one is changed."""
        for part in list(self.children):
            if isinstance(part, ui.MediaGallery):
                self.remove_item(part)
        self.picture = None
        return self


def gallery(picture: Picture | None) -> ui.MediaGallery[Any] | None:
    """The place of ``picture`` in a message; None without one."""
    if picture is None:
        return None
    return ui.MediaGallery(discord.MediaGalleryItem(picture.address, description=picture.alt))


def panel(colour: int | None, *parts: ui.Item[Any] | str | None) -> Panel:
    """A framed part of a message; strings become texts, None and empty ones nothing."""
    return ui.Container(
        *(ui.TextDisplay(part) if isinstance(part, str) else part for part in parts if part),
        accent_colour=colour,
    )


def colour_of(speech: Speech, position: float) -> int:
    """The colour of the band that ``position`` lies in."""
    bands = speech.axis.bands
    place = bands.index(speech.axis.band_of(position))
    return AMBER if place == 0 else WHITE if place == len(bands) - 1 else CYAN


def button(label: str, press: Press, *, is_off: bool = False) -> ui.Button[Any]:
    """A quiet button."""
    return ui.Button(label=cut(label, LABEL_MOST), custom_id=str(press), disabled=is_off)


class CardButton(ui.Button[Any]):
    """Opens an episode's card, beside whose title it stands, so that its label is short.

    Attributes:
        alone: the label where it cannot stand there: it says whose card it is.
    """

    def __init__(self, label: str, alone: str, press: EpisodePress) -> None:
        super().__init__(label=label, custom_id=str(press))
        self.alone = alone


def card_button(speech: Speech, episode: EpisodeRecord) -> CardButton:
    """The button of ``episode``'s card."""
    name = folded(episode.about.title) or episode.slug
    alone = cut(speech.say("button.card_of", title=name), LABEL_MOST)
    return CardButton(speech.say("button.card"), alone, EpisodePress(episode.slug, "card"))


def link_button(label: str, url: str | None) -> ui.Button[Any] | None:
    """A button that opens ``url``; None where there is none, or it is too long for a button."""
    if url is None or size(url) > BUTTON_URL_MOST:
        return None
    return ui.Button(label=cut(label, LABEL_MOST), url=url)


def row(*buttons: ui.Button[Any] | None) -> Row | None:
    """The buttons in one row; None without any."""
    present = [one for one in buttons if one is not None]
    return ui.ActionRow(*present) if present else None


def share_button(speech: Speech, press: Press, *, is_public: bool) -> ui.Button[Any]:
    """Shares an answer that one person sees, or gives a person a copy of a shared one."""
    return button(speech.say("button.mine" if is_public else "button.share"), press)


def recording(episode: EpisodeRecord) -> str | None:
    """Where the whole recording is, or None."""
    about = episode.about
    return about.url or (video_url(about.video_id) if about.video_id else None)


def title(episode: EpisodeRecord, detail: Detail) -> str:
    """The episode's title as a link to its recording."""
    return linked(shown(episode.about.title, detail.name), recording(episode), longest=detail.link)


def signed_tenths(points: float) -> str:
    """Points of the scale with one decimal where they are few: a driver's share of an hour is small."""
    if abs(points) >= 9.95:
        return signed(points)
    text = f"{abs(points):.1f}"
    return "0" if text == "0.0" else ("+" if points > 0 else "−") + text


def byline(speech: Speech, episode: EpisodeRecord, detail: Detail, *more: str) -> str:
    """Source, date and ``more`` in small print."""
    about = episode.about
    parts = [
        shown(about.source, detail.name) if about.source else "",
        day(about.published) if about.published else "",
        *more,
    ]
    return "-# " + (" · ".join(part for part in parts if part) or speech.say("episode.no_source"))


def day(date: datetime.date) -> str:
    """A date that each reader's client writes in its own language."""
    noon = datetime.datetime.combine(date, datetime.time(12), datetime.UTC)
    return discord.utils.format_dt(noon, "D")


def attribution(
    speech: Speech, second: float | None, link: str | None, speaker: str | None, detail: Detail
) -> str:
    """When, as ``mm:ss`` that opens the recording there, and by whom something was said."""
    who = shown(speaker, detail.name) if speaker else ""
    if second is None:
        return " · ".join(part for part in (who, speech.say("passage.untimed")) if part)
    when = linked(speech.say("passage.clock", second=second), link, longest=max(detail.link, 60))
    return " · ".join(part for part in (when, who) if part)


def place_of(speech: Speech, episode: EpisodeRecord, record: SliceRecord, detail: Detail) -> str:
    """When a slice begins, as a link into the recording, or which one it is where nobody knows when."""
    second = record.piece.start_s
    if second is None:
        return speech.say("picture.place.slice", number=record.piece.ordinal + 1)
    clock = speech.say("passage.clock", second=second)
    return linked(clock, episode.link_at(second), longest=max(detail.link, 60))


def spoken(speech: Speech, episode: EpisodeRecord, record: SliceRecord, detail: Detail) -> str:
    """What of a slice pulls most, as a quotation, with when, who and where it stands."""
    excerpt = excerpt_of(episode, record, most=detail.quote)
    text = escaped(cut(folded(excerpt.text), detail.quote))
    return "\n".join(
        (
            f"> {'…' if excerpt.begins_inside else ''}{text}",
            attribution(speech, excerpt.start_s, excerpt.link, excerpt.speaker, detail),
            speech.stand(record.reading.position),
        )
    )
