"""The command ``export``: the library as tables for whoever counts."""

from pathlib import Path
from typing import Annotated

import typer

from bot.app.community import votes_in
from bot.app.export import TABLES, Form, RowWriter, Table, rows_of
from bot.app.votes import VotedReading
from bot.cli.answer_options import open_service
from bot.cli.charts import say
from bot.cli.session import ProgressBars, Session, session_of


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("export")(export)


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the tables are written; made if missing.")],
    parquet: Annotated[
        bool, typer.Option("--parquet", help=r"Parquet instead of JSON lines; needs counterpoint\[export].")
    ] = False,
    table: Annotated[
        list[str] | None,
        typer.Option("--table", help=f"Only this table: {', '.join(TABLES)}; may be repeated."),
    ] = None,
) -> None:
    """Write readings, profiles, pairs and votes as tables; docs/export.md says what each column means."""
    session = session_of(context)
    wanted: list[Table] = [name for name in TABLES if not table or name in table]
    unknown = sorted(set(table or ()) - set(TABLES))
    if unknown:
        session.wrong("no_table", tables=", ".join(unknown), known=", ".join(TABLES))
    with session.explaining():
        session.run(_export(session, folder, wanted, "parquet" if parquet else "jsonl"))


async def _export(session: Session, folder: Path, tables: list[Table], form: Form) -> None:
    async with open_service(session) as answerer:
        if tables != ["votes"]:
            await answerer.episodes()  # where nothing is indexed, no folder is made
        votes: list[VotedReading] = []
        if "votes" in tables:
            async with votes_in(
                session.settings.state_folder, session.settings.community_address
            ) as vote_tables:
                votes = [] if vote_tables is None else await vote_tables.readings()
        with ProgressBars(session.err) as bars:
            bars.stage("export", len(tables))
            for table in tables:
                with RowWriter(folder, table, form) as writer:
                    async for row in rows_of(table, answerer, votes):
                        writer.write(row)
                say(session.out, f"{writer.n_rows} rows in {writer.path}")
                bars.advance(1)
