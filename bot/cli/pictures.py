"""Pictures written to files that a person names."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.charts import say
from bot.cli.session import Session

Picture = Annotated[
    Path | None, typer.Option("--picture", metavar="PATH", help="Draw it as a PNG file, too.")
]


def save(session: Session, path: Path, png: bytes, alt: str, *, quietly: bool = False) -> None:
    """Write ``png`` to ``path``, wholly or not at all, and say what it shows.

    Ends with a sentence where the file cannot be written.
    """
    written: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.absolute().parent, suffix=".png", delete=False) as part:
            written = Path(part.name)
            part.write(png)
        written.chmod(0o666 & ~_umask())
        written.replace(path)
    except OSError as error:
        if written is not None:
            written.unlink(missing_ok=True)
        session.wrong(
            f"The picture cannot be written to {path}: {(error.strerror or 'no reason given').lower()}."
        )
    if not quietly:
        session.out.print()
        say(session.out, f"Picture: {path}")
        say(session.out, alt, indent=2, style="dim")


def _umask() -> int:
    umask = os.umask(0o022)
    os.umask(umask)
    return umask
