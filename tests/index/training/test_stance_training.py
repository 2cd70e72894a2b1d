"""Training, file and serving of a stance model, with the real encoder and a few texts."""

from pathlib import Path

import numpy as np
import pytest

from index.embedding.model_export import PACKAGED_MODEL, export_stance, load_torch_model
from index.embedding.served_stance_model import ServedStanceModel
from index.embedding.stance_weights import (
    StanceWeights,
    stance_calibration,
    stance_fingerprint,
    weights_fingerprint,
)
from index.errors import ModelUnavailable
from index.training.labelled_minutes import Minute, Taught
from index.training.stance_trainer import StanceSettings, StanceTrainer
from index.training.stance_training import calibrate_stance, train_stance
from scoring.errors import AxisDataInvalid
from scoring.fitting import Scale
from scoring.stance import Stance, StanceCalibration

AXIS = Path(__file__).resolve().parents[3] / "data" / "axes" / "risk-opportunity"
LENSES = ("technical", "governance", "societal", "philosophical")
CALIBRATION = StanceCalibration(0.3, Scale(-0.3, 0.4, 1.2), np.linspace(-1, 1, 7), (0.5, 0.8))
DANGERS = ("machines will kill us", "nobody can stop it", "we lose control", "it lies to everybody")
GAINS = ("it cures the sick", "teachers love it", "work is fun again", "everybody can build things")
TEXTS = [f"Well, I think that {said}." for said in DANGERS + GAINS]
MINUTES = [
    Minute(text, -1.5 if place < len(DANGERS) else 1.5, LENSES[place % 4], text[20:-1], f"talk {place}")
    for place, text in enumerate(TEXTS)
]


@pytest.fixture(scope="module")
def trainer() -> StanceTrainer:
    """A model trained for a few steps on eight sentences."""
    settings = StanceSettings(frozen_layers=5, epochs=8, batch=4, rate=5e-4, head_rate=5e-3)
    made = StanceTrainer(PACKAGED_MODEL, LENSES, settings)
    done: list[int] = []
    made.train(MINUTES, done.append)
    assert sum(done) == settings.epochs * len(MINUTES)
    return made


@pytest.fixture(scope="module")
def file(trainer: StanceTrainer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stance") / "stance.npz"
    weights_of(trainer).save(path, rank=384)
    return path


def weights_of(trainer: StanceTrainer) -> StanceWeights:
    return StanceWeights(
        base=trainer.base,
        base_fingerprint=trainer.base_fingerprint,
        changes=trainer.changes(),
        heads=trainer.heads(),
        max_tokens=trainer.settings.max_tokens,
        calibration=CALIBRATION,
        recorded={"spearman": 0.5},
    )


def test_it_learns_the_side_and_what_carries_it(trainer: StanceTrainer) -> None:
    found = trainer.stances(TEXTS)
    assert all(stance.leaning < 0 for stance in found[: len(DANGERS)])
    assert all(stance.leaning > 0 for stance in found[len(DANGERS) :])
    inside = np.mean([stance.why[(stance.spans[:, 0] >= 20)].mean() for stance in found])
    outside = np.mean([stance.why[(stance.spans[:, 1] <= 19)].mean() for stance in found])
    assert inside > outside


def test_it_learns_from_a_teacher_s_chances() -> None:
    sides = [place < len(DANGERS) for place in range(len(TEXTS))]
    minutes = [
        Minute(text, -1.0, "", None, text, taught=Taught(0.9 if side else 0.1, (0.0, 0.1, 0.9, 0.0)))
        for text, side in zip(TEXTS, sides, strict=True)
    ]
    settings = StanceSettings(frozen_layers=5, epochs=16, batch=4, rate=5e-4, head_rate=5e-3)
    made = StanceTrainer(PACKAGED_MODEL, LENSES, settings)
    made.train(minutes)
    found = made.stances(TEXTS)
    assert [stance.takes_side > 0.5 for stance in found] == sides
    assert all(stance.leaning == pytest.approx(-1.0, abs=0.4) for stance in found)
    assert all(LENSES[int(stance.lenses.argmax())] == "societal" for stance in found)


def test_only_the_trained_layers_change(trainer: StanceTrainer) -> None:
    changed = trainer.changes()
    assert changed
    assert all(name.startswith("encoder.layer.5.") for name in changed)


def test_what_is_served_says_what_was_trained(trainer: StanceTrainer, file: Path, tmp_path: Path) -> None:
    texts = [*TEXTS, "", "A long one. " * 400]
    served = ServedStanceModel(file, tmp_path, precision="f32").stances(texts)
    for one, other in zip(served, trainer.stances(texts), strict=True):
        assert one.leaning == pytest.approx(other.leaning, abs=0.03)
        assert one.takes_side == pytest.approx(other.takes_side, abs=0.03)
        assert one.lenses == pytest.approx(other.lenses, abs=0.05)
        assert (one.spans == other.spans).all()
        assert one.why == pytest.approx(other.why, abs=0.05)


def test_training_goes_on_from_a_file(trainer: StanceTrainer, file: Path) -> None:
    settings = StanceSettings(frozen_layers=5, epochs=1, batch=4, rate=1e-6, head_rate=1e-6)
    resumed = StanceTrainer(PACKAGED_MODEL, LENSES, settings, start=StanceWeights.load(file))
    for stance, other in zip(resumed.stances(TEXTS), trainer.stances(TEXTS), strict=True):
        assert stance.leaning == pytest.approx(other.leaning, abs=0.02)
    resumed.train(MINUTES)
    assert resumed.changes().keys() == trainer.changes().keys(), "what is kept is the difference to the base"
    for stance, other in zip(resumed.stances(TEXTS), trainer.stances(TEXTS), strict=True):
        assert stance.leaning == pytest.approx(other.leaning, abs=0.1)


def test_training_does_not_go_on_from_another_base(trainer: StanceTrainer) -> None:
    other = StanceWeights(PACKAGED_MODEL, "0" * 16, {}, trainer.heads(), 256, CALIBRATION, {})
    with pytest.raises(ModelUnavailable):
        StanceTrainer(PACKAGED_MODEL, LENSES, StanceSettings(), start=other)


def test_a_narrow_file_is_smaller_and_says_nearly_the_same(
    trainer: StanceTrainer, file: Path, tmp_path: Path
) -> None:
    narrow = tmp_path / "narrow.npz"
    weights_of(trainer).save(narrow, rank=32)
    assert narrow.stat().st_size < file.stat().st_size / 2
    served = ServedStanceModel(narrow, tmp_path, precision="f32").stances(TEXTS)
    assert [np.sign(stance.leaning) for stance in served] == [-1] * len(DANGERS) + [1] * len(GAINS)


def test_a_file_is_read_as_it_was_written(trainer: StanceTrainer, file: Path, tmp_path: Path) -> None:
    loaded = StanceWeights.load(file)
    assert loaded.base == PACKAGED_MODEL
    assert loaded.recorded == {"spearman": 0.5}
    assert stance_calibration(file).scale == CALIBRATION.scale
    again = tmp_path / "again.npz"
    weights_of(trainer).save(again, rank=384)
    assert stance_fingerprint(again) == stance_fingerprint(file)


def test_a_broken_file_and_another_base_are_named(trainer: StanceTrainer, tmp_path: Path) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK\x03\x04 no")
    with pytest.raises(AxisDataInvalid):
        StanceWeights.load(broken)
    with pytest.raises(AxisDataInvalid):
        ServedStanceModel(tmp_path / "missing.npz", tmp_path)
    other = tmp_path / "other.npz"
    StanceWeights(PACKAGED_MODEL, "0" * 16, {}, trainer.heads(), 256, CALIBRATION, {}).save(other, rank=8)
    with pytest.raises(ModelUnavailable):
        export_stance(other, tmp_path / "models")


def test_training_gives_a_calibrated_file_with_its_figures(tmp_path: Path) -> None:
    axis = tmp_path / "axis"
    axis.mkdir()
    for name in ("axis.toml", "lexicon.toml"):
        (axis / name).write_bytes((AXIS / name).read_bytes())
    said = {-1.0: DANGERS, 0.0: ("we met on a Tuesday", "it was raining"), 1.0: GAINS}
    minutes = [
        Minute(
            f"{number} people say {words}.",
            position,
            LENSES[number % 4],
            words if position else "",
            f"{number}",
        )
        for number in range(90)
        for position, all_words in said.items()
        for words in [all_words[number % len(all_words)]]
    ]
    trained = train_stance(
        axis,
        minutes,
        PACKAGED_MODEL,
        StanceSettings(frozen_layers=5, epochs=1, rate=5e-4, head_rate=5e-3),
        taught=[Minute("rain", 0.0, "", None, "rain", taught=Taught(0.0, (1.0, 0.0, 0.0, 0.0)))],
        to_read=GAINS,
    )
    assert trained.n_taught == 1
    assert len(trained.readings) == len(GAINS)
    assert trained.n_trained + trained.n_held_out == len(minutes)
    assert trained.n_held_out > 0
    assert trained.n_written == 0
    assert set(trained.figures) >= {
        "right side",
        "takes a side",
        "spearman",
        "macro-F1",
        "lens",
        "high",
        "drivers",
    }
    assert trained.figures["spearman"] > 0.5
    trained.weights.save(tmp_path / "stance.npz", rank=64)
    assert StanceWeights.load(tmp_path / "stance.npz").recorded == trained.figures


def test_high_confidence_begins_where_nine_in_ten_are_right() -> None:
    generator = np.random.default_rng(3)
    labels = generator.choice([-1.0, 0.0, 0.0, 1.0], 600)
    said = [
        Stance(
            float(label + noise), 0.9 if label else 0.3, np.zeros(4), np.zeros(1), np.zeros((1, 2), np.int64)
        )
        for label, noise in zip(labels, generator.normal(0, 0.7, 600), strict=True)
    ]
    found = calibrate_stance(said, np.zeros(600), labels)
    assert found.scale.low < 0 < found.scale.high
    assert found.sure[0] <= found.sure[1] < 1


def test_the_large_model_that_ships_reads_better_than_the_small_one_and_is_small_to_ship() -> None:
    small, large = (StanceWeights.load(AXIS / name) for name in ("stance.npz", "stance-large.npz"))
    assert small.base == PACKAGED_MODEL
    assert large.base == "sentence-transformers/all-mpnet-base-v2"
    assert (AXIS / "stance-large.npz").stat().st_size < 12_000_000
    for figure in ("right side", "takes a side", "spearman", "macro-F1"):
        assert large.recorded[figure] > small.recorded[figure], "both on the same minutes kept apart"
    assert set(large.heads) == set(small.heads)
    assert large.heads["lens.bias"].shape == small.heads["lens.bias"].shape


def test_a_base_is_known_by_the_weights_that_were_trained(trainer: StanceTrainer, file: Path) -> None:
    loaded = StanceWeights.load(file)
    own = load_torch_model(PACKAGED_MODEL)[0].auto_model.float().state_dict()
    as_trained = {name: own[name].numpy() for name in loaded.changes}
    assert weights_fingerprint(as_trained) == loaded.base_fingerprint == trainer.base_fingerprint
    first = min(as_trained)
    other = {**as_trained, first: as_trained[first] + np.float32(1e-3)}
    assert weights_fingerprint(other) != loaded.base_fingerprint
    assert weights_fingerprint({}) != loaded.base_fingerprint
