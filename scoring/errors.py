"""Errors of the scoring package, and the shape that every error of the project has.

An error carries a code and the data that a sentence needs; the sentence itself stands in the bot's text
catalogue under that code, once per language. ``str(error)`` is for logs only.
"""

from typing import ClassVar


class CodedError(Exception):
    """An error with a stable ``code`` and named ``fields``.

    Args:
        fields: what was received, what was expected, where. Values are printed by the catalogue's template.
    """

    code: ClassVar[str] = "error"

    def __init__(self, **fields: object) -> None:
        self.fields = fields
        super().__init__(f"{self.code}: " + ", ".join(f"{key}={value!r}" for key, value in fields.items()))


class ScoringError(CodedError):
    """Base of what the scoring package raises."""

    code = "scoring"


class AxisDataInvalid(ScoringError):
    """A file of an axis is missing or malformed. Fields: ``file``, ``problem``."""

    code = "axis_data_invalid"


class ReaderMismatch(ScoringError):
    """A trained reader was made for another encoder. Fields: ``expected``, ``received``."""

    code = "reader_mismatch"


class ScorerBelowRecord(ScoringError):
    """A scorer agrees less with labels than it did. Fields: ``figure``, ``recorded``, ``received``."""

    code = "scorer_below_record"
