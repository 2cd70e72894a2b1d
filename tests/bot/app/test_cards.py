"""What an episode's card says of the words behind its position."""

from dataclasses import replace

from bot.app.edition_requests import EpisodeCard
from bot.render import json_models
from index.library.episodes import EpisodeFile
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.slicing import Slice
from scoring.axis import load_axis
from scoring.profile import profile_of
from scoring.reading import Driver, Reading, telling_drivers

from ...index.conftest import AXIS

WINGS = frozenset({"Risk-forward", "Opportunity-forward"})


def card(text: str, *phrases: str, ends: tuple[int, ...] = (), band: str = "Risk-forward") -> EpisodeCard:
    drivers = tuple(
        Driver(phrase, -9.0, "phrase", text.index(phrase), text.index(phrase) + len(phrase))
        for phrase in phrases
    )
    reading = Reading(-30.0, band, "technical", "medium", "leans", drivers)
    ends = ends or tuple(at + 1 for at, letter in enumerate(text) if letter in ".?")
    piece = Slice(0, text, None, None, None, None, ends, (), ())
    profile = profile_of([reading], load_axis(AXIS))
    episode = EpisodeRecord(1, "a-talk", EpisodeFile(title="A talk"), None, profile, False, 1, {})
    return EpisodeCard("e", "v", episode, (SliceRecord(1, 1, piece, reading),), WINGS)


def test_what_is_only_asked_for_is_no_reason() -> None:
    asked = card("Is there any danger? A boat came close to the rocks.", "any danger", "close to the rocks")
    assert [said.driver.text for said in asked.drivers()] == ["close to the rocks"]
    assert card("Is there any danger?", "any danger").drivers() == ()
    quoted = card("They ask: “Is there any danger?” A boat came close.", "any danger", ends=(32, 51))
    assert quoted.drivers() == (), "a question in quotation marks is one, too"


def test_what_pulls_where_no_side_is_taken_is_no_reason() -> None:
    assert card("A boat came close to the rocks.", "close to the rocks", band="Mixed").drivers() == ()
    faint = card("A boat came close to the rocks.", "close to the rocks")
    (driver,) = faint.slices[0].reading.drivers
    reading = replace(faint.slices[0].reading, drivers=(replace(driver, pull=-0.04),))
    assert replace(faint, slices=(replace(faint.slices[0], reading=reading),)).drivers() == ()


def spoken_card(
    *turns: tuple[str, str], hosts: tuple[str, ...] = (), guests: tuple[str, ...] = ()
) -> EpisodeCard:
    """A card of one slice, each turn of which is a reason."""
    said = [text for _, text in turns]
    plain = card(" ".join(said), *said)
    starts = [sum(len(text) + 1 for text in said[:place]) for place in range(len(said))]
    named = tuple((start, speaker) for start, (speaker, _) in zip(starts, turns, strict=True))
    record = plain.slices[0]
    about = EpisodeFile(title="A talk", hosts=hosts, guests=guests)
    return replace(
        plain,
        episode=replace(plain.episode, about=about),
        slices=(replace(record, piece=replace(record.piece, turns=named)),),
    )


TURNS = (("Ines Vale", "Suppose that a boat hits the rocks."), ("Rufus Oke", "Our boats come close to them."))


def test_what_a_host_supposes_is_no_reason_beside_a_guest() -> None:
    for people in ({"hosts": ("Ines Vale",)}, {"guests": ("Rufus Oke",)}):
        (said,) = spoken_card(*TURNS, **people).drivers()
        assert (said.driver.text, said.speaker) == ("Our boats come close to them.", "Rufus Oke")
    alone = spoken_card(TURNS[0], hosts=("Ines Vale",))
    assert [said.speaker for said in alone.drivers()] == ["Ines Vale"], (
        "a host who speaks alone is no interviewer"
    )
    assert len(spoken_card(*TURNS).drivers()) == 2, "nobody knows who asks"


def test_a_faint_driver_tells_nothing_beside_a_strong_one() -> None:
    strong = card("A boat came close to the rocks.", "close to the rocks", "boat")
    reading = strong.slices[0].reading
    faint = replace(reading, drivers=(reading.drivers[0], replace(reading.drivers[1], pull=-1.5)))
    assert len(telling_drivers(reading, WINGS)) == 2
    assert telling_drivers(faint, WINGS) == reading.drivers[:1]
    assert telling_drivers(replace(faint, drivers=faint.drivers[1:]), WINGS), "the only one is told"
    assert telling_drivers(replace(reading, band="Mixed"), WINGS) == ()
    assert telling_drivers(replace(reading, confidence="low"), WINGS) == (), (
        "an unsure reading has no reasons to tell"
    )


def test_a_single_slice_is_no_extreme() -> None:
    profile = card("A boat came close to the rocks.", "rocks").episode.profile
    assert (profile.markers, profile.apart) == ((0, 0, 0), ())


def test_the_json_names_who_says_a_reason_as_the_card_does() -> None:
    shown = json_models.card(spoken_card(*TURNS, guests=("Rufus Oke",)))
    assert [(driver["text"], driver["speaker"]) for driver in shown["drivers"]] == [
        ("Our boats come close to them.", "Rufus Oke")
    ]
