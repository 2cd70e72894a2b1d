"""The command ``doctor`` and its checks."""

import dataclasses
import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from bot.app.admin_servers import AdminServers
from bot.app.community import follows_in, has_community, moderating_in
from bot.app.container import make_scorer, make_service, make_store, make_transcriber
from bot.app.settings import Settings
from bot.cli.adding import second_text_wanted, some_of
from bot.cli.charts import say
from bot.cli.session import NOTHING, ProgressBars, Session, session_of
from index.files import build_lock
from index.library import episodes
from index.library.episodes import SecondText
from index.storage.edition import SCRATCH_PREFIX as BUILDING_PREFIX
from index.storage.edition import current_name, editions_folder, open_edition, read_facts, verify
from index.storage.queries import seen
from index.storage.records import EpisodeRecord
from scoring.errors import CodedError

_FREE_BYTES = 200_000_000
_PACKAGES = ("counterpoint", "discord.py", "faiss-cpu", "openvino", "sentence-transformers", "torch")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``to_do`` says what to run where it is not good."""

    name: str
    is_good: bool
    finding: str
    to_do: str = ""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check library, edition, model and versions, and say what to run."""
    session = session_of(context)
    with session.explaining(), ProgressBars(session.err, "examine"):
        checks = session.run(examine(session))
    if as_json:
        session.print_json([dataclasses.asdict(check) for check in checks])
    else:
        for check in checks:
            mark, style = ("✓", "green") if check.is_good else ("✗", "red")
            say(session.out, f"{mark} {check.name}: {check.finding}", hang=2, style=style)
            if check.to_do:
                say(session.out, f"→ {check.to_do}", indent=2, hang=4)
    if not all(check.is_good for check in checks):
        raise typer.Exit(NOTHING)


async def examine(session: Session) -> list[Check]:
    """Look at everything; no check stops the others."""
    checks = [_versions(), *_library(session)]
    edition = await _edition(session)
    checks.extend(edition)
    if all(check.is_good for check in edition if check.name in ("edition", "checksums")):
        checks.append(await _question(session))
    checks.extend(
        [
            *await _admin_servers(session),
            *await _follows(session),
            *_transcription(session),
            _disk(session.settings),
            *_leftovers(session.settings),
        ]
    )
    return checks


def _versions() -> Check:
    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            return Check("versions", False, f"{name} is not installed", "make install")
    return Check("versions", True, f"Python {platform.python_version()}, " + ", ".join(found))


def _library(session: Session) -> list[Check]:
    folder = session.settings.library
    try:
        slugs = episodes.slugs(folder)
    except CodedError as error:
        return [Check("library", False, session.sentence(error), "counterpoint add PATH...")]
    checks = []
    for slug in slugs:
        try:
            episodes.read_episode(folder, slug)
        except CodedError as error:
            checks.append(Check("episode", False, session.sentence(error), f"correct {folder / slug}"))
    good = len(slugs) - len(checks)
    to_do = "" if slugs else "counterpoint add PATH..."
    return [Check("library", bool(slugs), f"{good} of {len(slugs)} episodes can be read", to_do), *checks]


async def _edition(session: Session) -> list[Check]:
    settings = session.settings
    try:
        edition = await open_edition(settings.state_folder, store=make_store(settings))
    except CodedError as error:
        return [Check("edition", False, session.sentence(error), "counterpoint index")]
    passed_over = [
        Check("edition", False, session.sentence(error), "counterpoint index")
        for error in edition.passed_over.values()
    ]
    facts = edition.facts
    known = {slug: facts.digest for slug, facts in (await seen(edition.connection)).items()}
    wanting = _wanting(session, list(edition.episodes.values()))
    await edition.close()
    checks = [
        *passed_over,
        Check(
            "edition",
            True,
            f"{facts.edition}: {facts.n_episodes} episodes, {facts.n_slices} slices, {facts.n_windows} windows"
            + (
                f"; searched: {facts.vector_search}, recall {facts.recall:.3f}" if facts.vector_search else ""
            ),
        ),
    ]
    try:
        verify(settings.state_folder, facts.edition)
    except CodedError as error:
        checks.append(Check("checksums", False, session.sentence(error), "counterpoint index --full"))
    else:
        checks.append(Check("checksums", True, "every file is as it was written"))
    try:
        scorer = make_scorer(settings, facts.fingerprint).version
    except CodedError as error:
        checks.append(Check("scoring", False, session.sentence(error), "correct COUNTERPOINT_AXIS"))
    else:
        if facts.scoring_version != scorer:
            finding = f"the edition was read by {facts.scoring_version}, this program reads by {scorer}"
            checks.append(Check("scoring", False, finding, "counterpoint index"))
    checks.append(_is_current(session, known))
    return [*checks, *wanting]


def _wanting(session: Session, listed: Sequence[EpisodeRecord]) -> list[Check]:
    """Say which episodes would gain by a second text, and which have none at all. It is no fault."""
    by_kind: dict[SecondText, list[str]] = {}
    for episode in listed:
        kind = episodes.wanted_text(episode.about, is_timed=episode.is_timed)
        if kind is not None:
            by_kind.setdefault(kind, []).append(episode.slug)
    checks = [
        Check("second text", True, second_text_wanted(session, kind, slugs))
        for kind, slugs in sorted(by_kind.items())
    ]
    textless = [episode.slug for episode in listed if not episode.about.transcripts]
    if textless:
        finding = session.catalogue.count("second_text.none", len(textless), episodes=some_of(textless))
        checks.append(Check("text", True, finding))
    return checks


def _is_current(session: Session, known: dict[str, str]) -> Check:
    folder = session.settings.library
    try:
        now = {slug: episodes.digest(folder, slug) for slug in episodes.slugs(folder)}
    except (CodedError, OSError):
        return Check("up to date", False, "the library cannot be read", "see library above")
    changed = sum(known.get(slug) != digest for slug, digest in now.items()) + len(set(known) - set(now))
    if changed:
        finding = "1 episode differs" if changed == 1 else f"{changed} episodes differ"
        return Check("up to date", False, f"{finding} from the edition", "counterpoint index")
    return Check("up to date", True, "the edition holds the library as it is")


def _disk(settings: Settings) -> Check:
    """Free space where the state folder lies, or will lie."""
    folder = settings.state_folder.absolute()
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    finding = f"{usage.free / 1e9:.1f} GB free where {settings.state_folder} lies"
    editions = editions_folder(settings.state_folder)
    wanted = max(_FREE_BYTES, sum(file.stat().st_size for file in editions.rglob("*") if file.is_file()))
    if usage.free < wanted:
        return Check(
            "disk", False, f"{finding}; an index needs up to {wanted / 1e9:.1f} GB", "free some space"
        )
    return Check("disk", True, finding)


def _leftovers(settings: Settings) -> list[Check]:
    """Look for what killed builds have left behind."""
    left = sorted(editions_folder(settings.state_folder).glob(f"{BUILDING_PREFIX}*"))
    if not left:
        return []
    try:
        with build_lock(settings.state_folder):
            pass
    except CodedError:  # a build is under way, and this is its folder
        return []
    n_bytes = sum(file.stat().st_size for folder in left for file in folder.rglob("*") if file.is_file())
    editions = "1 unfinished edition" if len(left) == 1 else f"{len(left)} unfinished editions"
    finding = f"{editions} of killed builds, {n_bytes / 1e6:.0f} MB"
    return [Check("leftovers", False, finding, "counterpoint index, which takes them away")]


async def _admin_servers(session: Session) -> list[Check]:
    """Say who may use ``/admin``; nothing where no bot was ever run and no server is named."""
    settings = session.settings
    try:
        opened = await moderating_in(settings.state_folder, settings.community_address)
    except CodedError as error:
        return [Check("community database", False, session.sentence(error), "counterpoint restore FILE")]
    allowed = AdminServers.of(settings, opened or frozenset())
    if not allowed.ids:
        if opened is None:
            return []
        finding = (
            "no server is open: /admin works for the owner of the Discord application alone; `/admin open` in a "
            "server, or COUNTERPOINT_MODERATED_FROM, lets its managers in"
        )
        return [Check("moderation", True, finding)]
    source = "as COUNTERPOINT_MODERATED_FROM says" if allowed.is_set else "opened with /admin open"
    listed = ", ".join(map(str, sorted(allowed.ids)))
    return [Check("moderation", True, f"/admin is taken from the servers {listed} ({source})")]


async def _follows(session: Session) -> list[Check]:
    """Followed sources, and those that could not be reached; nothing where nothing was ever followed."""
    settings = session.settings
    if not has_community(settings.state_folder, settings.community_address):
        return []
    try:
        async with follows_in(settings.state_folder, settings.community_address) as (tables, _):
            listed = await tables.all()
    except CodedError:
        return []  # told by the check of the community database
    failing = [entry for entry, _ in listed if entry.problem is not None]
    checks = [
        Check(
            "following",
            False,
            f"{entry.title or entry.address}: {session.sentence(entry.problem)}",
            "counterpoint follows",
        )
        for entry in failing
        if entry.problem is not None
    ]
    if not listed or checks:
        return checks
    n_textless = sum(counts.no_text + counts.failed for _, counts in listed)
    textless = session.catalogue.count("count.episodes", n_textless)
    without = f"; {textless} without a text" if n_textless else ""
    sources = "1 source is followed" if len(listed) == 1 else f"{len(listed)} sources are followed"
    return [Check("following", True, f"{sources}{without}")]


def _transcription(session: Session) -> list[Check]:
    """Say what turns recordings into text, where followed ones are to be; nothing where they are not."""
    if session.settings.transcribe == "off":
        return []
    try:
        name = make_transcriber(session.settings).name
    except CodedError as error:
        return [
            Check(
                "transcription", False, session.sentence(error), "see above, or unset COUNTERPOINT_TRANSCRIBE"
            )
        ]
    which = "new" if session.settings.transcribe == "new" else "all"
    return [Check("transcription", True, f"{which} followed recordings without a text are read by {name}")]


async def _question(session: Session) -> Check:
    try:
        answerer = make_service(session.settings)
    except CodedError as error:
        return Check("axis", False, session.sentence(error), "correct COUNTERPOINT_AXIS")
    try:
        await answerer.find("what is this library about")
        facts = read_facts(session.settings.state_folder, current_name(session.settings.state_folder) or "")
    except CodedError as error:
        return Check("model", False, session.sentence(error), "counterpoint index")
    finally:
        await answerer.close()
    return Check("model", True, f"{facts.model} ({facts.fingerprint}) answers")
