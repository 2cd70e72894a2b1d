"""What a lexicon file holds, how its notation unfolds, and what is refused."""

import tomllib
from pathlib import Path

import pytest

from scoring.axis import load_axis
from scoring.errors import AxisDataInvalid
from scoring.lexicon.phrases import NotationError, load_terms, phrases_of
from scoring.lexicon.reader import Lexicon
from scoring.lexicon.scope import NEGATED

FOLDER = Path(__file__).resolve().parents[3] / "data" / "axes" / "risk-opportunity"
FILE = FOLDER / "lexicon.toml"

SMALL = """
[[risk]]
weight = 2
terms = "scald/v"
[[opportunity]]
weight = 2
terms = "soothe/v"
[[dismissals]]
weight = 1
terms = "fuss over nothing"
[[warners]]
weight = 1
terms = "so they say"
[[lenses]]
name = "taste"
weight = 2
terms = "bitter"
[neutral]
terms = "scald the pot"
[operators]
negators = "not"
relievers = "cool/v"
hedges = "maybe"
boosters = "very"
[speech]
fillers = "uh"
openers = "but"
restarts = "it"
bridges = "that"
ties = "to"
"""


@pytest.mark.parametrize(
    ("term", "phrases"),
    [
        ("risk/n", ["risk", "risks"]),
        ("harm/v", ["harm", "harms", "harmed", "harming"]),
        ("stop/vv", ["stop", "stops", "stopped", "stopping"]),
        ("rapid/a", ["rapid", "rapidly"]),
        ("terrible/a", ["terrible", "terribly"]),
        ("lose/v control", ["lose control", "loses control", "lost control", "losing control"]),
        ("end of [the] world", ["end of world", "end of the world"]),
        ("kill us|everyone", ["kill us", "kill everyone"]),
        ("automate/z", ["automate", "automates", "automated", "automating", "automation"]),
    ],
)
def test_a_term_stands_for_its_inflections(term, phrases):
    assert list(phrases_of(term, {"lose": "loses lost losing"})) == phrases


def test_verbs_in_ize_have_both_spellings():
    assert {"democratize", "democratise", "democratisation", "democratising"} <= set(
        phrases_of("democratize/z", {})
    )


@pytest.mark.parametrize("term", ["a/q", "a||b", "[a", "[]", "", " ".join(["a|b|c"] * 8)])
def test_a_term_that_breaks_the_notation_is_refused(term):
    with pytest.raises(NotationError):
        list(phrases_of(term, {}))


def test_the_shipped_lexicon_is_as_large_as_it_says():
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))

    def n_terms(groups):
        return sum(len([term for term in group["terms"].split(",") if term.strip()]) for group in groups)

    assert n_terms(data["risk"]) >= 300
    assert n_terms(data["opportunity"]) >= 300
    for lens in load_axis(FOLDER).lenses:
        assert n_terms([group for group in data["lenses"] if group["name"] == lens]) >= 100
    assert sum(len(terms.split(",")) for terms in data["neutral"].values()) >= 300


def test_the_lexicon_speaks_of_the_axis_own_lenses():
    assert set(load_terms(FILE).lens_names) == set(load_axis(FOLDER).lenses)


def test_another_lexicon_reads_the_same_way(tmp_path):
    file = tmp_path / "lexicon.toml"
    file.write_text(SMALL, encoding="utf-8")
    lexicon = Lexicon.load(file)
    assert lexicon.read("it scalded me").low == 2
    assert lexicon.read("it is not soothing").low == 2 * -NEGATED
    assert lexicon.read("please scald the pot").matches == ()
    assert lexicon.read("a bitter one").lens_evidence == {"taste": 2}


@pytest.mark.parametrize("fillers", ["", "uh,", " , uh"])
def test_a_language_may_have_no_fillers(tmp_path, fillers):
    file = tmp_path / "lexicon.toml"
    file.write_text(SMALL.replace('fillers = "uh"', f'fillers = "{fillers}"'), encoding="utf-8")
    assert Lexicon.load(file).read("it scalded me").low == 2


def test_rejections_reporters_and_turns_may_be_written_or_left_out(tmp_path):
    file = tmp_path / "lexicon.toml"
    file.write_text(SMALL, encoding="utf-8")
    assert Lexicon.load(file).read("they say it scalds but no way jose").low == 2
    written = SMALL.replace(
        "[neutral]", '[[rejections]]\nweight = 1\nterms = "no way jose"\n[neutral]'
    ).replace('hedges = "maybe"', 'hedges = "maybe"\nreporters = "they say"\nturns = "but"')
    file.write_text(written, encoding="utf-8")
    assert Lexicon.load(file).read("they say it scalds but fine").low == 0
    assert Lexicon.load(file).read("it scalds and no way jose").high == 2


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('terms = "soothe/v"', 'terms = "scald"', "both_poles:scald"),
        ("weight = 2", "weight = 9", "wrong_weight:9"),
        ("weight = 2", 'weight = "2"', "wrong_weight:2"),
        ('"scald/v"', '"scald/x"', "unknown_class:scald/x"),
        ("[[warners]]", "[[alarms]]", "missing_tables:warners"),
        ("[operators]", "[works]", "missing_table:operators"),
        ('negators = "not"', "", "missing_text:negators"),
        ('"scald/v"', '"scald/v, –"', "no_words:–"),
        ("\n[[risk]]", '\nversion = "seven"\n[[risk]]', "wrong_version:seven"),
    ],
)
def test_a_broken_lexicon_says_what_is_wrong(tmp_path, old, new, problem):
    assert old in SMALL
    file = tmp_path / "lexicon.toml"
    file.write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(AxisDataInvalid) as caught:
        Lexicon.load(file)
    assert caught.value.fields == {"file": str(file), "problem": problem}
