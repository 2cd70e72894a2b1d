"""Claims about the second look: a cross-encoder's scores decide among the best candidates, and only there."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_bert import save_word_pieces

from index.embedding.model_export import PACKAGED_MODEL, load_cross_encoder, model_folder
from index.embedding.reranker import Reranker
from index.errors import ModelUnavailable
from index.search.answers import Found
from index.search.ranking import RERANKED, best_places, reranked
from index.search.searcher import Searcher

WORDS = "the river mill rose school tutor valley children teacher people machine what will do who".split()
QUESTION = "what do tutors do in the valley school"
SCORES = st.lists(st.floats(0, 3, width=32), max_size=80)


class Prefers:
    """A reranker that likes one word. It keeps what it was asked."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.asked: list[tuple[str, list[str]]] = []

    def scores(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        self.asked.append((question, list(texts)))
        return np.array([float(self.word in text.lower()) for text in texts])


def make_cross_encoder(folder: Path, *, n_labels: int = 1) -> Path:
    """A small BERT with random weights and a scoring head."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what these libraries deprecate at import is not ours to mend
        import torch  # noqa: PLC0415 - takes seconds
        from transformers import BertConfig, BertForSequenceClassification  # noqa: PLC0415

        torch.manual_seed(3)
        folder.mkdir()
        n_pieces = save_word_pieces(folder, WORDS, ascii_lowercase)
        config = BertConfig(
            vocab_size=n_pieces, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
            intermediate_size=64, max_position_embeddings=128, initializer_range=0.6, num_labels=n_labels,
        )  # fmt: skip
        BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Reranker:
    return load_cross_encoder(str(make_cross_encoder(tmp_path_factory.mktemp("models") / "tiny")))


@given(SCORES, st.integers(0, 60), st.data())
def test_only_the_best_are_judged_and_nobody_else_overtakes_them(
    values: list[float], limit: int, data: st.DataObject
) -> None:
    score = np.array(values, np.float64)
    places = best_places(score, limit)
    judged = np.array(data.draw(st.lists(st.floats(0, 1), min_size=len(places), max_size=len(places))))
    after = reranked(score, places, judged, weight=0.5)
    assert len(places) == min(limit, len(values))
    rest = sorted(set(range(len(values))) - set(places))
    assert after[rest].tolist() == score[rest].tolist()
    assert after[places] == pytest.approx(score[places] + 0.5 * judged)
    assert not places or not rest or after[places].min() >= after[rest].max()


def test_equal_scores_are_ordered_by_the_judge() -> None:
    after = reranked(np.ones(3), [0, 1, 2], np.array([0.2, 0.9, 0.4]))
    assert np.argsort(-after).tolist() == [1, 2, 0]


@pytest.mark.parametrize("judged", [[0.5], [0.5, 1.1], [-0.1, 0.5], [float("nan"), 0.5]])
def test_what_is_no_score_from_0_to_1_is_refused(judged: list[float]) -> None:
    with pytest.raises(ValueError, match="2 scores from 0 to 1"):
        reranked(np.zeros(3), [0, 1], np.array(judged))


async def test_the_best_are_asked_about_with_their_words(sample: Searcher) -> None:
    liking = Prefers("teacher")
    await replace(sample, reranker=liking).find(QUESTION)
    ((question, texts),) = liking.asked
    assert question == QUESTION
    assert 0 < len(texts) <= RERANKED
    known = await sample.edition.slices.texts(sample.edition.columns.slice_id.tolist())
    assert set(texts) <= {*known.values()}


async def test_a_preferred_word_comes_up(sample: Searcher) -> None:
    def places(found: Found, word: str) -> list[int]:
        return [
            passage.rank
            for passage in found.passages
            if word in passage.slices[passage.best].piece.text.lower()
        ]

    plain = await sample.find(QUESTION, n_passages=50)
    words = {
        word for passage in plain.passages for word in passage.slices[passage.best].piece.text.lower().split()
    }
    moved = 0
    for word in sorted(words)[::40]:
        found = await replace(sample, reranker=Prefers(word)).find(QUESTION, n_passages=50)
        before, after = places(plain, word), places(found, word)
        moved += bool(after) and min(after) < min(before, default=99)
    assert moved > 0
    assert found.is_match


async def test_what_is_not_there_is_refused_whatever_a_reranker_likes(sample: Searcher) -> None:
    liking = Prefers("the")
    assert not (await replace(sample, reranker=liking).find("how to roast a chicken")).is_match
    assert liking.asked == []


async def test_a_cross_encoder_orders_and_does_not_say_what_is_about_the_question(
    sample: Searcher, tiny: Reranker
) -> None:
    plain = await sample.find(QUESTION, n_passages=50)
    found = await replace(sample, reranker=tiny).find(QUESTION, n_passages=50)
    before, after = (
        {passage.slices[passage.best].id: passage for passage in each.passages} for each in (plain, found)
    )
    both = sorted(set(before) & set(after))
    assert len(both) >= 3
    assert [after[number].score for number in both] == [before[number].score for number in both]


def test_a_cross_encoder_gives_a_score_a_text_from_0_to_1(tiny: Reranker) -> None:
    texts = ["the river rose", "", "the teacher " * 400, "🦊"]
    judged = tiny.scores("what will people do", texts)
    assert judged.shape == (4,)
    assert np.all((judged >= 0) & (judged <= 1))
    assert tiny.scores("what will people do", texts[:1])[0] == pytest.approx(judged[0], abs=1e-5)
    assert tiny.scores("anything", []).shape == (0,)


def test_what_is_no_cross_encoder_is_refused(tmp_path: Path) -> None:
    packaged = model_folder(PACKAGED_MODEL)
    assert packaged is not None
    (tmp_path / "empty").mkdir()
    broken = make_cross_encoder(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"rubbish")
    listed = make_cross_encoder(tmp_path / "listed")
    (listed / "config.json").write_text(json.dumps({"architectures": None}))
    two = make_cross_encoder(tmp_path / "two", n_labels=2)
    for folder in (packaged, tmp_path / "empty", broken, listed, two):
        with pytest.raises(ModelUnavailable) as caught:
            load_cross_encoder(str(folder))
        assert caught.value.fields["model"] == str(folder)


def test_a_name_that_no_hub_can_have_is_unavailable() -> None:
    with pytest.raises(ModelUnavailable):
        load_cross_encoder("nobody/has this one")
