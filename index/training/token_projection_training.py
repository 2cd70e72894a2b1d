"""Training of the maps from an encoder's hidden states to word pieces' vectors (``token_projection``).

The encoder stays as it is, so its states are computed once for each text and kept. A step takes questions with the
minutes that they were written from and a near minute of another talk for each; every other minute of the step is wrong
for a question as well (contrastive loss with in-batch and hard negatives, as in Khattab and Zaharia 2020). AdamW
(Loshchilov and Hutter 2019), a rate that rises and then falls. The same seed gives the same maps up to the arithmetic.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from index.embedding.model_export import load_torch_model, model_fingerprint
from index.embedding.token_projection import TokenProjection
from index.errors import RowsInvalid
from index.evaluation.retrieval import read_rows
from index.training.labelled_minutes import part_of

HELD_OUT_PARTS = 2
"""Parts of the talks, of ``labelled_minutes.N_PARTS``, that are kept apart for the printed figures."""

_AT_ONCE = 32
_QUESTION_FIELDS = ("question", "typed")
_COMPARED = 8
_STATES_A_STEP_FOR_CENTRE = 5

States = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class ProjectionSettings:
    """Settings of the training; chosen by the questions of talks that it does not see.

    Attributes:
        layer: hidden layer of the encoder.
        dim: length of a word piece's vector.
        steps: steps of ``batch`` questions.
        batch: questions a step.
        rate, weight_rate, scale_rate: greatest learning rates: of the map to vectors, of the map to weights, and of the
            scale of the loss.
        near: nearest minutes of other talks that a wrong one is chosen from.
        max_tokens: word pieces read of a text.
        seed: of order and choice.
    """

    layer: int = 4
    dim: int = 32
    steps: int = 500
    batch: int = 24
    rate: float = 2e-3
    weight_rate: float = 2e-2
    scale_rate: float = 1e-2
    near: int = 6
    max_tokens: int = 256
    seed: int = 0


@dataclass(frozen=True, slots=True)
class AskedMinute:
    """A question, and the minute of talk that it was written from.

    Attributes:
        question: as a member might type it.
        text: what is said.
        talk: the conversation.
    """

    question: str
    text: str
    talk: str

    @property
    def is_held_out(self) -> bool:
        """Return True if its talk is kept apart for the figures; the same at every run."""
        return part_of(self.talk) < HELD_OUT_PARTS


@dataclass(frozen=True, slots=True)
class TrainedProjection:
    """Outcome of a training.

    Attributes:
        projection: the maps.
        n_trained, n_held_out: number of questions.
        figures: of the questions held out: ``before`` and ``after`` the share whose minute is nearer by word pieces
            than ``_COMPARED`` near minutes of other talks; before, the maps are principal components.
    """

    projection: TokenProjection
    n_trained: int
    n_held_out: int
    figures: dict[str, float]


def read_asked_minutes(
    minutes: Sequence[Path], questions: Sequence[Path], apart: Path | None
) -> list[AskedMinute]:
    """Join questions with the minutes that they were written from, by the hash of the text.

    Args:
        minutes: JSON lines with ``text``, and ``episode`` or ``show`` for the talk.
        questions: JSON lines with ``sha`` and ``question`` or ``typed``, as in ``data/training``.
        apart: questions of a library that will be measured (``bench/member_questions.py`` prints them), as JSON lines
            with ``text``: talks with one of these minutes are left out. None for none.

    Raises:
        RowsInvalid: a file cannot be read, or no question is of any of the minutes.
    """
    left_out = {_sha(str(row["text"])) for row in read_rows(apart, ("text",))} if apart is not None else set()
    said: dict[str, tuple[str, str]] = {}
    talks_left_out: set[str] = set()
    for file in minutes:
        for row in read_rows(file, ("text",)):
            text = str(row["text"])
            talk = str(row.get("episode") or row.get("show") or text)
            said[_sha(text)] = (text, talk)
            if _sha(text) in left_out:
                talks_left_out.add(talk)
    asked = []
    for file in questions:
        for row in read_rows(file, ("sha",)):
            text, talk = said.get(str(row["sha"]), ("", ""))
            if text and talk not in talks_left_out:
                typed = dict.fromkeys(str(row[field]) for field in _QUESTION_FIELDS if row.get(field))
                asked += [AskedMinute(question, text, talk) for question in typed]
    if not asked:
        raise RowsInvalid(file=str(questions[0]), line=None, problem="no question is of any of the minutes")
    return asked


def train_projection(
    asked: Sequence[AskedMinute],
    base: str,
    settings: ProjectionSettings = ProjectionSettings(),
    progress: Callable[[int], None] = lambda _: None,
) -> TrainedProjection:
    """Train the maps for the encoder ``base``.

    Args:
        asked: questions with their minutes, at least a few hundred.
        base: name of the encoder, as ``model_export.model_folder`` knows it.
        settings: of the training.
        progress: called with the number of steps done since the last call.

    Raises:
        ModelUnavailable: the encoder cannot be had.
        RowsInvalid: nothing is left to train on: all talks are kept apart, or no question has words.
    """
    choice = random.Random(settings.seed)  # noqa: S311 - of order, nothing secret
    torch.manual_seed(settings.seed)
    encoder = load_torch_model(base)
    texts = list(dict.fromkeys(item.text for item in asked))
    place = {text: number for number, text in enumerate(texts)}
    minutes, minute_vectors = _states(encoder, texts, settings)
    questions, question_vectors = _states(encoder, [item.question for item in asked], settings)
    talk_of = {item.text: item.talk for item in asked}
    near = _near_minutes(asked, question_vectors, minute_vectors, [talk_of[text] for text in texts])
    centre, components = _principal_components(minutes, settings.dim, choice)
    maps = _Maps(centre, components)
    data = _Data(questions, minutes, [place[item.text] for item in asked], near)
    with_pieces = [number for number, states in enumerate(questions) if len(states)]
    trained = [number for number in with_pieces if not asked[number].is_held_out]
    held_out = [number for number in with_pieces if asked[number].is_held_out]
    if not trained:
        raise RowsInvalid(file=base, line=None, problem="nothing_to_train_on")
    before = _share_first(maps, data, held_out)
    _train(maps, data, trained, settings, choice, progress=progress)
    projection = maps.projection(model_fingerprint(base), settings.layer)
    figures = {"before": before, "after": _share_first(maps, data, held_out)}
    return TrainedProjection(projection, len(trained), len(held_out), figures)


@dataclass(frozen=True, slots=True)
class _Data:
    """Hidden states of questions and minutes; of each question the place of its minute, and those of near ones."""

    questions: Sequence[States]
    minutes: Sequence[States]
    own: Sequence[int]
    near: Sequence[Sequence[int]]


class _Maps(nn.Module):
    """The maps that are trained, and the scale of the loss."""

    def __init__(self, centre: npt.NDArray[np.float32], vectors: npt.NDArray[np.float32]) -> None:
        super().__init__()
        self.centre = torch.from_numpy(centre)
        self.vectors = nn.Parameter(torch.from_numpy(vectors))
        self.weights = nn.Parameter(torch.zeros(len(centre)))
        self.bias = nn.Parameter(torch.zeros(1))
        self.scale = nn.Parameter(torch.tensor(3.0))

    def forward(self, questions: Sequence[States], minutes: Sequence[States]) -> Tensor:
        """Return the nearness of each question to each minute, shape (n_questions, n_minutes)."""
        asked, is_asked = _padded(questions)
        said, is_said = _padded(minutes)
        weight = functional.softplus((asked - self.centre) @ self.weights + self.bias) * is_asked
        cosines = torch.einsum("nqd,mtd->nqmt", self._unit(asked), self._unit(said))
        nearest = cosines.masked_fill(~is_said[None, None], -2.0).amax(3)
        return (nearest * (weight / weight.sum(1, keepdim=True))[:, :, None]).sum(1)

    def _unit(self, states: Tensor) -> Tensor:
        return functional.normalize((states - self.centre) @ self.vectors, dim=-1)

    def projection(self, base_fingerprint: str, layer: int) -> TokenProjection:
        """Return the maps as they are kept."""
        vectors, weights = (values.detach().numpy() for values in (self.vectors, self.weights))
        return TokenProjection(
            base_fingerprint, layer, self.centre.numpy(), vectors, weights, float(self.bias.detach())
        )


def _train(
    maps: _Maps,
    data: _Data,
    trained: Sequence[int],
    settings: ProjectionSettings,
    choice: random.Random,
    *,
    progress: Callable[[int], None],
) -> None:
    rates = [
        (maps.vectors, settings.rate),
        (maps.weights, settings.weight_rate),
        (maps.bias, settings.weight_rate),
        (maps.scale, settings.scale_rate),
    ]
    groups = [{"params": [parameter], "lr": rate, "full": rate} for parameter, rate in rates]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.0)
    order: list[int] = []
    for step in range(settings.steps):
        share = min(1.0, (step + 1) / 30) * max(0.03, 1 - step / settings.steps)
        for group in optimizer.param_groups:
            group["lr"] = share * group["full"]
        if len(order) < settings.batch:
            order = choice.sample(list(trained), len(trained))
        batch = [order.pop() for _ in range(min(settings.batch, len(order)))]
        minutes = [data.own[number] for number in batch]
        minutes += [
            choice.choice(data.near[number][: settings.near]) for number in batch if data.near[number]
        ]
        logits = maps.scale.exp() * maps(
            [data.questions[number] for number in batch], [data.minutes[at] for at in minutes]
        )
        is_right = torch.tensor([[data.own[number] == at for at in minutes] for number in batch])
        right = torch.logsumexp(logits.masked_fill(~is_right, -1e9), 1)
        loss = (torch.logsumexp(logits, 1) - right).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        progress(1)


@torch.inference_mode()
def _share_first(maps: _Maps, data: _Data, numbers: Sequence[int]) -> float:
    """Return the share of questions to which their minute is nearer than ``_COMPARED`` near ones; nan for none."""
    firsts = []
    for number in numbers:
        minutes = [data.own[number], *data.near[number][:_COMPARED]]
        nearness = maps([data.questions[number]], [data.minutes[at] for at in minutes])[0]
        firsts.append(bool((nearness[1:] <= nearness[0]).all()))
    return float(np.mean(firsts)) if firsts else float("nan")


@torch.inference_mode()
def _states(
    encoder: Any, texts: Sequence[str], settings: ProjectionSettings
) -> tuple[list[States], npt.NDArray[np.float32]]:
    """Return the unit hidden states of the word pieces of each text, and the vectors of the texts."""
    tokenizer, model = encoder.tokenizer, encoder[0].auto_model.float().eval()
    special = torch.tensor(sorted(tokenizer.all_special_ids))
    states: list[States] = [np.zeros((0, 0), np.float16)] * len(texts)
    vectors = np.zeros((len(texts), model.config.hidden_size), np.float32)
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    for start in range(0, len(order), _AT_ONCE):
        block = order[start : start + _AT_ONCE]
        tokens = tokenizer(
            [texts[number] for number in block],
            return_tensors="pt", padding=True, truncation=True, max_length=settings.max_tokens,
        )  # fmt: skip
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = model(**tokens, output_hidden_states=True)
        hidden = functional.normalize(outputs.hidden_states[settings.layer].float(), dim=2)
        mask = tokens["attention_mask"]
        is_word = (mask > 0) & (tokens["input_ids"].unsqueeze(2) != special).all(dim=2)
        mean = (outputs.last_hidden_state.float() * mask.unsqueeze(2)).sum(1) / mask.sum(1, keepdim=True)
        for row, number in enumerate(block):
            states[number] = hidden[row][is_word[row]].half().numpy()
            vectors[number] = functional.normalize(mean[row], dim=0).numpy()
    return states, vectors


def _near_minutes(
    asked: Sequence[AskedMinute],
    questions: npt.NDArray[np.float32],
    minutes: npt.NDArray[np.float32],
    talks: Sequence[str],
) -> list[list[int]]:
    """Return for each question the places of the nearest minutes of other talks, nearest first."""
    talk = np.array(talks)
    near = []
    for item, vector in zip(asked, questions, strict=True):
        order = np.argsort(-(minutes @ vector), kind="stable")
        near.append(order[talk[order] != item.talk][:_COMPARED].tolist())
    return near


def _principal_components(
    minutes: Sequence[States], dim: int, choice: random.Random
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the mean hidden state, and the ``dim`` directions of most variance as columns."""
    some = choice.sample(list(minutes), min(len(minutes), 600))
    states = np.concatenate([own[::_STATES_A_STEP_FOR_CENTRE] for own in some]).astype(np.float32)
    centre = states.mean(axis=0)
    _, directions = np.linalg.eigh(np.cov(states, rowvar=False))
    return centre, np.ascontiguousarray(directions[:, ::-1][:, :dim], np.float32)


def _padded(states: Sequence[States]) -> tuple[Tensor, Tensor]:
    """Return states in one tensor, and a mask of those that are there."""
    longest = max(len(own) for own in states)
    tensor = torch.zeros(len(states), longest, states[0].shape[1])
    mask = torch.zeros(len(states), longest, dtype=torch.bool)
    for row, own in enumerate(states):
        tensor[row, : len(own)] = torch.from_numpy(own.astype(np.float32))
        mask[row, : len(own)] = True
    return tensor, mask


def _sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:12]
