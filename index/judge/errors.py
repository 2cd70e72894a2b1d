"""Errors of the judge, with code and fields; the message catalogue has the sentences."""

from index.errors import IndexingError


class JudgeError(IndexingError):
    """Base of why the judge gave no verdict. Fields: ``address``."""

    code = "judge"


class JudgeUnreachable(JudgeError):
    """Nobody answers at the address. Fields: ``address``."""

    code = "judge_unreachable"


class JudgeTookTooLong(JudgeError):
    """No answer in time. Fields: ``address``, ``limit_s``."""

    code = "judge_took_too_long"


class JudgeBusy(JudgeError):
    """It had too much to do, or was broken, each time it was asked. Fields: ``address``, ``status``."""

    code = "judge_busy"


class JudgeRefused(JudgeError):
    """It does not take the request: a wrong key, model or address. Fields: ``address``, ``status``."""

    code = "judge_refused"


class JudgeUnreadable(JudgeError):
    """What it answers is no verdict. Fields: ``address``, ``model``."""

    code = "judge_unreadable"


class JudgeWithoutGate(JudgeError):
    """The model of the index and the axis have no gate, so no pairs can be chosen. Fields: ``address``."""

    code = "judge_without_gate"
