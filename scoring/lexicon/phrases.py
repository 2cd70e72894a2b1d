"""A lexicon file as tables of phrases: what a reader looks words up in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, NoReturn, TypeVar

from scoring.axis import read_toml
from scoring.errors import AxisDataInvalid
from scoring.lexicon.clauses import FunctionWords, keys_of
from scoring.lexicon.notation import NotationError, phrases_of

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
    """What a phrase does. ``weight`` is signed (negative: low pole); ``term`` is as the lexicon writes it."""

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
        AxisDataInvalid: the file cannot be read, a key is missing, a term breaks the notation, a weight is
            not 1 to 4, or one phrase is given to both poles; ``problem`` is a code and what it concerns after
            a colon.
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
            version=int(self._data.get("version", 1)),
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

        fillers = frozenset(tuple(keys_of(filler)) for filler in self._text(table, "fillers").split(","))
        return FunctionWords(fillers, words("openers"), words("restarts"), words("bridges"), words("ties"))

    def _phrases(self, terms: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        for written in terms.split(","):
            term = " ".join(written.split())
            if not term:
                continue
            try:
                for phrase in phrases_of(term, self._irregular):
                    yield term, tuple(keys_of(phrase))
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

    def _weight(self, group: dict[str, Any]) -> float:
        weight = group.get("weight")
        if not isinstance(weight, int | float) or not 1 <= weight <= HEAVIEST:
            self._fail(f"wrong_weight:{weight}")
        return float(weight)

    def _fail(self, problem: str) -> NoReturn:
        raise AxisDataInvalid(file=str(self._file), problem=problem)
