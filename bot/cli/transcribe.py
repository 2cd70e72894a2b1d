"""The command ``transcribe``: a recording becomes an episode, by a speech service."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.charts import say
from bot.cli.library import print_plan
from bot.cli.session import ProgressBars, Session, session_of
from index.library.ingest import Duplicates, Overrides, parse_bytes, plan_episode, write_plan
from index.library.sources.errors import SpeechServiceMissing
from index.library.sources.transcription import SpeechService, transcribe_recording

FOLDER = "transcribing"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("transcribe")(transcribe)


def transcribe(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    recording: Annotated[Path, typer.Argument(help="A recording: WAV, or anything that ffmpeg reads.")],
    title: Annotated[str | None, typer.Option(help="The episode's title.")] = None,
    source: Annotated[str | None, typer.Option(help="The show it belongs to.")] = None,
    url: Annotated[str | None, typer.Option(help="Where the recording is.")] = None,
    published: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it came out.")
    ] = None,
) -> None:
    """Turn a recording into a transcript with times and add it; run again, it goes on where it was."""
    session = session_of(context)
    settings = session.settings
    with session.explaining():
        data = _text_of(session, recording)
        parsed = parse_bytes(data, f"{recording.stem}.json")
        overrides = Overrides(
            title=title, source=source, url=url, published=published.date() if published else None
        )
        plan = plan_episode(parsed, overrides, Duplicates(settings.library))
        write_plan(plan, settings.library, settings.state_folder)
    print_plan(session, recording.name, plan)
    say(session.out, "Next: counterpoint index", style="dim")


def _text_of(session: Session, recording: Path) -> bytes:
    settings = session.settings
    if not settings.speech_url:
        raise SpeechServiceMissing
    key = None if settings.speech_key is None else settings.speech_key.get_secret_value()
    service = SpeechService(settings.speech_url, settings.speech_model, key=key)
    with ProgressBars(session.err, "transcribe") as bars:
        done = 0

        def progress(n: int, of: int) -> None:
            nonlocal done
            if not done:
                bars.stage("transcribe", of)
            bars.advance(n - done)
            done = n

        return transcribe_recording(recording, service, settings.state_folder / FOLDER, progress=progress)
