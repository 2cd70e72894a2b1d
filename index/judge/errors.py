"""Errors of the judge, with code and fields; the message catalogue has the sentences."""

from index.errors import IndexingError
from scoring.errors import typed_fields


@typed_fields
class JudgeError(IndexingError):
    """Base of why the judge at ``address`` gave no verdict."""

    code = "judge"
    address: str


class JudgeUnreachable(JudgeError):
    """Nobody answers at the address."""

    code = "judge_unreachable"


@typed_fields
class JudgeTookTooLong(JudgeError):
    """No answer in time."""

    code = "judge_took_too_long"
    limit_s: float


@typed_fields
class JudgeBusy(JudgeError):
    """It had too much to do, or was broken, each time it was asked; ``status`` is that of HTTP."""

    code = "judge_busy"
    status: int


@typed_fields
class JudgeRefused(JudgeError):
    """It does not take the request: a wrong key, model or address; ``status`` is that of HTTP."""

    code = "judge_refused"
    status: int


@typed_fields
class JudgeUnreadable(JudgeError):
    """What it answers is no verdict."""

    code = "judge_unreadable"
    model: str


class JudgeWithoutGate(JudgeError):
    """The model of the index and the axis have no gate, so no pairs can be chosen."""

    code = "judge_without_gate"
