"""YouTube's XML tracks: srv1 in seconds, srv2 and srv3 in milliseconds."""

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from index.errors import MalformedCue, NotATranscript
from index.transcripts.formats.assembly import assembled, guessed_track
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.lines import Line, ends_clipped, in_order
from index.transcripts.formats.markup import unescaped
from index.transcripts.formats.timestamps import number_s, shown
from index.transcripts.formats.youtube_cues import LineBuilder
from index.transcripts.model import Transcript

FORMAT = "youtube_xml"

_TAG = re.compile(r"</?(?:i|b|u|font|br)\b[^<>]*>", re.IGNORECASE)


def parse_youtube_xml(text: str, *, file: str) -> Transcript:
    """The transcript of an srv1, srv2 or srv3 track.

    Raises:
        NotATranscript: no XML, XML that declares entities, or another vocabulary; MalformedCue,
        TimesRunBackwards, NoSpeech.
    """
    root = _root(text, file)
    words = [node for node in root.iter("text") if "start" in node.attrib]
    if words:
        lines = [_srv1_line(node, file) for node in words]
    else:
        builder = LineBuilder()
        for node in root.iter():
            if node.tag in {"text", "p"} and ("t" in node.attrib or node.tag == "p"):
                _add(builder, node, file)
        lines = builder.lines()
    lines = ends_clipped(in_order(lines, file=file))
    track = "auto" if any(line.marks for line in lines) else guessed_track(lines)
    return assembled(lines, file=file, format_name=FORMAT, track=track)


def _root(text: str, file: str) -> Element:
    try:
        root = fromstring(text.strip())
    except ParseError as error:
        raise NotATranscript(file=file, line=error.position[0]) from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise NotATranscript(file=file, line=None) from error
    if not isinstance(root, Element) or root.tag not in {"transcript", "timedtext"}:
        raise NotATranscript(file=file, line=1)
    return root


def _srv1_line(node: Element, file: str) -> Line:
    start_s = number_s(node.get("start"), file=file)
    duration = node.get("dur")
    end_s = None if duration is None else round(start_s + number_s(duration, file=file), 3)
    # The text is escaped twice: once by YouTube, once by XML.
    return Line(None, start_s, end_s, _TAG.sub(" ", unescaped(_text_of(node))).strip())


def _add(builder: LineBuilder, node: Element, file: str) -> None:
    if "t" not in node.attrib:
        raise MalformedCue(file=file, line=None, received=shown(dict(node.attrib)))
    duration = node.get("d")
    pieces: list[tuple[str, float | None]] = [(folded(node.text or ""), None)] if node.text else []
    for child in node:
        if child.tag == "br":
            pieces.append(("\n", None))
        else:
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
