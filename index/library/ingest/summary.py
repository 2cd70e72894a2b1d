"""Summaries: the one or two paragraphs of a description that describe the talk."""

import re

LONGEST_SUMMARY = 600
SHORT_PARAGRAPH = 160
FEWEST_WORDS = 3

_LINK = re.compile(r"https?://|www\.|\b[\w-]+\.(?:com|org|net|ly|be)/", re.IGNORECASE)
_ENDS_HERE = re.compile(
    r"(?:with )?(?:special |many )?thanks\b|related\b|support (?:me|us|the|this)\b|follow (?:me|us)\b|subscribe\b|"
    r"(?:in this (?:episode|video|conversation),? )?(?:we|topics we|you(?:'|’)ll learn|"
    r"topics|things we)(?: also)? (?:discuss|cover|learn|talk)|topics\b.{0,20}:?$|links?\b|references?\b|"
    r"timestamps?\b|chapters?\b|transcript\b|outline\b|referenced\b|where to find\b|music\b|patreon\b|"
    r"let (?:me|us) know\b|this (?:video|episode) was\b|see also\b|extra bits\b|more from\b|about the\b.{0,30}:",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)]|\(?\d{1,2}:\d{2}|\d+ ?(?:secs?|min))")
_ADVERT = re.compile(
    r"^(?:this \w+ is )?(?:sponsor|brought to you\b)|\b(?:\d+ ?% off|\$\d+ off|discount|promo code|"
    r"free trial|use (?:the )?code)\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"(?<!\w)[*_]{1,2}|[*_]{1,2}(?!\w)")
_SENTENCE_END = re.compile(r"[.!?…]['\"”’)]?(?=\s|$)")


def summary_of(description: str | None) -> str | None:
    """Return the first paragraph of prose in ``description``, and the second if the first is short; or None.

    At most 600 characters, cut at the end of a sentence. Rows with links, adverts, and everything from the first list
    of links, topics or supporters on are left out.
    """
    paragraphs: list[str] = []
    for block in re.split(r"\n\s*\n", description or ""):
        rows, is_over = _prose_rows(block)
        text = " ".join(" ".join(rows).split()).replace("---", "—")
        if len(text.split()) >= FEWEST_WORDS and (text[-1] in ".!?…\"”'’)" or len(text.split()) >= 6):
            paragraphs.append(text)
        if is_over or sum(map(len, paragraphs)) >= SHORT_PARAGRAPH or len(paragraphs) == 2:
            break
    return cut_at_sentence("\n\n".join(paragraphs), LONGEST_SUMMARY) or None


def cut_at_sentence(text: str, longest: int) -> str:
    """Cut ``text`` after the last sentence that fits into ``longest`` characters, or after a word with ``…``."""
    if len(text) <= longest:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, longest)]
    if ends and ends[-1] >= longest // 3:
        return text[: ends[-1]]
    return text[: longest - 1].rsplit(None, 1)[0].rstrip(" ,;:-") + "…"


def _prose_rows(block: str) -> tuple[list[str], bool]:
    """Return the rows of prose in a paragraph, and True if the text after it is no longer about the talk."""
    rows: list[str] = []
    for raw in block.split("\n"):
        row = _MARKS.sub("", raw).strip()
        if not row:
            continue
        if _ENDS_HERE.match(row) or _LISTED.match(row):
            if rows and _LISTED.match(row) and not _SENTENCE_END.search(rows[-1]):
                rows.pop()  # the heading of the list
            return rows, bool(rows) or _LISTED.match(row) is None
        if _LINK.search(row) or _ADVERT.search(row) or row.endswith(":"):
            continue
        if len(row.split()) < FEWEST_WORDS and not _SENTENCE_END.search(row):
            continue
        rows.append(row)
    return rows, False
