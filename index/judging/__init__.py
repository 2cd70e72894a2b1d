"""The judge: a language model at an address of the operator's choice that reads pairs of passages.

Here are the brief that it is given, what counts as an answer, the protocol that it is asked by, and the store of what
it said. Which pairs it is asked about is ``index.build.judging``; what is shown of it is ``index.search.judged``.
"""

from index.judging.brief import BRIEF_VERSION, AnswerInvalid, messages_about, verdict_from
from index.judging.cache import VerdictCache
from index.judging.chat import ChatJudge
from index.judging.errors import JudgeError

__all__ = [
    "BRIEF_VERSION",
    "AnswerInvalid",
    "ChatJudge",
    "JudgeError",
    "VerdictCache",
    "messages_about",
    "verdict_from",
]
