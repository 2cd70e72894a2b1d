"""Commands of the one who runs it: the bot itself, and the training of an axis's reader."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.app.container import open_encoder
from bot.app.settings import DATA, ENCODERS
from bot.cli.evaluate import labelled_passages
from bot.cli.session import ProgressBars, Session, session_of
from index.embedding.model_export import PACKAGED_MODEL
from index.embedding.stance_weights import StanceWeights
from index.errors import RowsInvalid
from index.files import replace_file
from index.training.calibration import calibrate as calibrate_axis
from index.training.calibration import write_calibration
from index.training.labelled_minutes import (
    read_minutes,
    read_taught_minutes,
    read_texts,
    write_taught_minutes,
)
from index.training.semantic_reader_training import train
from scoring.axis import load_axis

if TYPE_CHECKING:
    from index.training.stance_trainer import StanceSettings


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("bot")(bot)
    app.command("train-axis")(train_axis)
    app.command("train-encoder")(train_encoder)


def bot(
    context: typer.Context,
    show_invite: Annotated[
        bool, typer.Option("--invite", help="Print the link that invites the bot, and end.")
    ] = False,
) -> None:
    """Run the Discord bot; DISCORD_TOKEN must be set."""
    from bot.discord.runner import invite, run  # noqa: PLC0415 - discord.py, which no other command needs

    session = session_of(context)
    with session.explaining():
        if show_invite:
            session.out.print(invite(session.settings), markup=False, highlight=False, soft_wrap=True)
        else:
            run(session.settings, session.catalogue)


def train_axis(
    context: typer.Context,
    *,
    output: Annotated[
        Path | None, typer.Option(help="Where to write the reader; beside the axis's files by default.")
    ] = None,
    calibrate: Annotated[
        Path | None,
        typer.Option(
            help="JSON lines of id, text and position (-2 to 2): edges, the lexicon's weight and confidence are "
            "fitted on them and written to the axis's calibration.toml."
        ),
    ] = None,
    minutes: Annotated[
        Path | None,
        typer.Option(
            help="JSON lines of text, position (-2 to 2), lens, why and episode: labelled minutes of real talk. A "
            "stance model is trained on them and on the axis's statements, and written as stance.npz."
        ),
    ] = None,
    base: Annotated[
        str, typer.Option(help="Sentence encoder that a stance model is trained from.")
    ] = PACKAGED_MODEL,
    frozen: Annotated[
        int | None,
        typer.Option(min=0, help="Layers of the base, from below, that stay as they are; 2 by default."),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="Greatest learning rate of the base's layers; a large base needs a smaller one."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the minutes; 3 by default.")] = None,
    start: Annotated[
        Path | None, typer.Option(help="A stance file to go on from, rather than from the base alone.")
    ] = None,
    unlabelled: Annotated[
        Path | None,
        typer.Option(
            help="JSON lines of text, of talks that no figure is reported on: the trained model reads them, and its "
            "readings are written beside the output, as NAME.taught.jsonl, for --taught of a smaller model."
        ),
    ] = None,
    taught: Annotated[
        Path | None,
        typer.Option(
            help="Texts that a larger model has read (NAME.taught.jsonl); they are trained on as well."
        ),
    ] = None,
) -> None:
    """Train what reads the axis's positions, and say how well it agrees with labels that were held out."""
    session = session_of(context)
    folder = session.settings.axis_folder
    if minutes is not None:
        _train_stance(
            session,
            minutes,
            base,
            output or folder / "stance.npz",
            _stance_settings({"frozen_layers": frozen, "rate": rate, "epochs": epochs}),
            start=start,
            unlabelled=unlabelled,
            taught=taught,
        )
        return
    with session.explaining():
        encoder = open_encoder(session.settings)
        with ProgressBars(session.err, "train"):
            if calibrate is not None:
                passages = [
                    (row["text"], float(row["position"])) for row in labelled_passages(session, calibrate)
                ]
                found = calibrate_axis(folder, train(folder, encoder).reader, encoder, passages)
                write_calibration(found, folder, n_passages=len(passages))
            trained = train(folder, encoder)
        path = output or folder / "reader.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, trained.reader.to_bytes())
    session.out.print(
        f"Trained on {trained.n_trained} statements (penalty {trained.penalty:g}, width "
        f"{trained.width:g}); {trained.n_held_out} natural ones held out.",
        highlight=False,
    )
    _print_figures(session, trained.figures, path)


def train_encoder(
    context: typer.Context,
    minutes: Annotated[list[Path], typer.Argument(help="Minutes of talk: JSON lines with text.")],
    *,
    questions: Annotated[
        list[Path] | None,
        typer.Option(
            help="Questions of these minutes: JSON lines with sha; those in data/training by default."
        ),
    ] = None,
    apart: Annotated[
        Path | None, typer.Option(help="Questions of a library that is measured; its talks are left out.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Where to write; data/encoders by default.")] = None,
) -> None:
    """Train the maps to word pieces, by which answers are ordered, for the configured encoder."""
    from index.training.token_projection_training import (  # noqa: PLC0415 - PyTorch
        ProjectionSettings,
        read_asked_minutes,
        train_projection,
    )

    session = session_of(context)
    model = session.settings.model
    path = output or ENCODERS / f"{Path(model).name}.npz"
    shipped = [DATA / "training" / name for name in ("member-questions.jsonl", "more-minutes.jsonl")]
    with session.explaining():
        asked = read_asked_minutes(minutes, questions or shipped, apart)
        settings = ProjectionSettings()
        with ProgressBars(session.err) as bars:
            bars.stage("train", settings.steps)
            trained = train_projection(asked, model, settings, bars.advance)
        trained.projection.save(path)
    session.out.print(
        f"Trained on {trained.n_trained} questions; {trained.n_held_out} of other talks held out.",
        highlight=False,
    )
    _print_figures(session, trained.figures, path)


def _stance_settings(chosen: Mapping[str, float | None]) -> "StanceSettings":
    from index.training.stance_trainer import StanceSettings  # noqa: PLC0415 - PyTorch

    changes: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
    return replace(StanceSettings(), **changes)


def _train_stance(
    session: Session,
    file: Path,
    base: str,
    output: Path,
    settings: "StanceSettings",
    *,
    start: Path | None,
    unlabelled: Path | None,
    taught: Path | None,
) -> None:
    """Train a stance model on the labelled minutes in ``file`` and write it."""
    from index.training.stance_training import LEAST_MINUTES, RANK, train_stance  # noqa: PLC0415 - PyTorch

    axis_folder = session.settings.axis_folder
    with session.explaining():
        minutes = read_minutes(file)
        if len(minutes) < LEAST_MINUTES:
            problem = f"at least {LEAST_MINUTES} labelled minutes are needed, not {len(minutes)}"
            raise RowsInvalid(file=str(file), line=None, problem=problem)
        lenses = load_axis(axis_folder).lenses
        taught_minutes = [] if taught is None else read_taught_minutes(taught, lenses)
        texts = [] if unlabelled is None else read_texts(unlabelled)
        with ProgressBars(session.err) as bars:
            bars.stage("train", settings.epochs * (len(minutes) + len(taught_minutes)))
            trained = train_stance(
                axis_folder,
                minutes,
                base,
                settings,
                bars.advance,
                taught=taught_minutes,
                to_read=texts,
                start=None if start is None else StanceWeights.load(start),
            )
        trained.weights.save(output, RANK)
        if unlabelled is not None:
            write_taught_minutes(output.with_suffix(".taught.jsonl"), texts, trained.readings, lenses)
    session.out.print(
        f"Trained on {trained.n_trained} minutes of talk, {trained.n_taught} that a larger model has read and "
        f"{trained.n_written} written ones; {trained.n_held_out} minutes of other talks held out.",
        highlight=False,
    )
    if unlabelled is not None:
        session.out.print(f"Read {len(texts)} texts, to teach a smaller model.", highlight=False)
    _print_figures(session, trained.figures, output)


def _print_figures(session: Session, figures: Mapping[str, float], path: Path) -> None:
    for name, value in figures.items():
        session.out.print(f"  {name}: {value:.3f}", highlight=False)
    session.out.print(f"Wrote {path}.", markup=False, highlight=False)
