"""What people say of readings, in the terminal: the command votes, and how far readings agree with votes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bot.app.community import votes_in
from bot.app.container import make_axis
from bot.app.votes import VotedReading, criticised, line_of, read_votes, totals
from bot.cli.answer_options import AsJson, open_service
from bot.cli.charts import say
from bot.cli.session import NOTHING, ProgressBars, Session, session_of
from bot.i18n.message_catalogue import clock, signed
from bot.render import json_models
from index.evaluation.vote_agreement import VoteAgreement, VotedPosition, VoteShare, agreement_of
from scoring.axis import Axis
from scoring.statements import read_statements

_READ_AT_ONCE = 32
_SHOWN = 10
_NO_VOTES = (
    "Nobody has voted on a reading yet. Members vote after opening a minute or a chapter under /episode."
)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("votes")(votes)


def votes(
    context: typer.Context,
    forget: Annotated[
        int | None,
        typer.Option(metavar="PERSON", help="Delete all votes of the person with this Discord id instead."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show members' votes on readings: counts, and the most criticised; --json prints all, one a line.

    A line has the passage, the reading that was shown and the votes on it, never who voted.
    """
    session = session_of(context)
    with session.explaining():
        if forget is not None:
            n_gone = session.run(_forget(session, forget))
            said = (
                f"{n_gone} votes of that person were deleted."
                if n_gone != 1
                else "Their one vote was deleted."
            )
            say(session.out, said if n_gone else "There is no vote of that person.")
            return
        readings = session.run(_stored(session))
    if not readings:
        say(session.err, _NO_VOTES)
        raise typer.Exit(NOTHING)
    if as_json:
        for reading in readings:
            session.print_json(line_of(reading))
        return
    _print_counts(session, readings, make_axis(session.settings))


def agree_with_votes(session: Session, file: Path | None, *, as_json: bool) -> bool:
    """Print how far readings agree with the votes in ``file``, or with those cast on this bot.

    Every passage is read anew by the current scorer. Votes on another axis are left out, and so are passages
    that are statements of this one: the scorer was trained on those. False where nothing is left, which is
    said.

    Raises:
        RowsInvalid, CommunityDamaged: the votes cannot be read; AxisDataInvalid, ModelUnavailable: no scorer.
    """
    readings = read_votes(file) if file is not None else session.run(_stored(session))
    if not readings:
        say(session.err, f"{file} holds no votes." if file is not None else _NO_VOTES)
        return False
    return session.run(_agree(session, readings, as_json=as_json))


async def _agree(session: Session, readings: Sequence[VotedReading], *, as_json: bool) -> bool:
    async with open_service(session) as answerer:
        axis = answerer.axis
        on_axis = [reading for reading in readings if reading.passage.axis == axis.name]
        trained_on = {_plain(statement.text) for statement in read_statements(session.settings.axis_folder)}
        clean = [reading for reading in on_axis if _plain(reading.passage.text) not in trained_on]
        judged = []
        with ProgressBars(session.err) as bars:
            bars.stage("read", len(clean))
            for start in range(0, len(clean), _READ_AT_ONCE):
                some = clean[start : start + _READ_AT_ONCE]
                scored = await answerer.score([reading.passage.text for reading in some])
                judged += [
                    VotedPosition(
                        reading.shown.position,
                        reading.shown.band,
                        reading.shown.confidence,
                        reading.counts,
                        now.position,
                        now.band,
                    )
                    for reading, now in zip(some, scored, strict=True)
                ]
                bars.advance(len(some))
        scorer = answerer.scorer().version
    found = agreement_of(judged, axis.bands)
    other_axis, statements = len(readings) - len(on_axis), len(on_axis) - len(clean)
    if as_json:
        session.print_json(
            json_models.agreement(found, scorer=scorer, other_axis=other_axis, statements=statements)
        )
    else:
        _print_agreement(session, found, axis)
        if other_axis:
            say(
                session.out, f"Left out: {other_axis} readings on another axis than {axis.name}.", style="dim"
            )
        if statements:
            say(
                session.out,
                f"Left out: {statements} readings of passages that the scorer was trained on.",
                style="dim",
            )
    return bool(judged)


async def _stored(session: Session) -> list[VotedReading]:
    async with votes_in(session.settings.state_folder, session.settings.community_address) as tables:
        return [] if tables is None else await tables.readings()


async def _forget(session: Session, person: int) -> int:
    async with votes_in(session.settings.state_folder, session.settings.community_address) as tables:
        return 0 if tables is None else await tables.forget(person)


def _print_counts(session: Session, readings: Sequence[VotedReading], axis: Axis) -> None:
    own = [reading for reading in readings if reading.passage.axis == axis.name]
    names = {"fits": "fits", "too low": f"too {axis.low_pole}", "too high": f"too {axis.high_pole}"}
    counted = totals(own)
    n_passages = len({reading.passage.id for reading in own})
    told = ", ".join(f"{n} {names[name]}" for name, n in counted.items())
    say(session.out, f"Votes: {sum(counted.values())} on {n_passages} passages: {told}.")
    if len(own) < len(readings):
        say(
            session.out, f"{len(readings) - len(own)} more readings on other axes were voted on.", style="dim"
        )
    against = criticised(own)
    for reading in against[:_SHOWN]:
        when = f" · {clock(reading.passage.start_s)}" if reading.passage.start_s is not None else ""
        say(session.out, f"{reading.passage.title}{when}", indent=2, hang=4)
        said = ", ".join(f"{n} {names[name]}" for name, n in reading.counts.items())
        say(
            session.out,
            f"shown at {signed(reading.shown.position)} {reading.shown.band}: {said}",
            indent=4,
            style="dim",
        )
    if len(against) > _SHOWN:
        say(session.out, f"… and {len(against) - _SHOWN} more that were criticised", indent=2, style="dim")


def _print_agreement(session: Session, found: VoteAgreement, axis: Axis) -> None:
    table = Table(title=f"{found.n_votes} votes on {found.n_readings} readings", title_justify="left")
    for column in ("share", "of", "value", "95 % interval"):
        table.add_column(column)
    lines: list[tuple[str, VoteShare]] = [
        ("votes that say it fits", found.votes_fit),
        ("readings found fitting", found.readings_fit),
        *((f"  shown as {name}", own) for name, own in found.by_band.items()),
        *((f"  shown with {name} confidence", own) for name, own in found.by_confidence.items()),
        (f"complaints: too {axis.low_pole}", found.too_low),
        ("readings moved since", found.moved),
        ("  as asked, where criticised", found.as_asked),
        ("  kept, where found fitting", found.kept),
    ]
    for name, own in lines:
        interval = own.interval
        cells = (
            ("", "")
            if interval is None
            else (f"{interval.value:.3f}", f"{interval.low:.3f} to {interval.high:.3f}")
        )
        table.add_row(name, f"{own.hits} of {own.n}", *cells)
    session.out.print(table)


def _plain(text: str) -> str:
    return " ".join(text.split())
