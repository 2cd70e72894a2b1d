"""Answers drawn in the terminal."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from bot.answerer import EpisodeCard
from bot.terminal.session import Session
from bot.texts.catalogue import clock, signed
from index.build import BuildReport
from index.intake import Plan
from index.passages import Found, Passage
from index.records import EpisodeRecord, SliceRecord
from index.relations import Counterbalance, Related
from scoring.profile import Profile
from scoring.reading import Driver

_BARS = "▁▂▃▄▅▆▇█"
_BAND_STYLES = ("yellow", "cyan", "bright_white")
_GAUGE_CELLS = 21

_ACTIONS = {"new": "+", "same": "=", "joins": "⊕", "updates": "~"}


def print_plan(session: Session, path: Path, plan: Plan) -> None:
    """What was understood of one file."""
    facts, about = plan.facts, plan.about
    line = Text(f"{_ACTIONS[plan.action]} {path.name}", style="bold")
    session.out.print(line)
    parts = [about.title, about.source, str(about.published) if about.published else None, about.video_id]
    session.out.print("  " + " · ".join(part for part in parts if part), markup=False, highlight=False)
    minutes = f"{facts.minutes:.0f} min" if facts.minutes else "length unknown"
    times = "timed" if facts.is_timed else "no times"
    kind = f"{facts.kind} ({facts.track})" if facts.track else facts.kind
    speakers = ", ".join(speaker.name for speaker in facts.speakers[:4])
    session.out.print(
        f"  {facts.format}, {kind}, {times}: {facts.n_cues} cues, {facts.n_words} words, {minutes}"
        + (f"; {speakers}" if speakers else ""),
        style="dim",
        markup=False,
        highlight=False,
    )
    action = {"same": "already in the library as", "joins": "another transcript of", "updates": "updates"}
    if plan.action in action:
        session.out.print(f"  {action[plan.action]} {plan.slug}", style="dim", markup=False, highlight=False)
    for note in plan.notes:
        if session.catalogue.has(f"note.{note.code}"):
            session.out.print(
                "  " + session.catalogue.text(f"note.{note.code}", None, **note.fields),
                style="yellow",
                markup=False,
                highlight=False,
            )


def print_report(session: Session, report: BuildReport) -> None:
    """What a build did, and how long each stage took."""
    for failure in report.failures:
        session.out.print(f"✗ {failure.slug}: {session.sentence(failure.error)}", style="red", markup=False)
    for mark, slugs in (("+", report.added), ("~", report.changed), ("-", report.removed)):
        for slug in slugs[:20]:
            session.out.print(f"{mark} {slug}", markup=False, highlight=False)
        if len(slugs) > 20:
            session.out.print(f"{mark} … and {len(slugs) - 20} more", markup=False, highlight=False)
    facts = report.facts
    if facts is not None:
        what = "Published" if report.is_new else "Nothing changed;"
        session.out.print(
            f"{what} edition {facts.edition}: {facts.n_episodes} episodes, {facts.n_slices} slices, "
            f"{facts.n_windows} windows, {facts.n_words} words; {report.n_embedded} windows embedded.",
            highlight=False,
        )
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items())
    session.out.print(stages, style="dim", highlight=False)


def print_found(session: Session, answer: Found) -> None:
    """Episodes with their passages."""
    for typed, meant in answer.corrected.items():
        session.out.print(
            f"“{typed}” is not in the library; looked for “{meant}”.", style="yellow", markup=False
        )
    if not answer.is_match:
        near = f" Nearest: {', '.join(answer.nearest)}." if answer.nearest else ""
        session.out.print(f"The library has nothing on that.{near}", markup=False, highlight=False)
        return
    by_rank = {one.rank: one for one in answer.passages}
    for hit in answer.episodes:
        session.out.print()
        session.out.print(_heading(hit.episode))
        for rank in hit.ranks:
            _print_passage(session, by_rank[rank])


def print_card(session: Session, card: EpisodeCard, bands: Sequence[str]) -> None:
    """The whole profile, as the seed page shows it."""
    episode, about, profile = card.episode, card.episode.about, card.episode.profile
    session.out.print(_heading(episode))
    for label, words in (("Why this matters", about.why_it_matters), ("Summary", about.summary)):
        if words:
            session.out.print(f"\n{label}\n", style="bold")
            session.out.print(words, markup=False, highlight=False)
    session.out.print("\nPerspective\n", style="bold")
    session.out.print(_gauge(profile.headline), highlight=False)
    session.out.print(
        f"{profile.band} · {profile.lens} lens · {profile.confidence} confidence · evidence: {profile.evidence}",
        highlight=False,
    )
    if profile.n_slices:
        session.out.print(_arc(profile, bands))
        session.out.print("start" + " " * max(1, min(profile.n_slices, 100) - 8) + "end", style="dim")
        session.out.print(_statistics(profile, bands), highlight=False)
        for name, ordinal in zip(("lowest ", "median ", "highest"), profile.markers, strict=False):
            session.out.print(_marker(episode, name, card.slices[ordinal]), highlight=False)
    drivers = card.drivers()
    if drivers:
        session.out.print("\nWhy here\n", style="bold")
        print_drivers(session, drivers)
    if about.editor_note:
        session.out.print("\nEditor's note\n", style="bold")
        session.out.print(about.editor_note, markup=False, highlight=False)
    if episode.assessment is not None:
        one = episode.assessment
        session.out.print(
            f"\nEditor's assessment by {one.name}: {signed(one.position)}", style="bold", markup=False
        )
        for words in filter(None, (one.summary, one.note)):
            session.out.print(words, markup=False, highlight=False)
    session.out.print(_provenance(episode), style="dim", markup=False, highlight=False)


def print_related(
    session: Session, episode: EpisodeRecord, others: Sequence[Related], bands: Sequence[str]
) -> None:
    """Episodes akin to one, with their trails."""
    session.out.print(Text(f"Related to {episode.about.title}", style="bold"))
    for one in others:
        session.out.print()
        session.out.print(_heading(one.episode))
        why = [
            *(["same shelf"] if one.same_shelf else []),
            *(["same source"] if one.same_source else []),
            f"topic {one.topic:.2f}",
            *([", ".join(one.shared)] if one.shared else []),
        ]
        session.out.print("  " + " · ".join(why), style="dim", markup=False, highlight=False)
        session.out.print(Text("  ") + _arc(one.episode.profile, bands))
        profile = one.episode.profile
        session.out.print(
            f"  med {signed(profile.median)} · avg {signed(profile.mean)} · {profile.n_slices} slices",
            highlight=False,
        )


def print_counterbalance(session: Session, answer: Counterbalance) -> None:
    """The mirror rule's picks, each with the pair of passages that disagree most."""
    session.out.print(_heading(answer.episode))
    session.out.print(_gauge(answer.standing.position, answer.mirror), highlight=False)
    session.out.print(
        session.catalogue.text("mirror." + answer.outcome.replace(" ", "_"), None), highlight=False
    )
    for one in answer.picks:
        session.out.print()
        session.out.print(_heading(one.episode))
        session.out.print(_gauge(one.standing.position), highlight=False)
        shared = f" · both talk of {', '.join(one.shared)}" if one.shared else ""
        session.out.print(
            f"  here {signed(answer.standing.position)} · there {signed(one.standing.position)} · "
            f"Δ {signed(one.pick.difference)} · {one.pick.relation}{shared}",
            highlight=False,
            markup=False,
        )
        for episode, record in ((answer.episode, one.here), (one.episode, one.there)):
            if record is not None:
                session.out.print(_line(record, episode), highlight=False)
                session.out.print(Text(_shortened(record), style="italic"))


def _heading(episode: EpisodeRecord) -> Text:
    about, profile = episode.about, episode.profile
    text = Text(about.title, style="bold")
    rest = [
        about.source,
        str(about.published) if about.published else None,
        profile.band,
        signed(profile.headline),
    ]
    text.append("  " + " · ".join(part for part in rest if part), style="not bold dim")
    return text


def _print_passage(session: Session, one: Passage) -> None:
    line = Text(f"  {one.rank:>2}. ")
    line.append(_stamp(one.quote.start_s), style=f"cyan link {one.link}" if one.link else "dim")
    if one.quote.speaker:
        line.append(f" {one.quote.speaker}", style="bold")
    line.append(f"  {signed(one.reading.position)} {one.reading.band} · {one.reading.lens}", style="dim")
    session.out.print(line)
    quote = Text(one.quote_text)
    for start, end in one.quote.marks:
        quote.stylize("bold yellow", start, end)
    session.out.print(_indented(quote))
    if one.link:
        session.out.print(f"      {one.link}", style="blue", highlight=False, markup=False, no_wrap=True)
    if one.also_in:
        titles = ", ".join(other.about.title for other in one.also_in)
        session.out.print(f"      also in {titles}", style="dim", highlight=False, markup=False)


def _indented(text: Text) -> Table:
    table = Table.grid(padding=(0, 0, 0, 6))
    table.add_row(text)
    return table


def _line(record: SliceRecord, episode: EpisodeRecord) -> Text:
    line = Text("  ")
    line.append(_stamp(record.piece.start_s), style="cyan")
    line.append(f" {record.piece.speaker or episode.about.title}", style="bold")
    line.append(f"  {signed(record.reading.position)} {record.reading.band}", style="dim")
    link = episode.link_at(record.piece.start_s)
    if link:
        line.append(f"  {link}", style="blue")
    return line


def _shortened(record: SliceRecord, most: int = 320) -> str:
    text = record.piece.text
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"


def _stamp(second: float | None) -> str:
    return clock(second) if second is not None else "no time"


def _gauge(position: float, mirror: float | None = None) -> Text:
    """The scale with the position on it, and the mirror point where there is one."""
    cells = ["─"] * _GAUGE_CELLS
    cells[_GAUGE_CELLS // 2] = "┼"
    if mirror is not None:
        cells[_cell(mirror)] = "◇"
    cells[_cell(position)] = "●"
    return Text("  ◀" + "".join(cells) + "▶ ", style="cyan").append(signed(position), style="bold")


def _cell(position: float) -> int:
    return round((position + 100) / 200 * (_GAUGE_CELLS - 1))


def _arc(profile: Profile, bands: Sequence[str], width: int = 100) -> Text:
    """One bar a slice in transcript order; long episodes are averaged into ``width`` bars."""
    arc = list(profile.arc)
    if len(arc) > width:
        step = len(arc) / width
        arc = [
            _mean(arc[int(at * step) : max(int(at * step) + 1, int((at + 1) * step))]) for at in range(width)
        ]
    text = Text()
    for position in arc:
        style = _BAND_STYLES[0 if position <= -18 else 2 if position >= 18 else 1]
        text.append(_BARS[min(7, int((position + 100) / 200 * 8))], style=style if len(bands) == 3 else "")
    return text


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)


def _statistics(profile: Profile, bands: Sequence[str]) -> str:
    shares = ", ".join(
        f"{share:.0%} {band.lower()}" for share, band in zip(profile.shares, bands, strict=True)
    )
    return (
        f"Across {profile.n_slices} slices: median {signed(profile.median)} · mean {signed(profile.mean)} · "
        f"range {signed(profile.min)} to {signed(profile.max)} "
        f"(p10 to p90 {signed(profile.p10)} to {signed(profile.p90)}) · {shares}."
    )


def _marker(episode: EpisodeRecord, name: str, record: SliceRecord) -> Text:
    text = Text(f"  {name} ")
    text.append(f"{signed(record.reading.position):>4} ", style="bold")
    text.append(_stamp(record.piece.start_s), style="cyan")
    link = episode.link_at(record.piece.start_s)
    return text.append(f"  {link}", style="blue") if link else text


def print_drivers(session: Session, drivers: Sequence[Driver]) -> None:
    """The reasons for a position, each with its points."""
    for one in drivers:
        text = f"“{one.text}”" if one.kind == "phrase" else f"near to: {one.text}"
        session.out.print(f"  {one.pull:+6.1f}  {text}", markup=False, highlight=False)


def _provenance(episode: EpisodeRecord) -> str:
    entries = episode.about.transcripts
    if not entries:
        return "\nNo transcript is stored; the position rests on title and summary."
    first = entries[0]
    kind = (
        f"captions ({first.track or 'auto or uploaded'})"
        if first.kind == "captions"
        else "published transcript"
    )
    parts = [kind, f"video {episode.about.video_id}" if episode.about.video_id else None]
    parts += [f"stored {first.stored}" if first.stored else None, f"{episode.n_segments} segments"]
    line = "\nTranscript: " + " · ".join(part for part in parts if part)
    if first.kind == "captions":
        line += "\nCaptions are an imperfect primary: they can mis-hear names and technical terms. Check the recording."
    return line
