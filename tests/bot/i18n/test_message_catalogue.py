"""Every sentence exists in every language, names the same fields, and every error has one."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
import index
import scoring
from bot.i18n.message_catalogue import (
    DEFAULT,
    MessageCatalogue,
    clock,
    plural_rule,
    shown_difference,
    signed,
    whole_percent,
    whole_shares,
)
from index.errors import (
    EpisodeAmbiguous,
    EpisodeFileInvalid,
    EpisodeUnknown,
    FileTooLarge,
    TimesRunBackwards,
    TranscriptRejected,
)
from index.library.sources.errors import RepositoryUnreadable
from index.wrong_values import PROBLEMS
from scoring.errors import CodedError, error_of
from scoring.position_arithmetic import PositionInvalid

CATALOGUE = MessageCatalogue.load()
LANGUAGES = sorted(CATALOGUE.languages)


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def every_error() -> Iterator[type[CodedError]]:
    for package in (scoring, index, bot):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    left = [CodedError]
    while left:
        kind = left.pop()
        if kind.__module__.split(".")[0] in ("scoring", "index", "bot"):
            yield kind
        left += kind.__subclasses__()


def test_there_are_two_languages() -> None:
    assert LANGUAGES == ["de", "en"]


def plural_keys(templates: Mapping[str, str]) -> set[str]:
    """Keys of sentences about a number, without their plural category."""
    return {key.removesuffix(".other") for key in templates if key.endswith(".other")}


def singular_keys(templates: Mapping[str, str]) -> set[str]:
    return {key for key in templates if key.rpartition(".")[0] not in plural_keys(templates)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_keys(language: str) -> None:
    own, default = CATALOGUE.languages[language], CATALOGUE.languages[DEFAULT]
    assert singular_keys(own) == singular_keys(default)
    assert plural_keys(own) == plural_keys(default)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_about_a_number_has_a_form_for_every_number(language: str) -> None:
    categories = {plural_rule(language)(n) for n in range(1001)}
    templates = CATALOGUE.languages[language]
    for key in plural_keys(templates):
        forms = {name.rpartition(".")[2] for name in templates if name.rpartition(".")[0] == key}
        assert forms == categories, key


@pytest.mark.parametrize("key", sorted(singular_keys(CATALOGUE.languages[DEFAULT])))
def test_a_sentence_names_the_same_fields_in_each_language(key: str) -> None:
    for language in LANGUAGES:
        assert fields_of(CATALOGUE.languages[language][key]) == fields_of(CATALOGUE.languages[DEFAULT][key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_that_is_set_in_has_a_sentence(language: str) -> None:
    for key, template in CATALOGUE.languages[language].items():
        for _, _, spec, _ in string.Formatter().parse(template):
            if spec and spec.startswith("count:"):
                assert CATALOGUE.count(spec.removeprefix("count:"), 2, language), key


def keys_in_code() -> Iterator[tuple[str, str]]:
    """Every whole key that the bot's code asks for, with the file."""
    for file in sorted(Path(bot.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"say", "count", "text"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
                and re.fullmatch(r"[a-z_]+(\.[A-Za-z_]+)+", node.args[0].value)
            ):
                yield node.args[0].value, file.name


def test_every_wrong_use_is_said_in_words() -> None:
    used = {
        f"wrong_use.{ast.literal_eval(node.args[0])}"
        for file in Path(bot.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "wrong"
    }
    assert used == {key for key in CATALOGUE.languages[DEFAULT] if key.startswith("wrong_use.")}


def test_every_key_that_the_code_asks_for_is_there() -> None:
    templates = CATALOGUE.languages[DEFAULT]
    asked = list(keys_in_code())
    assert len(asked) > 100
    assert [pair for pair in asked if pair[0] not in templates and f"{pair[0]}.other" not in templates] == []


POLISH = {
    "episodes.one": "{n} odcinek",
    "episodes.few": "{n} odcinki",
    "episodes.many": "{n} odcinków",
    "episodes.other": "{n} odcinka",
    "found": "Znaleziono {n:count:episodes}.",
}
FRENCH = {"episodes.one": "{n} épisode", "episodes.many": "{n} d’épisodes", "episodes.other": "{n} épisodes"}
ENGLISH = {
    "episodes.one": "{n} episode",
    "episodes.other": "{n} episodes",
    "late.one": "{n} late",
    "late.other": "{n} l.",
}


@pytest.mark.parametrize(
    ("language", "n", "said"),
    [
        ("pl", 0, "0 odcinków"),
        ("pl", 1, "1 odcinek"),
        ("pl", 2, "2 odcinki"),
        ("pl", 5, "5 odcinków"),
        ("pl", 12, "12 odcinków"),
        ("pl", 21, "21 odcinków"),
        ("pl", 22, "22 odcinki"),
        ("fr", 0, "0 épisode"),
        ("fr-CA", 1, "1 épisode"),
        ("fr", 2, "2 épisodes"),
        ("en-GB", 0, "0 episodes"),
        ("en", 1, "1 episode"),
    ],
)
def test_numbers_are_said_by_the_plural_rules_of_each_language(language: str, n: int, said: str) -> None:
    catalogue = MessageCatalogue({"en": ENGLISH, "fr": FRENCH, "pl": POLISH})
    assert catalogue.count("episodes", n, language) == said


def test_a_number_within_a_sentence_follows_the_same_rules() -> None:
    catalogue = MessageCatalogue({"en": ENGLISH, "pl": POLISH})
    assert catalogue.text("found", "pl", n=3) == "Znaleziono 3 odcinki."


def test_a_sentence_that_a_language_lacks_is_said_by_the_rules_of_the_language_it_is_in() -> None:
    catalogue = MessageCatalogue({"en": ENGLISH, "fr": FRENCH})
    assert catalogue.count("late", 0, "fr") == "0 l."


@pytest.mark.parametrize(
    "kind", sorted(set(every_error()), key=lambda kind: kind.code), ids=lambda error: error.code
)
def test_every_error_has_a_sentence_that_uses_fields_it_promises(kind: type[CodedError]) -> None:
    keys = [key for key in (f"error.{kind.code}", f"error.{kind.code}.whole") if CATALOGUE.has(key)]
    assert keys, f"no sentence for {kind.__name__}"
    promised = set(re.findall(r"``(\w+)``", " ".join(base.__doc__ or "" for base in kind.__mro__)))
    if dataclasses.is_dataclass(kind):
        promised = {field.name for field in dataclasses.fields(kind)}
    assert fields_of(CATALOGUE.languages["en"][keys[0]]) <= promised | {"place"}


@pytest.mark.parametrize("code", ["error.library_missing", "error.edition_missing", "error.edition_mismatch"])
def test_an_error_that_a_command_mends_names_the_command(code: str) -> None:
    assert all("`counterpoint " in CATALOGUE.languages[language][code] for language in LANGUAGES)


def test_an_empty_list_or_an_unknown_line_takes_the_sentence_without_it() -> None:
    near = CATALOGUE.error(EpisodeUnknown(received="x", nearest=["A", "B"]))
    assert "“A”, “B”" in near
    assert "Nearest" not in CATALOGUE.error(EpisodeUnknown(received="x", nearest=[]))
    assert "Zeile 3" in CATALOGUE.error(EpisodeFileInvalid(file="a", line=3, problem="not UTF-8"), "de")
    assert "line" not in CATALOGUE.error(EpisodeFileInvalid(file="a", line=None, problem="not UTF-8"), "en")
    back = TimesRunBackwards(file="a", line=1, before_s=100.0, after_s=2.5)
    assert "from 1:40 to 0:02" in CATALOGUE.error(back)


def problems_in_code() -> Iterator[tuple[str, str]]:
    """The code of every problem that is named in the program, with its file: what stands before the colon."""
    for package in (bot, index, scoring):
        for file in sorted(Path(package.__path__[0]).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    given = [word.value for word in node.keywords if word.arg == "problem"]
                    named = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    if named in {"NotationError", "_fail"}:
                        given += node.args[:1]
                    for value in given:
                        code = value.values[0] if isinstance(value, ast.JoinedStr) else value
                        if isinstance(code, ast.Constant) and isinstance(code.value, str):
                            yield code.value.partition(":")[0].strip().replace(" ", "_"), file.name


def test_every_problem_that_the_code_names_is_said_in_words() -> None:
    named = list(problems_in_code())
    assert len(named) > 40
    assert [pair for pair in named if f"problem.{pair[0]}" not in CATALOGUE.languages[DEFAULT]] == []


@pytest.mark.parametrize(
    "problem",
    [
        "host_not_found",
        "site_not_reached",
        "no_repository",
        "empty_repository",
        "too_many_files",
        "git_missing",
    ],
)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_why_a_repository_cannot_be_read_is_a_sentence(problem: str, locale: str) -> None:
    said = CATALOGUE.error(RepositoryUnreadable(address="https://git.example.org/x", problem=problem), locale)
    assert problem not in said
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, 0),
        (1e-6, 1),
        (0.004, 1),
        (0.016, 2),
        (0.5, 50),
        (0.984, 98),
        (0.996, 99),
        (1 - 1e-9, 99),
        (1.0, 100),
    ],
)
def test_only_all_are_100_percent_and_only_none_are_0(share: float, said: int) -> None:
    assert whole_percent(share) == said
    for locale in CATALOGUE.languages:
        assert f"{said} %" in CATALOGUE.text("card.share", locale, fill="x", share=share, band="Mixed")
        sign = "%" if locale == "en" else " %"
        assert f"{said}{sign}" in CATALOGUE.text("picture.share", locale, share=share, band="Mixed")
        assert f"{said}{sign}" in CATALOGUE.text("reading.speaker", locale, name="Ada", share=share)
        assert f"{said}{sign}" in CATALOGUE.text("picture.place.part", locale, share=share)


def test_fractions_are_written_as_the_language_writes_them() -> None:
    said = [CATALOGUE.text("counterbalance.topic", locale, topic=0.614) for locale in ("en", "de")]
    assert said == ["topic match 0.61 of 1", "Nähe im Thema 0,61 von 1"]


@given(st.lists(st.integers(0, 400), min_size=3, max_size=5).filter(any))
def test_shares_that_are_shown_add_up_to_all(counts: list[int]) -> None:
    shares = [count / sum(counts) for count in counts]
    shown = whole_shares(shares)
    percents = [whole_percent(share) for share in shown]
    assert sum(percents) == 100
    for share, percent in zip(shares, percents, strict=True):
        assert (percent == 0) == (share == 0)
        assert (percent == 100) == (share == 1)
        assert abs(percent - 100 * share) < len(shares)


def test_shares_of_nothing_stay_nothing() -> None:
    assert whole_shares((0.0, 0.0, 0.0)) == [0.0, 0.0, 0.0]
    assert whole_shares((91 / 188, 90 / 188, 7 / 188)) == [0.48, 0.48, 0.04]


def test_what_a_program_calls_a_problem_is_said_in_words() -> None:
    broken = EpisodeFileInvalid(file="a", line=None, problem="too large")
    assert "zu groß" in CATALOGUE.error(broken, "de")
    unknown = EpisodeFileInvalid(file="a", line=None, problem="guests: *odd*")
    assert "GUESTS: *ODD*" in CATALOGUE.error(unknown, shown=str.upper)


def test_numbers_are_written_for_people() -> None:
    assert "105 MB" in CATALOGUE.error(FileTooLarge(file="a", line=None, size=104_857_600, limit=5e7))
    assert "120 is no position: a number from -100 to +100" in CATALOGUE.error(
        PositionInvalid(received=120.0, low=-100.0, high=100.0)
    )
    assert (signed(-7.6), signed(0.4), signed(-0.4), signed(12.0)) == ("−8", "0", "0", "+12")
    assert (clock(59.9), clock(61), clock(3723), clock(-3)) == ("0:59", "1:01", "1:02:03", "0:00")


def test_a_field_reaches_into_no_object() -> None:
    catalogue = MessageCatalogue({"en": {"x": "{a.__class__}"}})
    with pytest.raises(KeyError):
        catalogue.text("x", a=1)


def test_an_unknown_language_is_spoken_to_in_english() -> None:
    assert [CATALOGUE.language_of(locale) for locale in ("de", "de-AT", "en-GB", "ja", None)] == [
        "de", "de", "en", "en", "en",
    ]  # fmt: skip


def test_an_error_that_lacks_a_field_has_its_familys_sentence() -> None:
    """The log of jobs may hold an error of an older version, whose fields had other names."""
    rejected = CATALOGUE.error(TranscriptRejected(file="a", line=None))
    assert CATALOGUE.error(error_of("file_too_large", {"file": "a", "line": None})) == rejected


def test_an_error_without_a_sentence_of_its_own_has_its_familys() -> None:
    class Rare(EpisodeUnknown):
        code = "rare"

    assert CATALOGUE.error(Rare(received="x", nearest=[])) == CATALOGUE.error(
        EpisodeUnknown(received="x", nearest=[])
    )


def test_names_of_commands_are_fit_for_discord_in_each_language() -> None:
    for language in LANGUAGES:
        for key, text in CATALOGUE.languages[language].items():
            if key.startswith("command.") and key.endswith(".name"):
                assert re.fullmatch(r"[-_\w]{1,32}", text), (language, key)
                assert text == text.lower()
            if key.startswith("command.") and key.endswith(".description"):
                assert 1 <= len(text) <= 100, (language, key)
            if key.startswith("menu."):
                assert 1 <= len(text) <= 32, (language, key)


def command_names(language: str) -> set[str]:
    """Names of commands and subcommands as Discord shows them in ``language``, such as ``admin reindex``."""
    templates = CATALOGUE.languages[language]
    names = set()
    for key in templates:
        parts = key.split(".")
        if parts[0] == "command" and parts[-1] == "name" and "options" not in parts:
            path = [templates[".".join([*parts[:end], "name"])] for end in range(2, len(parts))]
            names |= {" ".join(path), path[0]}
    return names


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_command_in_a_sentence_has_the_name_that_its_reader_sees(language: str) -> None:
    names = command_names(language)
    assert len(names) > 15
    told = [
        (key, typed)
        for key, template in CATALOGUE.languages[language].items()
        for typed in re.findall(r"`/([^`:{]+?)(?: \S+:[^`]*)?`", template)
    ]
    assert len(told) > 30
    assert [(key, typed) for key, typed in told if typed not in names] == []


def test_a_printed_difference_is_that_of_the_printed_positions() -> None:
    """19.6 and -0.6 are printed as +20 and −1: whoever subtracts them comes to −21, not to −20."""
    assert [signed(19.6), signed(-0.6), signed(shown_difference(19.6, -0.6))] == ["+20", "−1", "−21"]


def test_a_wrong_value_is_told_with_its_name_in_both_languages() -> None:
    error = EpisodeFileInvalid(file="dam/episode.json", line=None, problem="wrong_value:url:value_no_link")
    assert "url: an address that begins with https:// or http:// is expected" in CATALOGUE.error(error)
    assert "url: erwartet wird eine Adresse" in CATALOGUE.error(error, "de")
    told = "wrong_value:url:a word: of another library"
    assert CATALOGUE.problem(told) == "url: a word: of another library"


def test_every_problem_of_a_value_is_said_in_words() -> None:
    codes = {problem.partition(":")[0] for problem in PROBLEMS.values()}
    assert [code for code in codes if not CATALOGUE.has(f"problem.{code}")] == []


def test_a_long_list_says_that_there_are_others() -> None:
    titles = {f"talk-{n}": f"Talk {n}" for n in range(9)}
    whole = CATALOGUE.error(EpisodeAmbiguous.among("talk", dict(list(titles.items())[:8])))
    assert "“Talk 6”, “Talk 7”. " in whole
    cut = EpisodeAmbiguous.among("talk", titles)
    assert "“Talk 7” and others. " in CATALOGUE.error(cut)
    assert "Talk 8" not in CATALOGUE.error(cut)
    assert cut.slugs == list(titles)


def test_what_every_face_tells_sends_nobody_to_a_command_of_discord_alone() -> None:
    """The terminal, assistants and programs over HTTP tell the same sentences, and have no ``/find``."""
    told_everywhere = ("bot.app.input_validation", "bot.app.edition_answers", "bot.programs", "index")
    of_discord_alone = {"speaker_unheard"}
    codes = {kind.code for kind in every_error() if kind.__module__.startswith(told_everywhere)}
    assert {"speaker_unknown", "speaker_is_part", "episode_unknown", "edition_missing"} <= codes
    for code in sorted(codes - of_discord_alone):
        for key in (f"error.{code}", f"error.{code}.whole", f"error.{code}.bare"):
            sentence = CATALOGUE.languages[DEFAULT].get(key, "")
            assert "`/" not in sentence or "terminal" in sentence or "`counterpoint" in sentence, key
