"""Why workers do not answer, and which questions have ended workers and are not given to another."""

from typing import Any

from cachetools import TTLCache

from bot.app.edition_requests import EditionRequest
from scoring.errors import CodedError, typed_fields

MOST_LOST = 2
"""Workers that a question, or an edition that is opened, may end before it is refused."""

_REMEMBERED, _REMEMBERED_S = 1_000, 600.0


class AnsweringError(CodedError):
    """Base of why the workers do not answer."""

    code = "answering"


@typed_fields
class QuestionStopped(AnsweringError):
    """A question took longer than ``limit_s`` and was stopped with its worker."""

    code = "question_stopped"
    limit_s: float


class QuestionCrashed(AnsweringError):
    """A question ended the workers that tried to answer it. No fields."""

    code = "question_crashed"


class AnsweringUnavailable(AnsweringError):
    """No worker can be started; the log says why. No fields."""

    code = "answering_unavailable"


@typed_fields
class LookupStopped(AnsweringError):
    """A lookup got no answer within ``limit_s``."""

    code = "lookup_stopped"
    limit_s: float


class AnsweringStarts(AnsweringError):
    """The library is still being opened. No fields."""

    code = "answering_starts"


class StoppedQuestions:
    """Questions that ended workers in the last ten minutes, by edition: in another one they may be harmless."""

    def __init__(self) -> None:
        self._stopped: TTLCache[tuple[str, EditionRequest[Any]], tuple[int, AnsweringError]] = TTLCache(
            _REMEMBERED, _REMEMBERED_S
        )

    def check(self, edition: str, request: EditionRequest[Any]) -> None:
        """Refuse a question that has ended as many workers as it may.

        Raises:
            QuestionStopped, QuestionCrashed: as the last time.
        """
        n_lost, error = self._stopped.get((edition, request), (0, None))
        if n_lost >= MOST_LOST and error is not None:
            raise error.again()

    def add(self, edition: str, request: EditionRequest[Any], error: AnsweringError) -> int:
        """Note that a question has ended a worker, by ``error``; return how many it has ended."""
        n_lost = self._stopped.get((edition, request), (0, error))[0] + 1
        self._stopped[edition, request] = (n_lost, error)
        return n_lost

    def forget(self, edition: str, request: EditionRequest[Any]) -> None:
        """Forget a question that was answered."""
        self._stopped.pop((edition, request), None)
