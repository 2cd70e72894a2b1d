"""Lines, links, scales and arcs in a terminal: wrapped under their indent, with links that stay whole."""

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bot.i18n.message_catalogue import clock, signed
from bot.render.text import bars, cell_of, track
from bot.render.theme import terminal_style
from index.search.excerpts import AskedBefore, Excerpt
from index.transcripts.formats.decoding import folded
from scoring.axis import Axis

MOST_COLUMNS = 100
"""Lines are no longer than this, however wide the terminal is: longer ones are hard to read."""

_GAUGE_CELLS = 31
_TIED = "\u00a0"
_WORD = re.compile(r"[^ ]+ *")


def say(out: Console, text: Text | str, *, indent: int = 0, hang: int | None = None, style: str = "") -> None:
    """Print ``text`` wrapped between words, every line indented; no trailing blanks, no word ever broken.

    Foreign text is printed as it is: it is no markup, and what could command a terminal was taken out of it.

    Args:
        out: where to.
        text: may hold line breaks.
        indent: blanks before the first line.
        hang: blanks before the others; ``indent`` if not given.
        style: of the whole.
    """
    whole = text if isinstance(text, Text) else Text(_harmless(text))
    whole.stylize_before(style)
    hang = indent if hang is None else hang
    width = min(out.width, MOST_COLUMNS) - max(indent, hang)
    before = indent
    for line in whole.split(allow_blank=True):
        for part in line.divide(list(_breaks(line.plain, width))):
            part.rstrip()
            part.plain = part.plain.replace(_TIED, " ")
            out.print(Text(" " * before) + part if part.plain else "", soft_wrap=True, highlight=False)
            before = hang


def words(*parts: str | None, style: str = "") -> Text:
    """Join ``parts`` with dots; a line breaks between parts rather than inside a short part."""
    known = [_harmless(part) for part in parts if part]
    tied = [part.replace(" ", _TIED) if len(part) <= 40 else part for part in known]
    return Text(" · ".join(tied), style=style)


def title(text: str) -> Text:
    """Return a name, in bold."""
    return Text(_harmless(text), style="bold")


def quoted(said: Excerpt) -> Text:
    """Return spoken words in quotation marks, with its marks, and dots where it is cut from a sentence."""
    shown = Text("“…" if said.begins_inside else "“").append_text(_marked(said))
    return shown.append("…”" if said.ends_inside else "”")


def question_before(asked: AskedBefore) -> Text:
    """Return who asks what before a quote, with its marks."""
    return Text(f"{_harmless(asked.speaker)}: “", "dim").append_text(_marked(asked)).append("”", "dim")


def _marked(said: Excerpt | AskedBefore) -> Text:
    shown, at = Text(), 0
    for start, end in said.marks:
        shown.append(_harmless(said.text[at:start])).append(_harmless(said.text[start:end]), "bold yellow")
        at = end
    return shown.append(_harmless(said.text[at:]))


def link(address: str) -> Text:
    """Return an address that can be clicked, whole."""
    return Text(address, style=f"blue link {address}")


def stamp(second: float | None) -> str:
    """Say when something was said."""
    return clock(second) if second is not None else "no time"


def stand(axis: Axis, position: float) -> Text:
    """Return a position and its band, in the band's colour."""
    band = axis.band_of(position)
    return Text(f"{signed(position)}{_TIED}{band}", style=terminal_style(axis, position))


def gauge(axis: Axis, position: float, mirror: float | None = None) -> Text:
    """Return the scale with the position on it, and the mirror point where one is given."""
    scale = track(position, mirror, cells=_GAUGE_CELLS, mark="◇")
    text = Text(f"{axis.low_pole} ◀{scale}▶ {axis.high_pole}".replace(" ", _TIED), style="dim")
    place = len(axis.low_pole) + 2 + cell_of(position, _GAUGE_CELLS)
    text.stylize("not dim bold " + terminal_style(axis, position), place, place + 1)
    return text


def arc(axis: Axis, positions: Sequence[float], width: int) -> Text:
    """Return one bar a slice in transcript order; a longer arc is averaged into ``width`` bars."""
    text = Text()
    for bar in bars(positions, most=width):
        text.append(bar.letter, style=terminal_style(axis, bar.position))
    return text


def _breaks(line: str, width: int) -> Iterator[int]:
    """Return offsets at which ``line`` is broken so that each part fits ``width``, as far as its words do."""
    used = 0
    for match in _WORD.finditer(line):
        length = cell_len(match[0].rstrip(" "))
        if used and used + length > width:
            yield match.start()
            used = 0
        used += cell_len(match[0])


def _harmless(text: str) -> str:
    """Return text without characters that command a terminal or turn a line around."""
    return folded(text).replace("\t", " ")
