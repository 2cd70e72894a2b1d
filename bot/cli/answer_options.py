"""What commands that answer share: a service for their time, ``--json``, and ``--picture``."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from bot.app.container import make_service
from bot.app.service import LocalLibraryService
from bot.cli.charts import say
from bot.cli.session import Session

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Picture = Annotated[
    Path | None, typer.Option("--picture", metavar="PATH", help="Draw it as a PNG file, too.")
]


@asynccontextmanager
async def open_service(session: Session) -> AsyncIterator[LocalLibraryService]:
    """Open a service for the time of a command."""
    answerer = make_service(session.settings)
    try:
        yield answerer
    finally:
        await answerer.close()


def save_picture(session: Session, path: Path, png: bytes, alt: str, *, quietly: bool = False) -> None:
    """Write ``png`` to ``path``, wholly or not at all, and say what it shows.

    A device or a pipe, such as /dev/stdout, is written into; a rename would put a file in its place. Ends with a
    sentence where the picture cannot be written.
    """
    written: Path | None = None
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            path.write_bytes(png)
            return
        with tempfile.NamedTemporaryFile(dir=path.absolute().parent, suffix=".png", delete=False) as part:
            written = Path(part.name)
            part.write(png)
        written.chmod(0o666 & ~_umask())
        written.replace(path)
    except OSError as error:
        if written is not None:
            written.unlink(missing_ok=True)
        session.wrong("picture_not_written", file=path, reason=error.strerror or type(error).__name__)
    if not quietly:
        session.out.print()
        say(session.out, f"Picture: {path}")
        say(session.out, alt, indent=2, style="dim")


def _umask() -> int:
    umask = os.umask(0o022)
    os.umask(umask)
    return umask
