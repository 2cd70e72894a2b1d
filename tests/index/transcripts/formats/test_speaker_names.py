"""A speaker has a name that a person would give, in one form throughout a transcript."""

# ruff: noqa: E501 (a table of inputs reads better in rows)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.transcripts.formats import parse_transcript, with_full_names, with_written_names
from index.transcripts.formats.speakers import full_names, is_name_shaped, is_role, written_as_names
from index.transcripts.model import Cue, Transcript


def speakers(text: str, name: str = "talk.md") -> set[str | None]:
    return {cue.speaker for cue in parse_transcript(text.encode(), name=name).cues}


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (["Daniel Filan", "Ada Lind", "Filan"], {"Filan": "Daniel Filan"}),
        (["Bekah Hawrot Weigel", "Dan Ott", "Bekah", "Dan"], {"Bekah": "Bekah Hawrot Weigel", "Dan": "Dan Ott"}),
        (["Audience Member", "John", "Audience Member", "Audience member"], {"Audience member": "Audience Member"}),
        (["ANNA KOWALSKA", "Chidi", "Anna Kowalska"], {"ANNA KOWALSKA": "Anna Kowalska"}),
        (["Anna Kowalska", "Anna Berg", "Anna"], {}),
        (["Anna", "Anna Berg", "Anna", "Anna Berg"], {}),
        (["Speaker 1", "Speaker 10"], {}),
        (["A", "A Nother Person"], {}),
        ([], {}),
    ],
)  # fmt: skip
def test_forms_of_one_name(turns: list[str], expected: dict[str, str]) -> None:
    assert full_names(turns) == expected


def test_people_of_the_episode_complete_a_name() -> None:
    transcript = Transcript(
        (Cue("Yes.", speaker="Filan"), Cue("No.", speaker="Lind")), "published", "published"
    )
    named = with_full_names(transcript, known=("Daniel Filan",))
    assert [cue.speaker for cue in named.cues] == ["Daniel Filan", "Lind"]


@given(st.lists(st.sampled_from(["Ada", "Ada Lind", "ADA LIND", "Lind", "Bo Ek", "Bo", "Speaker 1", "Q"])))
def test_a_full_name_stays_what_it_is(turns: list[str]) -> None:
    names = full_names(turns)
    assert full_names([names.get(label, label) for label in turns]) == {}


@pytest.mark.parametrize("label", ["Participants", "Speakers", "Guests", "hosts", "SPEAKERS"])
def test_a_group_is_no_role(label: str) -> None:
    assert not is_role(label)


@pytest.mark.parametrize(
    "label", ["Speaker 1", "SPEAKER_00", "Speaker A", "SpeakerB", "spk_0", "Guest", "Спикер №1"]
)
def test_roles(label: str) -> None:
    assert is_role(label)


@pytest.mark.parametrize(
    "label",
    [
        "Wow.",
        "Sure.",
        "Ben Yoho.",
        "Graham Satchel, BBC News.",
        "来源",
        "Oh, God.",
        "本文件论点",
        "节目给出的 TeraFab 定义很明确",
    ],
)
def test_a_sentence_or_a_field_is_no_name(label: str) -> None:
    assert not is_name_shaped(label)


@pytest.mark.parametrize(
    "label", ["Erik St. Martin", "Sammy Davis Jr.", "Mireille B. Reece, Psy.D", "Allen P.", "Dr. Li"]
)
def test_names_with_points(label: str) -> None:
    assert is_name_shaped(label)


SECTION = """
## Step {0}

- **Purpose:** The harbour needs a crane that is painted before the winter comes.
- **Fix:** Order the blue paint and the grey paint, and let them dry for a week.
- **Timeline:** Two weeks, or three if it rains as much as it did last year.

| Paint | Cost |
|---|---|
| Blue | 12 |
"""


def test_headwords_of_a_document_are_nobody() -> None:
    text = "# How the crane is painted\n" + "".join(SECTION.format(number) for number in range(8))
    assert speakers(text) == {None}


def test_a_list_of_turns_has_speakers() -> None:
    turns = "".join(
        f"- **Anna Kowalska:** Is part {number} of the crane blue?\n- **Chidi Okafor:** It is blue below the rail.\n"
        for number in range(20)
    )
    assert speakers(turns) == {"Anna Kowalska", "Chidi Okafor"}


def test_headings_that_name_speakers_are_turns() -> None:
    turns = "".join(
        f"### Anna Kowalska\n\nIs part {number} of the crane blue?\n\n### Chidi Okafor\n\nIt is blue below the rail.\n\n"
        for number in range(12)
    )
    assert speakers(turns) == {"Anna Kowalska", "Chidi Okafor"}


def test_fields_of_records_are_nobody() -> None:
    record = "- 来源: 港口播客第一期关于旧起重机的谈话\n- 类型: 访谈\n- 摘要: 我们谈到起重机的颜色和栏杆上方的灰色油漆\n\n"
    assert speakers(record * 12) == {None}


def test_a_stamp_after_a_name_is_not_taken_for_one_after_its_words() -> None:
    text = "".join(
        f"**{name}** (00:{10 + number}:00)\n\nThe crane is blue below the rail, as everybody here knows.\n\n"
        for number, name in enumerate(["Anna Kowalska", "Chidi Okafor"] * 3)
    )
    cues = parse_transcript(text.encode(), name="talk.md").cues
    assert [(cue.speaker, cue.start_s) for cue in cues[:2]] == [
        ("Anna Kowalska", 600.0),
        ("Chidi Okafor", 660.0),
    ]


def test_a_first_row_that_is_no_name_stays_speech() -> None:
    block = "{0}\n00:00:{0:02},000 --> 00:00:{0:02},900\n{1}\nand the rest of the line.\n\n"
    rows = ["Tomorrow", "Anna Kowalska", "The crane", "A week later", "Blue"]
    text = "".join(block.format(number, row) for number, row in enumerate(rows, 1))
    assert speakers(text, "talk.srt") == {None}


def test_words_of_apple_podcasts_keep_their_seconds() -> None:
    words = "".join(
        f'<span podcasts:unit="word" begin="{second}.0" end="{second + 1}.0">{word}</span>'
        for second, word in ((4, "The"), (5, "blue"), (6, "crane."))
    )
    text = (
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" '
        'xmlns:podcasts="http://podcasts.apple.com/transcript-ttml-internal"><body><div>'
        f'<p begin="4.0" end="7.0" ttm:agent="SPEAKER_1">{words}</p></div></body></tt>'
    )
    (cue,) = parse_transcript(text.encode(), name="episode.ttml").cues
    assert (cue.text, cue.speaker, cue.word_starts_s) == ("The blue crane.", "SPEAKER_1", (4.0, 5.0, 6.0))


TALK = "\n\n".join(
    f"This is what is said in paragraph {n}, at some length and by one person." for n in range(12)
)


def test_a_title_above_a_talk_is_nobody() -> None:
    text = f"---\ntitle: Solving Attacks Using Coded Merkle Trees\n---\nCoded Merkle Tree: Solving Attacks\n\n{TALK}\n"
    assert speakers(text) == {None}
    assert speakers(text.replace("Trees\n---", "Tree\n---")) == {None}


def test_a_standard_with_a_number_is_no_initials() -> None:
    turns = "\n\n".join("MF: We sign it here.\n\nSL: And then we send it." for _ in range(4))
    assert speakers(f"{turns}\n\nBIP 174: https://example.org/bip\n\n{turns}\n") == {"MF", "SL"}


def test_a_term_with_its_translation_is_no_name() -> None:
    turns = "\n\n".join("问：这是什么？\n\n答：这是一个签名。" for _ in range(4))
    assert speakers(f"{turns}\n\nSchnorr 签名：一个公式\n\n{turns}\n") == {"问", "答"}


def test_a_name_in_capitals_is_written_as_names_are() -> None:
    assert written_as_names(["ANNA KOWALSKA", "DR. CHIDI"]) == {
        "ANNA KOWALSKA": "Anna Kowalska",
        "DR. CHIDI": "Dr. Chidi",
    }
    assert written_as_names(["SEAN MCCABE"], known=["Sean McCabe"]) == {"SEAN MCCABE": "Sean McCabe"}
    assert written_as_names(["SEAN MCCABE"], known=["SEAN MCCABE"]) == {"SEAN MCCABE": "Sean Mccabe"}


def test_an_abbreviation_a_role_and_a_written_name_stay() -> None:
    assert written_as_names(["NASA", "SPEAKER 1", "Anna Kowalska", ""]) == {}
    transcript = Transcript((Cue("Yes.", speaker="ADA LIND"), Cue("No.")), "published", "published")
    assert [cue.speaker for cue in with_written_names(transcript, known=()).cues] == ["Ada Lind", None]
    plain = Transcript((Cue("No.", speaker="Bo"),), "published", "published")
    assert with_written_names(plain, known=()) is plain
