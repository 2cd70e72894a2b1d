"""Claims about how episodes stand to one another: topic first, then the other side."""

from index.search.related import TOPIC_FLOOR, counterbalance, related
from index.search.searcher import Searcher
from scoring.mirror import CROSSING

from ..conftest import House


async def test_the_closest_episodes_share_their_subject(sample: Searcher) -> None:
    for episode in sample.edition.episodes.values():
        found = related(sample.tables, episode, limit=5)
        assert len(found) == 5
        assert episode.id not in {one.episode.id for one in found}
        worth = [one.topic + 0.15 * one.same_shelf + 0.05 * one.same_source for one in found]
        assert worth == sorted(worth, reverse=True)
        for one in found:
            assert set(one.shared) <= set(episode.terms) & set(one.episode.terms)


async def test_every_pick_is_on_the_topic_and_says_how_it_stands(sample: Searcher) -> None:
    for episode in sample.edition.episodes.values():
        answer = await counterbalance(sample.tables, episode)
        assert answer.mirror == -answer.standing.position
        assert bool(answer.picks) == (answer.outcome not in ("no topic", "alone"))
        for opposed in answer.picks:
            assert opposed.pick.candidate.topic >= TOPIC_FLOOR
            assert opposed.pick.difference == opposed.standing.position - answer.standing.position
            assert opposed.here is not None
            assert opposed.there is not None
            assert (opposed.here.episode_id, opposed.there.episode_id) == (episode.id, opposed.episode.id)
            if answer.outcome == "across":
                assert opposed.standing.position * answer.standing.position < 0
                assert abs(opposed.pick.difference) >= CROSSING


async def test_somebody_on_the_other_side_of_one_subject_is_across(house: House) -> None:
    subject = "The tutors in our schools teach the children to read. "
    house.put(
        "fear", (subject + "Tutors are a catastrophe, an existential risk, and the danger is grave. ") * 20
    )
    house.put(
        "hope",
        (subject + "Tutors are a breakthrough, a huge opportunity, and the benefits are enormous. ") * 20,
    )
    for number, other in enumerate(
        ("boats drift along canals", "miners dig coal at night", "bees visit the clover")
    ):
        house.put(f"other-{number}", f"So {other} and nobody minds it. " * 40)
    await house.build()
    searcher = await house.open()
    by_slug = {episode.slug: episode for episode in searcher.edition.episodes.values()}
    for slug, opposite in (("fear", "hope"), ("hope", "fear")):
        answer = await counterbalance(searcher.tables, by_slug[slug])
        assert answer.outcome == "across"
        assert [opposed.episode.slug for opposed in answer.picks] == [opposite]
        assert answer.picks[0].pick.relation == "across the spectrum"


async def test_one_episode_is_alone(house: House) -> None:
    house.put("only", "The river rose in spring. " * 30)
    await house.build()
    searcher = await house.open()
    (episode,) = searcher.edition.episodes.values()
    answer = await counterbalance(searcher.tables, episode)
    assert (answer.outcome, answer.picks) == ("alone", ())
    assert related(searcher.tables, episode) == []


async def test_another_subject_is_no_topic_however_opposed(house: House) -> None:
    house.put("danger", "The catastrophe may kill us all and the danger is grave. " * 20)
    house.put("hope", "Tutors help children flourish and this is a great opportunity. " * 20)
    house.put("third", "Boats drift along canals while fishermen mend their nets. " * 20)
    await house.build()
    searcher = await house.open()
    episode = next(episode for episode in searcher.edition.episodes.values() if episode.slug == "danger")
    assert (await counterbalance(searcher.tables, episode)).outcome == "no topic"


async def test_an_episode_without_a_transcript_has_no_topic_and_breaks_nothing(house: House) -> None:
    house.put("announced", None, summary="The danger of rivers")
    for slug in ("rivers", "mills"):
        house.put(slug, f"The {slug} rose in spring. " * 30)
    await house.build()
    searcher = await house.open()
    for episode in searcher.edition.episodes.values():
        answer = await counterbalance(searcher.tables, episode)
        assert all(opposed.episode.slug != "announced" for opposed in answer.picks)
        assert len(related(searcher.tables, episode)) == 2
    silent = next(episode for episode in searcher.edition.episodes.values() if episode.slug == "announced")
    assert (await counterbalance(searcher.tables, silent)).outcome == "no topic"
