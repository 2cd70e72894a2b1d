"""XML with times: YouTube's srv1 (seconds), srv2 and srv3 (milliseconds), and TTML, called DFXP as well."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError  # only the types: the parsing is untrusted_xml's
from xml.parsers import expat

from index.errors import FileCutShort, MalformedCue, NestedTooDeeply, NotATranscript, SyntaxBroken
from index.transcripts.formats.assembly import assembled, guessed_track
from index.transcripts.formats.caption_lines import (
    CaptionLine,
    check_number_of_cues,
    ends_clipped,
    in_order,
)
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.markup import unescaped
from index.transcripts.formats.speakers import is_role
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S, loose_clock_s, number_s, shown
from index.transcripts.formats.youtube_cues import LineBuilder
from index.transcripts.model import Hints, Skipped, Transcript
from index.untrusted_xml import XmlTooDeep, xml_root

DEEPEST = 32
"""Levels of elements inside elements; YouTube writes five of them, TTML some eight."""

_CUT_SHORT = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)
"""Codes of errors at the end of a text that is no whole document."""

_TAG = re.compile(r"</?(?:i|b|u|font|br)\b[^<>]*>", re.IGNORECASE)
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_SPACE = re.compile(r"\s+")
_OFFSET_TIME = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)")
_FRAME_CLOCK = re.compile(r"(\d{1,3}):(\d{1,2}):(\d{1,2}):(\d{1,3})(?:\.\d+)?")
_SECONDS_OF = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def parse_youtube_xml(text: str, *, file: str) -> Transcript:
    """Return the transcript of an srv1, srv2 or srv3 track.

    Raises:
        SyntaxBroken: no XML, or cut short; NotATranscript: XML that declares entities, or another vocabulary;
        NestedTooDeeply, MalformedCue,
        TimesRunBackwards, NoSpeech, TooManyCues, TooManyWords.
    """
    root = _root(text, file, {"transcript", "timedtext"})
    words = [node for node in root.iter("text") if "start" in node.attrib]
    if words:
        lines = [_srv1_line(node, file) for node in words]
    else:
        builder = LineBuilder()
        for node in root.iter():
            if node.tag in {"text", "p"} and ("t" in node.attrib or node.tag == "p"):
                _add(builder, node, file)
        lines = builder.lines()
    ordered, skipped = in_order(lines, file=file)
    lines = ends_clipped(ordered)
    track = "auto" if any(line.marks for line in lines) else guessed_track(lines)
    return assembled(lines, file=file, format_name="youtube_xml", track=track, skipped=skipped)


def parse_ttml(text: str, *, file: str) -> Transcript:
    """Return the transcript of a TTML document; the time of an element counts from the start of the one around it.

    ``ttm:agent`` names the speaker where the head gives the agent a name, or where the agent's id is a role such as
    ``SPEAKER_1``. Words in elements of their own (Apple Podcasts) are parted by spaces and keep their seconds. A
    paragraph whose time cannot be read is passed over.

    Raises:
        SyntaxBroken: no XML, or cut short; NotATranscript: XML that declares entities; NestedTooDeeply;
        MalformedCue: half of the paragraphs have no time; NoSpeech, TooManyCues, TooManyWords.
    """
    root = _root(text, file, {"tt"})
    clock = _Clock.of(root)
    agents = {
        node.get(_ID, ""): " ".join("".join(node.itertext()).split())
        for node in root.iter()
        if _local(node) == "agent"
    }
    lines: list[CaptionLine] = []
    broken: list[Skipped] = []
    for node, start_s, end_s, agent in _timed(root, clock, 0.0, None):
        shown_text, marks = _shown_text(node, clock)
        if start_s is None:
            if shown_text.strip():
                broken.append(Skipped(None, "time", shown(shown_text)))
            continue
        lines.append(
            CaptionLine(
                None,
                start_s,
                end_s,
                shown_text,
                tuple((at, second_s) for at, second_s in marks if second_s >= start_s) if marks else (),
                _speaker(agent, agents),
            )
        )
        check_number_of_cues(len(lines), file=file)
    if broken and len(broken) >= len(lines):
        raise MalformedCue(file=file, line=None, received=broken[0].received)
    in_time = sorted(lines, key=lambda line: line.start_s)
    hints = Hints(language=root.get(_LANGUAGE) or None)
    return assembled(
        in_time, file=file, format_name="ttml", track=guessed_track(in_time), hints=hints, skipped=broken
    )


def _root(text: str, file: str, names: set[str]) -> Element:
    try:
        root = xml_root(text.strip(), deepest=DEEPEST)
    except ParseError as error:
        if error.code in _CUT_SHORT:
            lines = text.strip().split("\n")
            raise FileCutShort(file=file, line=len(lines), format="XML", column=len(lines[-1])) from error
        line, column = error.position
        raise SyntaxBroken(file=file, line=line, format="XML", column=column + 1) from error
    except XmlTooDeep as error:
        raise NestedTooDeeply(file=file, line=None, limit=DEEPEST) from error
    except (ValueError, LookupError) as error:
        raise NotATranscript(file=file, line=None) from error
    if _local(root) not in names:
        raise NotATranscript(file=file, line=1)
    return root


def _srv1_line(node: Element, file: str) -> CaptionLine:
    start_s = number_s(node.get("start"), file=file)
    duration = node.get("dur")
    end_s = None if duration is None else round(start_s + number_s(duration, file=file), 3)
    # The text is escaped twice: once by YouTube, once by XML.
    return CaptionLine(None, start_s, end_s, _TAG.sub(" ", unescaped(_text_of(node))).strip())


def _add(builder: LineBuilder, node: Element, file: str) -> None:
    if "t" not in node.attrib:
        raise MalformedCue(file=file, line=None, received=shown(dict(node.attrib)))
    duration = node.get("d")
    pieces: list[tuple[str, float | None]] = [(folded(node.text or ""), None)] if node.text else []
    for child in node:
        if child.tag == "br":
            pieces.append(("\n", None))
        elif child.tag != "p":
            offset = child.get("t")
            seconds = None if offset is None else number_s(offset, file=file, per_second=1000)
            pieces.append((_text_of(child), seconds))
        if child.tail:
            pieces.append((folded(child.tail), None))
    builder.add(
        number_s(node.get("t"), file=file, per_second=1000),
        None if duration is None else number_s(duration, file=file, per_second=1000),
        [(unescaped(piece), offset_s) for piece, offset_s in pieces],
        appends="1" in {node.get("a"), node.get("append")},
    )


def _text_of(node: Element) -> str:
    return folded("".join(node.itertext()))


def _local(node: Element) -> str:
    """Return an element's name without its namespace; comments and instructions have none."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


@dataclass(frozen=True, slots=True)
class _Clock:
    """Frames and ticks that a TTML document counts a second."""

    frames: float
    ticks: float

    @classmethod
    def of(cls, root: Element) -> "_Clock":
        """Return the rates that the root states, or TTML's defaults."""
        stated = {name.rpartition("}")[2]: value for name, value in root.attrib.items()}
        frames = _number(stated.get("frameRate"), 30.0)
        above, _, below = stated.get("frameRateMultiplier", "1 1").replace(":", " ").partition(" ")
        frames *= _number(above, 1.0) / _number(below, 1.0)
        return cls(frames, _number(stated.get("tickRate"), frames if "frameRate" in stated else 1.0))

    def second(self, text: str | None) -> float | None:
        """Return the seconds of a TTML time expression; None where it is none or beyond 48 hours."""
        text = (text or "").strip()
        if (match := _OFFSET_TIME.fullmatch(text)) is not None:
            number, unit = float(match[1]), match[2]
            seconds = (
                number * _SECONDS_OF[unit]
                if unit in _SECONDS_OF
                else number / (self.frames if unit == "f" else self.ticks)
            )
        elif (match := _FRAME_CLOCK.fullmatch(text)) is not None:
            hours, minutes, whole, frames = (int(part) for part in match.groups())
            seconds = (hours * 60 + minutes) * 60 + whole + frames / self.frames
        else:
            return loose_clock_s(text)
        return round(seconds, 3) if seconds <= LONGEST_RECORDING_S else None


def _number(text: str | None, default: float) -> float:
    try:
        number = float(text or "")
    except ValueError:
        return default
    return number if 0.0 < number < 1e9 else default


_Timed = tuple[Element, float | None, float | None, str | None]


def _timed(node: Element, clock: _Clock, base_s: float, agent: str | None) -> Iterator[_Timed]:
    """Give each paragraph, or span with a time of its own where its paragraph has none, with start and end."""
    stated = {name.rpartition("}")[2]: value for name, value in node.attrib.items()}
    agent = stated.get("agent", agent)
    begins = "begin" in stated
    begin_s = clock.second(stated["begin"]) if begins else 0.0
    name = _local(node)
    has_timed_spans = name == "p" and not begins and any("begin" in child.attrib for child in node)
    if (name == "p" and not has_timed_spans) or (name == "span" and begins):
        start_s = None if begin_s is None or not begins else round(base_s + begin_s, 3)
        end_s = clock.second(stated.get("end"))
        duration_s = clock.second(stated.get("dur"))
        if end_s is not None:
            end_s = round(base_s + end_s, 3)
        elif start_s is not None and duration_s is not None:
            end_s = round(start_s + duration_s, 3)
        yield node, start_s, end_s, agent
        return
    for child in node:
        yield from _timed(child, clock, base_s + (begin_s or 0.0), agent)


def _speaker(agent: str | None, agents: Mapping[str, str]) -> str | None:
    if not agent:
        return None
    agent = agent.lstrip("#")
    return agents.get(agent) or (agent if is_role(agent) else None)


def _shown_text(node: Element, clock: _Clock) -> tuple[str, list[tuple[int, float]]]:
    """Return the text inside ``node``, and the offsets in it at which words with a time of their own begin.

    A line break stands for ``<br/>``, metadata is left out, whitespace of the file is folded.
    """
    pieces: list[tuple[str, float | None]] = []
    _gather(node, clock, pieces)
    text = ""
    marks: list[tuple[int, float]] = []
    for piece, second_s in pieces:
        shown_piece = unescaped(folded(piece))
        if second_s is not None and (not marks or second_s >= marks[-1][1]):
            marks.append((len(text), second_s))
        if text.endswith((" ", "\n")) or not text:
            shown_piece = shown_piece.lstrip(" ")
            if marks and marks[-1][0] > len(text):
                marks[-1] = (len(text), marks[-1][1])
        text += shown_piece
    return text.rstrip(), marks if len(marks) > 1 else []


def _gather(node: Element, clock: _Clock, pieces: list[tuple[str, float | None]]) -> None:
    """Add the texts below ``node`` to ``pieces``, each with the second that its element states for a word."""
    attributes = {name.rpartition("}")[2]: value for name, value in node.attrib.items()}
    is_word = attributes.get("unit") == "word"
    second_s = clock.second(attributes.get("begin")) if is_word and "begin" in attributes else None
    pieces.append((" " if is_word else "", None))
    pieces.append((_folded_space(node.text), second_s))
    for child in node:
        name = _local(child)
        if name == "br":
            pieces.append(("\n", None))
        elif name in {"span", "p", "a", "ruby"}:
            _gather(child, clock, pieces)
        pieces.append((_folded_space(child.tail), None))


def _folded_space(text: str | None) -> str:
    return _SPACE.sub(" ", text or "")
