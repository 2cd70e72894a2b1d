"""Encoding texts as vectors with an exported model.

OpenVINO answers questions and builds the index: on two cores it embeds passages fastest of the runtimes measured (see
docs/measurements.md). Arithmetic is bfloat16 where the processor has instructions for it, which leaves vectors at a
cosine of 0.9999 to float32, and float32 elsewhere; ``COUNTERPOINT_PRECISION`` overrides the choice.

Each core computes a batch of its own: cores that share one wait for each other after every layer, which costs little
on an idle machine and most of the time on a busy one. A single question is still shared by all cores, since there is
nothing else to compute: it takes little more than half as long.

A text's outputs do not depend on its company. The runtime adds up in another order for another length, which in
bfloat16 moved positions by up to 0.7 points; so a text is padded by its own length alone, and a batch holds texts of
one padded length.
"""

import json
import os
import queue
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from index.errors import ModelUnavailable

Precision = Literal["auto", "f32", "bf16"]
Vectors = npt.NDArray[np.float32]
_Tokens = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
_Outputs = list[npt.NDArray[np.float32]]
_TakeBatch = Callable[[list[int], list[Any], _Outputs], None]

LEAST_WEIGHT = 0.1
"""Least weight of a word piece that is stored of a text, as a share of the greatest."""

_BYTE, _START_BYTES, _LAST_START = 127.0, 2, 0xFFFF
_LONGEST_PIECE_CHARS = 40  # with what stands behind it and is not stored
_TOKENS_A_BATCH = 1024
_TEXTS_TOKENISED_AT_ONCE = 512
_BATCHES_AHEAD = 32  # computed while the next texts are tokenised
_LENGTH_STEP = (
    8  # the runtime prepares for each length when it first meets it, which takes longer than a question
)
_MOST_CORES = 8  # each holds activations of its own, some 50 MB
_BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


class Encoder(Protocol):
    """Encoder of texts as unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Return the model's fingerprint; encoders with the same fingerprint give the same vectors."""

    @property
    def dim(self) -> int:
        """Return the length of a vector."""

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one unit vector per text, shape (n, dim), float32."""


@dataclass(frozen=True, slots=True)
class WordPieces:
    """Word pieces of a text, for late interaction (``token_projection``).

    Attributes:
        vectors: unit vectors, shape (n_pieces, dim), float32.
        weights: how much each counts, at least 0, shape (n_pieces,), float32.
        starts: offsets in the text, ascending, shape (n_pieces,), uint16.
    """

    vectors: Vectors
    weights: Vectors
    starts: npt.NDArray[np.uint16]

    def packed(self) -> bytes:
        """Return the pieces that count as they are stored, row after row: a byte a number, and two of the offset."""
        counts = self.weights >= LEAST_WEIGHT * self.weights.max(initial=0.0)
        vectors = np.rint(self.vectors[counts] * _BYTE).astype(np.int8).view(np.uint8)
        starts = self.starts[counts].astype("<u2")[:, np.newaxis].view(np.uint8)
        return bytes(np.hstack([vectors, starts]).tobytes())

    def nearness(self, stored: Sequence[bytes]) -> Vectors:
        """Return how near texts are to this one: the mean, by weight, of each piece's cosine to the nearest of theirs.

        Args:
            stored: what ``packed`` gave for each text, of pieces of the same length.

        Returns:
            Up to 1, shape (n_texts,); -1 for a text without pieces, or where this one has none.
        """
        nearness = np.full(len(stored), -1.0, np.float32)
        with_pieces = [place for place, data in enumerate(stored) if data]
        if not with_pieces or not len(self.vectors):
            return nearness
        cosines, _ = self._cosines(b"".join(stored[place] for place in with_pieces))
        ends = np.cumsum([len(stored[place]) for place in with_pieces]) // self._row_bytes
        nearness[with_pieces] = self._mean_of_nearest(cosines, ends - np.diff(ends, prepend=0))
        return nearness

    def nearness_within(self, stored: bytes, bounds: Sequence[tuple[int, int]]) -> Vectors:
        """Return how near parts of a text are to this one, as ``nearness`` has it.

        Args:
            stored: what ``packed`` gave for the whole text.
            bounds: start and end of each part in the text, ascending, not overlapping.

        Returns:
            Up to 1, shape (n_bounds,); -1 for a part without pieces, or of which the end was cut off, since the encoder
            reads no further, or where this text has none.
        """
        nearness = np.full(len(bounds), -1.0, np.float32)
        if not stored or not len(self.vectors):
            return nearness
        cosines, starts = self._cosines(stored)
        firsts, ends = (np.searchsorted(starts, [bound[part] for bound in bounds]) for part in (0, 1))
        is_whole = np.array([end for _, end in bounds]) <= int(starts.max(initial=0)) + _LONGEST_PIECE_CHARS
        has_pieces = (ends > firsts) & is_whole
        edges = np.column_stack([firsts[has_pieces], ends[has_pieces]]).ravel()
        if len(edges):
            padded = np.vstack([cosines, np.full((1, cosines.shape[1]), -1.0, np.float32)])
            nearness[has_pieces] = self._mean_of_nearest(padded, edges)[::2]
        return nearness

    @property
    def _row_bytes(self) -> int:
        return int(self.vectors.shape[1]) + _START_BYTES

    def _cosines(self, stored: bytes) -> tuple[Vectors, npt.NDArray[np.uint16]]:
        """Return the cosine of each stored piece to each of these, shape (n_stored, n_pieces), and the offsets."""
        rows = np.frombuffer(stored, np.uint8).reshape(-1, self._row_bytes)
        vectors = np.ascontiguousarray(rows[:, :-_START_BYTES]).view(np.int8)
        starts = np.ascontiguousarray(rows[:, -_START_BYTES:]).view("<u2")[:, 0]
        return vectors.astype(np.float32) @ (self.vectors.T / _BYTE), starts

    def _mean_of_nearest(self, cosines: Vectors, firsts: npt.NDArray[np.integer]) -> Vectors:
        """Return the mean, by weight, of each piece's greatest cosine in blocks of rows that begin at ``firsts``."""
        nearest = np.maximum.reduceat(cosines, firsts, axis=0)
        # no product of matrix and vector: some kernels of BLAS read beyond a small one and then report "invalid value"
        mean: Vectors = (nearest * (self.weights / self.weights.sum())).sum(axis=1)
        return mean


@runtime_checkable
class WordPieceEncoder(Protocol):
    """Encoder that gives vectors of word pieces as well; an encoder may be one."""

    @property
    def pieces_version(self) -> str:
        """Return what names the maps to vectors of pieces; only pieces of the same may be compared. Empty for none."""

    def encode_with_pieces(
        self,
        texts: Sequence[str],
        take: Callable[[int, WordPieces], None],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Vectors:
        """Return what ``Encoder.encode`` returns, and call ``take`` with each text's row and its word pieces."""


def pieces_version(encoder: Encoder) -> str:
    """Return what names the encoder's maps to word pieces; empty where it gives none."""
    return encoder.pieces_version if isinstance(encoder, WordPieceEncoder) else ""


@runtime_checkable
class Vocabulary(Protocol):
    """Vocabulary of common words; an encoder may have one."""

    def knows_word(self, word: str) -> bool:
        """Return True if the lower-case ``word`` is common."""


class ServedModel:
    """Exported model of texts, compiled for this processor. Safe to call from several threads.

    Args:
        folder: made by ``model_export``.
        precision: arithmetic; ``auto`` is bfloat16 if the processor computes in it, else float32.
        threads: number of cores; 0 means all that this process may run on, at most 8.

    Raises:
        ModelUnavailable: the folder is missing or damaged.
    """

    def __init__(self, folder: Path, *, precision: Precision = "auto", threads: int = 0) -> None:
        openvino = import_openvino()
        from tokenizers import Tokenizer  # noqa: PLC0415

        self._cores = threads or min(_MOST_CORES, _cores())
        self._wanted_precision = precision
        self.precision: Precision = _arithmetic() if precision == "auto" else precision
        self._folder = folder
        try:
            self.facts: dict[str, Any] = json.loads((folder / "serving.json").read_text(encoding="utf-8"))
            self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._core = openvino.Core()
            self._model = self._core.read_model(str(folder / "model.xml"))
            self.name: str = self.facts["name"]
            self.fingerprint: str = self.facts["fingerprint"]
            self.max_tokens: int = self.facts["max_tokens"]
        except Exception as error:  # the tokenizer's own, and each library has others
            raise ModelUnavailable(model=str(folder), problem=f"failed:{type(error).__name__}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.max_tokens)
        self._compiling = threading.Lock()
        self._requests: dict[int, queue.LifoQueue[Any]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the export's files, so that another machine needs neither them nor the model's name.

        The copy computes on one core, beside others of its kind, and chooses the arithmetic of its own processor. It
        cannot be pickled again, since it keeps no files.
        """
        files = {path.name: path.read_bytes() for path in sorted(self._folder.iterdir()) if path.is_file()}
        return _opened_copy, (type(self), files, self._wanted_precision)

    def knows_word(self, word: str) -> bool:
        """Return True if the lower-case ``word`` is one of the model's word pieces, as common words are."""
        return self._tokenizer.token_to_id(word) is not None

    def in_batches(self, texts: Sequence[str], take: _TakeBatch) -> None:
        """Compute the model's outputs for ``texts``, longest first, each core a batch of its own.

        Args:
            texts: in any order; those longer than ``max_tokens`` word pieces are cut there.
            take: called on this thread with the rows of a batch, the tokenizer's encoding of each (``ids``, and the
                place of each in the text, ``offsets``), and the model's outputs, each of shape (n_rows, ...).
        """
        if len(texts) == 1:
            encoding = self._tokenizer.encode(texts[0])  # on this thread; a batch wakes others
            take([0], [encoding], self._infer(_padded([encoding.ids]), n_at_once=1))
            return
        pending: deque[tuple[list[int], list[Any], Future[_Outputs]]] = deque()

        def take_next() -> None:
            rows, encodings, computed = pending.popleft()
            take(rows, encodings, computed.result())

        with ThreadPoolExecutor(self._cores) as computing:
            for rows, encodings in self._batches(texts):
                tokens = _padded([encoding.ids for encoding in encodings])
                pending.append((rows, encodings, computing.submit(self._infer, tokens)))
                if len(pending) > _BATCHES_AHEAD:
                    take_next()
            while pending:
                take_next()

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[Any]]]:
        """Yield rows and encodings of batches of similar length, longest texts first."""
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]), reverse=True)
        for start in range(0, len(order), _TEXTS_TOKENISED_AT_ONCE):
            block = order[start : start + _TEXTS_TOKENISED_AT_ONCE]
            encodings = self._tokenizer.encode_batch([texts[row] for row in block])
            for batch in _batches_by_length([len(encoding) for encoding in encodings]):
                yield [block[place] for place in batch], [encodings[place] for place in batch]

    def _infer(self, tokens: _Tokens, n_at_once: int | None = None) -> _Outputs:
        requests = self._compiled(n_at_once or self._cores)
        request = requests.get()
        try:
            request.infer(list(tokens))
            outputs = [
                np.array(request.get_output_tensor(place).data, np.float32)
                for place in range(len(self._model.outputs))
            ]
        finally:
            requests.put(request)
        return outputs

    def _compiled(self, n_at_once: int) -> queue.LifoQueue[Any]:
        """Return inference requests for ``n_at_once`` batches; the last used, with warm memory, comes first."""
        with self._compiling:
            if n_at_once not in self._requests:
                options = {
                    "INFERENCE_PRECISION_HINT": self.precision,
                    "NUM_STREAMS": n_at_once,
                    "INFERENCE_NUM_THREADS": self._cores,
                    "ENABLE_CPU_PINNING": False,  # a core that another process keeps busy must not hold a batch
                }
                try:
                    compiled = self._core.compile_model(self._model, "CPU", options)
                except RuntimeError as error:
                    raise ModelUnavailable(
                        model=str(self._folder), problem=f"failed:{type(error).__name__}"
                    ) from error
                requests: queue.LifoQueue[Any] = queue.LifoQueue()
                nothing = np.zeros((1, 2), np.int64)
                for _ in range(n_at_once):
                    request = compiled.create_infer_request()
                    # Once by itself: the runtime prepares for NumPy at its first inference, and two threads that
                    # begin with it together wait for each other for ever.
                    request.infer([nothing, nothing + 1])
                    requests.put(request)
                self._requests[n_at_once] = requests
            return self._requests[n_at_once]


class ServingEncoder(ServedModel):
    """Exported encoder of texts as unit vectors. Arguments and errors as ``ServedModel`` has them."""

    def __init__(self, folder: Path, *, precision: Precision = "auto", threads: int = 0) -> None:
        super().__init__(folder, precision=precision, threads=threads)
        try:
            self.dim = int(self.facts["dim"])
            self.pieces_version = str(self.facts.get("pieces", ""))
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnavailable(model=str(folder), problem=type(error).__name__) from error

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one unit vector per text, shape (n, dim), float32; an empty sequence gives shape (0, dim).

        Texts longer than ``max_tokens`` word pieces are cut there. Batches hold texts of like length, and texts are
        tokenised while earlier ones are computed.

        Args:
            texts: in any order.
            progress: called with the number of texts done since the last call.
        """
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)

        def take(rows: list[int], _encodings: list[Any], outputs: _Outputs) -> None:
            vectors[rows] = outputs[0]
            if progress is not None and len(texts) > 1:
                progress(len(rows))

        self.in_batches(texts, take)
        return vectors

    def encode_with_pieces(
        self,
        texts: Sequence[str],
        take: Callable[[int, WordPieces], None],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Vectors:
        """Return what ``encode`` returns, and call ``take`` on this thread with each row and its word pieces.

        The pieces come from the same pass. Those that stand for a beginning, an end or what the vocabulary lacks are
        left out; there are none where the model has no maps to them.
        """
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)

        def take_batch(rows: list[int], encodings: list[Any], outputs: _Outputs) -> None:
            vectors[rows] = outputs[0]
            if self.pieces_version:
                for row, encoding, pieces in zip(rows, encodings, outputs[1], strict=True):
                    starts = np.array([start for start, _ in encoding.offsets])
                    own = pieces[: len(starts)]
                    is_said = own[:, -1] > 0.0
                    kept = np.minimum(starts[is_said], _LAST_START).astype(np.uint16)
                    take(row, WordPieces(own[is_said, :-1], own[is_said, -1], kept))
            if progress is not None and len(texts) > 1:
                progress(len(rows))

        self.in_batches(texts, take_batch)
        return vectors


def _opened_copy(kind: type[ServedModel], files: Mapping[str, bytes], precision: Precision) -> ServedModel:
    """Open a model whose files came from elsewhere, by way of a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="counterpoint-model-") as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        return kind(Path(folder), precision=precision, threads=1)


def import_openvino() -> Any:
    """Import OpenVINO, a third of a second that commands without questions need not spend, without its telemetry.

    Its package tells Google's analytics of every import, by a thread and a process of its own, unless the package that
    does so is not there.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino  # noqa: PLC0415

    return openvino


def computes_in_bfloat16(processor: str) -> bool:
    """Return True if the contents of ``/proc/cpuinfo`` show that the processor multiplies in bfloat16.

    The runtime's own report is not enough: it offers bfloat16 on every AVX-512 processor, and with the instructions
    masked it embedded 65 times slower than in float32 (docs/measurements.md).
    """
    return any(
        _BFLOAT16_FLAGS & set(line.partition(":")[2].split())
        for line in processor.splitlines()
        if line.startswith("flags")
    )


def save_serving_model(module: Any, example: dict[str, Any], path: Path) -> None:
    """Convert a PyTorch ``module`` of (input_ids, attention_mask) to OpenVINO IR at ``path``, weights as float16."""
    openvino = import_openvino()
    shape = openvino.PartialShape([-1, -1])
    converted = openvino.convert_model(module, example_input=example, input=[shape, shape])
    openvino.save_model(converted, path, compress_to_fp16=True)


def _arithmetic() -> Literal["f32", "bf16"]:
    try:
        processor = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # no Linux
        return "f32"
    return "bf16" if computes_in_bfloat16(processor) else "f32"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _batches_by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield batches of positions in ``lengths``, longest first, each of one padded length and of bounded size."""
    padded = [_padded_length(length) for length in lengths]
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: padded[place], reverse=True):
        if batch and (
            padded[place] != padded[batch[0]] or (len(batch) + 1) * padded[place] > _TOKENS_A_BATCH
        ):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _padded_length(length: int) -> int:
    return length + -length % _LENGTH_STEP


def _padded(pieces: Sequence[Sequence[int]]) -> _Tokens:
    """Return token ids and mask of texts of one padded length, both of shape (n, that length)."""
    shape = len(pieces), _padded_length(max(map(len, pieces)))
    ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, piece in enumerate(pieces):
        ids[row, : len(piece)] = piece
        mask[row, : len(piece)] = 1
    return ids, mask
