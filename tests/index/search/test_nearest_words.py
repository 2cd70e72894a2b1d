"""Claims about words that a library lacks: what means nearly the same is found in their place."""

from pathlib import Path

import pytest

from index.search.nearest_words import MOST_NEAR, NearestWords
from index.search.searcher import Searcher
from index.storage import queries
from index.text.tokens import stem, terms_of

from ..conftest import House


async def variants_of(searcher: Searcher, question: str) -> dict[str, str]:
    query = await searcher.analyzer.analyze(question)
    meant, _ = await searcher.analyzer.correct(query)
    return dict(meant.terms.variants)


@pytest.mark.parametrize(
    ("lacking", "held"),
    [("litigation", "lawsuit"), ("spouse", "husband"), ("surgeons", "doctors"), ("louder", "loud")],
)
async def test_a_word_that_the_library_lacks_stands_for_the_nearest_that_it_has(
    sample: Searcher, lacking: str, held: str
) -> None:
    assert not sample.edition.postings.frequency(stem(lacking))
    variants = await variants_of(sample, f"the {lacking} in the village")
    assert variants[stem(held)] == stem(lacking)
    assert len(variants) <= MOST_NEAR
    assert all(sample.edition.postings.frequency(variant) for variant in variants)


@pytest.mark.parametrize(
    "question",
    [
        "the lawsuit in the village",  # is there
        '"litigation in the village"',  # the very words are asked for
        "`litigation` in the village",
        "Rapinoe in the village",  # a name, of which the encoder knows fragments
        "le mari et son avocat ne sont pas d'accord sur le procès",  # another language
    ],
)
async def test_other_words_stand_for_themselves(sample: Searcher, question: str) -> None:
    assert await variants_of(sample, question) == {}


async def test_a_library_of_few_words_tells_nothing(real_house: House) -> None:
    real_house.put("rivers", "The lawsuit over the river took nine years and nobody was glad of it. " * 3)
    await real_house.build()
    assert await variants_of(await real_house.open(), "litigation over the river") == {}


async def test_an_encoder_that_does_not_tell_its_words_changes_none(house: House) -> None:
    house.put("rivers", " ".join(f"word{chr(97 + at // 26)}{chr(97 + at % 26)}" for at in range(300)))
    await house.build()
    assert await variants_of(await house.open(), "litigation over rivers") == {}


async def test_what_is_gone_stands_for_nothing(sample: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    nearest = sample.analyzer.nearest_words
    others = NearestWords(
        nearest.connection,
        nearest.encoder,
        lambda stemmed: 0 if stemmed == stem("lawsuit") else nearest.frequency(stemmed),
        nearest.is_known,
        nearest.is_word,
    )
    variants = dict((await others.with_nearest(terms_of("litigation"))).variants)
    assert stem("lawsuit") not in variants
    assert variants


async def test_each_stem_has_the_vector_of_its_most_frequent_word_once(house: House, tmp_path: Path) -> None:
    house.put("rivers", "rivers flow and a river flows and rivers rise " * 5)
    await house.build()
    stems, vectors = await queries.word_vectors((await house.open()).edition.connection)
    assert stems == sorted({stem(word) for word in ("rivers", "flow", "rise")})
    wanted = house.encoder.encode(["rivers"])[0]
    assert (wanted @ vectors[stems.index(stem("rivers"))]) / 127 == pytest.approx(1.0, abs=0.01)
    house.put("trains", "trains pass the rivers and a train whistles " * 5)
    await house.build()
    again, _ = await queries.word_vectors((await house.open()).edition.connection)
    assert again == sorted({*stems, stem("trains"), stem("pass"), stem("whistles")})
