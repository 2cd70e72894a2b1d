"""Claims about naming an episode."""

import pytest

from index.errors import EpisodeAmbiguous, EpisodeLinkUnknown, EpisodeUnknown
from index.library.episodes import TranscriptFile
from index.search import episode_names
from index.search.episode_names import LONGEST_NAME, EpisodeNames, same_name
from index.text.tokens import Token, tokenize

from ..conftest import episode_record

EPISODES = [
    episode_record(
        1, "Ada Lind on Rivers", slug="ada-lind-on-rivers", video_id="abcdefghij0", published="2024-01-01"
    ),
    episode_record(
        2, "Ada Lind on Mills", slug="ada-lind-on-mills", guests=("Ada Lind",), published="2026-01-01"
    ),
    episode_record(3, "Bo Berg on the Dam", slug="bo-berg", source="The River Hour", published="2025-01-01"),
    episode_record(4, "Rivers", slug="rivers"),
    episode_record(5, "Twice told", slug="twice-1"),
    episode_record(6, "Twice Told", slug="twice-2"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada-lind-on-rivers", 1),
        ("abcdefghij0", 1),
        ("https://www.youtube.com/watch?v=abcdefghij0&t=90s", 1),
        ("see https://youtu.be/abcdefghij0?t=3", 1),
        ("ada lind on MILLS", 2),
        ("mills", 2),
        (" the dam ", 3),
        ("berg river hour", 3),
        ("Rivers", 4),
        ("Lind rivers", 1),
    ],
)
def test_an_episode_is_named_by_slug_video_link_or_enough_of_its_title(text: str, expected: int) -> None:
    assert EpisodeNames(EPISODES).meant(text).id == expected


LINKED = [
    episode_record(
        1, "Ada Lind on Rivers", slug="ada-lind-on-rivers", url="https://hour.example/1?of=all#t=9"
    ),
    episode_record(2, "Ada Lind on Rivers and Mills", slug="mills", url="https://hour.example/two/"),
    episode_record(3, "Companies", slug="companies-3"),
]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://hour.example/1?of=all", 1),
        ("HTTPS://hour.EXAMPLE/two#t=80", 2),
        ("http://127.0.0.1:8080/episodes/mills.html?r=1.2#s2-3", 2),
        ("https://player.example/us/ada-lind-on-rivers-and-mills/id12", 2),
        ("https://player.example/us/ada%20lind%20on%20rivers/id12", 1),
    ],
)
def test_a_link_names_the_episode_at_it_or_in_it(link: str, expected: int) -> None:
    assert EpisodeNames(LINKED).meant(link).id == expected


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/foo",
        "https://hour.example/1",
        "https://hour.example/ada-lind-on-dams",
        "https://player.example/companies",
        "http://[",
        "https://",
    ],
)
def test_another_link_names_none_whatever_words_it_shares(link: str) -> None:
    with pytest.raises(EpisodeLinkUnknown) as caught:
        EpisodeNames(LINKED).meant(link)
    assert caught.value.nearest == []


def test_words_that_several_have_are_ambiguous() -> None:
    with pytest.raises(EpisodeAmbiguous) as caught:
        EpisodeNames(EPISODES).meant("Ada Lind")
    assert caught.value.candidates == ["Ada Lind on Rivers", "Ada Lind on Mills"]
    assert [
        EpisodeNames(EPISODES).meant(slug).about.title for slug in caught.value.slugs
    ] == caught.value.candidates
    with pytest.raises(EpisodeAmbiguous):
        EpisodeNames(EPISODES).meant("twice told")


@pytest.mark.parametrize(
    "text", ["", "  ", "🦊", "zzzz", "\x00", "../etc", "https://youtu.be/zzzzzzzzzzz", "x" * 5000]
)
def test_what_names_nothing_is_unknown_whatever_it_is(text: str) -> None:
    with pytest.raises(EpisodeUnknown) as caught:
        EpisodeNames(EPISODES).meant(text)
    assert caught.value.fields["received"] == text.strip()[:LONGEST_NAME]


def test_a_misspelt_name_is_found_where_it_is_clear_and_else_brings_the_nearest() -> None:
    assert EpisodeNames(EPISODES).meant("Bo Bergg on a Dam").id == 3
    with pytest.raises(EpisodeUnknown) as caught:
        EpisodeNames([*EPISODES[:2], *EPISODES[3:]]).meant("Boo Bergh's Damm")
    assert caught.value.fields["nearest"] is not None


SHOW = [
    episode_record(
        1, "39 - Model Organisms", guests=("Evan Hubinger",), source="AXRP", tags=("sleeper agents",)
    ),
    episode_record(2, "4 - Risks from Learned Optimization", guests=("Evan Hubinger",), source="AXRP"),
    episode_record(3, "Why AI is overhyped", guests=("Yann LeCun",), source="Lenny's Podcast"),
    episode_record(4, "Unicorn AI", source="Computerphile"),
    episode_record(5, 'AI "Stop Button" Problem', source="Computerphile"),
    episode_record(6, "Stopping a train", source="Other", guests=("Bo Berg",)),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lecun", 3),
        ("stop button", 5),
        ("robert miles stop button", 5),
        ("hubinger episode on sleeper agents", 1),
        ("hubinger learned optimisation", 2),
        ("lennys podcast", 3),
        ("the episode with Yann", 3),
    ],
)
def test_words_of_title_guest_source_and_subjects_name_an_episode(text: str, expected: int) -> None:
    assert EpisodeNames(SHOW).meant(text).id == expected
    assert EpisodeNames(SHOW).suggestions(text, 3)[0].id == expected


def test_what_several_have_in_common_offers_them_with_their_slugs() -> None:
    with pytest.raises(EpisodeAmbiguous) as caught:
        EpisodeNames(SHOW).meant("hubinger")
    assert caught.value.slugs == ["episode-1", "episode-2"]
    assert [episode.id for episode in EpisodeNames(SHOW).suggestions("stop", 2)] == [5, 6]


@pytest.mark.parametrize(
    ("name", "typed", "same"),
    [
        ("Lenny's Podcast", "lennys podcast", True),
        ("AXRP", "axrp ", True),
        ("AXRP", "AXR", False),
        (None, "x", False),
    ],
)
def test_a_show_is_known_whatever_its_case_and_punctuation(name: str | None, typed: str, same: bool) -> None:
    assert same_name(name, typed) is same


def test_a_key_that_is_typed_reads_no_name_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord waits three seconds for a completion, however many episodes there are."""
    read: list[str] = []

    def counted(text: str) -> list[Token]:
        read.append(text)
        return tokenize(text)

    monkeypatch.setattr(episode_names, "tokenize", counted)
    names = EpisodeNames(
        episode_record(number, f"River talk {number}", guests=(f"Bo Berg{number}",)) for number in range(500)
    )
    assert len(read) >= 500
    for typed in ("riv", "rivr talk", "bo bergh 77", "river talk 77 dams"):
        read.clear()
        assert len(names.suggestions(typed, 25)) == 25
        assert len(read) <= 51, "what is typed, and the subjects of fifty"


def test_an_empty_library_names_nothing() -> None:
    with pytest.raises(EpisodeUnknown):
        EpisodeNames([]).meant("rivers")
    assert EpisodeNames([]).suggestions("riv", 5) == []


def test_suggestions_are_the_newest_first_and_then_what_the_letters_may_become() -> None:
    assert [episode.id for episode in EpisodeNames(EPISODES).suggestions("", 3)] == [2, 3, 1]
    assert EpisodeNames(EPISODES).suggestions("mil", 5)[0].id == 2
    assert EpisodeNames(EPISODES).suggestions("Bergg", 5)[0].id == 3
    assert len(EpisodeNames(EPISODES).suggestions("r", 2)) <= 2


def test_a_guest_whose_name_is_nearly_right_is_the_first_of_the_nearest_and_can_be_opened() -> None:
    """Every episode has the host's first name: among these the guest's own name decides, not the date."""
    hosted = [
        episode_record(1, "On Dams", slug="a", guests=("Cara Berg",), hosts=("Daniel Filan",), published="2026-01-01"),
        episode_record(2, "On Mills", slug="b", guests=("Daniel Murfet",), hosts=("Daniel Filan",)),
        episode_record(3, "On Rope", slug="c", guests=("Tom Daid",), hosts=("Daniel Filan",), published="2026-02-01"),
    ]  # fmt: skip
    with pytest.raises(EpisodeUnknown) as caught:
        EpisodeNames(hosted).meant("daniel murphy")
    assert caught.value.fields["nearest"][0] == "On Mills"
    assert caught.value.fields["slugs"][0] == "b"


def test_a_name_that_is_like_none_has_no_nearest() -> None:
    """“Overpopulation on Mars” shares letters and “on” with every title."""
    with pytest.raises(EpisodeUnknown) as caught:
        EpisodeNames(EPISODES).meant("overpopulation on mars")
    assert caught.value.fields["nearest"] == []
    assert EpisodeNames(EPISODES).suggestions("Boo Bergh's Damm", 5)[0].id == 3


def came_as(name: str) -> tuple[TranscriptFile, ...]:
    """Return a transcript that came as a file called ``name``."""
    return (TranscriptFile(file="transcript.md", original_name=name),)


NUMBERED = [
    episode_record(
        1,
        "Pim on Weirs",
        slug="pim-on-weirs",
        source="Mill Talk",
        transcripts=came_as("2025-01-19-episode-38_5-pim.md"),
    ),
    episode_record(
        2,
        "Ula on Locks",
        slug="ula-on-locks",
        source="Mill Talk",
        transcripts=came_as("2025-02-19-38_6-ula.md"),
    ),
    episode_record(3, "Dams, Part 3.5", slug="dams-part-3.5", source="The River Hour"),
    episode_record(
        4, "Ole on Learned Look-Ahead", slug="ole", source="Mill Talk", transcripts=came_as("episode-40.md")
    ),
    episode_record(5, "RiverBank in a Week", slug="bank", source="The River Hour"),
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("mill talk 38.5", 1), ("mill talk 38.6", 2), ("episode 38.5", 1), ("part 3.5", 3), ("mill talk 40", 4)],
)
def test_an_episode_is_named_by_its_whole_number(typed: str, meant: int) -> None:
    """A number stands in the title, or in the name of the file that the episode came from."""
    assert EpisodeNames(NUMBERED).meant(typed).id == meant


@pytest.mark.parametrize("typed", ["mill talk 3.5", "mill talk 385", "mill talk 41"])
def test_a_number_that_the_named_show_lacks_opens_no_other_episode(typed: str) -> None:
    with pytest.raises((EpisodeUnknown, EpisodeAmbiguous)) as caught:
        EpisodeNames(NUMBERED).meant(typed)
    assert "dams-part-3.5" not in caught.value.fields.get("slugs", [])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lookahead", 4),
        ("look ahead", 4),
        ("look-ahead", 4),
        ("the real thing on lookahead", 4),
        ("riverbank", 5),
        ("river bank", 5),
    ],
)
def test_words_written_together_apart_or_with_a_hyphen_are_the_same(typed: str, meant: int) -> None:
    """Fillers that no episode has say nothing of which one is meant."""
    assert EpisodeNames(NUMBERED).meant(typed).id == meant


@pytest.mark.parametrize("typed", ["no such thing zzz", "a bad dream", "things I never said on zebras"])
def test_a_filler_that_a_title_has_makes_no_episode_the_one_that_is_meant(typed: str) -> None:
    """*Thing* is rare in titles, and still says nothing of what somebody wants."""
    named = [*EPISODES, episode_record(7, "Why Mills do Bad Things", slug="bad-things")]
    with pytest.raises(EpisodeUnknown):
        EpisodeNames(named).meant(typed)
    assert EpisodeNames(named).meant("bad things").id == 7
    assert EpisodeNames(named).meant("the bad mills").id == 7
