"""Text to vectors with the exported model: the one file that runs a model.

OpenVINO serves and builds alike: on two cores it embeds passages fastest of the runtimes measured (see
docs/measurements.md) and picks bfloat16 where the processor multiplies in it, which leaves vectors at a cosine
of 0.9999 to float32. ``COUNTERPOINT_PRECISION`` overrides the choice.
"""

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import ModelUnavailable

Precision = Literal["auto", "f32", "bf16"]
Vectors = npt.NDArray[np.float32]

_TOKENS_A_BATCH = 4096
_LONGEST_BATCH = 64


class Encoder(Protocol):
    """What turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """What decides the vectors: two encoders of one fingerprint give the same vectors."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """One unit row a text, shape (n, dim), float32."""


class ServingEncoder:
    """An exported model, compiled for this processor. Safe to call from several threads.

    Args:
        folder: what ``export.export_model`` made.
        precision: arithmetic; ``auto`` takes bfloat16 where the processor has it, else float32.
        threads: cores used by one call; 0 leaves it to the runtime.

    Raises:
        ModelUnavailable: the folder is missing or damaged.
    """

    def __init__(self, folder: Path, *, precision: Precision = "auto", threads: int = 0) -> None:
        import openvino  # noqa: PLC0415 - a third of a second that commands without questions need not spend
        from tokenizers import Tokenizer  # noqa: PLC0415

        try:
            facts = json.loads((folder / "serving.json").read_text(encoding="utf-8"))
            self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
            core = openvino.Core()
            if precision == "auto":
                precision = (
                    "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
                )
            options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
            if threads:
                options["INFERENCE_NUM_THREADS"] = threads
            compiled = core.compile_model(str(folder / "model.xml"), "CPU", options)
            self.name: str = facts["name"]
            self.fingerprint: str = facts["fingerprint"]
            self.dim: int = facts["dim"]
            self.max_tokens: int = facts["max_tokens"]
        except (
            Exception
        ) as error:  # the tokenizer raises bare Exception, and each library something of its own
            raise ModelUnavailable(model=str(folder), problem=type(error).__name__) from error
        self.precision = precision
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.max_tokens)
        self._request = compiled.create_infer_request()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """One unit row a text, shape (n, dim), float32; an empty sequence gives shape (0, dim).

        Texts longer than ``max_tokens`` word pieces are cut there. Batches hold texts of like length, and the
        next batch is tokenised while one is computed.

        Args:
            texts: in any order.
            progress: called with the number of texts done since the last call.
        """
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        if not len(texts):
            return vectors
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]), reverse=True)
        if len(order) == 1:
            vectors[0] = self._infer(self._tokenise(texts, order))[0]
            return vectors
        batches = list(_batches(texts, order))
        with ThreadPoolExecutor(1) as tokenising:
            ahead = tokenising.submit(self._tokenise, texts, batches[0])
            for number, rows in enumerate(batches):
                tokens = ahead.result()
                if number + 1 < len(batches):
                    ahead = tokenising.submit(self._tokenise, texts, batches[number + 1])
                vectors[rows] = self._infer(tokens)
                if progress is not None:
                    progress(len(rows))
        return vectors

    def _tokenise(self, texts: Sequence[str], rows: Sequence[int]) -> tuple[npt.NDArray[np.int64], ...]:
        encoded = self._tokenizer.encode_batch([texts[row] for row in rows])
        width = max(len(one.ids) for one in encoded)
        ids = np.zeros((len(encoded), width), dtype=np.int64)
        mask = np.zeros((len(encoded), width), dtype=np.int64)
        for row, one in enumerate(encoded):
            ids[row, : len(one.ids)] = one.ids
            mask[row, : len(one.ids)] = 1
        return ids, mask

    def _infer(self, tokens: tuple[npt.NDArray[np.int64], ...]) -> Vectors:
        with self._lock:
            result: Vectors = self._request.infer(list(tokens))[0].astype(np.float32, copy=True)
        return result


def save_serving_model(module: Any, example: dict[str, Any], path: Path) -> None:
    """Convert a PyTorch ``module`` of (input_ids, attention_mask) to OpenVINO IR at ``path``, weights as float16."""
    import openvino  # noqa: PLC0415

    shape = openvino.PartialShape([-1, -1])
    converted = openvino.convert_model(module, example_input=example, input=[shape, shape])
    openvino.save_model(converted, path, compress_to_fp16=True)


def _batches(texts: Sequence[str], order: Sequence[int]) -> list[list[int]]:
    """Rows of ``order`` (longest first) in batches of like length and of bounded work."""
    batches: list[list[int]] = []
    batch: list[int] = []
    for row in order:
        longest = len(texts[batch[0]] if batch else texts[row]) // 4 + 3
        if batch and (len(batch) >= _LONGEST_BATCH or (len(batch) + 1) * longest > _TOKENS_A_BATCH):
            batches.append(batch)
            batch = []
        batch.append(row)
    batches.append(batch)
    return batches
