"""The composition root: settings become the parts that work together."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answerer import Answerer
from bot.settings import Settings
from index.build import Builder
from index.encoder import Encoder, ServingEncoder
from index.errors import EditionMismatch
from index.export import export_model
from scoring.axis import Axis, load_axis
from scoring.reading import Scorer
from scoring.scorer import LexicalScorer

if TYPE_CHECKING:
    from index.sources import Fetcher


def models_folder(settings: Settings) -> Path:
    """Where exported models lie."""
    return settings.state_folder / "models"


def open_encoder(settings: Settings, fingerprint: str | None = None) -> Encoder:
    """The encoder of the configured model, exported first if need be.

    Args:
        settings: names the model.
        fingerprint: of an export that an edition was built with; it is opened without loading PyTorch.

    Raises:
        ModelUnavailable: it cannot be had.
        EditionMismatch: the export with this fingerprint is of another model than the configured one.
    """
    if fingerprint is not None:
        folder = models_folder(settings) / fingerprint
        facts = folder / "serving.json"
        if facts.is_file():
            name = json.loads(facts.read_text(encoding="utf-8"))["name"]
            if name != settings.model:
                raise EditionMismatch(what="model", edition_has=name, running_has=settings.model)
            return ServingEncoder(folder, precision=settings.precision, threads=settings.threads)
    folder = export_model(settings.model, models_folder(settings))
    return ServingEncoder(folder, precision=settings.precision, threads=settings.threads)


def make_axis(settings: Settings) -> Axis:
    """The axis that positions are read on."""
    return load_axis(settings.axis_folder)


def make_scorer(settings: Settings) -> Scorer:
    """The scorer of the axis."""
    return LexicalScorer.load(settings.axis_folder)


def make_builder(settings: Settings) -> Builder:
    """What builds editions of the library."""
    return Builder(
        library=settings.library,
        state=settings.state_folder,
        encoder=lambda: open_encoder(settings),
        scorer=make_scorer(settings),
        axis=make_axis(settings),
        model=settings.model,
    )


def make_answerer(settings: Settings) -> Answerer:
    """What answers questions."""
    return Answerer(
        settings.state_folder,
        lambda fingerprint: open_encoder(settings, fingerprint),
        lambda: make_scorer(settings),
        make_axis(settings),
        prefer_editor=settings.editor_position == "instead",
    )


def make_fetcher() -> "Fetcher":
    """What fetches transcripts of videos."""
    from index.sources import Fetcher, YouTubeSource  # noqa: PLC0415 - half a second, and few commands fetch

    return Fetcher(YouTubeSource())
