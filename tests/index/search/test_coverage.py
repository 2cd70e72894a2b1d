"""What a library covers: everybody on the map, and the wings that are missing."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library.episodes import EpisodeFile
from index.search.coverage import Coverage, _nearest, coverage_of
from index.storage.records import EpisodeRecord
from scoring.axis import load_axis
from scoring.profile import profile_of, profile_of_metadata
from scoring.reading import Reading

AXIS = load_axis(Path(__file__).resolve().parents[3] / "data" / "axes" / "risk-opportunity")


def episode(
    number: int,
    position: float,
    *terms: str,
    is_spoken: bool = True,
    n_slices: int = 1,
    title: str | None = None,
    **about: object,
) -> EpisodeRecord:
    reading = Reading(position, AXIS.band_of(position), "technical", "medium", "leans")
    profile = profile_of([reading] * n_slices, AXIS) if is_spoken else profile_of_metadata(reading, AXIS)
    file = EpisodeFile(title=title or f"Talk {number}", **about)  # type: ignore[arg-type]
    weights = {term: round(1 - 0.1 * place, 2) for place, term in enumerate(terms)}
    return EpisodeRecord(number, f"talk-{number}", file, None, profile, True, 1, weights)


def subject(coverage: Coverage, name: str | None) -> tuple[int, ...]:
    return next(
        tuple(episode.id for episode in own.episodes) for own in coverage.subjects if own.name == name
    )


RIVERS = [episode(1, -30, "river"), episode(2, 0, "river"), episode(3, -22, "river")]


@given(
    st.lists(
        st.tuples(st.floats(-100, 100), st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=4)),
        max_size=30,
    )
)
def test_every_episode_is_on_the_map(rows: Sequence[tuple[float, list[str]]]) -> None:
    episodes = [episode(number, position, *terms) for number, (position, terms) in enumerate(rows)]
    coverage = coverage_of(episodes, AXIS)
    assert {episode.id for own in coverage.subjects for episode in own.episodes} == {
        episode.id for episode in episodes
    }
    assert coverage.n_episodes == len(episodes)
    for own in coverage.subjects:
        headlines = [episode.profile.headline for episode in own.episodes]
        assert headlines == sorted(headlines)
        for gap in own.gaps:
            assert all(episode.profile.band != gap.band for episode in own.episodes)
            assert AXIS.band_of(gap.wanted) == gap.band


def test_a_subject_lacks_the_wing_on_which_nobody_stands() -> None:
    (own,) = coverage_of(RIVERS, AXIS).subjects
    assert [gap.band for gap in own.gaps] == ["Opportunity-forward"]
    assert own.gaps[0].nearest is None


def test_the_wanted_position_mirrors_the_subjects_mean() -> None:
    far = [replace(one, profile=episode(0, -60, "river").profile) for one in RIVERS]
    (own,) = coverage_of(far, AXIS).subjects
    assert own.gaps[0].wanted == pytest.approx(60)


@pytest.mark.parametrize(
    ("said", "nearest"),
    [({4: 1.0, 5: 0.6}, 4), ({5: 0.6}, 5), ({}, None)],
    ids=["speaks most of it", "speaks of it", "only shares another term"],
)
def test_the_nearest_voice_speaks_of_the_subject(said: dict[int, float], nearest: int | None) -> None:
    others = [episode(4, 30, "dam"), episode(5, 35, "dam")]
    found = _nearest("River", {"river": 1.0, "dam": 0.8}, said, others)
    assert (found.id if found else None) == nearest


def test_who_says_the_word_in_another_sense_is_no_nearest_voice() -> None:
    """A talk on a company says “alignment” three times, and is like no talk on aligning machines."""
    others = [episode(4, 30, "dam"), episode(5, 35, "dam")]
    found = _nearest(
        "River", {"river": 1.0, "dam": 0.8}, {4: 1.0, 5: 0.6}, others, is_like=lambda other: other.id == 5
    )
    assert found is not None
    assert found.id == 5
    assert _nearest("River", {"river": 1.0}, {4: 1.0}, others, is_like=lambda _: False) is None


def test_nobody_needs_to_say_a_shelfs_name_to_be_its_nearest_voice() -> None:
    shelved = [
        episode(number, -30, "dam", "weir", shelf="Water and time" if number < 4 else "Stage")
        for number in (1, 2, 3, 4)
    ]
    others = [episode(5, 30, "dam", shelf="Stage"), episode(6, 30, "opera", shelf="Stage")]
    coverage = coverage_of([*shelved, *others], AXIS, shares=lambda _: {})
    gap = next(own for own in coverage.subjects if own.name == "Water and time").gaps[0]
    assert gap.nearest is not None
    assert (gap.nearest.id, gap.shared) == (5, ("dam",))


def test_an_episode_that_only_lacks_its_transcript_is_the_first_to_add() -> None:
    others = [episode(4, 30, "dam"), episode(5, 25, is_spoken=False, title="A river comes back")]
    wet = [replace(episode, terms={"river": 1.0, "dam": 0.8}) for episode in RIVERS]
    own = next(subject for subject in coverage_of(wet + others, AXIS).subjects if subject.name is not None)
    assert own.gaps[0].nearest is not None
    assert own.gaps[0].nearest.id == 5


def test_shelves_are_the_subjects_where_most_episodes_have_one() -> None:
    shelved = [episode(number, 0, "river", shelf="North" if number % 2 else "South") for number in range(4)]
    coverage = coverage_of([*shelved, episode(9, 0, "river")], AXIS)
    assert coverage.by == "shelf"
    assert subject(coverage, "North") == (1, 3)
    assert subject(coverage, None) == (9,)


def test_a_source_and_a_topic_limit_the_map() -> None:
    episodes = [*RIVERS, episode(4, 30, "opera", source="Éire Hour")]
    assert coverage_of(episodes, AXIS, source="eire hour").n_episodes == 1
    assert subject(coverage_of(episodes, AXIS, topic="Rivers"), "Rivers") == (1, 3, 2)
    assert coverage_of(episodes, AXIS, topic="opera river").subjects == ()


def test_a_show_is_told_by_the_subjects_of_the_whole_library() -> None:
    own = [episode(number, 0, "river", source="Weir Hour", tags=["River"]) for number in (1, 2)]
    others = [episode(3, 0, "river", tags=["River"]), *(episode(number, 0, "opera") for number in (4, 5, 6))]
    assert subject(coverage_of([*own, *others], AXIS, source="weir hour"), "River") == (1, 2)


def test_an_empty_library_has_no_subjects() -> None:
    assert coverage_of([], AXIS).subjects == ()


def test_a_single_episode_lacks_no_wing() -> None:
    (own,) = coverage_of(RIVERS[:1], AXIS, topic="river").subjects
    assert own.gaps == ()


def test_of_a_topic_that_is_asked_for_nobody_else_is_the_nearest_voice() -> None:
    """“It is your job to watch the radar”, said in four slices of eight, is no talk on jobs."""
    in_passing = episode(4, 60, "missiles")
    shares = {1: 0.5, 2: 0.5, 3: 0.5, 4: 0.9}
    (own,) = coverage_of([*RIVERS, in_passing], AXIS, topic="river", shares=lambda _: shares).subjects
    assert own.gaps[0].nearest is None


def test_a_topic_that_names_no_episode_is_of_those_that_say_it_more_than_in_passing() -> None:
    talks = [episode(number, 30, "opera", n_slices=100) for number in (1, 2, 3)]
    talks.append(episode(4, -30, "opera", n_slices=20))
    shares = {1: 0.06, 2: 0.02, 4: 0.1}
    coverage = coverage_of(talks, AXIS, topic="persuasion", shares=lambda _: shares)
    assert subject(coverage, "persuasion") == (4, 1)
    named = coverage_of([*talks, *RIVERS], AXIS, topic="river", shares=lambda _: shares)
    assert subject(named, "river") == (1, 3, 2), (
        "where it names some, who only says the word may mean another"
    )


def test_words_of_a_topic_stand_together_or_in_the_title() -> None:
    apart = episode(1, -30, "nuclear", "weapons")
    in_a_term = episode(2, -30, "nuclear weapons")
    in_the_title = episode(3, -30, "weapons", title="A nuclear age")
    (own,) = coverage_of([apart, in_a_term, in_the_title], AXIS, topic="nuclear weapons").subjects
    assert {named.id for named in own.episodes} == {2, 3}


def test_who_says_its_words_and_is_near_it_in_meaning_speaks_of_a_topic() -> None:
    talks = [episode(number, -30, "petrov", n_slices=8) for number in range(1, 5)]
    said = {("nuclear",): {1: 0.5, 2: 0.5, 3: 0.5}, ("weapon",): {1: 0.1, 3: 0.5, 4: 0.5}}
    near = {1: 0.4, 2: 0.4, 3: 0.1, 4: 0.9}
    coverage = coverage_of(
        talks, AXIS, topic="nuclear weapons", shares=lambda stems: said.get(stems, {}), near=near
    )
    assert subject(coverage, "nuclear weapons") == (1,)
    short = [episode(1, -30, "petrov", n_slices=1)]
    assert (
        coverage_of(short, AXIS, topic="nuclear weapons", shares=lambda _: {1: 0.9}, near={1: 1.0}).n_episodes
        == 0
    )


def test_who_only_mentions_a_topic_is_named_where_nobody_speaks_of_it() -> None:
    talks = [episode(number, 30, "opera", n_slices=100) for number in (1, 2, 3)]
    coverage = coverage_of(talks, AXIS, topic="persuasion", shares=lambda _: {1: 0.01, 3: 0.02})
    assert coverage.subjects == ()
    assert [mentioning.id for mentioning in coverage.mentioning] == [3, 1]
    spoken_of = coverage_of(talks, AXIS, topic="persuasion", shares=lambda _: {1: 0.06, 3: 0.02})
    assert subject(spoken_of, "persuasion") == (1,)
    assert spoken_of.mentioning == ()


def test_both_sides_are_there_only_where_every_subject_has_both() -> None:
    assert not coverage_of(RIVERS, AXIS, topic="river").is_complete(AXIS)
    assert not coverage_of(RIVERS[:1], AXIS, topic="river").is_complete(AXIS)
    assert not coverage_of([], AXIS).is_complete(AXIS)
    assert coverage_of([*RIVERS, episode(4, 60, "river")], AXIS, topic="river").is_complete(AXIS)
