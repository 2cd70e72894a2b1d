"""A question as a person asked it: checked on arrival, and stored so that its buttons can ask it again."""

import dataclasses
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.discord.markup import folded
from index.text.tokens import tokenize
from scoring.errors import CodedError

LONGEST_QUERY = 500
"""Characters of a typed query. A message that is asked about is cut to ``LONGEST_MESSAGE`` instead."""

LONGEST_MESSAGE = 2000


class QuestionRefused(CodedError):
    """Base of what cannot be asked."""

    code = "question_refused"


class QuestionEmpty(QuestionRefused):
    """Nothing was asked. No fields."""

    code = "question_empty"


class QuestionTooShort(QuestionRefused):
    """A single letter. Fields: ``received``."""

    code = "question_too_short"


class QuestionTooLong(QuestionRefused):
    """Fields: ``length`` and ``limit`` in characters."""

    code = "question_too_long"


class QuestionWordless(QuestionRefused):
    """Signs or pictures, but no word. Fields: ``received``."""

    code = "question_wordless"


class QuestionForgotten(QuestionRefused):
    """A button's question is no longer stored. No fields."""

    code = "question_forgotten"


class SliceUnknown(QuestionRefused):
    """A button's slice is no longer there: the episode was indexed anew. Fields: ``received`` and ``n_slices``."""

    code = "slice_unknown"


class SourceUnknown(QuestionRefused):
    """Fields: ``received``, ``known`` (sources)."""

    code = "source_unknown"


@dataclass(frozen=True, slots=True)
class FindQuestion:
    """What ``/find`` and its buttons ask.

    Attributes:
        query: words, folded into one line.
        source, lens, band: limits, or None.
        episode: slug of the only episode to look into, or None.
        balanced: passages of each band side by side.
        other: what stands on the other side of what this question finds.
        side: for ``other``: the position that is to be countered, where it is known already.
    """

    query: str
    source: str | None = None
    lens: str | None = None
    band: str | None = None
    episode: str | None = None
    balanced: bool = False
    other: bool = False
    side: float | None = None

    @property
    def is_limited(self) -> bool:
        """Whether anything but the words limits the answer."""
        return any((self.source, self.lens, self.band, self.episode))

    def payload(self) -> dict[str, Any]:
        """What is stored: the fields that say something."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value not in (None, False)}

    @classmethod
    def of(cls, payload: Mapping[str, Any] | None) -> "FindQuestion":
        """The question that ``payload`` stores; keys of another version are left out.

        Raises:
            QuestionForgotten: there is none.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        if payload is None or "query" not in payload:
            raise QuestionForgotten
        return cls(**{name: value for name, value in payload.items() if name in known})

    def flipped(self) -> "FindQuestion":
        """The question for the other side, or back."""
        return dataclasses.replace(self, other=not self.other, side=None)

    def widened(self) -> "FindQuestion":
        """The question without its limits."""
        return FindQuestion(self.query, balanced=self.balanced, other=self.other, side=self.side)


def checked_query(typed: str) -> str:
    """A typed query in one line.

    Raises:
        QuestionEmpty, QuestionTooShort, QuestionTooLong, QuestionWordless: it cannot be asked.
    """
    query = folded(typed)
    if not query:
        raise QuestionEmpty
    if len(query) > LONGEST_QUERY:
        raise QuestionTooLong(length=len(query), limit=LONGEST_QUERY)
    return _worded(query)


def checked_message(content: str) -> str:
    """A message's text as a question: one line, at most ``LONGEST_MESSAGE`` characters of it.

    Raises:
        QuestionEmpty, QuestionTooShort, QuestionWordless: it cannot be asked.
    """
    query = folded(content)[:LONGEST_MESSAGE]
    if not query:
        raise QuestionEmpty
    return _worded(query)


def _worded(query: str) -> str:
    words = tokenize(query)
    if not words:
        raise QuestionWordless(received=query)
    # An ideograph may be a word, and a capital a name (C, R); a small letter is neither.
    if len(words) == 1 and len(words[0].word) == 1 and words[0].word.isalnum():
        typed = query[words[0].start]
        if unicodedata.category(typed) != "Lo" and not typed.isupper():
            raise QuestionTooShort(received=query)
    return query
