"""What becomes of foreign text in an answer: positions, pictures, messages that fit, sentences of errors, ids."""

import contextlib
from dataclasses import replace
from datetime import date
from random import Random

from bench.fuzz_targets import Target, text
from bot.app.input_validation import QuestionForgotten
from bot.app.one_line import one_line
from bot.app.settings import DATA
from bot.discord.features.admin.rendering import AdminAction
from bot.discord.features.find.question import FindQuestion
from bot.discord.features.find.rendering import FindResult, found_answer
from bot.discord.features.votes.rendering import VoteAction
from bot.discord.ui.components import EpisodeAction, FindAction, ReadingAction, SpectrumAction
from bot.discord.ui.limits import MAX_ALT, cut
from bot.discord.ui.parts import Picture
from bot.discord.ui.sending import plain_components, plain_embeds
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from bot.render.png.find_strip import draw_found
from bot.render.png.lettering import SMALL, TITLE, Lettering
from bot.render.png.picture_texts import found_alt
from index.errors import EpisodeFileInvalid, EpisodeUnknown
from index.library.episodes import EpisodeFile
from index.search.answers import EpisodeHit, Found, Passage
from index.search.excerpts import excerpt_of
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.languages import language_of
from index.text.slicing import slice_transcript
from index.transcripts.model import Cue, Transcript
from scoring.profile import profile_of
from scoring.scorer import LexicalScorer

_LONGEST_TITLE = 300  # as episode.json has it
_SCORER = LexicalScorer.load(DATA / "axes" / "risk-opportunity")
_LANGUAGE = Language(MessageCatalogue.load(), "de", _SCORER.axis)
_LETTERING = Lettering(2.0)
"""Loaded before the drill begins: a target's time is its function's."""


def _short(random: Random, size: int) -> str:
    return text(random, min(size, _LONGEST_TITLE))


def _found(random: Random, size: int) -> Found:
    """An answer over three episodes whose every text is foreign."""
    passages, hits = [], []
    for number in range(3):
        words = text(random, min(size, 4_000) // 3).split() or ["a"]
        cues = tuple(Cue(" ".join(words[at : at + 9]), start_s=at / 3) for at in range(0, len(words), 9))
        pieces = slice_transcript(Transcript(cues, "vtt", "captions"))
        readings = _SCORER.read([piece.text for piece in pieces], [])
        records = [
            SliceRecord(at, number, piece, reading)
            for at, (piece, reading) in enumerate(zip(pieces, readings, strict=True))
        ]
        about = EpisodeFile.model_construct(
            **dict(EpisodeFile(title="a")) | {"title": _short(random, size) or "a", "source": _short(random, 90),
            "published": date(2026, 1, 1), "guests": (_short(random, 60),), "url": "https://e.org/" + "a" * (size % 99)}
        )  # fmt: skip
        profile = profile_of(readings, _SCORER.axis)
        episode = EpisodeRecord(number, f"e-{number}", about, None, profile, True, len(cues), {})
        hits.append(EpisodeHit(episode, tuple(range(len(passages) + 1, len(passages) + 1 + len(records)))))
        passages += [
            Passage(
                len(passages) + 1 + at,
                episode,
                (record,),
                0,
                record.piece.text,
                excerpt_of(episode, record),
                1.0,
                (),
            )
            for at, record in enumerate(records)
        ]
    return Found(
        _short(random, size), "edition", tuple(passages), tuple(hits), True, {"a": _short(random, 40)}
    )


def _answer(found: Found) -> None:
    result = FindResult(FindQuestion(found.query, speaker=found.query), "k", found)
    answer = found_answer(
        _LANGUAGE, result, 0, Picture("found.png", cut(one_line(found_alt(found, _LANGUAGE)), MAX_ALT), b"")
    )
    plain_embeds(answer)
    plain_components(answer)


def _draw(found: Found) -> None:
    few = tuple(replace(hit, ranks=hit.ranks[:2]) for hit in found.episodes)
    ranks = {rank for hit in few for rank in hit.ranks}
    passages = tuple(passage for passage in found.passages if passage.rank in ranks)
    draw_found(replace(found, episodes=few, passages=passages), _LANGUAGE)


def _ids(said: str) -> None:
    for action in (FindAction.PATTERN, EpisodeAction.CARD, EpisodeAction.OTHERS, ReadingAction.TURN,
                   SpectrumAction.PATTERN, VoteAction.PATTERN, AdminAction.PATTERN):  # fmt: skip
        for start in ("f:", "e:", "r:", "s:", "v:", "a:write:", "e:" + "a" * 60 + ":", ""):
            action.fullmatch(start + said)


def _errors(said: str) -> None:
    for error in (
        EpisodeUnknown(received=said, nearest=[said] * 3),
        EpisodeFileInvalid(file=said, line=1, problem=said),
    ):
        _LANGUAGE.catalogue.error(error, said[:20])


def _stored(said: str) -> None:
    with contextlib.suppress(QuestionForgotten):
        FindQuestion.of({"query": said, said[:10]: said}).flipped().payload()


TARGETS = (
    Target("positions of a text", text, lambda said: _SCORER.read([said], [])),
    Target("the language of a text", text, lambda said: language_of(said.split())),
    Target(
        "lettering",
        _short,
        lambda title: (
            _LETTERING.set_in(title, 300, ((TITLE, 2), (SMALL, 3))),
            _LETTERING.shortened(title, SMALL, 80),
        ),
    ),
    Target("messages that fit", _found, _answer),
    Target("pictures of what was found", _found, _draw),
    Target("ids of buttons", text, _ids),
    Target("sentences of errors", text, _errors),
    Target("stored questions", text, _stored),
)
