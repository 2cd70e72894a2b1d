"""The command ``remove``: an episode is taken out of the library, and kept aside."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.charts import say
from bot.cli.session import session_of
from index.errors import IndexingError
from index.library.episodes import read_about
from index.library.ingest import named_folder, remove_folder
from index.transcripts.formats.decoding import folded


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("remove")(remove_episode)


def remove_episode(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="EPISODE", help="Slug, video id, YouTube link, or enough of the title.")
    ],
) -> None:
    """Take an episode out of the library; its folder is kept under LIBRARY/.removed."""
    session = session_of(context)
    settings, catalogue = session.settings, session.catalogue
    with session.explaining():
        slug = named_folder(settings.library, name)
        shown = _title_of(settings.library, slug)
        kept = remove_folder(slug, settings.library, settings.state_folder)
    say(session.out, catalogue.text("removed", title=folded(shown), slug=slug, folder=str(kept)))
    say(session.out, "Next: counterpoint index", style="dim")


def _title_of(library: Path, slug: str) -> str:
    """Return the title of an episode; its slug where nothing tells the title."""
    try:
        return read_about(library, slug).title
    except IndexingError:
        return slug
