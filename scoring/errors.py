"""Errors of the scoring package, and the base class of every error of the project.

An error carries a code and typed fields. The sentence for a person is in the bot's catalogue under that code,
once per language. ``str(error)`` is for logs only.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

ErrorT = TypeVar("ErrorT", bound="CodedError")


class CodedError(Exception):
    """An error with a stable ``code`` and named ``fields``. It can be pickled and sent to another process.

    Args:
        fields: what was received, what was expected, where. A class with ``@typed_fields`` checks them.
    """

    code: ClassVar[str] = "error"

    def __init__(self, **fields: object) -> None:
        super().__init__()
        self.__dict__.update(fields)

    @property
    def fields(self) -> dict[str, Any]:
        """Return the fields by name, in the order in which they were given or declared."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def again(self) -> Self:
        """Return an equal error with the same cause, to be raised in place of one that is kept.

        Raising an error that is kept would make its traceback longer each time, and hold on to every frame of it.
        """
        found = type(self)(**self.fields)
        found.__cause__ = self.__cause__
        return found

    def __str__(self) -> str:
        return f"{self.code}: " + ", ".join(f"{name}={value!r}" for name, value in self.fields.items())

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.fields.items())})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.fields)


@dataclass_transform(kw_only_default=True, eq_default=False)
def typed_fields(error: type[ErrorT]) -> type[ErrorT]:
    """Make the annotations of an error class its fields: keyword arguments and attributes.

    Example:
        >>> @typed_fields
        ... class TooQuick(CodedError):
        ...     code = "too_quick"
        ...     wait_s: int
        >>> TooQuick(wait_s=3).fields
        {'wait_s': 3}
    """
    return dataclass(kw_only=True, eq=False, repr=False)(error)


def error_of(code: str, fields: Mapping[str, object]) -> CodedError:
    """Return the error with this ``code``, as another process or an older log named it.

    An error of another version, whose fields were others, is of the nearest base class that takes them; a code that
    no class has gives a ``CodedError`` with the field ``received``.
    """
    left: list[type[CodedError]] = [CodedError]
    while left:
        kind = left.pop()
        if kind.code == code:
            return next(_built(kind, fields))
        left += kind.__subclasses__()
    return CodedError(**{**fields, "received": code})


def _built(kind: type[CodedError], fields: Mapping[str, object]) -> Iterator[CodedError]:
    for base in kind.__mro__:
        if issubclass(base, CodedError):
            with suppress(TypeError):
                yield base(**fields)


def _restore(kind: type[CodedError], fields: Mapping[str, object]) -> CodedError:
    return kind(**fields)


class ScoringError(CodedError):
    """Base of what the scoring package raises."""

    code = "scoring"


@typed_fields
class AxisMissing(ScoringError):
    """There is no folder ``path`` that an axis could lie in."""

    code = "axis_missing"
    path: str


@typed_fields
class AxisDataInvalid(ScoringError):
    """A file of an axis is missing or malformed."""

    code = "axis_data_invalid"
    file: str
    problem: str


@typed_fields
class ReaderMismatch(ScoringError):
    """A trained reader was made for another encoder; both are fingerprints."""

    code = "reader_mismatch"
    expected: str
    received: str


@typed_fields
class ScorerBelowRecord(ScoringError):
    """A scorer agrees less with labels than it did."""

    code = "scorer_below_record"
    figure: str
    recorded: float
    received: float
