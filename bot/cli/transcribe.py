"""The command ``transcribe``: a recording becomes an episode, by a speech service."""

import hashlib
import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.app.community import DATABASE_FILE, follows_in
from bot.app.container import make_sources
from bot.cli.charts import say
from bot.cli.library import print_plan
from bot.cli.session import ProgressBars, Session, session_of
from index.files import make_folder, write_synced
from index.library.ingest import Duplicates, Overrides, parse_bytes, plan_episode, write_plan
from index.library.ingest.filenames import stem_of
from index.library.sources import Fetched, Listed
from index.library.sources.errors import SpeechServiceMissing
from index.library.sources.transcription import SpeechService, transcribe_recording

FOLDER = "transcribing"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("transcribe")(transcribe)


def transcribe(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    recording: Annotated[
        str,
        typer.Argument(
            metavar="RECORDING",
            help="A file or a link, such as a podcast's: WAV, or anything that ffmpeg reads.",
        ),
    ],
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
    is_link = recording.startswith(("http://", "https://"))
    with session.explaining():
        service = _service(session)
        listed = session.run(_followed(session, recording)) if is_link else None
        path, name = _downloaded(session, recording) if is_link else (Path(recording), Path(recording).name)
        data = _text_of(session, path, service)
        fetched = Fetched(None, f"{stem_of(name)}.json", data, "", True, listed.info if listed else None)
        parsed = parse_bytes(fetched.data, fetched.name, sidecars=fetched.sidecars)
        overrides = Overrides(
            title=title,
            source=source,
            url=url or (recording if is_link and (listed is None or listed.url is None) else None),
            published=published.date() if published else None,
        )
        plan = plan_episode(parsed, overrides, Duplicates(settings.library))
        write_plan(plan, settings.library, settings.state_folder)
        if is_link:
            shutil.rmtree(path.parent, ignore_errors=True)
    print_plan(session, name, plan)
    say(session.out, "Next: counterpoint index", style="dim")


def _service(session: Session) -> SpeechService:
    settings = session.settings
    if not settings.speech_url:
        raise SpeechServiceMissing
    key = None if settings.speech_key is None else settings.speech_key.get_secret_value()
    return SpeechService(settings.speech_url, settings.speech_model, key=key)


async def _followed(session: Session, link: str) -> Listed | None:
    """Return the episode of a followed source whose recording lies at ``link``: it knows title, day and people."""
    settings = session.settings
    if settings.community_address is None and not (settings.state_folder / DATABASE_FILE).is_file():
        return None
    async with follows_in(settings.state_folder, settings.community_address) as tables:
        return next((each for each in await tables.not_taken_in() if each.enclosure == link), None)


def _downloaded(session: Session, link: str) -> tuple[Path, str]:
    """Return a copy of the recording at ``link``, and its name there; one that an interrupted run left is taken."""
    folder = session.settings.state_folder / FOLDER / hashlib.sha256(link.encode()).hexdigest()[:24]
    path, known = folder / "recording", folder / "name.json"  # a name of the web is no name for a file here
    if not known.is_file():
        with ProgressBars(session.err, "fetch"):
            name, data = make_sources(session.settings).recording(link)
        make_folder(folder)
        path = path.with_suffix(".wav") if data[:4] == b"RIFF" else path
        write_synced(path, data)
        write_synced(known, json.dumps([path.name, name]).encode())
    stored, name = json.loads(known.read_text(encoding="utf-8"))
    return folder / stored, name


def _text_of(session: Session, recording: Path, service: SpeechService) -> bytes:
    with ProgressBars(session.err, "transcribe") as bars:
        done = 0

        def progress(n: int, of: int) -> None:
            nonlocal done
            if not done:
                bars.stage("transcribe", of)
            bars.advance(n - done)
            done = n

        scratch = session.settings.state_folder / FOLDER
        return transcribe_recording(recording, service, scratch, progress=progress)
