"""A lexicon file as tables of phrases, in which a reader looks words up.

The notation of terms is explained at the top of every lexicon file. English is the only language whose inflections it
knows; a lexicon of another language writes its forms out with ``|``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Generic, Literal, NoReturn, TypeVar

from scoring.axis import read_toml
from scoring.errors import AxisDataInvalid
from scoring.lexicon.clauses import FunctionWords, keys_of

_OPTIONAL = re.compile(r"\[([^\[\]]+)\]")
_SIBILANTS = ("s", "x", "z", "ch", "sh")
_MOST_PHRASES = 500
CLASSES = ("n", "v", "vv", "a", "z")


class NotationError(ValueError):
    """A term is not written as the notation asks; the message is a code and the term after a colon."""


def phrases_of(term: str, irregular: Mapping[str, str]) -> Iterator[str]:
    """Return the phrases that ``term`` stands for; each once, the plainest first.

    Args:
        term: words with classes, alternatives and optional words, as ``kill/v us|everyone``.
        irregular: for a word its forms other than itself, separated by spaces.

    Raises:
        NotationError: an unknown class, an empty alternative, a stray bracket, or more phrases than 500.
    """
    slots: list[list[str]] = []
    spaced = _OPTIONAL.sub(lambda match: "?" + match.group(1).replace(" ", "|"), term)
    if "[" in spaced or "]" in spaced or not spaced.strip():
        raise NotationError(f"stray_bracket:{term}")
    for word in spaced.split():
        forms = [
            form for choice in word.removeprefix("?").split("|") for form in _forms(choice, irregular, term)
        ]
        slots.append([*([""] if word.startswith("?") else []), *dict.fromkeys(forms)])
    n_phrases = 1
    for slot in slots:
        n_phrases *= len(slot)
    if n_phrases > _MOST_PHRASES:
        raise NotationError(f"too_many_phrases:{term}")
    seen: set[str] = set()
    for chosen in product(*slots):
        phrase = " ".join(word for word in chosen if word)
        if phrase and phrase not in seen:
            seen.add(phrase)
            yield phrase


def _forms(choice: str, irregular: Mapping[str, str], term: str) -> list[str]:
    word, slash, kind = choice.partition("/")
    if not word or (slash and kind not in CLASSES):
        raise NotationError(f"unknown_class:{term}")
    if not slash:
        return [word]
    if word in irregular:
        return [word, *irregular[word].split()]
    return [word, *_inflected(word, kind)]


def _inflected(word: str, kind: str) -> list[str]:
    if kind == "n":
        return [_with_s(word)]
    if kind == "a":
        return [_adverb(word)]
    if kind == "z":
        return _derived(word)
    if kind == "vv":
        return [_with_s(word), f"{word}{word[-1]}ed", f"{word}{word[-1]}ing"]
    return [_with_s(word), *_past_and_ing(word)]


def _with_s(word: str) -> str:
    if word.endswith(_SIBILANTS):
        return word + "es"
    return word[:-1] + "ies" if _ends_in_consonant_y(word) else word + "s"


def _past_and_ing(word: str) -> list[str]:
    if _ends_in_consonant_y(word):
        return [word[:-1] + "ied", word + "ing"]
    if word.endswith("ee"):
        return [word + "d", word + "ing"]
    return [word + "d", word[:-1] + "ing"] if word.endswith("e") else [word + "ed", word + "ing"]


def _derived(word: str) -> list[str]:
    """Return forms of a verb in -ate, -ize or -yze, and its noun in -ion, in both spellings."""
    stem = word.removesuffix("e")
    noun = stem + "ion" if word.endswith("ate") else stem + "ation"
    forms = [word + "s", word + "d", stem + "ing", noun]
    if word.endswith(("ize", "yze")):
        forms += [form[: len(stem) - 1] + "s" + form[len(stem) :] for form in (word, *forms)]
    return forms


def _adverb(word: str) -> str:
    if word.endswith("ic"):
        return word + "ally"
    if word.endswith("le"):
        return word[:-1] + "y"
    return word[:-1] + "ily" if _ends_in_consonant_y(word) else word + "ly"


def _ends_in_consonant_y(word: str) -> bool:
    return len(word) > 1 and word.endswith("y") and word[-2] not in "aeiou"


Role = Literal[
    "stance",
    "dismissal",
    "warner",
    "rejection",
    "negator",
    "reliever",
    "hedge",
    "booster",
    "reporter",
    "turn",
]
_OPERATORS: Mapping[str, Role] = {
    "negators": "negator",
    "relievers": "reliever",
    "hedges": "hedge",
    "boosters": "booster",
    "reporters": "reporter",
    "turns": "turn",
}
_STANCES: tuple[tuple[str, Role, int], ...] = (
    ("risk", "stance", -1),
    ("opportunity", "stance", 1),
    ("dismissals", "dismissal", 1),
    ("warners", "warner", -1),
    ("rejections", "rejection", 1),
)
_MAY_BE_MISSING = ("rejections", "reporters", "turns")
HEAVIEST = 4

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Entry:
    """The effect of a phrase. ``weight`` is signed (negative: low pole); ``term`` is as the lexicon writes it."""

    term: str
    role: Role
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Phrases(Generic[Found]):
    """Phrases of words and what each stands for.

    Attributes:
        entries: by the phrase's words.
        lengths: for a first word, the lengths of the phrases that begin with it, longest first.
    """

    entries: dict[tuple[str, ...], Found] = field(default_factory=dict)
    lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(self, phrase: tuple[str, ...], found: Found) -> None:
        """Let ``phrase`` stand for ``found``, whatever it stood for before."""
        self.entries[phrase] = found
        known = {*self.lengths.get(phrase[0], ()), len(phrase)}
        self.lengths[phrase[0]] = tuple(sorted(known, reverse=True))

    def at(self, keys: Sequence[str], place: int) -> Iterator[tuple[int, Found]]:
        """Yield the phrases that begin at ``place`` of ``keys``, longest first, with the place after them."""
        for n_words in self.lengths.get(keys[place], ()):
            after = place + n_words
            found = self.entries.get(tuple(keys[place:after])) if after <= len(keys) else None
            if found is not None:
                yield after, found


@dataclass(frozen=True, slots=True)
class PhraseTables:
    """A lexicon as tables. ``lenses`` gives, for a phrase, a weight for each lens that it speaks of."""

    version: int
    stances: Phrases[Entry]
    operators: Phrases[Entry]
    neutral: Phrases[bool]
    lenses: Phrases[dict[str, float]]
    lens_names: tuple[str, ...]
    speech: FunctionWords


def load_terms(file: Path) -> PhraseTables:
    """Load the tables of a lexicon file.

    Raises:
        AxisDataInvalid: the file cannot be read, a key is missing, a term breaks the notation or has no words, the
            version is no whole number, a weight is not 1 to 4, or one phrase is given to both poles; ``problem`` is
            a code and what it concerns after a colon.
    """
    return _Loader(file, read_toml(file)).terms()


class _Loader:
    def __init__(self, file: Path, data: dict[str, Any]) -> None:
        self._file = file
        self._data = data
        self._irregular = self._table("irregular") if "irregular" in data else {}

    def terms(self) -> PhraseTables:
        lenses: Phrases[dict[str, float]] = Phrases()
        names: dict[str, None] = {}
        for group in self._groups("lenses"):
            name = self._text(group, "name")
            names[name] = None
            for _, phrase in self._phrases(self._text(group, "terms")):
                weights = lenses.entries.get(phrase, {})
                lenses.add(phrase, {name: self._weight(group), **weights})
        neutral: Phrases[bool] = Phrases()
        for key in (table := self._table("neutral")):
            for _, phrase in self._phrases(self._text(table, key)):
                neutral.add(phrase, True)
        return PhraseTables(
            version=self._version(),
            stances=self._stances(),
            operators=self._operators(),
            neutral=neutral,
            lenses=lenses,
            lens_names=tuple(names),
            speech=self._speech(),
        )

    def _stances(self) -> Phrases[Entry]:
        stances: Phrases[Entry] = Phrases()
        for section, role, sign in _STANCES:
            if section in _MAY_BE_MISSING and section not in self._data:
                continue
            for group in self._groups(section):
                weight = sign * self._weight(group)
                for term, phrase in self._phrases(self._text(group, "terms")):
                    known = stances.entries.get(phrase)
                    if known is not None and known.weight * sign < 0:
                        self._fail(f"both_poles:{' '.join(phrase)}")
                    if known is None:
                        stances.add(phrase, Entry(term=term, role=role, weight=weight))
        return stances

    def _operators(self) -> Phrases[Entry]:
        operators: Phrases[Entry] = Phrases()
        table = self._table("operators")
        for key, role in _OPERATORS.items():
            if key in _MAY_BE_MISSING and key not in table:
                continue
            for term, phrase in self._phrases(self._text(table, key)):
                if phrase not in operators.entries:
                    operators.add(phrase, Entry(term=term, role=role))
        return operators

    def _speech(self) -> FunctionWords:
        table = self._table("speech")

        def words(key: str) -> frozenset[str]:
            return frozenset(keys_of(self._text(table, key)))

        fillers = (tuple(keys_of(filler)) for filler in self._text(table, "fillers").split(","))
        return FunctionWords(
            frozenset(filter(None, fillers)),
            words("openers"),
            words("restarts"),
            words("bridges"),
            words("ties"),
        )

    def _phrases(self, terms: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        for written in terms.split(","):
            term = " ".join(written.split())
            if not term:
                continue
            try:
                for phrase in phrases_of(term, self._irregular):
                    if not (keys := tuple(keys_of(phrase))):
                        self._fail(f"no_words:{term}")
                    yield term, keys
            except NotationError as problem:
                self._fail(str(problem))

    def _groups(self, key: str) -> list[dict[str, Any]]:
        groups = self._data.get(key)
        if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
            self._fail(f"missing_tables:{key}")
        return groups

    def _table(self, key: str) -> dict[str, Any]:
        table = self._data.get(key)
        if not isinstance(table, dict):
            self._fail(f"missing_table:{key}")
        return table

    def _text(self, table: dict[str, Any], key: str) -> str:
        found = table.get(key)
        if not isinstance(found, str):
            self._fail(f"missing_text:{key}")
        return found

    def _version(self) -> int:
        version = self._data.get("version", 1)
        if not isinstance(version, int):
            self._fail(f"wrong_version:{version}")
        return version

    def _weight(self, group: dict[str, Any]) -> float:
        weight = group.get("weight")
        if not isinstance(weight, int | float) or not 1 <= weight <= HEAVIEST:
            self._fail(f"wrong_weight:{weight}")
        return float(weight)

    def _fail(self, problem: str) -> NoReturn:
        raise AxisDataInvalid(file=str(self._file), problem=problem)
