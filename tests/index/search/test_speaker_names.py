"""Speakers are found by what their names begin with."""

import pytest

from index.search.speaker_names import (
    is_named,
    is_nobody,
    may_be_short_for,
    speakers_like,
    speakers_meant,
    suggested_speakers,
)

SPEAKERS = ["Tom Davidson", "Aishwarya Naresh", "David Rein", "Ryan Lind", "David Okoro"]


def test_whole_words_come_before_beginnings_and_these_before_what_is_inside() -> None:
    assert suggested_speakers("david", SPEAKERS) == ["David Rein", "David Okoro", "Tom Davidson"]
    assert suggested_speakers("ry", SPEAKERS) == ["Ryan Lind"], "not Aishwarya"
    assert suggested_speakers("warya", SPEAKERS) == ["Aishwarya Naresh"], "inside, where nobody begins so"
    assert suggested_speakers("rein david", SPEAKERS) == ["David Rein"]
    assert suggested_speakers("nobody", SPEAKERS) == []
    assert suggested_speakers("", SPEAKERS) == SPEAKERS


def test_a_name_means_those_with_its_words_else_those_with_words_that_begin_so() -> None:
    names = ["Joanna Roe", "Ann Lee", "Hannah Bo", "Anna Berg", "Lee Ann Okoro"]
    assert speakers_meant("ann", names) == ["Ann Lee", "Lee Ann Okoro"]
    assert speakers_meant("ann l", names) == ["Ann Lee", "Lee Ann Okoro"]
    assert speakers_meant("anna", names) == ["Anna Berg"]
    assert speakers_meant("han", names) == ["Hannah Bo"]
    assert speakers_meant("oanna", names) == []
    assert speakers_meant("Ánn LEE", names) == ["Ann Lee", "Lee Ann Okoro"]
    assert speakers_meant("", names) == speakers_meant("?!", names) == []


def test_a_name_may_be_short_for_another() -> None:
    assert is_named("rein", "David Rein")
    assert not is_named("davi", "David Rein")
    assert may_be_short_for("rob miles", "Robert Miles")
    assert not may_be_short_for("bob miles", "Robert Miles")
    assert not may_be_short_for("ro", "Robert Miles"), "two letters are nobody's name"


def test_a_name_may_be_nearly_right() -> None:
    assert speakers_like("aishwaria nares", SPEAKERS) == ["Aishwarya Naresh"]
    assert speakers_like("tom davidsen", SPEAKERS) == ["Tom Davidson"]
    assert speakers_like("tam reid", SPEAKERS) == [], "three letters are like too much"
    assert speakers_like("", SPEAKERS) == []


@pytest.mark.parametrize(
    "label",
    "Host|HOST|Interviewer|Guest 2|Moderator|Speaker 1|SPEAKER_00|Narrator|Audience|Audience Question|Second Speaker|"
    "Female Voice|Unknown Speaker|Q|A.|Questioner 3|Host (off)|Multiple Speakers|Moderatorin|主持人".split(
        "|"
    ),
)
def test_a_part_in_a_conversation_is_nobody(label: str) -> None:
    assert is_nobody(label)


@pytest.mark.parametrize(
    "label",
    "Ada Lind|Host (Ada Lind)|Dr. Ada Lind|AK|Moderata Host|Ann Guest|Bo|王伟|J. R. Holm|An|The Edge".split(
        "|"
    ),
)
def test_a_name_is_somebody(label: str) -> None:
    assert not is_nobody(label)
