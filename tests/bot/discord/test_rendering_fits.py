"""Every answer fits into a message, whatever texts it is made of."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app.service import EpisodeCard, LocalLibraryService
from bot.discord.features.counterbalance.rendering import counterbalance_answer, related_answer
from bot.discord.features.episode.rendering import card_answer
from bot.discord.features.find import rendering as find_rendering
from bot.discord.features.find.question import FindQuestion
from bot.discord.features.find.rendering import BandPassages, FindResult, balanced_answer, found_answer
from bot.discord.features.spectrum.rendering import spectrum_answer
from bot.discord.features.votes.rendering import reading_answer
from bot.discord.ui import markup
from bot.discord.ui.limits import DETAILS, MAX_ALT, MAX_LABEL, Detail, cut, fits, size
from bot.discord.ui.parts import Answer, Picture
from bot.discord.ui.sending import plain_components, plain_embeds
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from index.library.episodes import EpisodeFile
from index.search.answers import Found
from index.search.coverage import coverage_of
from index.search.crux_pairs import Crux
from index.search.related import Related

HOSTILE = st.one_of(
    st.text(min_size=1, max_size=200).map(lambda text: text * 4),
    st.sampled_from(
        [
            "*" * 3000, "漢" * 3000, "👩‍👩‍👧‍👦" * 500, "e\u0301" * 1500, "ש" * 3000, "@everyone " * 300,
            "[x](http://e.org) " * 200,
            "a", "word " * 800, "`" * 2000, "\\" * 2000, "https://discord.gg/x " * 100, "🇩🇪" * 900, "<@1>" * 700,
        ]
    ),
)  # fmt: skip
CATALOGUE = MessageCatalogue.load()
LANGUAGES = st.sampled_from(["en", "de"])
SLOW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclasses.dataclass(frozen=True)
class Answers:
    """One of each answer on the sample, to be filled with other texts."""

    found: Found
    card: EpisodeCard
    counterbalance: Any
    related: list[Related]
    coverage: Any
    axis: Any


@pytest.fixture
async def answers(answerer: LocalLibraryService) -> Answers:
    """Asked once a test."""
    slug = "gunnar-eziokwu-on-what-cannot-be-recalled"
    return Answers(
        await answerer.find('"the machine"', n_passages=20),
        await answerer.episode(slug),
        await answerer.counterbalance(slug),
        (await answerer.related(slug))[1],
        coverage_of(await answerer.episodes(), answerer.axis),
        answerer.axis,
    )


def hostile_episode(episode: Any, text: str, url: str | None) -> Any:
    about = EpisodeFile.model_construct(
        **{
            **dict(episode.about),
            "title": text,
            "source": text,
            "shelf": text,
            "url": url,
            "guests": (text,) * 8,
            "tags": (text,) * 20,
            "why_it_matters": text,
            "summary": text * 3,
            "editor_note": text,
        }
    )
    assessment = episode.assessment and episode.assessment.model_copy(
        update={"summary": text, "note": text, "name": text}
    )
    return dataclasses.replace(episode, about=about, assessment=assessment, terms=dict.fromkeys([text], 1.0))


def hostile_slice(record: Any, text: str) -> Any:
    piece = dataclasses.replace(
        record.piece,
        chapter=text + str(record.piece.ordinal),
        text=text,
        unit_ends=(len(text),),
        speaker=text,
        turns=((0, text),),
        anchors=((0, 1.0),),
    )
    drivers = tuple(dataclasses.replace(driver, text=text) for driver in record.reading.drivers)
    return dataclasses.replace(
        record, piece=piece, reading=dataclasses.replace(record.reading, drivers=drivers)
    )


def shown_in(answer: Answer) -> str:
    return "\n".join(
        str(item.content)  # type: ignore[attr-defined]
        for item in answer.walk_children()
        if type(item).__name__ == "TextDisplay"
    )


def pictured(text: str) -> Picture:
    return Picture("found.png", cut(text * 40, MAX_ALT), b"")


def check(answer: Answer) -> None:
    assert fits(answer)
    embeds = plain_embeds(answer)
    assert 1 <= len(embeds) <= 10
    assert sum(map(len, embeds)) <= 6000
    assert all(len(embed.description or "") <= 4096 for embed in embeds)
    buttons = plain_components(answer).children
    assert len(buttons) <= 25
    assert all(size(str(getattr(button, "label", None) or "-")) <= MAX_LABEL for button in buttons)
    text = shown_in(answer)
    assert not re.search(r"@(everyone|here)", text)
    assert not re.search(r"(?<!\\)<@", text)
    assert "discord.gg" not in text


URLS = st.sampled_from(
    [None, "https://e.org/" + "a" * 480, "https://e.org/a)>(b", "https://e.org/" + "漢" * 200]
)


@SLOW
@given(HOSTILE, URLS, LANGUAGES, st.booleans(), st.integers(0, 9))
def test_what_was_found_fits(
    answers: Answers, text: str, url: str | None, locale: str, is_public: bool, page: int
) -> None:
    language = Language(CATALOGUE, locale, answers.axis)
    passages = tuple(
        dataclasses.replace(
            passage,
            episode=hostile_episode(passage.episode, text, url),
            text=text,
            quote=dataclasses.replace(
                passage.quote,
                text=text,
                start=0,
                end=len(text),
                speaker=text,
                link=url,
                marks=((0, 1), (1, min(3, len(text)))),
            ),
            also_in=(hostile_episode(passage.episode, text, url),) * 3,
        )
        for passage in answers.found.passages
    )
    found = dataclasses.replace(
        answers.found, query=text, passages=passages, corrected={text: text}, nearest=(text,) * 9
    )
    question = FindQuestion(text, source=text, speaker=text, lens="technical", band="Mixed", episode="a" * 80)
    for result in (
        FindResult(question, "k" * 12, found, is_public),
        FindResult(
            dataclasses.replace(question, other=True), "k", found, is_public, countered=-3.0, is_clear=False
        ),
        FindResult(question, "k", dataclasses.replace(found, passages=(), episodes=(), is_match=False)),
    ):
        check(found_answer(language, result, page, pictured(text)))
    wings = [BandPassages(band, passages[:2]) for band in answers.axis.bands]
    check(balanced_answer(language, FindResult(question, "k", found), wings, [3, 0, 4], pictured(text)))


def first_that_fits(build: Callable[[Detail], Answer]) -> Answer:
    """The rule in its plainest form: from the fullest detail down, the first whose payload is within all limits."""
    for detail in DETAILS:
        answer = build(detail)
        payload = answer.to_components()
        texts = [part["content"] for part in parts_of(payload) if part["type"] == 10]
        if (
            sum(len(text.encode("utf-16-le")) // 2 for text in texts) <= 4000
            and len(parts_of(payload)) <= 40
            and len(json.dumps(payload, ensure_ascii=False).encode()) <= 9_500
        ):
            return answer
    raise AssertionError("nothing fits")


def parts_of(payload: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All components, nested ones too."""
    parts = []
    for part in payload:
        within = [*part.get("components", []), *filter(None, [part.get("accessory")])]
        parts += [part, *parts_of(within)]
    return parts


@SLOW
@given(st.lists(st.one_of(HOSTILE, st.text(max_size=500)), min_size=1, max_size=5), URLS, LANGUAGES)
def test_what_is_kept_between_details_changes_no_answer(
    answers: Answers, texts: list[str], url: str | None, locale: str
) -> None:
    language = Language(CATALOGUE, locale, answers.axis)
    episodes = {
        passage.episode.id: hostile_episode(passage.episode, texts[at % len(texts)][:120], url)
        for at, passage in enumerate(answers.found.passages)
    }
    passages = tuple(
        dataclasses.replace(
            passage,
            episode=episodes[passage.episode.id],
            quote=dataclasses.replace(
                passage.quote, text=text, speaker=text[:40], marks=((0, 1), (len(text) // 2, len(text)))
            ),
        )
        for passage, text in zip(answers.found.passages, itertools.cycle(texts))
    )
    hits = tuple(dataclasses.replace(hit, episode=episodes[hit.episode.id]) for hit in answers.found.episodes)
    found = dataclasses.replace(answers.found, passages=passages, episodes=hits)
    result, picture = FindResult(FindQuestion("a"), "k", found), pictured("a")
    kept = found_answer(language, result, 0, picture).to_components()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(find_rendering, "fitted", first_that_fits)
        patch.setattr(markup, "_safe", markup._safe.__wrapped__)
        patch.setattr(markup, "_quoted", markup._quoted.__wrapped__)
        assert found_answer(language, result, 0, picture).to_components() == kept


@SLOW
@given(HOSTILE, URLS, LANGUAGES, st.booleans())
def test_an_episodes_answers_fit(
    answers: Answers, text: str, url: str | None, locale: str, is_public: bool
) -> None:
    language = Language(CATALOGUE, locale, answers.axis)
    episode = hostile_episode(answers.card.episode, text, url)
    slices = tuple(hostile_slice(record, text) for record in answers.card.slices)
    picture = pictured(text)
    many = tuple(
        dataclasses.replace(record, piece=dataclasses.replace(record.piece, ordinal=at))
        for at, record in enumerate(slices * 9)
    )
    wings = frozenset(answers.axis.bands)
    for card in (EpisodeCard("e", "v", episode, slices, wings), EpisodeCard("e", "v", episode, many, wings)):
        check(card_answer(language, card, prefer_editor=True, is_public=is_public, picture=picture))
        check(reading_answer(language, card, len(card.slices) // 2))
    both = answers.counterbalance
    crux = Crux(text, 0.3, slices[0], slices[1], text)
    picks = tuple(
        dataclasses.replace(
            pick, episode=hostile_episode(pick.episode, text, url), shared=(text,) * 6, crux=crux
        )
        for pick in both.picks
    )
    met = dataclasses.replace(both, episode=episode, picks=picks * 3, outcome="crux")
    check(counterbalance_answer(language, met, is_public=is_public, picture=picture))
    near = tuple(dataclasses.replace(pick, crux=None) for pick in picks)
    nobody = dataclasses.replace(met, picks=near, outcome="no crux")
    check(counterbalance_answer(language, nobody, is_public=is_public, picture=picture))
    subjects = tuple(
        dataclasses.replace(
            subject,
            name=text,
            gaps=tuple(
                dataclasses.replace(gap, nearest=episode, shared=(text,) * 4) for gap in subject.gaps * 2
            ),
        )
        for subject in answers.coverage.subjects
    )
    coverage = dataclasses.replace(answers.coverage, subjects=subjects, source=text, topic=text)
    check(spectrum_answer(language, coverage, "k" * 12, is_public=is_public, picture=picture))
    nobody_speaks = dataclasses.replace(coverage, subjects=(), n_episodes=0, mentioning=(episode,) * 60)
    check(spectrum_answer(language, nobody_speaks, "k" * 12, is_usual=True, is_public=is_public))
    kin = [
        dataclasses.replace(other, episode=hostile_episode(other.episode, text, url), shared=(text,) * 6)
        for other in answers.related
    ]
    check(related_answer(language, episode, kin * 2, is_public=is_public))


async def test_an_episode_of_which_only_the_title_is_known_has_a_card(answers: Answers) -> None:
    episode = dataclasses.replace(
        answers.card.episode,
        about=EpisodeFile(title="T"),
        assessment=None,
        terms={},
        n_segments=0,
        profile=dataclasses.replace(
            answers.card.episode.profile,
            n_slices=0,
            markers=(),
            arc=(),
            shares=(0.0, 0.0, 0.0),
            evidence="metadata only",
        ),
    )
    language = Language(CATALOGUE, "en", answers.axis)
    card = card_answer(
        language, EpisodeCard("e", "v", episode, (), frozenset()), prefer_editor=False, is_public=False
    )
    text = shown_in(card)
    check(card)
    assert "no transcript" in text
    assert "title and summary only" in text
    assert "None" not in text
