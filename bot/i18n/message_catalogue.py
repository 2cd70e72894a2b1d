"""Sentences by key and language, read from the TOML files of each language."""

import string
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from babel import Locale
from babel.numbers import get_decimal_symbol
from babel.plural import PluralRule

from scoring.errors import CodedError

FOLDER = Path(__file__).resolve().parent
DEFAULT = "en"
"""The language that has every sentence; a sentence that another language lacks is taken from it."""

_MINUS = "−"
_BYTE_UNITS = ("bytes", "kB", "MB", "GB")
_COUNT = "count:"
_MOST_LISTED = 8
_MOST_LOCALES = 256


@dataclass(frozen=True, slots=True)
class MessageCatalogue:
    """All sentences. Read them with ``MessageCatalogue.load()``.

    A template names its fields in braces. After a colon it may say how a field is written: a format of Python's,
    ``bytes`` (a size), ``clock`` (seconds as 1:02:03), ``language`` (the name of an ISO 639-1 code), ``percent`` (a
    share in whole percent, without the sign), ``position`` (a signed whole number with a true minus), or
    ``count:<key>`` (the field is a number, and the sentence for that number under ``<key>`` is set in). None,
    without a format, is an empty text.

    A sentence about a number has one template for each plural category of its language, under ``<key>.one``,
    ``<key>.few``, ``<key>.many`` or ``<key>.other``, as the Unicode CLDR names them; Babel has the rules.

    Attributes:
        languages: the templates of each language by dotted key, such as ``error.edition_missing``.
    """

    languages: Mapping[str, Mapping[str, str]]
    _by_locale: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "MessageCatalogue":
        """Read every ``<language>.toml`` in and below ``folder``; tables nest keys with dots.

        Files of one language in several folders make one catalogue.

        Raises:
            OSError, tomllib.TOMLDecodeError, UnicodeDecodeError: the program's own files are damaged.
        """
        languages: dict[str, dict[str, str]] = {}
        for file in sorted(folder.rglob("*.toml")):
            templates = _flat(tomllib.loads(file.read_text(encoding="utf-8")))
            languages[file.stem] = languages.get(file.stem, {}) | templates
        return cls(languages)

    def language_of(self, locale: object) -> str:
        """Return the language for a client set to ``locale`` (``de``, ``en-GB``, None)."""
        named = str(locale or DEFAULT)
        language = self._by_locale.get(named)
        if language is None:
            wanted = named.replace("_", "-")
            names = (wanted, wanted.partition("-")[0])
            language = next((name for name in names if name in self.languages), DEFAULT)
            if len(self._by_locale) < _MOST_LOCALES:  # Discord has some thirty
                self._by_locale[named] = language
        return language

    def has(self, key: str) -> bool:
        """Return True if there is a sentence under ``key``."""
        return key in self.languages[DEFAULT]

    def text(self, key: str, locale: object = None, /, **fields: object) -> str:
        """Return the sentence under ``key`` with ``fields`` set in.

        Raises:
            KeyError: there is no such key, or a field that the template names is missing.
        """
        language = self.language_of(locale)
        if key not in self.languages[language]:
            language = DEFAULT
        return self._filled(language, self.languages[language][key], fields)

    def count(self, key: str, n: int, locale: object = None, /, **fields: object) -> str:
        """Return the sentence for the number ``n`` under ``key``; ``n`` is one of its fields.

        Example:
            >>> MessageCatalogue.load().count("count.episodes", 2)
            '2 episodes'

        Raises:
            KeyError: there is no template for the number's plural category, nor ``<key>.other``.
        """
        language = self.language_of(locale)
        if f"{key}.other" not in self.languages[language]:
            language = DEFAULT
        templates = self.languages[language]
        template = templates.get(f"{key}.{plural_rule(language)(n)}") or templates[f"{key}.other"]
        return self._filled(language, template, {"n": n, **fields})

    def error(self, error: CodedError, locale: object = None, *, shown: Callable[[str], str] = str) -> str:
        """Return the sentence for ``error``: what was received, what was expected, what to do.

        A list is shown by its first items, with a word that there are others. The sentence is under ``error.<code>``,
        or ``error.<code>.whole``; where a field is None or lists nothing, under ``error.<code>.bare`` if that is there.
        An error whose sentence is missing, or lacks a field, gets that of its base class.

        Args:
            error: any error of the project.
            locale: of the reader.
            shown: applied to every text that the error carries, such as an escape for markup.
        """
        fields = {name: _shown(value, shown) for name, value in error.fields.items()}
        if fields.get("problem"):
            fields["problem"] = self.problem(str(error.fields["problem"]), locale, shown=shown)
        if fields.get("problems"):
            told = (self.problem(problem, locale, shown=shown) for problem in error.fields["problems"])
            fields["problems"] = "; ".join(told)
        if "file" in fields:
            has_line = fields.get("line") is not None
            fields["place"] = self.text("place.line" if has_line else "place.file", locale, **fields)
        has_gap = any(value is None or value == [] for name, value in fields.items() if name != "line")
        for name, value in fields.items():
            if isinstance(value, list):
                items = ", ".join(self.text("list.item", locale, item=item) for item in value[:_MOST_LISTED])
                fields[name] = (
                    items if len(value) <= _MOST_LISTED else self.text("list.cut", locale, items=items)
                )
        for kind in type(error).__mro__:
            key = f"error.{getattr(kind, 'code', '')}"
            keys = (f"{key}.bare", key, f"{key}.whole") if has_gap else (key, f"{key}.whole")
            for candidate in keys:
                if self.has(candidate) and _field_names(self.languages[DEFAULT][candidate]) <= fields.keys():
                    return self.text(candidate, locale, **fields)
        return self.text("error.error", locale)

    def problem(self, problem: str, locale: object = None, *, shown: Callable[[str], str] = str) -> str:
        """Return the words under ``problem.<code>``, where the code ends at a colon, or the problem as it is.

        ``rest`` is what follows the colon; ``wrong_value:<name>:<problem>`` is a problem of the value of that name.
        """
        code, _, rest = problem.partition(":")
        key = "problem." + code.strip().replace(" ", "_")
        if not self.has(key):
            return shown(problem)
        fields = {"rest": shown(rest.strip())}
        if "problem" in _field_names(self.languages[DEFAULT][key]):
            name, _, inner = rest.partition(":")
            fields = {"name": shown(name), "problem": self.problem(inner, locale, shown=shown)}
        return self.text(key, locale, **fields).rstrip()

    def _filled(self, language: str, template: str, fields: Mapping[str, object]) -> str:
        return "".join(
            part if isinstance(part, str) else self._written(language, fields[part.name], part.form)
            for part in _parts(template)
        )

    def _written(self, language: str, value: Any, form: str) -> str:
        if form.startswith(_COUNT):
            return self.count(form.removeprefix(_COUNT), value, language)
        if form == "language":
            return language_name(value, language)
        written = _FORMS.get(form)
        if written:
            return written(value)
        text = format(value, form)
        return text.replace(".", decimal_sign(language)) if isinstance(value, float) else text


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a template and the form in which it is written. A template can reach into no object."""

    name: str
    form: str


@cache
def _parts(template: str) -> tuple[str | _Field, ...]:
    """Return the texts and fields that ``template`` is made of, in order."""
    parts: list[str | _Field] = []
    for text, name, form, _ in string.Formatter().parse(template):
        if text:
            parts.append(text)
        if name is not None:
            parts.append(_Field(name, form or ""))
    return tuple(parts)


@cache
def plural_rule(language: str) -> PluralRule:
    """Return the rule that gives a number's plural category in ``language``, such as ``few``.

    Raises:
        babel.UnknownLocaleError: Babel does not know the language.
    """
    return Locale.parse(language, sep="-").plural_form


@cache
def decimal_sign(language: str) -> str:
    """Return what stands between whole and fraction in ``language``, such as ``,``."""
    return get_decimal_symbol(Locale.parse(language, sep="-"))


def language_name(code: str, language: str) -> str:
    """Return the name of the language ``code`` in ``language``, such as ``Deutsch``; the code if there is none."""
    return str(Locale.parse(language, sep="-").languages.get(code, code))


def clock(seconds: float) -> str:
    """Return ``seconds`` as a player shows them: ``4:07``, ``1:02:03``; whole seconds, rounded down."""
    whole = max(0, int(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def shown_difference(here: float, there: float) -> int:
    """Return the difference of two positions as they are printed, which a reader who subtracts them comes to."""
    return round(there) - round(here)


def signed(position: float) -> str:
    """Return a position or a difference as ``+12``, ``−8`` or ``0``, rounded to a whole number."""
    whole = round(position)
    return "0" if whole == 0 else f"{'+' if whole > 0 else _MINUS}{abs(whole)}"


def whole_percent(share: float) -> int:
    """Return ``share``, from 0 to 1, in whole percent: 100 for all alone, 0 for none alone."""
    percent = round(100 * share)
    if percent == 0 and share > 0:
        return 1
    return 99 if percent == 100 and share < 1 else percent


def whole_shares(shares: Sequence[float]) -> list[float]:
    """Return the ``shares`` of one whole in steps of 1 %, such that what is shown adds up to 100 %.

    Each is rounded down or up, those with the largest remainders up; none that is there becomes 0 or the whole alone.

    Args:
        shares: 0 to 1; they add up to 1, or are all 0.
    """
    percents = [max(int(100 * share), 1) if share > 0 else 0 for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda at: percents[at] - 100 * shares[at])
    for at in by_remainder[: 100 - sum(percents)] if sum(percents) else []:
        percents[at] += 1
    while sum(percents) > 100:
        percents[percents.index(max(percents))] -= 1
    return [percent / 100 for percent in percents]


def _field_names(template: str) -> set[str]:
    return {part.name for part in _parts(template) if isinstance(part, _Field)}


def _plain(value: object) -> str:
    if value is None:
        return ""
    return format(value, "g") if isinstance(value, float) else str(value)


def _bytes(size: Any) -> str:
    if not isinstance(size, int | float):
        return str(size)
    unit = 0
    while size >= 1000 and unit < len(_BYTE_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_BYTE_UNITS[unit]}"


_FORMS: Mapping[str, Callable[[Any], str]] = {
    "": _plain,
    "bytes": _bytes,
    "clock": clock,
    "percent": lambda share: str(whole_percent(share)),
    "position": signed,
}


def _shown(value: object, shown: Callable[[str], str]) -> object:
    if isinstance(value, str | PurePath):
        return shown(str(value))
    if isinstance(value, list | tuple | set | frozenset):
        return [shown(str(item)) for item in value]
    return value


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{key}.")
        else:
            flat[before + key] = str(value)
    return flat
