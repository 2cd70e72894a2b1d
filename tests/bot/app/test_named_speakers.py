"""Whom a part of a name means, and what is said where it means nobody or several."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from bot.app.input_validation import (
    SpeakerAmbiguous,
    SpeakerIsPart,
    SpeakerIsSource,
    SpeakerUnheard,
    SpeakerUnknown,
    named_speaker,
    resolve_speaker,
)
from index.search.speaker_names import speakers_like, suggested_speakers


class Voices:
    """A service with two Davids, a Davidson and a show without speakers."""

    names = ("Tom Davidson", "David Rein", "David Okoro", "David")

    async def suggest_speakers(self, typed: str, *, limit: int = 25) -> list[str]:
        return (suggested_speakers(typed, self.names) or speakers_like(typed, self.names))[:limit]

    async def suggest(self, typed: str) -> list[Any]:
        about = SimpleNamespace(title="On the homework that does itself", guests=("Bertil Osei",))
        return [SimpleNamespace(about=about)] if typed.casefold() in "bertil osei" else []

    async def sources(self) -> list[str]:
        return ["Robert Miles", "Robert Burns", "Hive Minds"]


@pytest.mark.parametrize(
    ("typed", "name"), [("rein", "David Rein"), ("davidson", "Tom Davidson"), ("david", "David")]
)
async def test_a_part_of_a_name_that_one_has_is_enough(typed: str, name: str) -> None:
    voices: Any = Voices()
    assert await named_speaker(voices, typed) == name


async def test_a_name_that_is_nearly_right_is_the_one_meant() -> None:
    voices: Any = Voices()
    assert await named_speaker(voices, "tom davidsen") == "Tom Davidson"
    assert await resolve_speaker(voices, "davidsen") == "Tom Davidson"
    assert await resolve_speaker(voices, "rein david") == "David Rein"
    assert await resolve_speaker(voices, "david") == "david", "a part of several names means all of them"
    voices.names = ("Tom Davidson", "Ann Davidsson")
    with pytest.raises(SpeakerAmbiguous):
        await resolve_speaker(voices, "davidsen")


@pytest.mark.parametrize("ask", [named_speaker, resolve_speaker])
async def test_what_stands_inside_a_word_of_a_name_means_nobody(ask: Callable[..., Awaitable[Any]]) -> None:
    voices: Any = Voices()
    for typed in ("son", "vid", "…"):
        with pytest.raises(SpeakerUnknown):
            await ask(voices, typed)
    assert await ask(voices, "davids") == "Tom Davidson", "a name half typed"
    voices.names = ("Joanna Roe", "Ann Lee", "Hannah Bo")
    assert await ask(voices, "ann") == "Ann Lee"


async def test_a_guest_or_show_of_that_very_name_comes_before_a_speaker_of_one_like_it() -> None:
    voices: Any = Voices()
    voices.names = ("Bertil Osai", "Rob Millers")
    assert await resolve_speaker(voices, "bertil osei") == "bertil osei"
    with pytest.raises(SpeakerUnheard):
        await named_speaker(voices, "bertil osei")
    with pytest.raises(SpeakerIsSource):
        await named_speaker(voices, "rob miles")


async def test_of_several_all_are_named_and_nobody_else() -> None:
    voices: Any = Voices()
    voices.names = Voices.names[:3]
    with pytest.raises(SpeakerAmbiguous) as refused:
        await named_speaker(voices, "david")
    assert refused.value.fields["candidates"] == ["David Rein", "David Okoro"]


async def test_a_show_of_that_name_is_named_if_it_is_one() -> None:
    voices: Any = Voices()
    with pytest.raises(SpeakerIsSource) as refused:
        await named_speaker(voices, "rob miles")
    assert refused.value.fields["source"] == "Robert Miles"
    for typed in ("robert", "nobody"):
        with pytest.raises(SpeakerUnknown):
            await named_speaker(voices, typed)


async def test_a_guest_whose_transcript_names_no_speakers_is_said_to_be_one() -> None:
    voices: Any = Voices()
    with pytest.raises(SpeakerUnheard) as refused:
        await named_speaker(voices, "bertil osei")
    assert refused.value.fields == {"received": "Bertil Osei", "title": "On the homework that does itself"}


@pytest.mark.parametrize("asks", [named_speaker, resolve_speaker])
async def test_a_part_in_a_conversation_is_said_to_be_no_person(asks: Any) -> None:
    voices: Any = Voices()
    with pytest.raises(SpeakerIsPart) as refused:
        await asks(voices, "host")
    assert refused.value.fields["known"] == list(Voices.names)
    voices.names = ("Ann Host",)
    assert await asks(voices, "host") in {"Ann Host", "host"}, "a name comes before a part"
