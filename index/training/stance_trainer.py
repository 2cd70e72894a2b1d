"""Training of a stance model: the upper layers of a sentence encoder and heads on them, on labelled minutes.

The layers below stay as they are, so their output is computed once for each text and kept. The loss is the squared
error of the position, and a share each of cross-entropies: whether the text takes a side, its lens, and which word
pieces carry the position (as rationales are learned in Lei, Barzilay and Jaakkola 2016, here with labels). Of texts
that a larger model has read, its chances are learned in place of labels (distillation, Hinton et al. 2015). AdamW
(Loshchilov and Hutter 2019), a rate that rises and then falls. The same seed gives the same model up to the arithmetic.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from index.embedding.model_export import load_torch_model
from index.embedding.stance_weights import StanceWeights, weights_fingerprint
from index.errors import ModelUnavailable
from index.training.labelled_minutes import Minute, why_pieces
from scoring.stance import Stance, spoken

_NO_PIECE = -1e4
_AT_ONCE = 16
_TAKES_SIDE = 0.5
"""Least label, on either side, that takes a side."""
_LIKE_LENGTH_BATCHES = 16
"""Batches' worth of minutes that are sorted by length together."""


@dataclass(frozen=True, slots=True)
class StanceSettings:
    """Settings of a stance model's training; chosen by cross-validation over the talks of the labelled minutes.

    Attributes:
        frozen_layers: of the base encoder, from below.
        max_tokens: word pieces read of a text.
        epochs: passes over the minutes.
        batch: minutes a step.
        rate, head_rate: greatest learning rates, of the encoder's layers and of the heads.
        middle: share of the minutes that take no side that a pass looks at.
        side, lens, why: weights of these losses beside the position's.
        why_weight: how much more a carrying word piece counts than another.
        seed: of order and choice.
    """

    frozen_layers: int = 2
    max_tokens: int = 256
    epochs: int = 3
    batch: int = 16
    rate: float = 1.5e-4
    head_rate: float = 1e-3
    middle: float = 0.6
    side: float = 0.3
    lens: float = 0.3
    why: float = 0.3
    why_weight: float = 6.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class _Text:
    """One text as it is trained on: the frozen layers' output, shape (n_pieces, dim), and its labels."""

    states: Tensor
    position: float
    takes_side: float
    lenses: tuple[float, ...]
    why: Tensor | None
    weight: float
    spans: "np.ndarray[Any, np.dtype[np.int64]]"


class _Heads(nn.Module):
    def __init__(self, dim: int, n_lenses: int) -> None:
        super().__init__()
        self.why = nn.Linear(dim, 1)
        self.position = nn.Linear(2 * dim, 1)
        self.side = nn.Linear(2 * dim, 1)
        self.lens = nn.Linear(2 * dim, n_lenses)
        nn.init.zeros_(self.position.weight)
        nn.init.constant_(self.why.bias, -3.0)

    def forward(self, pieces: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return position (n,), side (n,), lens (n, n_lenses) and why (n, longest) of pieces (n, longest, dim)."""
        inside = mask.unsqueeze(2)
        why = self.why(pieces).squeeze(2)
        telling = torch.softmax(why.masked_fill(mask == 0, _NO_PIECE), dim=1).unsqueeze(2)
        pooled = torch.cat([(pieces * inside).sum(1) / inside.sum(1), (pieces * telling).sum(1)], dim=1)
        return self.position(pooled).squeeze(1), self.side(pooled).squeeze(1), self.lens(pooled), why


class StanceTrainer:
    """A stance model in training.

    Args:
        base: name of the base encoder.
        lenses: of the axis, in its order.
        settings: how to train.
        start: a model of the same base and lenses to go on from.

    Raises:
        ModelUnavailable: the base cannot be had or is no transformer whose layers can be run one by one, or ``start``
            is of another base.
    """

    def __init__(
        self,
        base: str,
        lenses: Sequence[str],
        settings: StanceSettings,
        start: StanceWeights | None = None,
    ) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.base, self.lenses = settings, base, tuple(lenses)
        encoder: Any = load_torch_model(base)
        try:
            self._transformer = encoder[0].auto_model.float()
            self._layers = list(self._transformer.encoder.layer)
            self._tokenizer = encoder.tokenizer
        except (AttributeError, IndexError, KeyError) as error:
            raise ModelUnavailable(model=base, problem="its layers cannot be trained one by one") from error
        self._transformer.eval()  # no dropout: random numbers cost more than the layers on a processor
        self._transformer.requires_grad_(False)
        self._trained = self._layers[settings.frozen_layers :]
        for layer in self._trained:
            layer.requires_grad_(True)
        self._before = {name: value.clone() for name, value in self._transformer.state_dict().items()}
        self._heads = _Heads(int(self._transformer.config.hidden_size), len(lenses))
        if start is not None:
            self._go_on_from(start)

    def _go_on_from(self, start: StanceWeights) -> None:
        is_known = start.changes.keys() <= self._before.keys()
        if not is_known or self._fingerprint_of(start.changes) != start.base_fingerprint:
            raise ModelUnavailable(
                model=self.base, problem="another one than the stance model was trained from"
            )
        changed = self._transformer.state_dict()
        for name, change in start.changes.items():
            changed[name] = changed[name] + torch.from_numpy(change)
        self._transformer.load_state_dict(changed)
        self._heads.load_state_dict({name: torch.from_numpy(head) for name, head in start.heads.items()})

    @property
    def base_fingerprint(self) -> str:
        """Return ``weights_fingerprint`` of what training changed, as the base has it."""
        return self._fingerprint_of(self.changes())

    def _fingerprint_of(self, names: Iterable[str]) -> str:
        return weights_fingerprint({name: self._before[name].float().numpy() for name in names})

    def train(self, minutes: Sequence[Minute], progress: Callable[[int], None] | None = None) -> None:
        """Train on ``minutes``; ``progress`` is called with the minutes done since the last call."""
        texts = self._texts(minutes)
        settings, chooser = self.settings, random.Random(self.settings.seed)  # noqa: S311 - order, no secret
        plan = [batch for _ in range(settings.epochs) for batch in self._batches(texts, chooser)]
        layers = [weight for layer in self._trained for weight in layer.parameters()]
        optimizer = torch.optim.AdamW(
            [
                {"params": layers, "lr": settings.rate},
                {"params": self._heads.parameters(), "lr": settings.head_rate},
            ],
            weight_decay=0.01,
        )
        capabilities = torch.cpu.get_capabilities()
        has_half = any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))  # twice as fast there
        rising = max(1.0, 0.06 * len(plan))
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min(1.0, (step + 1) / rising) * max(0.02, 1.0 - step / len(plan))
        )
        for batch in plan:
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_half):
                loss = self._loss(batch)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(layers, 1.0)
            optimizer.step()
            schedule.step()
            if progress is not None:
                progress(len(batch))

    def stances(self, texts: Sequence[str]) -> list[Stance]:
        """Return what the model says of each text, as ``scoring.stance`` has it, in order."""
        items = self._texts([Minute(text, 0.0, "", None, "") for text in texts])
        found: dict[int, Stance] = {}
        order = sorted(range(len(items)), key=lambda row: -len(items[row].states))
        with torch.inference_mode():
            for start in range(0, len(order), _AT_ONCE):
                rows = order[start : start + _AT_ONCE]
                outputs = self._outputs([items[row] for row in rows])
                position, side, lens, why = (output.double().numpy() for output in outputs[:4])
                for place, row in enumerate(rows):
                    spans = items[row].spans
                    found[row] = Stance(
                        leaning=float(position[place]),
                        takes_side=float(1 / (1 + np.exp(-side[place]))),
                        lenses=lens[place],
                        why=1 / (1 + np.exp(-why[place, : len(spans)])),
                        spans=spans,
                    )
        return [found[row] for row in range(len(items))]

    def changes(self) -> dict[str, "np.ndarray[Any, np.dtype[np.float32]]"]:
        """Return what training changed in the base encoder, by the weight's name."""
        return {
            name: (value - self._before[name]).numpy()
            for name, value in self._transformer.state_dict().items()
            if value.is_floating_point() and not torch.equal(value, self._before[name])
        }

    def heads(self) -> dict[str, "np.ndarray[Any, np.dtype[np.float32]]"]:
        """Return weights and biases of the heads by name."""
        return {name: value.numpy() for name, value in self._heads.state_dict().items()}

    def _texts(self, minutes: Sequence[Minute]) -> list[_Text]:
        read = [spoken(minute.text) for minute in minutes]
        encoded = self._tokenizer(
            [talk.text for talk in read],
            truncation=True,
            max_length=self.settings.max_tokens,
            return_offsets_mapping=True,
        )
        pieces: list[list[int]] = encoded["input_ids"]
        texts: dict[int, _Text] = {}
        order = sorted(range(len(minutes)), key=lambda row: -len(pieces[row]))
        with torch.inference_mode():
            for start in range(0, len(order), _AT_ONCE):
                rows = order[start : start + _AT_ONCE]
                ids = torch.zeros((len(rows), len(pieces[rows[0]])), dtype=torch.long)
                mask = torch.zeros(ids.shape)
                for place, row in enumerate(rows):
                    ids[place, : len(pieces[row])] = torch.tensor(pieces[row])
                    mask[place, : len(pieces[row])] = 1.0
                states = self._run(
                    self._transformer.embeddings(input_ids=ids),
                    mask,
                    self._layers[: self.settings.frozen_layers],
                )
                for place, row in enumerate(rows):
                    spans = read[row].given(np.array(encoded["offset_mapping"][row], np.int64))
                    own = states[place, : len(pieces[row])].to(torch.bfloat16)
                    texts[row] = self._text(minutes[row], own, spans)
        return [texts[row] for row in range(len(minutes))]

    def _text(self, minute: Minute, states: Tensor, spans: "np.ndarray[Any, np.dtype[np.int64]]") -> _Text:
        why = why_pieces(minute, spans)
        if minute.taught is not None:
            takes_side, lenses = minute.taught.takes_side, minute.taught.lenses
        else:
            takes_side = float(abs(minute.position) >= _TAKES_SIDE)
            lenses = tuple(float(lens == minute.lens) for lens in self.lenses)
        return _Text(
            states,
            minute.position,
            takes_side,
            lenses,
            None if why is None else torch.from_numpy(why),
            minute.weight,
            spans,
        )

    def _batches(self, texts: Sequence[_Text], chooser: random.Random) -> list[list[_Text]]:
        """Return one pass over the texts: batches of like length, in any order."""
        chosen = [text for text in texts if text.position or chooser.random() < self.settings.middle]
        chooser.shuffle(chosen)
        size = self.settings.batch
        batches = []
        for start in range(0, len(chosen), _LIKE_LENGTH_BATCHES * size):
            block = sorted(
                chosen[start : start + _LIKE_LENGTH_BATCHES * size], key=lambda text: len(text.states)
            )
            batches += [block[place : place + size] for place in range(0, len(block), size)]
        chooser.shuffle(batches)
        return batches

    def _outputs(self, batch: Sequence[_Text]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        longest = max(len(text.states) for text in batch)
        states = torch.zeros((len(batch), longest, batch[0].states.shape[1]))
        mask = torch.zeros((len(batch), longest))
        for place, text in enumerate(batch):
            states[place, : len(text.states)] = text.states.float()
            mask[place, : len(text.states)] = 1.0
        position, side, lens, why = self._heads(self._run(states, mask, self._trained), mask)
        return position.float(), side.float(), lens.float(), why.float(), mask

    def _run(self, states: Tensor, mask: Tensor, layers: Sequence[nn.Module]) -> Tensor:
        attended = (1.0 - mask[:, None, None, :]) * _NO_PIECE
        bias = getattr(self._transformer.encoder, "compute_position_bias", None)
        beside = () if bias is None else (bias(states),)  # MPNet's layers share it
        for layer in layers:
            found = layer(states, attended, *beside)
            states = found[0] if isinstance(found, tuple) else found
        return states

    def _loss(self, batch: Sequence[_Text]) -> Tensor:
        settings = self.settings
        position, side, lens, why, mask = self._outputs(batch)
        labels = torch.tensor([text.position for text in batch])
        weight = torch.tensor([text.weight for text in batch])
        takes = torch.tensor([text.takes_side for text in batch])
        loss = (weight * (position - labels) ** 2).mean()
        loss = loss + settings.side * (weight * _cross_entropy(side, takes)).mean()
        lenses = torch.tensor([text.lenses for text in batch])
        known = lenses.sum(1) > 0
        if known.any():
            wrong = functional.cross_entropy(lens[known], lenses[known], reduction="none")
            loss = loss + settings.lens * (weight[known] * wrong).mean()
        told = [place for place, text in enumerate(batch) if text.why is not None]
        if told:
            carries = torch.zeros((len(told), mask.shape[1]))
            for row, place in enumerate(told):
                own = batch[place].why
                if own is not None:
                    carries[row, : len(own)] = own
            inside = mask[told]
            wrong = _cross_entropy(why[told], carries, torch.tensor(settings.why_weight))
            loss = loss + settings.why * (wrong * inside).sum() / inside.sum()
        return loss


def _cross_entropy(scores: Tensor, labels: Tensor, weight: Tensor | None = None) -> Tensor:
    return functional.binary_cross_entropy_with_logits(scores, labels, reduction="none", pos_weight=weight)
