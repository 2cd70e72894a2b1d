"""The command ``add``, and what it prints: files, videos and feeds, understood and put into the library."""

import dataclasses
import functools
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from bot.app.container import make_fetcher, make_sources
from bot.app.input_validation import DayUnreadable, whole_day
from bot.app.public_conversations import CatalogError, check_recording, read_catalog
from bot.cli.charts import say, title, words
from bot.cli.session import NOTHING, ProgressBars, Session, session_of, with_path
from bot.render.text import skipped_blocks, speakers_read
from index.errors import IndexingError
from index.library.episodes import SecondText
from index.library.ingest import (
    Duplicates,
    Facts,
    LeftOut,
    Overrides,
    ParsedFile,
    Plan,
    find_files,
    left_out,
    parse_bytes,
    parse_file,
    plan_episode,
    read_siblings,
    remember,
    write_plan,
)
from index.library.sources import Listed
from index.library.sources.errors import (
    SourceBlocked,
    SourceError,
    SourceLeftAlone,
    SourceUnreachable,
    refused_link,
)
from index.transcripts.formats.decoding import folded
from index.transcripts.links import is_web_link, video_id_of

if TYPE_CHECKING:
    from index.library.sources import Fetched, Fetcher

Item = Path | str | Listed

Published = Annotated[
    str | None, typer.Option(metavar="DAY", help="The day on which it came out, such as 2025-12-24.")
]

_MARKS = {"new": "+", "same": "=", "joins": "&", "updates": "~"}
_SAID = {"same": "already in the library as", "joins": "another transcript of", "updates": "updates"}
_OUTCOMES = {
    "new": "new",
    "same": "already there",
    "joins": "joined to an episode",
    "updates": "updated",
    "refused": "refused",
    "left": "not asked for, as YouTube did not answer; run the command again later",
}
_ENOUGH_UNREACHABLE = 3
"""Videos in a row that could not be reached, after which the rest of a batch is not asked for."""
_MOST_SPEAKERS, _MOST_BLOCKS, _MOST_WANTING = 4, 3, 4


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("add")(add)


def add(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...",
            help="Transcript files, folders, and links: videos, playlists, feeds, transcripts.",
        ),
    ] = None,
    source: Annotated[str | None, typer.Option(help="The show it belongs to.")] = None,
    title: Annotated[str | None, typer.Option(help="The episode's title.")] = None,
    url: Annotated[str | None, typer.Option(help="Where the recording is.")] = None,
    published: Published = None,
    shelf: Annotated[str | None, typer.Option(help="The editorial thread it stands in.")] = None,
    tags: Annotated[str | None, typer.Option(help="Tags, separated by commas.")] = None,
    slug: Annotated[str | None, typer.Option(help="Its name in the library.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a file.")] = False,
    catalog: Annotated[
        bool,
        typer.Option("--catalog", help="The public conversations of data/catalog; --source names one show."),
    ] = False,
) -> None:
    """Read transcripts of any format and put them into the library."""
    session = session_of(context)
    if catalog:
        with session.explaining():
            listed = read_catalog(source)
        _add_all(session, listed, Overrides(), dry_run=dry_run, as_json=as_json)
        return
    if not paths or "" in paths:  # an empty variable of a script, which would mean the folder it runs in
        session.wrong("nothing_to_add")
    came_out = published_day(session, published)
    overrides = Overrides(
        source=source,
        title=title,
        url=url,
        published=came_out,
        shelf=shelf,
        tags=tuple(tag.strip() for tag in (tags or "").split(",") if tag.strip()),
        slug=slug,
    )
    videos = [path for path in paths if not os.path.exists(path) and video_id_of(path)]  # noqa: PTH110 - does not raise
    links = [path for path in paths if path not in videos and is_web_link(path)]
    files = [Path(path) for path in paths if path not in (*videos, *links)]
    passed_over = left_out(files)
    items: list[Item] = [
        *find_files(files),
        *dict.fromkeys(filter(None, map(video_id_of, videos))),
    ]
    refused: dict[str, IndexingError] = {}
    for link in dict.fromkeys(links):
        try:
            items += make_sources(session.settings).episodes_at(link)
        except IndexingError as error:
            items.append(link)
            refused[link] = error
    if not items:
        print_left_out(session, passed_over, session.err)
        session.wrong("no_transcript", paths=", ".join(paths))
    if len(items) > 1 and any((title, url, slug, published)):
        session.wrong("several_files")
    _add_all(
        session,
        items,
        overrides,
        dry_run=dry_run,
        as_json=as_json,
        refused=refused,
        passed_over=passed_over,
    )


def published_day(session: Session, typed: str | None) -> date | None:
    """Return the day that ``--published`` gives; say what is wrong and end where it is none."""
    try:
        return whole_day(typed)
    except DayUnreadable as error:
        session.wrong("published", received=error.received)


def _add_all(
    session: Session,
    items: Sequence[Item],
    overrides: Overrides,
    *,
    dry_run: bool,
    as_json: bool,
    refused: Mapping[str, IndexingError] = MappingProxyType({}),
    passed_over: LeftOut = LeftOut(),  # noqa: B008 - frozen
) -> None:
    """Add files, videos by their ids, and listed episodes; one that cannot be taken in is said and stops no other.

    Args:
        session: of the command.
        items: in their order.
        overrides: fields that the person gave.
        dry_run: write nothing.
        as_json: print JSON.
        refused: links among the items that lead to nothing, with the reasons.
        passed_over: files of the named folders that are not among the items.
    """
    adding = _Adding(session, overrides, items, refused, dry_run=dry_run, as_json=as_json)
    counts = dict.fromkeys(_OUTCOMES, 0)
    # Where what was understood scrolls by, a bar under it would only flicker.
    with ProgressBars(session.err, is_shown=not session.out.is_terminal) as bars:
        bars.stage("add", len(items))
        for item in items:
            counts[adding.add(item)] += 1
            bars.advance(1)
    if not as_json:
        done = ", ".join(f"{count} {_OUTCOMES[name]}" for name, count in counts.items() if count)
        say(session.out, f"{done}." + (" Nothing was written." if dry_run else ""))
        print_left_out(session, passed_over, session.out)
        for kind, slugs in adding.wanting.items():
            if slugs:
                say(session.out, second_text_wanted(session, kind, sorted(slugs)), hang=2, style="yellow")
        if counts["new"] + counts["joins"] + counts["updates"] and not dry_run:
            say(session.out, "Next: counterpoint index", style="dim")
    if counts["refused"] + counts["left"]:
        raise typer.Exit(NOTHING)


def print_left_out(session: Session, files: LeftOut, out: Console) -> None:
    """Print which files of a folder were left out, and why: a sentence for each reason."""
    for reason, paths in (
        ("documents", files.documents),
        ("recordings", files.recordings),
        ("others", files.others),
    ):
        if paths:
            names = some_of([folded(path.name) for path in paths])
            sentence = session.catalogue.count(f"left_out.{reason}", len(paths), files=names)
            say(out, sentence, hang=2, style="yellow")


def second_text_wanted(session: Session, kind: SecondText, slugs: Sequence[str]) -> str:
    """Return in a sentence which episodes would gain by a second text of a kind, and how one is added."""
    return session.catalogue.count(f"second_text.{kind}", len(slugs), episodes=some_of(slugs))


def some_of(slugs: Sequence[str]) -> str:
    """Return the first few names of episodes or files, and a sign where there are more."""
    return ", ".join(slugs[:_MOST_WANTING]) + (" …" if len(slugs) > _MOST_WANTING else "")


class _Adding:
    """One batch on its way into the library; what fetches is made for the first video.

    Attributes:
        wanting: slugs of the episodes that would gain by a second text, by its kind.
    """

    def __init__(
        self,
        session: Session,
        overrides: Overrides,
        items: Sequence[Item],
        refused: Mapping[str, IndexingError],
        *,
        dry_run: bool,
        as_json: bool,
    ) -> None:
        self._session, self._overrides, self._refused = session, overrides, refused
        self._dry_run, self._as_json = dry_run, as_json
        self._duplicates = Duplicates(session.settings.library)
        self._siblings = functools.cache(read_siblings)
        self._labels = labels_of(items)
        self._fetcher: Fetcher | None = None
        self._n_unreachable = 0
        self.wanting: dict[SecondText, set[str]] = {}

    def add(self, item: Item) -> str:
        """Add one, say what was understood of it or why it was refused, and give the outcome's name."""
        settings = self._session.settings
        try:
            plan = self._plan(item)
            if not self._dry_run:
                write_plan(plan, settings.library, settings.state_folder)
            remember(plan, self._duplicates)
            self._note_wanted(plan)
        except (IndexingError, CatalogError) as error:
            is_left = isinstance(error, SourceLeftAlone)
            label = self._labels.get(item, _name_of(item)) if isinstance(item, Path) else _name_of(item)
            problem = self._session.sentence(
                with_path(error, item, label) if isinstance(item, Path) else error
            )
            if self._as_json:
                self._session.print_json({"file": _name_of(item), "action": "refused", "problem": problem})
            elif not is_left:
                print_refusal(self._session, label, problem)
            return "left" if is_left else "refused"
        if self._as_json:
            self._session.print_json(_plan_json(_name_of(item), plan))
        else:
            label = self._labels[item] if isinstance(item, Path) else _name_of(item)
            print_plan(self._session, label, plan)
        return plan.action

    def _note_wanted(self, plan: Plan) -> None:
        """Note which text the episode would gain by; a later file of the batch may bring it."""
        for slugs in self.wanting.values():
            slugs.discard(plan.slug)
        if plan.wants is not None:
            self.wanting.setdefault(plan.wants, set()).add(plan.slug)

    def _plan(self, item: Item) -> Plan:
        """Return what adding a file, or the video with an id, would do.

        Raises:
            IndexingError: it cannot be read or had.
        """
        overrides = self._overrides
        if isinstance(item, Path):
            parsed = parse_file(item, self._siblings)
        elif isinstance(item, Listed):
            parsed, overrides = self._fetched(item)
        elif item in self._refused:
            raise self._refused[item].again()
        elif video_id_of(item) is None:
            raise refused_link(item)
        else:
            fetched = self._video(item)
            parsed = parse_bytes(fetched.data, fetched.name, sidecars=fetched.sidecars)
        return plan_episode(parsed, overrides, self._duplicates)

    def _video(self, link: str) -> "Fetched":
        """Return a video's captions; once YouTube turns this machine away or is out of reach, ask for no more.

        Raises:
            SourceError: they cannot be had. SourceLeftAlone: they were not asked for.
        """
        if self._n_unreachable >= _ENOUGH_UNREACHABLE:
            raise SourceLeftAlone(video_id=link)
        if self._fetcher is None:
            self._fetcher = make_fetcher()
        try:
            fetched = self._session.run(self._fetcher.fetch(link))
        except SourceBlocked:
            self._n_unreachable = _ENOUGH_UNREACHABLE
            raise
        except SourceUnreachable:
            self._n_unreachable += 1
            raise
        except SourceError:
            self._n_unreachable = 0
            raise
        self._n_unreachable = 0
        return fetched

    def _fetched(self, listed: Listed) -> tuple[ParsedFile, Overrides]:
        """Return the text of a listed episode, and its fields: a catalogue's own go first.

        Raises:
            IndexingError: it cannot be had. OtherRecording: the video is about something else than the catalogue says.
        """
        if listed.video_id is not None and not listed.texts:
            fetched = self._video(listed.video_id)
        else:
            fetched = make_sources(self._session.settings).fetch("feed", "", listed)
        own_title = str((fetched.info or {}).get("title") or "")
        check_recording(listed, own_title)
        parsed = parse_bytes(fetched.data, fetched.name, sidecars=fetched.sidecars)
        chapters = tuple((mark.start_s, mark.title) for mark in fetched.chapters)
        stated = replace(
            self._overrides,
            source=self._overrides.source or listed.source,
            published=self._overrides.published or listed.published,
            chapters=chapters,
        )
        return parsed, stated


def labels_of(items: Sequence[Item]) -> dict[Path, str]:
    """Return what each file is called: its name, or, where another has the same, its path below their folder."""
    files = [item for item in items if isinstance(item, Path)]
    times = Counter(path.name for path in files)
    if len(files) == len(times):
        return {path: path.name for path in files}
    above = os.path.commonpath([os.path.abspath(path.parent) for path in files])  # noqa: PTH100 - of a file that may be missing
    return {path: path.name if times[path.name] == 1 else os.path.relpath(path, above) for path in files}


def _name_of(item: Item) -> str:
    """Return what a person calls an item by."""
    return (item.url or item.title) if isinstance(item, Listed) else str(item)


def _plan_json(name: str, plan: Plan) -> dict[str, Any]:
    return {
        "file": name,
        "action": plan.action,
        "episode": plan.slug,
        "about": plan.about.model_dump(mode="json", exclude_defaults=True),
        "transcript": dataclasses.asdict(plan.facts),
        "learned_from": dict(plan.origins),
        "wants": plan.wants,
        "notes": [{"code": note.code, **note.fields} for note in plan.notes],
    }


def print_plan(session: Session, name: str, plan: Plan) -> None:
    """Print what was understood of one file or video."""
    out, facts, about = session.out, plan.facts, plan.about
    say(out, Text(f"{_MARKS[plan.action]} ", style="green").append(title(name)), hang=2)
    published = str(about.published) if about.published else None
    say(out, words(about.title, about.source, published, about.video_id), indent=2)
    kind = f"{facts.track} {facts.kind}" if facts.track else facts.kind
    minutes = "length unknown" if not facts.minutes else f"{max(1, round(facts.minutes))} min"
    read = words(
        kind if facts.format == facts.kind else f"{facts.format}, {kind}",
        *_cues_read(session, facts),
        session.catalogue.count("count.words", facts.n_words),
        minutes,
        speakers_read(session.catalogue, facts, most=_MOST_SPEAKERS, shown=folded),
        style="dim",
    )
    say(out, read, indent=2)
    if skipped := skipped_blocks(session.catalogue, facts, most=_MOST_BLOCKS, shown=folded):
        say(out, skipped, indent=2, style="yellow")
    if plan.action in _SAID:
        say(out, f"{_SAID[plan.action]} {plan.slug}", indent=2, style="dim")
    for note in plan.notes:
        if session.catalogue.has(f"note.{note.code}"):
            sentence = session.catalogue.text(f"note.{note.code}", **note.fields)
            say(out, sentence, indent=2, style="yellow")


def _cues_read(session: Session, facts: Facts) -> tuple[str, ...]:
    """Return a sentence of how many cues there are, and how many of them know their second."""
    n_cues = session.catalogue.count("reading.cues", facts.n_cues)
    if not facts.is_timed:
        return "no times", n_cues
    if facts.n_timed == facts.n_cues:
        return (n_cues,)
    return (session.catalogue.text("reading.timed", n_timed=facts.n_timed, n_cues=facts.n_cues),)


def print_refusal(session: Session, name: str, sentence: str) -> None:
    """Print why a file or an episode was left out; its name stands in front where the sentence does not hold it."""
    say(
        session.out,
        f"✗ {sentence}" if Path(name).name in sentence else f"✗ {name}: {sentence}",
        hang=2,
        style="red",
    )
