"""What both faces say in the same letters: positions drawn as gauges, bars and shares; how well a file was read."""

import re
from collections.abc import Callable, Container, Sequence
from typing import NamedTuple

from bot.i18n.message_catalogue import MessageCatalogue
from bot.render.theme import averaged, bar_share
from index.library.ingest import Facts
from index.search.answers import Found
from index.search.related import Counterbalance
from scoring.reading import Reading

HERE, TRACK, MIDDLE = "●", "─", "┼"
FILLS = "█▒░"
"""How shares are filled, from the low pole to the high one."""

_STEPS = "▁▂▃▄▅▆▇█"


_ACRONYMS = {
    name.lower(): name
    for name in "AI AIs AGI ASI LLM LLMs GPT ML RL RLHF NLP GPU GPUs CPU API EU UK UN CEO CEOs".split()
}


def term_text(term: str) -> str:
    """Return a term of an episode or a subject as people write it; terms are kept in small letters.

    Example:
        >>> term_text("ai safety")
        'AI safety'
    """
    return re.sub(r"[^\W_]+", lambda match: _ACRONYMS.get(match.group(), match.group()), term)


def no_reasons_text(reading: Reading, wings: Container[str], say: Callable[..., str]) -> str | None:
    """Return why a reading is shown without reasons (see ``telling_drivers``), in a sentence; None if it has some.

    Args:
        reading: of a slice.
        wings: names of the outer bands.
        say: returns the sentence under a key.
    """
    if reading.reason == "other language":
        return say("reading.other_language")
    if reading.band not in wings:
        return say("reading.no_side" if reading.reason == "leans" else "reading.nothing")
    return say("reading.unsure") if reading.confidence == "low" else None


def outcome_text(answer: Counterbalance, say: Callable[..., str], judge: str) -> str:
    """Return the sentences over a counterbalance: who answers the episode, and how those that are near by stand.

    Args:
        answer: the counterbalance.
        say: returns the sentence under a key with its fields.
        judge: the name of the language model that judged, if one did, fit to be shown.
    """
    name = "crux_judged" if answer.judge is not None else answer.outcome.replace(" ", "_")
    told = say(f"outcome.{name}", judge=judge)
    return told if answer.standing_of_near is None else f"{told} {say(f'nearby.{answer.standing_of_near}')}"


def found_notes(
    found: Found,
    say: Callable[..., str],
    shown: Callable[[str], str] = lambda name: name,
    *,
    is_of_speaker: bool = False,
) -> list[str]:
    """Return what else is to be said of an answer: who does not speak here, in which year, in which language.

    Where the answer is limited to a speaker and a quote has no name, also that somebody else may speak there.

    Args:
        found: the answer.
        say: returns the sentence under a key with its fields.
        shown: makes a typed name fit to be shown.
        is_of_speaker: whether it is limited to what one speaker says.
    """
    notes = []
    if is_of_speaker and any(passage.quote.speaker is None for passage in found.passages):
        notes.append(say("find.nobody_named"))
    if found.asked is not None:
        notes.append(say("find.asked", asked=shown(found.asked)))
    if found.absent is not None:
        notes.append(say("find.absent", name=shown(found.absent)))
    if found.year is not None:
        notes.append(
            say("find.year" if found.year.is_known else "find.year_unknown", year=str(found.year.year))
        )
    if found.other_language is not None:
        other = found.other_language
        notes.append(say("find.other_language", library=other.library, question=other.question))
    return notes


class TextBar(NamedTuple):
    """One bar of an arc: its letter, and the mean position that it shows."""

    letter: str
    position: float


def cell_of(position: float, cells: int) -> int:
    """Return which of ``cells`` places on a gauge ``position`` (-100 to 100) falls into."""
    return min(cells - 1, max(0, round((position + 100.0) / 200.0 * (cells - 1))))


def track(position: float, other: float | None = None, *, cells: int, mark: str = "○") -> str:
    """Return a track from the low pole to the high one with a marker at ``position``.

    Args:
        position: -100 to 100.
        other: a second position, or None; where both fall into one place, ``position`` is seen.
        cells: width; odd, so that one place is the middle.
        mark: the marker of ``other``.
    """
    letters = [TRACK] * cells
    letters[cells // 2] = MIDDLE
    if other is not None:
        letters[cell_of(other, cells)] = mark
    letters[cell_of(position, cells)] = HERE
    return "".join(letters)


def bars(arc: Sequence[float], *, most: int) -> list[TextBar]:
    """Return an arc, early to late, as at most ``most`` bars on the scale of the pictures' small arcs.

    Neighbours of a longer arc are averaged.
    """
    steps = len(_STEPS)
    return [
        TextBar(_STEPS[min(steps - 1, int((bar_share(position) + 1.0) / 2.0 * steps))], position)
        for position in averaged(arc, most)
    ]


def shares(parts: Sequence[float], *, cells: int = 20) -> str:
    """Return shares of a whole as one bar; each part above 0 has at least one cell.

    Args:
        parts: not negative, at most three; their sum is the whole.
        cells: width of the bar.
    """
    whole = sum(parts)
    if whole <= 0:
        return TRACK * cells
    widths = [max(1, round(part / whole * cells)) if part > 0 else 0 for part in parts]
    while sum(widths) != cells:
        widest = max(range(len(widths)), key=lambda place: (widths[place], -place))
        widths[widest] += 1 if sum(widths) < cells else -1
    return "".join(fill * width for fill, width in zip(FILLS, widths, strict=False))


def speakers_read(
    catalogue: MessageCatalogue,
    facts: Facts,
    locale: object = None,
    *,
    most: int,
    shown: Callable[[str], str] = str,
) -> str:
    """Return whose names were read in a file, with their shares, or that there are none.

    Args:
        catalogue: every sentence.
        facts: of the file.
        locale: of the reader.
        most: so many names at most.
        shown: applied to each name, such as an escape for markup.
    """
    if not facts.speakers:
        return catalogue.text("reading.no_speakers", locale)
    names = [
        catalogue.text("reading.speaker", locale, name=shown(speaker.name), share=speaker.share)
        for speaker in facts.speakers[:most]
    ]
    more = ["…"] if len(facts.speakers) > most else []
    return catalogue.text("reading.speakers", locale, names=", ".join(names + more))


def skipped_blocks(
    catalogue: MessageCatalogue,
    facts: Facts,
    locale: object = None,
    *,
    most: int,
    shown: Callable[[str], str] = str,
) -> str | None:
    """Return which blocks of a file were not used, by line and reason; None where all were."""
    if not facts.skipped:
        return None
    blocks = ", ".join(
        catalogue.text(
            "reading.block.line" if block.line is not None else "reading.block.no_line",
            locale,
            line=block.line,
            received=shown(block.received),
            reason=catalogue.text(f"reading.reason.{block.reason}", locale),
        )
        for block in facts.skipped[:most]
    )
    n_more = len(facts.skipped) - most
    if n_more > 0:
        blocks = catalogue.text("reading.block.more", locale, blocks=blocks, n=n_more)
    return catalogue.count("reading.skipped", len(facts.skipped), locale, blocks=blocks)
