"""The judge: a language model at an address of the operator's choice that reads passages and pairs of them.

Here are the prompts that it is given, what counts as an answer, the protocol that it is asked by, how a pair is judged
and the store of what it said. Which pairs it is asked about is ``index.build.judge_stage``; what is shown of it is
``index.search.judged_cruxes``.
"""

from index.judge.answers_prompt import (
    ANSWERS_PROMPT_VERSION,
    PASSAGES_A_REQUEST,
    answers_from,
    messages_about_answers,
)
from index.judge.chat_client import ChatJudge
from index.judge.errors import JudgeError
from index.judge.prompt import (
    PROMPT_VERSION,
    AnswerInvalid,
    is_upheld,
    messages_about,
    messages_about_quotes,
    verdict_from,
)
from index.judge.verdict_cache import AnswerCache, VerdictCache
from index.judge.verdicts import pair_verdict

__all__ = [
    "ANSWERS_PROMPT_VERSION",
    "PASSAGES_A_REQUEST",
    "PROMPT_VERSION",
    "AnswerCache",
    "AnswerInvalid",
    "ChatJudge",
    "JudgeError",
    "VerdictCache",
    "answers_from",
    "is_upheld",
    "messages_about",
    "messages_about_answers",
    "messages_about_quotes",
    "pair_verdict",
    "verdict_from",
]
