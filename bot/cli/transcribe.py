"""The command ``transcribe``: a recording becomes an episode, by a speech service or on this machine."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from bot.app.community import follows_in, has_community
from bot.app.container import make_sources, make_transcriber
from bot.app.followed_recordings import TRANSCRIBING
from bot.cli.adding import Published, print_plan, published_day
from bot.cli.charts import say
from bot.cli.indexing import ProgressLines, errors_as_lines
from bot.cli.session import ProgressBars, Session, session_of
from index.build.progress import Progress
from index.files import make_folder, replace_file, write_synced
from index.library.ingest import Duplicates, Overrides, parse_bytes, plan_episode, write_plan
from index.library.ingest.filenames import stem_of
from index.library.sources import Fetched, Listed
from index.library.sources.transcription import Transcriber, transcribe_recording
from index.transcripts.links import is_web_link


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
    published: Published = None,
    text_to: Annotated[Path | None, typer.Option("--text-to", hidden=True)] = None,
) -> None:
    """Turn a recording into a transcript with times and add it; run again, it goes on where it was."""
    session = session_of(context)
    settings = session.settings
    came_out = published_day(session, published)
    is_link = is_web_link(recording)
    with session.explaining(), errors_as_lines(is_wanted=text_to is not None):
        service = make_transcriber(settings)
        if text_to is not None:
            path, _ = _downloaded(session, recording)
            replace_file(text_to, _text_of(session, path, service, ProgressLines()))
            shutil.rmtree(path.parent, ignore_errors=True)
            return
        listed = session.run(_followed(session, recording)) if is_link else None
        path, name = _downloaded(session, recording) if is_link else (Path(recording), Path(recording).name)
        with ProgressBars(session.err, "transcribe") as bars:
            data = _text_of(session, path, service, bars)
        fetched = Fetched(None, f"{stem_of(name)}.json", data, "", True, listed.info if listed else None)
        parsed = parse_bytes(fetched.data, fetched.name, sidecars=fetched.sidecars)
        overrides = Overrides(
            title=title,
            source=source,
            url=url or (recording if is_link and (listed is None or listed.url is None) else None),
            published=came_out,
        )
        plan = plan_episode(parsed, overrides, Duplicates(settings.library))
        write_plan(plan, settings.library, settings.state_folder)
        if is_link:
            shutil.rmtree(path.parent, ignore_errors=True)
    print_plan(session, name, plan)
    say(session.out, "Next: counterpoint index", style="dim")


async def _followed(session: Session, link: str) -> Listed | None:
    """Return the episode of a followed source whose recording lies at ``link``: it knows title, day and people."""
    settings = session.settings
    if not has_community(settings.state_folder, settings.community_address):
        return None
    async with follows_in(settings.state_folder, settings.community_address) as (_, episodes):
        return next((each for each in await episodes.not_taken_in() if each.enclosure == link), None)


def _downloaded(session: Session, link: str) -> tuple[Path, str]:
    """Return a copy of the recording at ``link``, and its name there; one that an interrupted run left is taken."""
    folder = session.settings.state_folder / TRANSCRIBING / hashlib.sha256(link.encode()).hexdigest()[:24]
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


def _text_of(session: Session, recording: Path, transcriber: Transcriber, bars: Progress) -> bytes:
    done = 0

    def progress(n: int, of: int) -> None:
        nonlocal done
        if n == 0:
            bars.stage("transcribe", of)
        else:
            bars.advance(n - done)
        done = n

    scratch = session.settings.state_folder / TRANSCRIBING
    return transcribe_recording(recording, transcriber, scratch, progress=progress)
