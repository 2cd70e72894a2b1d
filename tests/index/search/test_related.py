"""Claims about how episodes stand to one another: what they talk of, and who is near."""

from typing import Any

from index.library.episodes import EpisodeFile
from index.search.crux_pairs import may_be_of_one_person
from index.search.related import CLOSE_TOPIC, TOPIC_FLOOR, counterbalance, related
from index.search.searcher import Searcher
from index.storage.records import EpisodeRecord
from scoring.axis import load_axis
from scoring.mirror import CENTRE, is_across, is_farther
from scoring.profile import profile_of_metadata
from scoring.reading import Reading

from ..conftest import AXIS, House


async def test_the_closest_episodes_share_their_subject(sample: Searcher) -> None:
    for episode in sample.edition.episodes.values():
        found = related(sample.tables, episode, limit=5)
        assert 3 <= len(found) <= 5
        assert episode.id not in {relative.episode.id for relative in found}
        worth = [
            relative.topic
            + 0.15 * relative.same_shelf
            + 0.3 * (relative.title is not None)
            + 0.05 * relative.same_source
            for relative in found
        ]
        explained = [
            bool(relative.shared or relative.same_shelf or relative.title is not None) for relative in found
        ]
        assert explained == sorted(explained, reverse=True), (
            "whoever shares nothing that can be said comes last"
        )
        n_explained = sum(explained)
        assert worth[:n_explained] == sorted(worth[:n_explained], reverse=True)
        assert all(explained[3:])
        for relative in found:
            assert set(relative.shared) <= {*episode.terms.every} & {*relative.episode.terms.every}


async def test_parts_of_a_series_are_related_before_what_only_speaks_of_the_same(real_house: House) -> None:
    real_house.put(
        "sundials",
        "The shadow of the sundial tells the hour of the day. " * 8,
        title="Sundials - Great Clock Problems 1",
    )
    real_house.put(
        "bells",
        "The bell of the tower is cast of bronze in a pit of clay. " * 8,
        title="Bells - Great Clock Problems 2",
    )
    real_house.put(
        "shadows", "The shadow of the sundial is long in the evening hour of the day. " * 8, title="Shadows"
    )
    await real_house.build()
    searcher = await real_house.open()
    episodes = {episode.slug: episode for episode in searcher.edition.episodes.values()}
    found = {relative.episode.slug: relative for relative in related(searcher.tables, episodes["sundials"])}
    assert found["bells"].title == "Great Clock Problems"
    assert found["shadows"].title is None


async def test_without_a_gate_the_nearest_on_the_topics_are_shown_as_such(sample: Searcher) -> None:
    for episode in sample.edition.episodes.values():
        answer = await counterbalance(sample.tables, episode, None)
        assert answer.mirror == -answer.standing.position
        assert answer.outcome == ("no gate" if answer.picks else "no topic")
        topics = [opposed.pick.candidate.topic for opposed in answer.picks]
        assert topics == sorted(topics, reverse=True)
        for opposed in answer.picks:
            assert opposed.pick.candidate.topic >= TOPIC_FLOOR
            assert opposed.pick.difference == opposed.standing.position - answer.standing.position
            assert (opposed.crux, opposed.here, opposed.there) == (None, None, None)


async def test_of_those_on_the_topics_the_ones_farther_to_the_other_side_are_shown(sample: Searcher) -> None:
    told, crossing = set(), False
    for episode in sample.edition.episodes.values():
        answer = await counterbalance(sample.tables, episode, None)
        everybody = await counterbalance(sample.tables, episode, None, n_picks=100)
        own, standing_of_near = answer.standing.position, answer.standing_of_near
        told.add(standing_of_near)
        if not answer.picks:
            assert standing_of_near is None
            continue
        assert standing_of_near == everybody.standing_of_near
        if standing_of_near == "any":
            assert len(everybody.picks) <= 2, "who merely speaks of the same is no other side"
            continue
        assert standing_of_near == ("apart" if abs(own) < CENTRE else "farther")
        across = [is_across(own, pick.standing.position) for pick in everybody.picks]
        assert across == sorted(across, reverse=True), "those across the spectrum come first"
        for pick in everybody.picks:
            crossing = crossing or is_across(own, pick.standing.position)
            assert is_farther(own, pick.standing.position)
            assert pick.pick.candidate.topic >= CLOSE_TOPIC
            assert len(pick.shared) >= 2
            assert not may_be_of_one_person(episode, pick.episode)
            assert pick.episode.profile.band != episode.profile.band or own * pick.standing.position <= 0
    assert {"farther", "any"} <= told
    assert crossing


def about(title: str, summary: str | None = None, **people: Any) -> EpisodeRecord:
    reading = Reading(0.0, "Mixed", "technical", "low", "nothing")
    profile = profile_of_metadata(reading, load_axis(AXIS))
    return EpisodeRecord(
        1, "x", EpisodeFile(title=title, summary=summary, **people), None, profile, False, 0, {}
    )


def test_two_episodes_may_be_of_one_person() -> None:
    vale = about("Tides", source="Deep End", guests=("Ines Vale",), hosts=("Bo Berg",))
    assert may_be_of_one_person(vale, about("Again", source="Second Language", guests=("Vale",)))
    oke = about("Dams", source="Deep End", guests=("Rufus Oke",), hosts=("Bo Berg",))
    assert not may_be_of_one_person(vale, oke), "a host in common is no guest in common"
    own = about("Boats", source="Robert Hale")
    assert may_be_of_one_person(own, about("Mills", source="Robert Hale")), "who speaks alone in a source"
    named = about("Locks", "Rob Hale shows us a lock.", source="Waterphile")
    assert may_be_of_one_person(own, named)
    assert may_be_of_one_person(named, own)
    assert not may_be_of_one_person(own, about("Locks", "A lock, and who keeps it.", source="Waterphile"))
    asked = about("Nets", "Robert Hale's view, answered.", source="Deep End", guests=("Rufus Oke",))
    assert not may_be_of_one_person(own, asked), "a summary may name whom its guest answers"


async def test_one_episode_is_alone(house: House) -> None:
    house.put("only", "The river rose in spring. " * 30)
    await house.build()
    searcher = await house.open()
    (episode,) = searcher.edition.episodes.values()
    answer = await counterbalance(searcher.tables, episode, None)
    assert (answer.outcome, answer.picks) == ("alone", ())
    assert related(searcher.tables, episode) == []


async def test_another_subject_is_no_topic_however_opposed(house: House) -> None:
    house.put("danger", "The catastrophe may kill us all and the danger is grave. " * 20)
    house.put("hope", "Tutors help children flourish and this is a great opportunity. " * 20)
    house.put("third", "Boats drift along canals while fishermen mend their nets. " * 20)
    await house.build()
    searcher = await house.open()
    episode = next(record for record in searcher.edition.episodes.values() if record.slug == "danger")
    assert (await counterbalance(searcher.tables, episode, None)).outcome == "no topic"


async def test_an_episode_without_a_transcript_has_no_topic_and_breaks_nothing(house: House) -> None:
    house.put("announced", None, summary="The danger of rivers")
    for slug in ("rivers", "mills"):
        house.put(slug, f"The {slug} rose in spring. " * 30)
    await house.build()
    searcher = await house.open()
    for episode in searcher.edition.episodes.values():
        answer = await counterbalance(searcher.tables, episode, None)
        assert all(opposed.episode.slug != "announced" for opposed in answer.picks)
        assert len(related(searcher.tables, episode)) == 2
    silent = next(record for record in searcher.edition.episodes.values() if record.slug == "announced")
    assert (await counterbalance(searcher.tables, silent, None)).outcome == "no topic"


async def test_an_episode_in_another_language_has_no_other_side_and_is_nobodys(house: House) -> None:
    house.put("danger", "The catastrophe of the canal may kill us all and the danger is grave. " * 20)
    house.put("hope", "Boats on the canal help children flourish and that is a great opportunity. " * 20)
    house.put("kanal", "Der Canal ist eine große Gefahr und niemand hat die Kontrolle über ihn. " * 20)
    await house.build()
    searcher = await house.open()
    episodes = {record.slug: record for record in searcher.edition.episodes.values()}
    assert {slug: record.profile.evidence for slug, record in episodes.items()} == {
        "danger": "transcript",
        "hope": "transcript",
        "kanal": "other language",
    }
    for slug, record in episodes.items():
        answer = await counterbalance(searcher.tables, record, None)
        assert all(opposed.episode.slug != "kanal" for opposed in answer.picks)
        if slug == "kanal":
            assert answer.picks == ()
