"""What a build of the index did, in the one shape that all see: the terminal, its JSON, the bot and Discord."""

import json
from collections.abc import Callable
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from index.build.progress import BuildReport, JudgeReport
from scoring.errors import CodedError, error_of


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class EpisodeFailure(_Value):
    """An episode that could not be indexed: its slug, the error's code and fields, and its sentence.

    The sentence is in the language of whoever built; ``error`` can be said in any.
    """

    episode: str
    code: str | None = None
    fields: dict[str, Any] = Field(default_factory=dict)
    problem: str = ""

    @property
    def error(self) -> CodedError | None:
        """The error, or None where a newer version gave one that is not known here."""
        return error_of(self.code, self.fields) if self.code else None


class Judged(_Value):
    """What a judge did in a build: claims read, pairs judged, the good ones of them, and what is left of both.

    Where it did not answer, ``code``, ``fields`` and ``problem`` say why, as for an episode.
    """

    model: str
    read: int = 0
    asked: int = 0
    good: int = 0
    left: int = 0
    code: str | None = None
    fields: dict[str, Any] = Field(default_factory=dict)
    problem: str = ""

    @property
    def error(self) -> CodedError | None:
        """The error, or None where there is none or it is not known here."""
        return error_of(self.code, self.fields) if self.code else None

    @classmethod
    def of(cls, report: JudgeReport, sentence: Callable[[CodedError], str]) -> Self:
        """Return the report of a judge; ``sentence`` says its error."""
        return cls(
            model=report.model,
            read=report.read,
            asked=report.asked,
            good=report.good,
            left=report.left,
            **({} if report.problem is None else _told(report.problem, sentence)),
        )


class IndexReport(_Value):
    """What a build did: ``counterpoint index --json``. Slugs are in order, seconds by stage in the stages' order.

    A report of another version may lack keys; they are empty then.
    """

    edition: str | None = None
    is_new: bool = False
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    failures: tuple[EpisodeFailure, ...] = ()
    embedded: int = 0
    seconds: dict[str, float] = Field(default_factory=dict)
    episodes: int = 0
    slices: int = 0
    windows: int = 0
    words: int = 0
    judged: Judged | None = None

    @classmethod
    def of(cls, report: BuildReport, sentence: Callable[[CodedError], str]) -> Self:
        """Return the report of a build; ``sentence`` says its errors."""
        facts = report.facts
        return cls(
            edition=facts.edition if facts else None,
            is_new=report.is_new,
            added=tuple(report.added),
            changed=tuple(report.changed),
            removed=tuple(report.removed),
            unchanged=report.unchanged,
            failures=tuple(
                EpisodeFailure(episode=failure.slug, **_told(failure.error, sentence))
                for failure in report.failures
            ),
            embedded=report.n_embedded,
            seconds={stage: round(seconds, 3) for stage, seconds in report.seconds.items()},
            episodes=facts.n_episodes if facts else 0,
            slices=facts.n_slices if facts else 0,
            windows=facts.n_windows if facts else 0,
            words=facts.n_words if facts else 0,
            judged=Judged.of(report.judged, sentence) if report.judged else None,
        )

    @property
    def is_kept(self) -> bool:
        """Return True if ``edition`` is the one before, since none of the library's episodes could be read."""
        return bool(self.failures) and not (self.is_new or self.added or self.changed or self.unchanged)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")


def _told(error: CodedError, sentence: Callable[[CodedError], str]) -> dict[str, Any]:
    return {"code": error.code, "fields": plain_fields(error), "problem": sentence(error)}


def plain_fields(error: CodedError) -> dict[str, Any]:
    """Return the fields of an error as plain JSON."""
    plain: dict[str, Any] = json.loads(json.dumps(error.fields, default=str))
    return plain
