"""The exported model against sentence-transformers' own vectors."""

import errno
import json
import pickle
import shutil
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_bert import save_word_pieces

from index.embedding.encoder import ServingEncoder, Vectors, computes_in_bfloat16
from index.embedding.model_export import (
    PACKAGED_MODEL,
    export_model,
    fingerprint,
    load_torch_model,
    model_folder,
)
from index.errors import DiskFull, ModelUnavailable

WORDS = (
    "the river mill rose stood still for a week while nobody crossed bridge then teacher read garden".split()
)
TEXTS = [
    "the river rose", "", "the mill stood still for a week while nobody crossed the bridge", "unknownword",
    "teacher", "the river rose then the mill stood still " * 30, "🦊", "then the teacher read", "a\x00b",
]  # fmt: skip


def cosines(vectors: Vectors, other: Vectors) -> Any:
    return (vectors * other).sum(axis=1) / np.linalg.norm(vectors, axis=1) / np.linalg.norm(other, axis=1)


def make_model(folder: Path, *, seed: int = 0) -> Path:
    """A small BERT with random weights, saved as sentence-transformers saves one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what these libraries deprecate at import is not ours to mend
        import torch  # noqa: PLC0415 - takes seconds
        from sentence_transformers import SentenceTransformer, models  # noqa: PLC0415
        from transformers import BertConfig, BertModel  # noqa: PLC0415

        torch.manual_seed(seed)
        raw = folder.with_name(folder.name + "-raw")
        raw.mkdir()
        n_pieces = save_word_pieces(raw, WORDS, "abcdefghij")
        config = BertConfig(
            vocab_size=n_pieces, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
            intermediate_size=64, max_position_embeddings=64, initializer_range=0.4,
        )  # fmt: skip
        BertModel(config).save_pretrained(raw)
        bert = models.Transformer(str(raw), max_seq_length=48)
        SentenceTransformer(modules=[bert, models.Pooling(32)], device="cpu").save(str(folder))
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("made") / "small")


@pytest.fixture(scope="module")
def exported(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_model(str(small), tmp_path_factory.mktemp("exports"))


def reference(name: str, texts: list[str]) -> Vectors:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        vectors: Vectors = load_torch_model(name).encode(
            texts, normalize_embeddings=True, show_progress_bar=False
        )
    return vectors


def test_an_exported_model_gives_the_vectors_of_its_origin(small: Path, exported: Path) -> None:
    encoder = ServingEncoder(exported, precision="f32")
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dim)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert cosines(vectors, reference(str(small), TEXTS)).min() > 0.999


def test_neither_order_nor_company_matters(exported: Path) -> None:
    encoder = ServingEncoder(exported)
    many = TEXTS * 20
    together = encoder.encode(many)
    assert np.array_equal(together, encoder.encode(many[::-1])[::-1])
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.array_equal(together[: len(TEXTS)], alone)


def test_progress_adds_up_and_nothing_gives_nothing(exported: Path) -> None:
    encoder = ServingEncoder(exported)
    done: list[int] = []
    encoder.encode(TEXTS * 20, progress=done.append)
    assert sum(done) == len(TEXTS) * 20
    assert encoder.encode([]).shape == (0, encoder.dim)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_vectors_do_not_depend_on_the_number_of_cores(threads: int, exported: Path) -> None:
    many = [f"{text} {number}" for number in range(70) for text in TEXTS]
    wanted = ServingEncoder(exported, precision="f32").encode(many)
    found = ServingEncoder(exported, precision="f32", threads=threads).encode(many)
    assert cosines(found, wanted).min() > 0.9999


def test_questions_are_answered_while_a_library_is_embedded(exported: Path) -> None:
    encoder = ServingEncoder(exported, precision="f32", threads=2)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    with ThreadPoolExecutor(8) as people:
        building = people.submit(encoder.encode, TEXTS * 60)
        asked = [people.submit(encoder.encode, [text]) for text in TEXTS * 10]
        answers = np.concatenate([reply.result() for reply in asked])
    assert cosines(answers, np.tile(alone, (10, 1))).min() > 0.9999
    assert cosines(building.result(), np.tile(alone, (60, 1))).min() > 0.9999


@pytest.mark.parametrize(
    ("flags", "has"),
    [
        ("flags\t\t: fpu sse2 avx2 avx512f avx512_vnni avx512_bf16 avx512_bitalg", True),
        ("processor\t: 0\nflags\t\t: fpu avx2 amx_bf16 amx_tile\n\nprocessor\t: 1", True),
        ("flags\t\t: fpu sse2 avx2 avx512f avx512bw avx512vl avx512_vnni", False),
        ("flags\t\t: fpu sse2 avx2 fma", False),
        ("model name\t: says avx512_bf16\nflags\t\t: fpu avx2", False),
        ("Features\t: fp asimd bf16", False),
        ("", False),
    ],
)
def test_bfloat16_is_for_processors_that_compute_in_it(flags: str, has: bool) -> None:
    """AVX-512 alone is not enough: there the runtime takes the model in bfloat16 and crawls."""
    assert computes_in_bfloat16(flags) is has


def test_a_second_export_is_the_first(small: Path, exported: Path) -> None:
    before = (exported / "model.bin").stat().st_mtime_ns
    assert export_model(str(small), exported.parent) == exported
    assert (exported / "model.bin").stat().st_mtime_ns == before
    assert [path.name for path in exported.parent.iterdir()] == [exported.name]


def test_the_fingerprint_is_that_of_the_weights_and_the_tokenizer(small: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(small, copy)
    assert fingerprint(copy) == fingerprint(small)
    (copy / "README.md").write_text("another text")
    assert fingerprint(copy) == fingerprint(small)
    for file in ("model.safetensors", "tokenizer.json"):
        path = copy / file
        path.write_bytes(path.read_bytes() + b" ")
        assert fingerprint(copy) != fingerprint(small)
        path.write_bytes(path.read_bytes()[:-1])


def test_what_is_no_model_is_unavailable(tmp_path: Path, small: Path) -> None:
    models = tmp_path / "models"
    (tmp_path / "empty").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.json").write_text('{"model_type": "nothing"}')
    shutil.copytree(small, tmp_path / "cut")
    weights = tmp_path / "cut" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    for name in ("empty", "config", "cut"):
        with pytest.raises(ModelUnavailable):
            export_model(str(tmp_path / name), models)
    assert not models.exists() or list(models.iterdir()) == []
    assert model_folder("") is None
    assert model_folder(str(tmp_path / "missing")) is None


@pytest.mark.parametrize("is_full", [True, False])
def test_an_export_that_fails_on_a_full_disk_says_that_it_is_full(
    is_full: bool, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("basic_ios::clear: iostream error")

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("index.embedding.encoder.save_serving_model", fails)
    if is_full:
        monkeypatch.setattr("index.embedding.model_export.write_synced", full)
    with pytest.raises(DiskFull if is_full else ModelUnavailable) as refused:
        export_model(str(small), tmp_path / "models")
    if isinstance(refused.value, DiskFull):
        assert refused.value.path == str(tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_disk_with_room_for_less_than_the_model_is_full(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the library wrote of it is gone again when it fails, so that a little can be written."""
    asked: list[int] = []

    def fails(*_: object) -> None:
        raise RuntimeError("basic_ios::clear: iostream error")

    def full(_descriptor: int, _offset: int, length: int) -> None:
        asked.append(length)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("index.embedding.encoder.save_serving_model", fails)
    monkeypatch.setattr("index.embedding.model_export._ROOM_BYTES", 10)
    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(DiskFull) as refused:
        export_model(str(small), tmp_path / "models")
    assert refused.value.path == str(tmp_path / "models")
    assert asked[0] > 10_000
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("damage", ["serving.json", "tokenizer.json", "model.xml", "facts"])
def test_a_damaged_export_is_unavailable(damage: str, exported: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    if damage == "facts":
        (copy / "serving.json").write_text(json.dumps({"name": "x"}))
    else:
        (copy / damage).write_text("{nonsense")
    with pytest.raises(ModelUnavailable):
        ServingEncoder(copy)


def test_the_packaged_model_is_served_as_it_was_published(real_encoder: ServingEncoder) -> None:
    texts = [
        "The river rose in spring and the mill stood still for a week.",
        "Singular learning theory says how the geometry of the loss landscape decides what a network learns.",
        "What would change your mind?",
        "A tutor that never tires " * 80,
    ]
    assert cosines(real_encoder.encode(texts), reference(PACKAGED_MODEL, texts)).min() > 0.998
    assert (real_encoder.dim, real_encoder.max_tokens) == (384, 256)


def test_the_packaged_model_gives_a_text_the_same_vector_in_any_company(real_encoder: ServingEncoder) -> None:
    words = (
        "the river rose in spring and the mill stood still for a week while nobody crossed the bridge".split()
    )
    texts = [" ".join((words * 4)[:length]) for length in (3, 5, 9, 14, 20, 27, 36, 50, 61)]
    alone = np.concatenate([real_encoder.encode([text]) for text in texts])
    assert np.array_equal(real_encoder.encode(texts), alone)
    assert np.array_equal(real_encoder.encode(texts[::-1] + texts[2:5])[: len(texts)][::-1], alone)


def test_a_pickled_model_needs_no_folder_and_gives_the_same_vectors(exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported, tmp_path / "model")
    encoder = ServingEncoder(tmp_path / "model")
    pickled = pickle.dumps(encoder)
    shutil.rmtree(tmp_path / "model")
    copy = pickle.loads(pickled)
    assert (copy.fingerprint, copy.dim) == (encoder.fingerprint, encoder.dim)
    assert np.array_equal(copy.encode(TEXTS), encoder.encode(TEXTS))
