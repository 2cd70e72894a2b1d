"""Pairs of passages that a judge called good, as an edition keeps them.

A pair is known by the digests of both texts, so that a verdict holds wherever the same words stand. The file holds all
good pairs that the judge was ever asked about; those whose passages are not in the edition are of no use and no harm.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

JUDGED_FILE = "judged.json"

PairKey = tuple[str, str]
"""Digests of the texts of two passages, in their order."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class JudgeVerdict:
    """What a judge said of a pair of passages, in the order of its key.

    Attributes:
        same_question: both answer one question.
        opposed: their answers exclude each other.
        good: a reader who asked for the other side would be glad of the pair.
        question: that both answer, in the judge's words; None where these could not be used.
        spans: start and end in each text of the sentences that make the claim; None where the judge's words are not
            in it, or are not one speaker's.
    """

    same_question: bool
    opposed: bool
    good: bool
    question: str | None = None
    spans: tuple[Span | None, Span | None] = (None, None)


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """What a passage answers to a contested question, as a judge read it.

    Attributes:
        question: its name.
        is_yes: True for yes, False for no.
        strength: 2 where it is stated plainly and can be understood alone, 1 where it leans so.
    """

    question: str
    is_yes: bool
    strength: int


@dataclass(frozen=True, slots=True)
class JudgedPairs:
    """The good pairs of an edition.

    Attributes:
        model: name of the language model that judged.
        prompt_version: version of the prompt that it was given.
        pairs: by the digests of the texts.
    """

    model: str
    prompt_version: int
    pairs: Mapping[PairKey, JudgeVerdict]

    def to_bytes(self) -> bytes:
        """Return the contents of the file, the same for the same pairs."""
        rows = [{"pair": key, **asdict(self.pairs[key])} for key in sorted(self.pairs)]
        told = {"model": self.model, "brief": self.prompt_version, "pairs": rows}
        return json.dumps(told, ensure_ascii=False, indent=0).encode()

    @classmethod
    def of_bytes(cls, data: bytes) -> "JudgedPairs":
        """Return the pairs in the contents of a file.

        Raises:
            ValueError, KeyError, TypeError: it is of another form.
        """
        told = json.loads(data)
        pairs = {}
        for row in told["pairs"]:
            first, second = row.pop("pair")
            pairs[str(first), str(second)] = verdict_of(row)
        return cls(str(told["model"]), int(told["brief"]), pairs)


_VERDICT: TypeAdapter[JudgeVerdict] = TypeAdapter(JudgeVerdict)


def verdict_of(told: object) -> JudgeVerdict:
    """Return the verdict in a JSON object.

    Raises:
        ValueError: it is of another form.
    """
    return _VERDICT.validate_python(told)


def text_digest(text: str) -> str:
    """Return the digest by which a passage's text is known."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def pair_key(first: str, second: str) -> PairKey:
    """Return the key of two texts, whichever comes first."""
    low, high = sorted((text_digest(first), text_digest(second)))
    return low, high
