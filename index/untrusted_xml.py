"""Trees of XML that strangers wrote: no entities, and limits on depth and size that hold while the tree grows."""

from xml.etree.ElementTree import Element, TreeBuilder

from defusedxml.ElementTree import DefusedXMLParser


class XmlTooDeep(ValueError):
    """Elements lie deeper inside each other than the limit."""


class XmlTooLarge(ValueError):
    """There are more elements and attributes than the limit."""


def xml_root(
    data: str | bytes, *, deepest: int, most_parts: int | None = None, forbid_dtd: bool = False
) -> Element:
    """Parse XML and return its root.

    Args:
        data: the whole document.
        deepest: levels of elements inside elements.
        most_parts: elements and attributes in all, or None; a part takes some 200 bytes of memory, and may be
            written in four letters.
        forbid_dtd: refuse a document type as well; entities are always refused.

    Raises:
        xml.etree.ElementTree.ParseError: it is not well-formed.
        ValueError, LookupError: it declares entities, or an encoding that is none; XmlTooDeep, XmlTooLarge.
    """
    parser = DefusedXMLParser(target=_LimitedTreeBuilder(deepest, most_parts), forbid_dtd=forbid_dtd)
    parser.feed(data)
    root: Element = parser.close()
    return root


class _LimitedTreeBuilder(TreeBuilder):
    """A tree builder that refuses an element as it opens, before a larger tree is built."""

    def __init__(self, deepest: int, most_parts: int | None) -> None:
        super().__init__()
        self._deepest = deepest
        self._most_parts = most_parts
        self._depth = 0
        self._n_parts = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._n_parts += 1 + len(attrs)
        if self._depth > self._deepest:
            raise XmlTooDeep
        if self._most_parts is not None and self._n_parts > self._most_parts:
            raise XmlTooLarge
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)
