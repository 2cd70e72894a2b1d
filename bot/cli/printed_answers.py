"""Answers drawn in the terminal."""

from collections.abc import Sequence

from rich.text import Text

from bot.app.service import EpisodeCard, SaidDriver, Scored, Stretch
from bot.cli.charts import (
    MOST_COLUMNS,
    arc,
    gauge,
    link,
    question_before,
    quoted,
    say,
    stamp,
    stand,
    title,
    words,
)
from bot.cli.session import Session
from bot.i18n.message_catalogue import shown_difference, signed, whole_percent, whole_shares
from bot.render.png.picture_texts import gaps_in_words
from bot.render.text import found_notes, no_reasons_text, outcome_text, term_text
from index.search.answers import Found, Passage
from index.search.coverage import Coverage
from index.search.excerpts import excerpt_between, excerpt_of
from index.search.related import Counterbalance, Opposed, Related
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.axis import Axis
from scoring.profile import Profile
from scoring.reading import telling_drivers


def print_found(
    session: Session, answer: Found, axis: Axis, *, is_limited: bool = False, is_of_speaker: bool = False
) -> None:
    """Print episodes with their passages, or that nothing was found, if ``is_limited`` within the limits.

    ``is_of_speaker`` says that one limit is a speaker.
    """
    out = session.out
    for typed, meant in answer.corrected.items():
        say(out, f"“{typed}” is not in the library; looked for “{meant}”.", style="yellow")
    for note in found_notes(
        answer,
        session.catalogue.text,
        is_of_speaker=is_of_speaker,
    ):
        say(out, note, style="yellow")
    if not answer.is_match:
        say(out, session.catalogue.text("find.nothing_within" if is_limited else "find.nothing"))
        return
    if not answer.is_sure:
        say(out, session.catalogue.text("find.unsure"))
    by_rank = {passage.rank: passage for passage in answer.passages}
    for number, hit in enumerate(answer.episodes):
        if number or answer.corrected:
            out.print()
        _print_heading(session, hit.episode, axis)
        for rank in hit.ranks:
            _print_passage(session, by_rank[rank], axis)


def print_card(session: Session, card: EpisodeCard, axis: Axis) -> None:
    """Print the whole profile."""
    out, about, profile = session.out, card.episode.about, card.episode.profile
    _print_heading(session, card.episode, axis)
    guests = f"with {', '.join(card.guests)}" if card.guests else None
    hosts = f"hosted by {', '.join(about.hosts)}" if about.hosts else None
    if guests or hosts:
        say(out, words(guests, hosts))
    if about.url:
        say(out, link(about.url))
    if about.tags:
        say(out, words(*about.tags, style="dim"))
    _print_prose(session, "Why this matters", about.why_it_matters)
    _print_prose(session, "Summary", about.summary)
    _print_prose(session, "Editor's note", about.editor_note)
    _print_part(session, "Perspective")
    say(out, gauge(axis, profile.headline), indent=2)
    standing = stand(axis, profile.headline)
    is_unread = profile.evidence == "other language"
    evidence = (
        session.catalogue.text("evidence.other_language") if is_unread else f"evidence: {profile.evidence}"
    )
    standing.append(" · ").append(words(f"{profile.lens} lens", f"{profile.confidence} confidence", evidence))
    say(out, standing, indent=2)
    if profile.n_slices:
        _print_markers(session, card)
        _print_arc(session, profile, axis)
    drivers = card.drivers()
    if drivers:
        _print_part(session, "Why here")
        print_drivers(session, drivers)
    _print_assessment(session, card.episode, axis)
    _print_provenance(session, card.episode)


def print_words(session: Session, stretch: Stretch, axis: Axis) -> None:
    """Print a stretch of an episode, turn by turn."""
    _print_heading(session, stretch.episode, axis)
    for record in stretch.slices:
        session.out.print()
        piece = record.piece
        link_there = stretch.episode.link_at(piece.start_s)
        say(
            session.out,
            words(f"slice {piece.ordinal}", stamp(piece.start_s), style="dim")
            .append(" · ")
            .append(stand(axis, record.reading.position)),
        )
        if link_there:
            say(session.out, link(link_there))
        for start, end, speaker in piece.turn_bounds():
            said = quoted(excerpt_between(stretch.episode, record, start, end))
            named = Text.assemble(title(speaker), ": ", said) if speaker else said
            say(session.out, named, indent=2)


def print_related(session: Session, episode: EpisodeRecord, others: Sequence[Related], axis: Axis) -> None:
    """Print related episodes with their trails."""
    out = session.out
    if not others:
        say(out, "There is no other episode in the library yet.")
        return
    say(out, Text("Related to ").append(title(episode.about.title)))
    for other in others:
        out.print()
        _print_heading(session, other.episode, axis)
        why = [
            "same shelf" if other.same_shelf else None,
            f"both are called “{other.title}”" if other.title else None,
            "same source" if other.same_source else None,
            f"topic {other.topic:.2f}".replace("-", "−"),
            f"both talk of {', '.join(map(term_text, other.shared))}" if other.shared else None,
        ]
        say(out, words(*why, style="dim"), indent=2)
        profile = other.episode.profile
        if profile.n_slices:
            trail = words(
                f"median {signed(profile.median)}",
                f"mean {signed(profile.mean)}",
                session.catalogue.count("count.slices", profile.n_slices),
            )
            say(out, arc(axis, profile.arc, 40).append("  ").append(trail), indent=2)


def print_counterbalance(session: Session, answer: Counterbalance, axis: Axis) -> None:
    """Print the picks; in each with a crux, one side speaks, then the other."""
    out = session.out
    _print_heading(session, answer.episode, axis)
    say(out, gauge(axis, answer.standing.position, answer.mirror))
    out.print()
    say(out, outcome_text(answer, session.catalogue.text, answer.judge or ""))
    for number, pick in enumerate(answer.picks, start=1):
        out.print()
        _print_pick(session, answer, number, pick, axis)


def print_scored(session: Session, score: Scored, axis: Axis) -> None:
    """Print where a text stands, and why."""
    reading = score.reading
    say(session.out, gauge(axis, score.position))
    standing = stand(axis, score.position)
    standing.append(" · ").append(words(f"{reading.lens} lens", f"{reading.confidence} confidence"))
    say(session.out, standing)
    wings = (axis.bands[0], axis.bands[-1])
    if unexplained := no_reasons_text(reading, wings, session.catalogue.text):
        say(session.out, unexplained)
    print_drivers(session, [SaidDriver(driver, None) for driver in telling_drivers(reading, wings)])


def print_drivers(session: Session, drivers: Sequence[SaidDriver]) -> None:
    """Print the reasons for a position, each with its points and with who says it, if that is known."""
    for said in drivers:
        driver = said.driver
        text = f"“{driver.text}”" if driver.kind == "phrase" else f"near to: {driver.text}"
        text += f" ({said.speaker})" if said.speaker else ""
        points = f"{driver.pull:+.1f}".replace("-", "−")
        say(session.out, f"{points:>7}  {text}", indent=0, hang=9)


def _print_heading(session: Session, episode: EpisodeRecord, axis: Axis) -> None:
    about = episode.about
    say(session.out, title(about.title))
    published = str(about.published) if about.published else None
    line = words(about.source, about.shelf, published, style="dim")
    say(session.out, (line.append(" · ") if line else line) + stand(axis, episode.profile.headline))


def _print_passage(session: Session, passage: Passage, axis: Axis) -> None:
    out = session.out
    line = Text(f"{passage.rank:>3}  ").append(stamp(passage.quote.start_s), style="bold")
    if passage.quote.speaker:
        line.append(" · ").append(words(passage.quote.speaker))
    line.append(" · ").append(stand(axis, passage.reading.position))
    say(out, line.append(" · ").append(passage.reading.lens), hang=5)
    if passage.quote.asked is not None:
        say(out, question_before(passage.quote.asked), indent=5)
    say(out, quoted(passage.quote), indent=5)
    for address in filter(None, (passage.link, passage.quote.read)):
        say(out, link(address), indent=5)
    if passage.also_in:
        titles = "; ".join(other.about.title for other in passage.also_in)
        say(out, f"also in {titles}", indent=5, style="dim")


def _print_pick(session: Session, answer: Counterbalance, number: int, opposed: Opposed, axis: Axis) -> None:
    out, indent = session.out, 3
    say(out, Text(f"{number}  ").append(title(opposed.episode.about.title)), hang=indent)
    about = opposed.episode.about
    if line := words(about.source, about.shelf, str(about.published or ""), style="dim"):
        say(out, line, indent=indent)
    say(out, gauge(axis, opposed.standing.position, answer.standing.position), indent=indent)
    here, there = answer.standing.position, opposed.standing.position
    is_beside = answer.standing_of_near == "any"
    sides = words(
        f"here {signed(here)}",
        f"there {signed(there)}",
        None if is_beside else f"difference {signed(shown_difference(here, there))}",
        f"both talk of {', '.join(map(term_text, opposed.shared))}" if opposed.shared else None,
    )
    say(out, sides, indent=indent)
    crux = opposed.crux
    if crux is None:
        return
    out.print()
    say(out, session.catalogue.text("counterbalance.question", question=crux.question), indent=indent)
    for at, (episode, record) in enumerate(((answer.episode, crux.here), (opposed.episode, crux.there))):
        out.print()
        _print_side(session, episode, record, axis, indent=indent + 6 * at)


def _print_side(
    session: Session, episode: EpisodeRecord, record: SliceRecord, axis: Axis, *, indent: int
) -> None:
    """Print one side of the argument: who, where they stand here, and the words that pull most that way."""
    excerpt = excerpt_of(episode, record)
    line = title(excerpt.speaker or episode.about.title)
    line.append(" · ", style="not bold").append(stamp(excerpt.start_s), style="not bold")
    say(
        session.out,
        line.append(" · ", style="not bold").append(stand(axis, record.reading.position)),
        indent=indent,
    )
    say(session.out, quoted(excerpt), indent=indent)
    for address in filter(None, (excerpt.link, excerpt.read)):
        say(session.out, link(address), indent=indent)


def _print_part(session: Session, name: str) -> None:
    session.out.print()
    say(session.out, Text(name, style="bold"))


def _print_prose(session: Session, name: str, prose: str | None) -> None:
    if prose:
        _print_part(session, name)
        say(session.out, prose, indent=2)


def _print_arc(session: Session, profile: Profile, axis: Axis) -> None:
    """Print the arc, and the statistics under it."""
    out = session.out
    n_slices = session.catalogue.count("count.slices", profile.n_slices)
    _print_part(session, f"Arc, start to end ({n_slices})")
    say(out, arc(axis, profile.arc, min(out.width, MOST_COLUMNS) - 2), indent=2)
    shares = (
        f"{whole_percent(share)}% {band.lower()}"
        for share, band in zip(whole_shares(profile.shares), axis.bands, strict=True)
    )
    lines = (
        words(
            f"median {signed(profile.median)}",
            f"mean {signed(profile.mean)}",
            f"range {_range(profile.min, profile.max)}",
            f"p10 to p90 {_range(profile.p10, profile.p90)}",
        ),
        words(*shares),
    )
    for line in lines:
        say(out, line, indent=2)


def _range(low: float, high: float) -> str:
    return f"{signed(low)} to {signed(high)}"


_MARKERS = ("lowest", "median", "highest")


def _print_markers(session: Session, card: EpisodeCard) -> None:
    for name, ordinal in zip(_MARKERS, card.episode.profile.apart, strict=False):
        record = card.slices[ordinal]
        line = Text(f"{name:<8}").append(f"{signed(record.reading.position):>4}", style="bold")
        line.append(f"  {stamp(record.piece.start_s):>7}  ")
        if speaker := card.speaker_of(ordinal):
            line.append(words(speaker)).append("  ")
        address = card.episode.link_at(record.piece.start_s) or card.episode.read_at(record.piece)
        say(session.out, line.append(link(address)) if address else line, indent=2, hang=4)


def _print_assessment(session: Session, episode: EpisodeRecord, axis: Axis) -> None:
    assessment = episode.assessment
    if assessment is None:
        return
    _print_part(session, "Editor's assessment")
    standing = stand(axis, assessment.position).append(" · ")
    date = str(assessment.date) if assessment.date else None
    say(
        session.out,
        standing.append(words(f"{assessment.confidence} confidence", assessment.name, date)),
        indent=2,
    )
    for prose in filter(None, (assessment.summary, assessment.note)):
        say(session.out, prose, indent=2)


def _print_provenance(session: Session, episode: EpisodeRecord) -> None:
    _print_part(session, "Transcript")
    entries = episode.about.transcripts
    if not entries:
        say(session.out, "None is stored; the position rests on title and summary.", indent=2, style="dim")
        return
    for entry in entries:
        track = {"auto": "automatic captions", "uploaded": "uploaded captions", None: "captions"}[entry.track]
        kind = track if entry.kind == "captions" else "published transcript"
        stored = f"stored {entry.stored}" if entry.stored else None
        say(session.out, words(kind, entry.language, stored, entry.original_name, style="dim"), indent=2)
    video = f"video {episode.about.video_id}" if episode.about.video_id else None
    timed = None if episode.is_timed else "no times: quotes cannot be opened in the recording"
    say(session.out, words(video, f"{episode.n_segments} segments", timed, style="dim"), indent=2)
    if any(entry.kind == "captions" for entry in entries):
        caveat = "Captions mis-hear names and technical terms: check a quote against the recording."
        say(session.out, caveat, indent=2, style="dim")


def print_map(session: Session, coverage: Coverage, axis: Axis) -> None:
    """Print each subject with its episodes by band, then the wings that are missing."""
    out = session.out
    if not coverage.subjects:
        say(out, "The library has no episode of that kind.")
        return
    for number, subject in enumerate(coverage.subjects):
        if number:
            out.print()
        say(
            out,
            title(term_text(subject.name or "Other subjects")).append(
                f" · {len(subject.episodes)}", style="not bold"
            ),
        )
        say(out, gauge(axis, subject.mean).append(f"  mean {signed(subject.mean)}"), indent=2)
        for band in axis.bands:
            own = [episode for episode in subject.episodes if episode.profile.band == band]
            told = f"{band}: {len(own) or 'nobody'}" + (f", {_named(own)}" if own else "")
            say(
                out,
                told,
                indent=2,
                hang=4,
                style="" if own or band not in axis.bands[:: len(axis.bands) - 1] else "red",
            )
    gaps = gaps_in_words(coverage, session.language(axis))
    if gaps:
        out.print()
        say(out, title("Missing voices"))
        for sentence in gaps:
            say(out, sentence, indent=2, hang=4)
    elif coverage.is_complete(axis):
        out.print()
        say(out, words("Every subject has somebody on both sides."))


_MOST_NAMED = 3


def _named(episodes: list[EpisodeRecord]) -> str:
    shown = [
        f"{episode.about.title} ({signed(episode.profile.headline)})" for episode in episodes[:_MOST_NAMED]
    ]
    more = len(episodes) - len(shown)
    return "; ".join((*shown, *([f"and {more} more"] if more else [])))
