"""What keeping the library did, drawn in the terminal: files understood, editions built."""

from pathlib import Path

from rich.text import Text

from bot.cli.charts import say, title, words
from bot.cli.session import Session
from bot.render.text import skipped_blocks, speakers_read
from index.build.progress import BuildReport
from index.library.ingest import Facts, Plan
from index.transcripts.formats.decoding import folded
from scoring.errors import CodedError

_MARKS = {"new": "+", "same": "=", "joins": "&", "updates": "~"}
_SAID = {"same": "already in the library as", "joins": "another transcript of", "updates": "updates"}
_MOST_NAMED, _MOST_SPEAKERS, _MOST_BLOCKS = 20, 4, 3


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
            sentence = session.catalogue.text(f"note.{note.code}", None, **note.fields)
            say(out, sentence, indent=2, style="yellow")


def _cues_read(session: Session, facts: Facts) -> tuple[str, ...]:
    """How many cues there are, and how many of them know their second."""
    n_cues = session.catalogue.count("reading.cues", facts.n_cues)
    if not facts.is_timed:
        return "no times", n_cues
    if facts.n_timed == facts.n_cues:
        return (n_cues,)
    return (session.catalogue.text("reading.timed", n_timed=facts.n_timed, n_cues=facts.n_cues),)


def print_refusal(session: Session, name: str, error: CodedError) -> None:
    """Print why a file or an episode was left out; its name stands in front where the sentence does not hold it."""
    sentence = session.sentence(error)
    say(
        session.out,
        f"✗ {sentence}" if Path(name).name in sentence else f"✗ {name}: {sentence}",
        hang=2,
        style="red",
    )


def print_report(session: Session, report: BuildReport) -> None:
    """Print what a build did, and how long each stage took."""
    out = session.out
    for mark, slugs in (("+", report.added), ("~", report.changed), ("−", report.removed)):
        for slug in slugs[:_MOST_NAMED]:
            say(out, f"{mark} {slug}")
        if len(slugs) > _MOST_NAMED:
            say(out, f"{mark} … and {len(slugs) - _MOST_NAMED} more")
    for failure in report.failures:
        print_refusal(session, failure.slug, failure.error)
    facts = report.facts
    if facts is not None:
        what = "Published" if report.is_new else "Nothing changed;"
        counts = f"{facts.n_episodes} episodes, {facts.n_slices} slices, {facts.n_windows} windows"
        words_and_work = f"{facts.n_words} words; {report.n_embedded} windows embedded."
        say(out, f"{what} edition {facts.edition}: {counts}, {words_and_work}", hang=2)
    stages = (f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items())
    say(out, words(*stages, style="dim"))
