"""Sentences by key and language, read from one TOML file a language."""

import string
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from scoring.errors import CodedError

FOLDER = Path(__file__).resolve().parent
DEFAULT = "en"
"""The language that is complete by definition; what a person's language lacks is said in it."""

_MINUS = "−"
_BYTE_UNITS = ("bytes", "kB", "MB", "GB")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All sentences. Build it with ``Catalogue.load()``.

    Attributes:
        languages: for each language its templates by dotted key, such as ``error.edition_missing``.
    """

    languages: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Catalogue":
        """The catalogue of every ``<language>.toml`` in and below ``folder``; tables nest keys with dots.

        Each room of the house may keep its own file; those of one language are one catalogue.

        Raises:
            OSError, tomllib.TOMLDecodeError, UnicodeDecodeError: the program's own files are damaged.
        """
        languages: dict[str, dict[str, str]] = {}
        for file in sorted(folder.rglob("*.toml")):
            own = _flat(tomllib.loads(file.read_text(encoding="utf-8")))
            languages[file.stem] = languages.get(file.stem, {}) | own
        return cls(languages)

    def language_of(self, locale: object) -> str:
        """The language to speak to somebody whose client is set to ``locale`` (``de``, ``en-GB``, None)."""
        wanted = str(locale or DEFAULT).replace("_", "-")
        for name in (wanted, wanted.partition("-")[0]):
            if name in self.languages:
                return name
        return DEFAULT

    def has(self, key: str) -> bool:
        """Whether there is a sentence under ``key``."""
        return key in self.languages[DEFAULT]

    def text(self, key: str, locale: object = None, /, **fields: object) -> str:
        """The sentence under ``key`` with ``fields`` set in.

        Templates name their fields in braces. After a colon may stand: a format of Python's, ``bytes`` (a size),
        ``clock`` (seconds as 1:02:03) or ``position`` (a signed whole number with a true minus). None, without a
        format, is an empty text.

        Raises:
            KeyError: no such key, or a field that the template names is missing.
        """
        language = self.language_of(locale)
        template = self.languages[language].get(key) or self.languages[DEFAULT][key]
        return _FORMATTER.vformat(template, (), fields)

    def count(self, key: str, n: int, locale: object = None, /, **fields: object) -> str:
        """The sentence under ``key.one`` or ``key.other``, as ``n`` asks for; ``n`` is one of its fields."""
        return self.text(f"{key}.{'one' if n == 1 else 'other'}", locale, n=n, **fields)

    def error(self, error: CodedError, locale: object = None, *, shown: Callable[[str], str] = str) -> str:
        """The sentence for ``error``: what was received, what was expected, what to do.

        Under ``error.<code>``; where a field that lists things is empty, or another is None, under
        ``error.<code>.bare`` if that is there. A code without a sentence is said with that of its class's base.

        Args:
            error: any error of the project.
            locale: of whoever reads it.
            shown: applied to every text that the error carries, such as an escape for markup.
        """
        fields = {name: _shown(value, shown) for name, value in error.fields.items()}
        if fields.get("problem"):
            fields["problem"] = self._problem(str(error.fields["problem"]), locale, shown)
        if "file" in fields:
            with_line = fields.get("line") is not None
            fields["place"] = self.text("place.line" if with_line else "place.file", locale, **fields)
        has_gap = any(value is None or value == [] for name, value in fields.items() if name != "line")
        for name, value in fields.items():
            if isinstance(value, list):
                fields[name] = ", ".join(self.text("list.item", locale, item=item) for item in value)
        for kind in type(error).__mro__:
            key = f"error.{getattr(kind, 'code', '')}"
            bare = f"{key}.bare"
            whole = key if self.has(key) else f"{key}.whole"
            if has_gap and self.has(bare):
                whole = bare
            if self.has(whole):
                return _FORMATTER.vformat(self._template(whole, locale), (), _Lenient(fields))
        return self.text("error.error", locale)

    def _problem(self, problem: str, locale: object, shown: Callable[[str], str]) -> str:
        """A problem's words: those under ``problem.<code>``, where the code stands before a colon, or its own."""
        code, _, rest = problem.partition(":")
        key = "problem." + code.strip().replace(" ", "_")
        return self.text(key, locale, rest=shown(rest.strip())).rstrip() if self.has(key) else shown(problem)

    def _template(self, key: str, locale: object) -> str:
        return self.languages[self.language_of(locale)].get(key) or self.languages[DEFAULT][key]


class _Lenient(dict[str, object]):
    """Fields of an error; one that its class promised and its maker forgot leaves a gap, not a second error."""

    def __missing__(self, key: str) -> object:
        return "?"


class _Formatter(string.Formatter):
    """Plain names only: a template can reach into no object."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        del args
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "":
                return _plain(value)
            case "bytes":
                return _bytes(value)
            case "clock":
                return clock(value)
            case "position":
                return signed(value)
            case _:
                return format(value, format_spec)


_FORMATTER = _Formatter()


def clock(seconds: float) -> str:
    """``seconds`` as a player shows them: ``4:07``, ``1:02:03``; whole seconds, rounded down."""
    whole = max(0, int(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def signed(position: float) -> str:
    """A position or a difference as a person reads it: ``+12``, ``−8``, ``0``; rounded to a whole number."""
    whole = round(position)
    return "0" if whole == 0 else f"{'+' if whole > 0 else _MINUS}{abs(whole)}"


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
