"""The judge: a language model at an address of the operator's choice that reads pairs of passages.

Here are the prompt that it is given, what counts as an answer, the protocol that it is asked by, and the store of
what it said. Which pairs it is asked about is ``index.build.judge_stage``; what is shown of it is
``index.search.judged_cruxes``.
"""

from index.judge.chat_client import ChatJudge
from index.judge.errors import JudgeError
from index.judge.prompt import PROMPT_VERSION, AnswerInvalid, messages_about, verdict_from
from index.judge.verdict_cache import VerdictCache

__all__ = [
    "PROMPT_VERSION",
    "AnswerInvalid",
    "ChatJudge",
    "JudgeError",
    "VerdictCache",
    "messages_about",
    "verdict_from",
]
