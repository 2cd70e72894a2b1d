"""What keeping the library did, drawn in the terminal: files understood, editions built."""

from pathlib import Path

from rich.text import Text

from bot.cli.charts import say, title, words
from bot.cli.session import Session
from index.build.progress import BuildReport
from index.library.ingest import Plan
from scoring.errors import CodedError

_MARKS = {"new": "+", "same": "=", "joins": "&", "updates": "~"}
_SAID = {"same": "already in the library as", "joins": "another transcript of", "updates": "updates"}
_MOST_NAMED = 20


def print_plan(session: Session, name: str, plan: Plan) -> None:
    """What was understood of one file or video."""
    out, facts, about = session.out, plan.facts, plan.about
    say(out, Text(f"{_MARKS[plan.action]} ", style="green").append(title(name)), hang=2)
    published = str(about.published) if about.published else None
    say(out, words(about.title, about.source, published, about.video_id), indent=2)
    kind = f"{facts.track} {facts.kind}" if facts.track else facts.kind
    minutes = "length unknown" if not facts.minutes else f"{max(1, round(facts.minutes))} min"
    read = words(
        kind if facts.format == facts.kind else f"{facts.format}, {kind}",
        None if facts.is_timed else "no times",
        f"{facts.n_cues} cues",
        f"{facts.n_words} words",
        minutes,
        ", ".join(speaker.name for speaker in facts.speakers[:4]),
        style="dim",
    )
    say(out, read, indent=2)
    if plan.action in _SAID:
        say(out, f"{_SAID[plan.action]} {plan.slug}", indent=2, style="dim")
    for note in plan.notes:
        if session.catalogue.has(f"note.{note.code}"):
            sentence = session.catalogue.text(f"note.{note.code}", None, **note.fields)
            say(out, sentence, indent=2, style="yellow")


def print_refusal(session: Session, name: str, error: CodedError) -> None:
    """Why a file or an episode was left out; its name stands in front where the sentence does not hold it."""
    sentence = session.sentence(error)
    say(
        session.out,
        f"✗ {sentence}" if Path(name).name in sentence else f"✗ {name}: {sentence}",
        hang=2,
        style="red",
    )


def print_report(session: Session, report: BuildReport) -> None:
    """What a build did, and how long each stage took."""
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
