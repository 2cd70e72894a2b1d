"""The prompt by which a judge says which contested questions passages answer, and what counts as its answer. Pure.

A pair of passages is read only where one answers yes and the other no to one question: a reader needs each passage once
for that, not each with each. As in ``prompt``, the passages are words of strangers between marks drawn anew, and of the
judge's words only names of questions that were given, yes or no, and a number are taken.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, StrictInt, ValidationError

from index.judge.prompt import JUDGED_AS_SPEECH, AnswerInvalid, as_spoken, json_in
from index.storage.judged_pairs import ClaimAnswer
from index.text.slicing import Slice

ANSWERS_PROMPT_VERSION = 1
"""Raised with every change of the prompt: what was read by another is read again."""

PASSAGES_A_REQUEST = 8

MOST_ANSWERS = 3
"""Questions that one passage is taken to answer at most."""

PLAINLY = 2
"""Strength of an answer that is stated plainly and understood alone; 1 leans so or needs what was said before."""

_BRIEF = """\
You read passages from transcripts of conversations. You say which of the questions below the person who speaks in a \
passage answers, and how.

Questions, each after its name:
%(questions)s

Answer with one JSON object and nothing else:
{"answers": [{"passage": number, "question": name, "answer": "yes" or "no", "strength": 1 or 2}, ...]}

A passage answers a question if the person who speaks takes a side in it: somebody who holds the opposite answer would \
object to what is said. It need not use the question's words; an argument, an example or a narrower claim that belongs \
to one answer counts. A view that is only reported, supposed or asked about is not the speaker's, and one that the \
speaker rejects speaks for the opposite answer.
strength: 2 if a stranger who reads this passage alone would take it for that answer; 1 if it leans so, or needs what \
was said before.
At most %(most)s questions a passage, the plainest first. A passage that takes no side in any is left out.

The passages stand between marks that contain the word %(mark)s. %(speech)s"""

_TASK = """\
%(passages)s

Say what these passages answer. Answer with the JSON object alone."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    passage: StrictInt
    question: str
    answer: Literal["yes", "no"]
    strength: Literal[1, 2]


class _Answer(BaseModel):
    """The JSON object that the prompt asks for; its rows are looked at one by one."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    answers: list[object]


def messages_about_answers(pieces: Sequence[Slice], questions: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the messages of a chat that ask which of ``questions`` (name to question) each passage answers."""
    mark = f"passage-{secrets.token_hex(6)}"
    told = "\n".join(f"{name}: {question}" for name, question in questions.items())
    passages = "\n\n".join(
        f"<{mark} {number}>\n{as_spoken(piece)}\n</{mark} {number}>"
        for number, piece in enumerate(pieces, start=1)
    )
    brief = _BRIEF % {"mark": mark, "questions": told, "most": MOST_ANSWERS, "speech": JUDGED_AS_SPEECH}
    return [{"role": "system", "content": brief}, {"role": "user", "content": _TASK % {"passages": passages}}]


def answers_from(answer: str, n_passages: int, questions: Mapping[str, str]) -> list[tuple[ClaimAnswer, ...]]:
    """Return what each passage answers, by what a judge said: the first ``MOST_ANSWERS`` of each, one a question.

    Rows about a passage or a question that was not given, and rows of another form, are left out.

    Args:
        answer: what the judge said; what it thought aloud and a fence around the JSON are taken off.
        n_passages: how many it was given.
        questions: that it was given.

    Raises:
        AnswerInvalid: it is no JSON object, or not the one that was asked for.
    """
    try:
        rows = _Answer.model_validate(json_in(answer)).answers
    except (ValueError, ValidationError, RecursionError) as error:
        raise AnswerInvalid from error
    found: list[dict[str, ClaimAnswer]] = [{} for _ in range(n_passages)]
    for told in rows:
        try:
            row = _Row.model_validate(told)
        except ValidationError:
            continue
        if 1 <= row.passage <= n_passages and row.question in questions:
            own = found[row.passage - 1]
            if len(own) < MOST_ANSWERS or row.question in own:
                own.setdefault(row.question, ClaimAnswer(row.question, row.answer == "yes", row.strength))
    return [tuple(own.values()) for own in found]
