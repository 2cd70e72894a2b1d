"""Claims about word pieces: how they are packed and compared, and the maps that make them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.embedding.encoder import LEAST_WEIGHT, ServingEncoder, WordPieceEncoder, WordPieces, pieces_version
from index.embedding.model_export import PACKAGED_MODEL, export_model, fingerprint, model_folder
from index.embedding.token_projection import (
    TokenProjection,
    export_name,
    fingerprint_in,
    projection_of,
    read_projections,
)
from index.errors import ModelUnavailable
from tests.index.conftest import DATA, WordEncoder

TEXT = "She shot at it with a rifle until the bearing caught fire, and the price of power went up."


def pieces(n_pieces: int, *, seed: int, dim: int = 8) -> WordPieces:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(n_pieces, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    starts = np.arange(0, 4 * n_pieces, 4, np.uint16)  # words of three letters
    return WordPieces(vectors, random.uniform(0.5, 1.0, n_pieces).astype(np.float32), starts)


def test_a_text_is_nearest_to_itself() -> None:
    texts = [pieces(n, seed=n) for n in (3, 9, 40)]
    for place, text in enumerate(texts):
        nearness = text.nearness([other.packed() for other in texts])
        assert nearness[place] == pytest.approx(1.0, abs=0.02)
        assert nearness.argmax() == place


def test_nearness_is_the_weighted_mean_of_the_nearest_cosines() -> None:
    question, text = pieces(4, seed=1), pieces(7, seed=2)
    nearest = (question.vectors @ text.vectors.T).max(axis=1)
    expected = float((nearest * question.weights).sum() / question.weights.sum())
    assert question.nearness([text.packed()])[0] == pytest.approx(expected, abs=0.01)


def test_more_words_make_a_text_no_less_near_and_their_order_does_not_count() -> None:
    question, text, more = pieces(5, seed=3), pieces(6, seed=4), pieces(6, seed=5)
    alone, longer, turned = question.nearness(
        [text.packed(), text.packed() + more.packed(), more.packed() + text.packed()]
    )
    assert longer >= alone
    assert longer == turned


def test_without_pieces_nothing_is_near() -> None:
    nothing = WordPieces(np.zeros((0, 8), np.float32), np.zeros(0, np.float32), np.zeros(0, np.uint16))
    some = pieces(5, seed=6)
    assert nothing.packed() == b""
    assert nothing.nearness([some.packed()]).tolist() == [-1.0]
    assert some.nearness([b"", some.packed(), b""])[[0, 2]].tolist() == [-1.0, -1.0]
    assert some.nearness([]).shape == (0,)


def test_pieces_that_count_little_are_not_stored() -> None:
    some = replace(pieces(3, seed=7), weights=np.array([1.0, LEAST_WEIGHT / 2, LEAST_WEIGHT], np.float32))
    assert len(some.packed()) == 2 * (8 + 2)


def test_the_nearest_part_of_a_text_is_the_one_with_the_same_words() -> None:
    text, question = pieces(9, seed=8), pieces(3, seed=9)
    bounds = [(0, 11), (12, 23), (24, 35)]
    for place, (start, end) in enumerate(bounds):
        asked = replace(question, vectors=text.vectors[start // 4 : end // 4 + 1])
        near = asked.nearness_within(text.packed(), bounds)
        assert near.argmax() == place
        assert near[place] == pytest.approx(1.0, abs=0.02)
    whole = question.nearness([text.packed()])[0]
    assert question.nearness_within(text.packed(), [(0, 36)])[0] == pytest.approx(float(whole), abs=1e-6)


def test_a_part_without_words_is_not_near() -> None:
    question, text = pieces(3, seed=10), pieces(4, seed=11)
    near = question.nearness_within(text.packed(), [(0, 8), (8, 8), (16, 90)])
    assert near[0] > -1.0
    assert near[1:].tolist() == [-1.0, -1.0]
    assert question.nearness_within(b"", [(0, 8)]).tolist() == [-1.0]
    assert question.nearness_within(text.packed(), []).shape == (0,)


def test_the_packaged_model_gives_pieces_beside_the_same_vectors(real_encoder: ServingEncoder) -> None:
    found: dict[int, WordPieces] = {}
    texts = [TEXT, "", "rifle", TEXT * 40]
    vectors = real_encoder.encode_with_pieces(texts, found.__setitem__)
    assert np.array_equal(vectors, real_encoder.encode(texts))
    assert isinstance(real_encoder, WordPieceEncoder)
    assert sorted(found) == [0, 1, 2, 3]
    assert len(found[1].vectors) == 0
    assert real_encoder.knows_word("rifle")
    assert len(found[2].vectors) == 1
    assert np.linalg.norm(found[0].vectors, axis=1) == pytest.approx(1.0, abs=0.01)
    assert found[0].nearness([found[0].packed()])[0] > 0.95
    assert TEXT[int(found[0].starts[3]) :].startswith("it")
    assert found[3].starts[-1] < len(TEXT * 40)


def test_every_text_is_tokenised_once(real_encoder: ServingEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting:
        def encode(self, text: str) -> Any:
            tokenised.append(text)
            return tokenizer.encode(text)

        def encode_batch(self, batch: list[str]) -> Any:
            tokenised.extend(batch)
            return tokenizer.encode_batch(batch)

        encode_batch_fast = encode_batch

    tokenised: list[str] = []
    tokenizer = real_encoder._tokenizer
    monkeypatch.setattr(real_encoder, "_tokenizer", Counting())
    for texts in (["rifle"], [TEXT, "rifle", TEXT * 40]):
        tokenised.clear()
        real_encoder.encode_with_pieces(texts, lambda *_: None)
        assert sorted(tokenised) == sorted(texts)


def test_pieces_do_not_depend_on_company(real_encoder: ServingEncoder) -> None:
    together: dict[int, WordPieces] = {}
    alone: dict[int, WordPieces] = {}
    real_encoder.encode_with_pieces(["rifle", TEXT, "bearing " * 30], together.__setitem__)
    real_encoder.encode_with_pieces([TEXT], alone.__setitem__)
    assert np.array_equal(together[1].vectors, alone[0].vectors)
    assert np.array_equal(together[1].weights, alone[0].weights)


def test_telling_words_count_more_than_function_words(real_encoder: ServingEncoder) -> None:
    found: dict[int, WordPieces] = {}
    real_encoder.encode_with_pieces(["what is the rifle"], found.__setitem__)
    *function_words, rifle = found[0].weights.tolist()
    assert rifle > 1.5 * max(function_words)


def test_an_encoder_without_maps_gives_no_pieces(tmp_path: Path) -> None:
    plain = ServingEncoder(export_model(PACKAGED_MODEL, tmp_path))
    found: dict[int, WordPieces] = {}
    plain.encode_with_pieces([TEXT], found.__setitem__)
    assert (found, pieces_version(plain), pieces_version(WordEncoder())) == ({}, "", "")


def projection() -> TokenProjection:
    random = np.random.default_rng(8)
    centre, weights = random.normal(size=(2, 6)).astype(np.float16).astype(np.float32)
    vectors = random.normal(size=(6, 3)).astype(np.float16).astype(np.float32)
    return TokenProjection("abc", 2, centre, vectors, weights, 0.5)


def test_maps_come_back_as_they_were_written(tmp_path: Path) -> None:
    made = projection()
    made.save(tmp_path / "encoders" / "one.npz")
    (read,) = read_projections(tmp_path / "encoders")
    assert (read.fingerprint, read.layer, read.bias, read.dim) == ("abc", 2, 0.5, 3)
    assert np.array_equal(read.vectors, made.vectors)
    assert read.version == made.version
    assert replace(made, bias=0.6).version != made.version
    assert fingerprint_in(export_name("abc", read.version)) == export_name("abc", "") == "abc"
    assert (projection_of("abc", [read]), projection_of("other", [read])) == (read, None)
    assert read_projections(tmp_path / "nowhere") == []


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 half of one"])
def test_a_damaged_file_of_maps_is_named(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_bytes(data)
    with pytest.raises(ModelUnavailable) as refused:
        read_projections(tmp_path)
    assert str(tmp_path / "broken.npz") in str(refused.value.fields)


def test_the_maps_that_ship_are_of_the_packaged_model() -> None:
    folder = model_folder(PACKAGED_MODEL)
    assert folder is not None
    assert projection_of(fingerprint(folder), read_projections(DATA / "encoders")) is not None
