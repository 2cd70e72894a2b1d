"""Commands of the one who runs it: the bot itself, and the training of an axis's reader."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from bot.app.container import open_encoder
from bot.cli.evaluate import labelled_passages
from bot.cli.session import ProgressBars, Session, session_of
from index.embedding.export import PACKAGED_MODEL
from index.errors import RowsInvalid
from index.training.calibration import calibrate as calibrate_axis
from index.training.calibration import write_calibration
from index.training.labelled_minutes import read_minutes
from index.training.reader import train
from scoring.statements import read_statements


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("bot")(bot)
    app.command("train-axis")(train_axis)


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
) -> None:
    """Train what reads the axis's positions, and say how well it agrees with labels that were held out."""
    session = session_of(context)
    folder = session.settings.axis_folder
    if minutes is not None:
        _train_stance(session, folder, minutes, base, output or folder / "stance.npz")
        return
    with session.explaining():
        encoder = open_encoder(session.settings)
        with ProgressBars(session.err) as bars:
            if calibrate is not None:
                passages = [
                    (row["text"], float(row["position"])) for row in labelled_passages(session, calibrate)
                ]
                bars.stage("embed", len(read_statements(folder)))
                found = calibrate_axis(folder, train(folder, encoder).reader, encoder, passages)
                write_calibration(found, folder, n_passages=len(passages))
            bars.stage("embed", len(read_statements(folder)))
            trained = train(folder, encoder)
        path = output or folder / "reader.npz"
        trained.reader.save(path)
    session.out.print(
        f"Trained on {trained.n_trained} statements (penalty {trained.penalty:g}, width "
        f"{trained.width:g}); {trained.n_held_out} natural ones held out.",
        highlight=False,
    )
    _print_figures(session, trained.figures, path)


def _train_stance(session: Session, axis_folder: Path, file: Path, base: str, output: Path) -> None:
    """Train a stance model on the labelled minutes in ``file`` and write it."""
    from index.training.stance import LEAST_MINUTES, RANK, train_stance  # noqa: PLC0415 - PyTorch
    from index.training.stance_model import StanceSettings  # noqa: PLC0415

    with session.explaining():
        minutes = read_minutes(file)
        if len(minutes) < LEAST_MINUTES:
            problem = f"at least {LEAST_MINUTES} labelled minutes are needed, not {len(minutes)}"
            raise RowsInvalid(file=str(file), line=None, problem=problem)
        with ProgressBars(session.err) as bars:
            bars.stage("train", StanceSettings().epochs * len(minutes))
            trained = train_stance(axis_folder, minutes, base, progress=bars.advance)
        trained.weights.save(output, RANK)
    session.out.print(
        f"Trained on {trained.n_trained} minutes of talk and {trained.n_written} written ones; "
        f"{trained.n_held_out} minutes of other talks held out.",
        highlight=False,
    )
    _print_figures(session, trained.figures, output)


def _print_figures(session: Session, figures: Mapping[str, float], path: Path) -> None:
    for name, value in figures.items():
        session.out.print(f"  {name}: {value:.3f}", highlight=False)
    session.out.print(f"Wrote {path}.", markup=False, highlight=False)
