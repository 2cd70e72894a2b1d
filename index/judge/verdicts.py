"""A judge's verdict on a pair of passages, as builds and measurements ask for it."""

from dataclasses import replace

from index.judge.chat_client import ChatJudge
from index.judge.prompt import is_upheld, messages_about, messages_about_quotes, verdict_from
from index.storage.judged_pairs import JudgeVerdict
from index.text.slicing import Slice


async def pair_verdict(judge: ChatJudge, first: Slice, second: Slice) -> JudgeVerdict:
    """Return what a judge says of two passages; it is asked once more about those that it calls good, by quotes alone.

    Args:
        judge: opened.
        first: a passage.
        second: another, of somebody else.

    Raises:
        AnswerInvalid: an answer is of another form. JudgeError: the judge does not answer.
    """
    verdict = verdict_from(await judge.ask(messages_about(first, second)), first, second)
    if verdict.good:
        upheld = is_upheld(await judge.ask(messages_about_quotes(first, second, verdict)))
        verdict = replace(verdict, good=upheld)
    return verdict
