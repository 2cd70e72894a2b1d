"""Questions with known answers: when a passage counts as found, and the figures over many questions."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import RowsInvalid
from index.search.answers import Found
from index.storage.records import EpisodeRecord
from index.text.receipts import words_at
from index.text.source_names import letters_of, same_letters
from index.text.tokens import fold, stems_in
from scoring.json_lines import json_lines

LEAST_OF_GOLD, LEAST_OF_OWN, GRAM = 0.3, 0.5, 5


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the episode that answers it and the words of the answer; both None where nothing does.

    ``kind`` is what sort of question it is, where whoever asked it says so.
    """

    id: str
    query: str
    episode: str | None
    text: str | None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """The outcome of a question.

    Attributes:
        question: what was asked.
        rank: of the first passage that holds the answer, from 1; None if none of the first ten does.
        episode_rank: of the right episode among the episodes of the answer, from 1; None if it is not there.
        is_match: whether anything was answered at all.
        first: the title and the quote of what came first, or None.
        source: the show of the right episode; None where it has none or the library lacks the episode.
    """

    question: Question
    rank: int | None
    episode_rank: int | None
    is_match: bool
    first: tuple[str, str] | None
    source: str | None = None


def read_questions(path: Path) -> list[Question]:
    """Read JSON lines of ``id``, ``query``, ``episode``, ``text``, ``kind``.

    Raises:
        RowsInvalid: the file cannot be read, or a line is no such object.
    """
    return [
        Question(
            str(row["id"]),
            str(row["query"]),
            row.get("episode"),
            row.get("text"),
            str(row["kind"]) if row.get("kind") is not None else None,
        )
        for row in read_rows(path, ("id", "query"))
    ]


def read_rows(path: Path, required: Sequence[str]) -> list[dict[str, Any]]:
    """Read JSON lines of objects that have all ``required`` keys.

    Raises:
        RowsInvalid: the file cannot be read, or a line is no such object; names the line.
    """
    try:
        lines = list(json_lines(path))
    except (OSError, UnicodeDecodeError) as error:
        problem = "missing" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise RowsInvalid(file=str(path), line=None, problem=problem) from error
    rows = []
    for number, line in lines:
        try:
            row = json.loads(line)
            if "\\u" in line:  # half a character, perhaps, which cannot be written
                json.dumps(row, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise RowsInvalid(file=str(path), line=number, problem="no valid JSON") from error
        missing = [key for key in required if not isinstance(row, dict) or row.get(key) is None]
        if missing:
            raise RowsInvalid(file=str(path), line=number, problem=f"no_field:{missing[0]}")
        rows.append(row)
    return rows


def holds(passage: str, answer: str) -> bool:
    """Return True if ``passage`` has 30 % of the answer's 5-grams, or the answer half of its own.

    Words are those of ``receipts.words_at``, so that a text may be in any script.
    """
    own, gold = _grams(passage), _grams(answer)
    if not own or not gold:
        return False
    shared = len(own & gold)
    return shared >= LEAST_OF_GOLD * len(gold) or shared >= LEAST_OF_OWN * len(own)


def outcome_of(question: Question, found: Found, right: Sequence[EpisodeRecord] = ()) -> QuestionOutcome:
    """Judge one answer.

    Args:
        question: what was asked.
        found: what was answered.
        right: the episodes that the question means, of the whole library; see ``right_episodes``.
    """
    rank = next(
        (
            passage.rank
            for passage in found.passages[:10]
            if question.text is not None and holds(passage.text, question.text)
        ),
        None,
    )
    episode_rank = next(
        (
            place
            for place, hit in enumerate(found.episodes, start=1)
            if hit.episode.id in {episode.id for episode in right}
        ),
        None,
    )
    first = found.passages[0] if found.passages else None
    return QuestionOutcome(
        question,
        rank,
        episode_rank,
        found.is_match,
        (first.episode.about.title, first.quote_text) if first else None,
        right[0].about.source if right else None,
    )


def right_episodes(name: str | None, episodes: Iterable[EpisodeRecord]) -> tuple[EpisodeRecord, ...]:
    """Return the episodes that ``name`` is the very name of, else those that it is words of."""
    if name is None:
        return ()
    named = [episode for episode in episodes if is_named(episode, name)]
    return tuple([episode for episode in named if _is_exactly(episode, name)] or named)


def is_named(episode: EpisodeRecord, name: str) -> bool:
    """Return True if ``name`` is the episode's slug, title, video id or file name, or words of these.

    Words count where there are two or more, not all of them numbers, and one title or file's name has them
    all.
    """
    if _is_exactly(episode, name):
        return True
    words = _words(name)
    is_telling = len(words) > 1 and not all(word.isdigit() for word in words)
    return is_telling and any(
        words <= _words(known_name) for known_name in (episode.about.title, *_file_names(episode))
    )


OWN_WORDS, OTHER_WORDS = "its own words", "other words"
"""Kinds of question: whether it is asked in words of the answer."""

_RAREST = 3


def kind_of(question: Question, idf: Mapping[str, float]) -> str | None:
    """Return the question's ``kind``, else whether the answer holds most of its three rarest words.

    Args:
        question: with the answer's text; None comes back where it has neither that nor a kind.
        idf: inverse document frequency in the library of each of its stems. Of equals the earlier counts as rarer.
    """
    if question.kind is not None or question.text is None:
        return question.kind
    rarest = sorted(idf, key=lambda stem: -idf[stem])[:_RAREST]
    held = set(stems_in(question.text)).intersection(rarest)
    return OWN_WORDS if 2 * len(held) > len(rarest) else OTHER_WORDS


def figures(outcomes: Sequence[QuestionOutcome]) -> dict[str, list[float]]:
    """Return each figure's value for each question: ``hit@1``, ``hit@5``, ``MRR@10``, ``episode@3``."""
    return {
        "hit@1": [float(outcome.rank == 1) for outcome in outcomes],
        "hit@5": [float(outcome.rank is not None and outcome.rank <= 5) for outcome in outcomes],
        "MRR@10": [1.0 / outcome.rank if outcome.rank is not None else 0.0 for outcome in outcomes],
        "episode@3": [
            float(outcome.episode_rank is not None and outcome.episode_rank <= 3) for outcome in outcomes
        ],
    }


def _grams(text: str) -> set[tuple[str, ...]]:
    words = [word for _, word in words_at(text)]
    return set(zip(*(words[start:] for start in range(GRAM)), strict=False))


def _is_exactly(episode: EpisodeRecord, name: str) -> bool:
    known = (episode.slug, episode.about.title, *_file_names(episode))
    video_id = episode.about.video_id
    return (letters_of(name) != "" and any(same_letters(known_name, name) for known_name in known)) or (
        video_id is not None and video_id in name
    )


def _file_names(episode: EpisodeRecord) -> list[str]:
    return [(entry.original_name or entry.file).rsplit(".", 1)[0] for entry in episode.about.transcripts]


def _words(name: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", fold(name)))
