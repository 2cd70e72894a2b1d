"""Commands that save a library with its community, and bring it back."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.app.backup import Contents, back_up, write_backup
from bot.app.community.copying import copy_community
from bot.app.restore import restore
from bot.app.state_lock import state_lock
from bot.cli.charts import say
from bot.cli.session import Session, session_of
from index.files import storage_errors

_STREAM = "-"


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("backup")(backup)
    app.command("restore")(restore_archive)
    app.command("move-community")(move_community)


def backup(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(help="The archive: a new file, a folder for a name by the time, or - for stdout.")
    ],
) -> None:
    """Save the library and what members and moderators made in one archive; a bot may run meanwhile."""
    session = session_of(context)
    library, state = session.settings.library, session.settings.state_folder
    with session.explaining():
        if file == _STREAM:
            if sys.stdout.isatty():
                session.wrong("archive_to_terminal")
            contents = write_backup(library, state, sys.stdout.buffer)
            goal = "the standard output"
            sys.stdout.flush()
        else:
            path = Path(file)
            with storage_errors(path.parent):
                is_folder = file.endswith(os.sep) or path.is_dir()
            if is_folder:
                path /= f"counterpoint-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
            contents, goal = back_up(library, state, path), str(path)
    say(session.err, f"Saved {_told(session, contents)} to {goal}.")
    if session.settings.community is not None:
        say(session.err, "The community database is on a server: save it with pg_dump.", style="yellow")
    for skipped in contents.skipped:
        say(session.err, f"Left out {skipped}: it is neither a file nor a folder.", style="yellow")


def move_community(
    context: typer.Context,
    goal: Annotated[
        str, typer.Argument(help="server: from STATE/community.db to COUNTERPOINT_COMMUNITY; file: back.")
    ],
) -> None:
    """Copy what members and moderators made to a PostgreSQL server, or back into a file. Stop the bots first."""
    session = session_of(context)
    settings = session.settings
    if goal not in {"server", "file"}:
        session.wrong("community_goal")
    if settings.community_address is None:
        session.wrong("community_address")
    with session.explaining(), state_lock(settings.state_folder):
        copied = session.run(
            copy_community(settings.state_folder, settings.community_address, to_server=goal == "server")
        )
    told = (
        ", ".join(f"{n_rows} {table}" for table, n_rows in copied.items() if n_rows)
        or "nothing: it was empty"
    )
    say(session.err, f"Copied {told}.")


def restore_archive(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="An archive that counterpoint backup made, or - for stdin.")],
) -> None:
    """Bring back what an archive holds; what is there is moved aside. Stop the bot first."""
    session = session_of(context)
    settings = session.settings
    with session.explaining():
        if file == _STREAM:
            restored = restore(
                sys.stdin.buffer, "from the standard input", settings.library, settings.state_folder
            )
        else:
            with storage_errors(Path(file).parent), Path(file).open("rb") as archive:
                restored = restore(archive, file, settings.library, settings.state_folder)
    made = f", saved at {restored.made_at:%Y-%m-%d %H:%M} UTC" if restored.made_at else ""
    say(session.out, f"Restored {_told(session, restored.contents)}{made}.")
    for path in restored.aside:
        say(session.out, f"What was there before lies in {path}.")
    for path in restored.deleted:
        say(session.out, f"Deleted the oldest of such folders, {path}.", style="dim")
    say(session.out, "Next: counterpoint index", style="dim")


def _told(session: Session, contents: Contents) -> str:
    episodes = session.catalogue.count("count.episodes", contents.n_episodes)
    size = f"{contents.n_files} files, {contents.n_bytes / 1e6:.1f} MB in all"
    return f"{episodes} ({size})" + (" with the community database" if contents.has_database else "")
