"""Claims about misspelt and misheard words."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from index.text.spelling import Speller, sound_of, with_corrections
from index.text.tokens import TermFinder, stem, terms_of


@dataclass
class Known:
    """Words in memory: how often each is written, and those that are only heard."""

    spelt: dict[str, int] = field(default_factory=dict)
    heard_words: tuple[str, ...] = ()

    async def written(self) -> Sequence[tuple[str, int]]:
        return list(self.spelt.items())

    async def heard(self, length: int) -> Sequence[str]:
        return [word for word in self.heard_words if abs(len(word) - length) <= 1]

    async def sounding_like(
        self, words: Sequence[str], sounds: Sequence[str]
    ) -> tuple[set[str], Mapping[str, Sequence[str]]]:
        alike = {sound: [word for word in self.heard_words if sound_of(word) == sound] for sound in sounds}
        return {word for word in words if word in self.spelt}, alike


WORDS = Known(
    {
        "bayesian": 3,
        "interpretability": 9,
        "river": 5,
        "rivet": 1,
        "grokking": 2,
        "statistics": 4,
        "miller": 1,
        "having": 40,
        "havoc": 9,
        "hacking": 2,
        "kant": 3,
        "want": 30,
        "done": 30,
        "were": 30,
        "toast": 4,
        "husband": 9,
        "moral": 5,
        "stable": 4,
        "smartest": 3,
        "cooked": 2,
        "alignment": 9,
    },
    ("basan", "grocking", "ukulele"),
)
NAMES = frozenset({"murfet", "hoogland"})
STEMS = {stem(word) for word in (*WORDS.spelt, *WORDS.heard_words, *NAMES)}
SPELLER = Speller(STEMS.__contains__, NAMES, WORDS, {"roast", "scary", "cook"}.__contains__)


async def corrected(question: str) -> dict[str, str]:
    return (await SPELLER.correct(terms_of(question)))[1]


async def test_an_unknown_word_becomes_the_nearest_written_one() -> None:
    terms, changed = await SPELLER.correct(terms_of("baysian interprtability"))
    assert changed == {"baysian": "bayesian", "interprtability": "interpretability"}
    assert [word.word for word in terms.words] == ["bayesian", "interpretability"]
    assert terms.stems == terms_of("bayesian interpretability").stems


class Slow(Known):
    """Words that are not there at once."""

    async def written(self) -> Sequence[tuple[str, int]]:
        await asyncio.sleep(0)
        return await super().written()


async def test_words_are_corrected_by_all_words_while_another_question_loads_them() -> None:
    """The sentences of one message are corrected at the same time, and any of them may be given up."""
    for first_is_given_up in (False, True):
        speller = Speller(STEMS.__contains__, NAMES, Slow(WORDS.spelt))
        first = asyncio.create_task(speller.correct(terms_of("baysian")))
        await asyncio.sleep(0)
        if first_is_given_up:
            first.cancel()
        _, second = await asyncio.gather(
            first, speller.correct(terms_of("interprtability")), return_exceptions=True
        )
        assert isinstance(second, tuple)
        assert second[1] == {"interprtability": "interpretability"}


async def test_names_are_corrected_too() -> None:
    assert await corrected("Daniel Murfett") == {"murfett": "murfet"}


async def test_known_words_quoted_words_short_words_and_numbers_are_left_alone() -> None:
    assert await corrected("rivers of statistics") == {}
    assert await corrected('"baysian inference"') == {}
    assert await corrected("rvr 20266 xyzzyplugh") == {}


@pytest.mark.parametrize(
    ("question", "changed"),
    [
        ("haking", {"haking": "hacking"}),
        ("hakcing", {"hakcing": "hacking"}),
        ("why wont dont isnt cant it", {}),
        ("dont", {}),
        ("animal husbandry", {}),
        ("amoral unstable", {}),
        ("stabel", {"stabel": "stable"}),
        ("kann werden", {}),
        (":toast: :tada: <@123456789012345678> https://example.org/rievr", {}),
        ("`rievr` ```rievr```", {}),
        ("rievr `rievr`", {"rievr": "river"}),
        ("roast", {}),
        ("the scariest thing in a rice cooker", {}),
        ("allignement", {"allignement": "alignment"}),
        ("C++ U.S. GPT-4o", {}),
    ],
)
async def test_a_correction_helps_or_keeps_still(question: str, changed: dict[str, str]) -> None:
    assert await corrected(question) == changed


async def test_a_word_of_the_same_letters_is_meant_rather_than_a_more_frequent_one() -> None:
    words = Known({"restraint": 9, "restaurant": 2})
    speller = Speller({stem(word) for word in words.spelt}.__contains__, frozenset(), words)
    assert (await speller.correct(terms_of("restaraunt")))[1] == {"restaraunt": "restaurant"}
    assert (await speller.correct(terms_of("restraimt")))[1] == {"restraimt": "restraint"}


async def test_two_letters_changed_places_are_one_mistake() -> None:
    assert await corrected("rievr") == {"rievr": "river"}


async def test_misheard_words_stand_for_what_was_meant() -> None:
    terms = await SPELLER.with_mishearings(terms_of("bayesian statistics"))
    assert dict(terms.variants) == {"basan": terms_of("bayesian").stems[0]}
    found = TermFinder(terms).find("a theory of basan statistics")
    assert [meant for *_, meant in found] == list(terms.stems)


def test_like_sounds_are_alike() -> None:
    assert sound_of("bayesian") == sound_of("basan")
    assert sound_of("grokking") == sound_of("grocking")
    assert sound_of("") == ""


async def test_an_edition_without_words_corrects_nothing() -> None:
    nothing = Speller(lambda _: False, frozenset(), Known())
    terms = terms_of("river")
    assert await nothing.correct(terms) == (terms, {})
    assert await nothing.with_mishearings(terms) == terms


@pytest.mark.parametrize(
    ("asked", "said"),
    [("radiologists", "radiology"), ("radiology", "radiologist"), ("psychiatrist", "psychiatry")],
)
async def test_who_asks_for_a_profession_finds_its_field_and_the_other_way_round(
    asked: str, said: str
) -> None:
    terms = await SPELLER.with_mishearings(terms_of(asked))
    assert [meant for *_, meant in TermFinder(terms).find(f"years of {said}")] == list(terms.stems)


def test_a_question_is_read_with_its_corrections() -> None:
    assert with_corrections("Colusion, colusions", {"colusion": "collusion"}) == "collusion, colusions"
    assert with_corrections("a finetuning", {"finetuning": "fine tuning"}) == "a fine tuning"
    assert with_corrections("as typed", {}) == "as typed"


async def test_a_word_that_only_captions_have_is_meant_where_no_written_one_is_near() -> None:
    assert await corrected("an electric ukelele") == {"ukelele": "ukulele"}
    assert await corrected("an electric ukulele") == {}
    assert await corrected("alignmnt") == {"alignmnt": "alignment"}  # a written word comes first
    assert await corrected("basam") == {}  # too short
