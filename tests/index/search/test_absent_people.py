"""A question for the words of somebody who speaks nowhere here is told from one that names a thing."""

import pytest

from index.search.absent_people import asked_person, follows_given_name, is_among

WORDS = frozenset(
    "what did say about timelines leaving an office interview does think will happen researchers science evidence "
    "models open source weights control next holds view on risk to is true that hanson test "
    "weather step by alignment".split()
)


def asked(question: str) -> str | None:
    person = asked_person(question, is_word=WORDS.__contains__)
    return None if person is None else person.name


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("what did sam altmann say about risk", "sam altmann"),
        ("what does Oduya think will happen", "Oduya"),
        ("did oduya ever say that", "oduya"),
        ("oduya argues that models think", "oduya"),
        ("oduya's view on risk", "oduya"),
        ("oduya’s view on risk", "oduya"),
        ("what did O'Duya say about risk", "O'Duya"),
        ("what did O’Duya say about risk", "O’Duya"),
        ("according to oduya", "oduya"),
        ("interview with robin hanson", "robin hanson"),
        ("what does robin hanson think", "robin hanson"),
        ("demis oduya interview", "demis oduya"),
        ("geoffrey oduya leaving an office", "geoffrey oduya"),
        ("what oduya actually said", "oduya"),
        ("oduya still thinks models think", "oduya"),
    ],
)
def test_a_person_is_known_by_how_their_words_are_asked_for(question: str, name: str) -> None:
    assert asked(question) == name


@pytest.mark.parametrize(
    "question",
    [
        "what do researchers say about timelines",
        "does the evidence say that",
        "what does science say",
        "will open source models say what is true",
        "what does oduyation mean",
        "is it true that gpt-4 will say so",
        "robin hanson",
        "step by step",
        "claude sonnet",
        'what did "sam altmann" say',
        "what did “sam altmann” say",
        "what did „sam altmann“ say",
        "what did «sam altmann» say",
        "",
        "say",
        "by",
    ],
)
def test_common_words_and_things_are_nobody(question: str) -> None:
    assert asked(question) is None


def test_who_has_the_name_its_beginning_or_nearly_the_name_is_there() -> None:
    names = ["Robert Miles", "Josefina Arrate"]
    for typed in ("rob miles", "josefina arate", "arrate"):
        person = asked_person(f"what did {typed} say about risk", is_word=WORDS.__contains__)
        assert person is not None
        assert is_among(person, names)
    for typed in ("robert oduya", "jo arrate", "millesimo"):
        person = asked_person(f"what did {typed} say about risk", is_word=WORDS.__contains__)
        assert person is not None
        assert not is_among(person, names)


def test_a_surname_is_written_after_a_given_name_and_a_company_is_not() -> None:
    assert follows_given_name("oduya", ["they asked Sam Oduya, who said no"])
    assert not follows_given_name("oduya", ["they work at Oduya, and Sam does, too", ""])
