"""Everything that a question, a name or a transcript's text goes through in search."""

import asyncio
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from bench.fuzz_targets import Target, text
from bot.app.input_validation import QuestionRefused, checked_message, checked_query
from bot.app.one_line import one_line
from bot.discord.ui.limits import cut
from bot.discord.ui.markup import escape, quoted, safe
from index.errors import EpisodeAmbiguous, EpisodeUnknown
from index.library.episodes import EpisodeFile
from index.search.episode_names import EpisodeNames
from index.search.excerpts import Match, excerpt_of
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.sentences import sentence_ends, unit_ends
from index.text.slicing import slice_transcript
from index.text.spelling import Speller, sound_of
from index.text.tokens import (
    TermFinder,
    fold,
    holds_phrases,
    readable,
    stem,
    stems_in,
    terms_of,
    tokenize,
    word_counts,
)
from index.text.topics import term_counts
from index.text.windows import window_texts, windows_of
from index.transcripts.links import video_id_of
from index.transcripts.model import Cue, Transcript
from scoring.profile import Profile
from scoring.reading import Driver, Reading

_WORDS = (
    "river mill dam rose alignment alignments model training people think interpretability statistics".split()
)


class _Words:
    """The vocabulary of a small edition."""

    async def written(self) -> Sequence[tuple[str, int]]:
        return [(word, 2) for word in _WORDS]

    async def heard(self, length: int) -> Sequence[str]:
        return [word for word in ("ukulele", "cesspool") if abs(len(word) - length) <= 1]

    async def sounding_like(
        self, words: Sequence[str], sounds: Sequence[str]
    ) -> tuple[set[str], Mapping[str, Sequence[str]]]:
        return set(words), {sound: [word for word in _WORDS if sound_of(word) == sound] for sound in sounds}


def _episode(number: int, title: str) -> EpisodeRecord:
    profile = Profile(0.0, "Mixed", "technical", "low", "metadata only", *[0] * 7, (0.0, 0.0, 0.0), (), ())
    about = EpisodeFile(title=title, guests=(f"Guest {number}",), source="The River Hour")
    return EpisodeRecord(number, f"episode-{number}", about, None, profile, False, 0, {})


_STEMS = {stem(word) for word in _WORDS}
_SPELLER = Speller(_STEMS.__contains__, frozenset({"murfet"}), _Words())
_EPISODES = [_episode(number, f"The river and the mill, part {number}") for number in range(40)]


def _pair(random: Random, size: int) -> tuple[str, str]:
    """A question and a text that may hold it."""
    question = text(random, min(size, 300))
    return question, f"{text(random, size)} {question}"


def _mark(pair: tuple[str, str]) -> None:
    question, said = pair
    terms = terms_of(question)
    TermFinder(terms).find(said)
    holds_phrases(said, (terms.words, *terms.phrases))


def _transcript(random: Random, size: int) -> Transcript:
    words = text(random, size).split() or ["a"]
    cues = tuple(
        Cue(
            " ".join(words[at : at + 12]),
            start_s=at / 3,
            end_s=at / 3 + 4,
            speaker=random.choice(("Ada", "Bo", None)) if at % 48 == 0 else None,
        )
        for at in range(0, len(words), 12)
    )
    return Transcript(cues, "vtt", "captions")


def _cut(transcript: Transcript) -> None:
    slices = slice_transcript(transcript)
    for piece in slices:
        window_texts(piece, windows_of(piece))
    term_counts(slices)


def _quote(made: tuple[str, Transcript]) -> None:
    question, transcript = made
    terms = terms_of(question)
    finder, weights = TermFinder(terms), dict.fromkeys(terms.stems, 1.0)
    for piece in slice_transcript(transcript):
        windows = [(window.start, window.end, 0.1) for window in windows_of(piece)[1:]]
        middle = len(piece.text) // 2
        drivers = (Driver("x", -9.0, "phrase", middle, middle + 1),)
        record = SliceRecord(1, 1, piece, Reading(-9.0, "Mixed", "technical", "low", "leans", drivers))
        excerpt_of(_EPISODES[0], record, match=Match(finder, weights, windows))
        excerpt_of(_EPISODES[0], record)


def _spell(question: str) -> None:
    async def spell() -> None:
        terms, _ = await _SPELLER.correct(terms_of(question))
        await _SPELLER.with_mishearings(terms)

    asyncio.run(spell())


def _name(typed: str) -> None:
    EpisodeNames(_EPISODES).suggestions(typed, 25)
    EpisodeNames(_EPISODES).meant(typed)


def _show(said: str) -> None:
    marks = TermFinder(terms_of(said[:200])).find(said)
    quoted(said, [(start, end) for start, end, _ in marks], 300)
    safe(said, 300)
    escape(cut(one_line(said), 300))


def _tokens(said: str) -> Any:
    return tokenize(said, with_characters=True), stems_in(said), word_counts([said]), fold(said)


TARGETS = (
    Target("tokens", text, _tokens),
    Target("questions", text, lambda typed: (terms_of(typed), readable(typed))),
    Target("marks and phrases", _pair, _mark),
    Target("sentences", text, lambda said: (sentence_ends(said), unit_ends(" ".join(said.split())))),
    Target("slices, windows and subjects", _transcript, _cut, largest=40_000),
    Target(
        "quotes", lambda random, size: (text(random, 100), _transcript(random, size)), _quote, largest=40_000
    ),
    Target("spelling", text, _spell, largest=2_000),
    Target("names of episodes", text, _name, (EpisodeAmbiguous, EpisodeUnknown)),
    Target("links", text, video_id_of),
    Target("Discord's markup", text, _show),
    Target("queries in Discord", text, checked_query, (QuestionRefused,)),
    Target("messages in Discord", text, checked_message, (QuestionRefused,)),
)
