"""Who and what is introduced in a conversation's first minute: its show, hosts and guests, in their own words.

Names are told by their capitals, so that automatic captions in small letters introduce nobody; they only bear out a
show that something else names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from index.transcripts.model import Transcript

BEGINNING_WORDS = 12
OPENING_S = 60.0
OPENING_WORDS = 200


def full_name(part: str) -> str:
    """Return the pattern of a name of two to four words, each of the pattern ``part``, with particles between them."""
    return rf"{part}(?: (?:(?:de|da|van|von|der|den|di|la|le|el|bin|al) ){{0,2}}{part}){{1,3}}"


_NAME = full_name(r"(?:[^\W\d_a-z]\.|[^\W\d_a-z][\w'’-]*\w)")
_NAMES = rf"(?P<names>{_NAME}(?:(?:, and |, | and ){_NAME}){{0,4}})"
_NOW = r"(?:,? (?:today|this week|this month|tonight|now|again|once again|here))*"
_TALKING = r"(?:speaking|talking|chatting)"
_GUESTS = tuple(
    re.compile(rf"\b{said} (?:the |a |an |[a-z]+ ){{0,4}}{_NAMES}")
    for said in (
        rf"[Mm]y guests?{_NOW},? (?:is|are){_NOW}",
        r"(?:[Tt]oday|[Tt]onight|[Tt]his week)['’]s guests? (?:is|are)",
        rf"[Oo]ur guests?{_NOW},? (?:is|are)",
        rf"(?:I['’]m|I am|[Ww]e['’]re|[Ww]e are){_NOW} joined{_NOW} by",
        rf"(?:I['’]m|I am|[Ww]e['’]re|[Ww]e are){_NOW} here{_NOW} with",
        rf"(?:I['’]m|I am|I['’]ll be|I will be|[Ww]e['’]re|[Ww]e['’]ll be){_NOW} {_TALKING}{_NOW} (?:to|with)",
        rf"[Ww]ith me{_NOW},? (?:is|are)",
        rf"[Jj]oining (?:me|us){_NOW},? (?:is|are)",
        r"is a conversation with",
    )
)
_HOST = re.compile(rf"\b(?:I['’]m|I am) your host,? {_NAMES}")
_SHOW_PART = r"(?:[^\W\d_a-z][\w'’&-]*|\d+)"
_SHOW = re.compile(
    r"\b(?:[Ww]elcome (?:back )?to|[Tt]his is|[Yy]ou['’]re listening to|[Yy]ou are listening to)"
    r" (?:another |a new |this |the latest )?(?:[Ee]pisode (?:\d+ )?of )?(?:the )?"
    rf"(?P<show>(?:The )?{_SHOW_PART}(?: (?:(?:of|the|and|on|for|in|to|a|with) ){{0,2}}{_SHOW_PART}){{0,5}})"
)
_WELCOMED = re.compile(
    r"\b(?:welcome (?:back )?to|this is|listening to) (?:another |a new |this |the latest )?(?:episode (?:\d+ )?of )?"
    r"(?:the )?(?P<what>\S+(?: \S+){0,7})",
    re.IGNORECASE,
)


_CALLED_SHOW = re.compile(
    r",? (?:the|a|an|our|your) (?:[\w'’-]+ ){0,2}?(?:show|podcast|programme|program|series|radio)\b",
    re.IGNORECASE,
)


_WORD = re.compile(r"[^\W_]+")
_ENDS_NAME = re.compile(r"[.!](?=\s|$)|(?P<number>[,:.]? (?:episode|folge|number|no\.|#) ?\w)", re.IGNORECASE)
_LONGEST_SMALL = 3


@dataclass(frozen=True, slots=True)
class Introduced:
    """Names that a first minute introduces; ``shows`` may be places or people, too: somebody is welcomed to them.

    ``welcomed`` is what somebody is welcomed to, in any letters, and the words after it; ``beginning`` the first words.
    """

    shows: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    welcomed: tuple[str, ...] = ()
    beginning: str = ""

    def welcomes_to(self, show: str) -> bool:
        """Return True if somebody is welcomed to ``show``, however it is written."""
        wanted = _plain_words(show)
        return bool(wanted) and any(_plain_words(what)[: len(wanted)] == wanted for what in self.welcomed)

    def begins_with(self, show: str) -> bool:
        """Return True if the first words are the name ``show`` by itself, as in ``Kiln Talk, episode nine``.

        It is written with capitals, and a full stop or the number of an episode follows: a sentence that goes on, or a
        question, is about something of that name, and a single word with a full stop may be anything.
        """
        wanted = _plain_words(show)
        words = list(_WORD.finditer(self.beginning))
        if words and words[0][0].casefold() == "the":
            words = words[1:]
        named = words[: len(wanted)]
        if not named or [word[0].casefold() for word in named] != wanted:
            return False
        if any(word[0].islower() for word in named if len(word[0]) > _LONGEST_SMALL):
            return False
        ending = _ENDS_NAME.match(self.beginning, named[-1].end())
        return ending is not None and (len(named) > 1 or ending["number"] is not None)

    def is_called_show(self, name: str) -> bool:
        """Return True if ``name`` is said to be a show, as in ``Kiln Talk, the podcast about pots``."""
        return any(
            what.startswith(name) and _CALLED_SHOW.match(what, len(name)) is not None
            for what in self.welcomed
        )


def introduced_in(transcript: Transcript) -> Introduced:
    """Return who and what the first ``OPENING_S`` seconds introduce, at most ``OPENING_WORDS`` words of them."""
    words: list[str] = []
    for cue in transcript.cues:
        if len(words) >= OPENING_WORDS or (cue.start_s is not None and cue.start_s > OPENING_S):
            break
        words += cue.text.split()
    return introductions(" ".join(words[:OPENING_WORDS]))


def introductions(opening: str) -> Introduced:
    """Return who and what a text introduces, each once, in order.

    Example:
        >>> introductions("Welcome to Kiln Talk. My guest today is Dagny Holm, who fires pots.").guests
        ('Dagny Holm',)
    """
    shows = dict.fromkeys(match["show"] for match in _SHOW.finditer(opening))
    welcomed = tuple(match["what"] for match in _WELCOMED.finditer(opening))
    beginning = " ".join(opening.split()[:BEGINNING_WORDS])
    return Introduced(tuple(shows), _people([_HOST], opening), _people(_GUESTS, opening), welcomed, beginning)


def _plain_words(text: str) -> list[str]:
    """Return the words of ``text`` in small letters, without punctuation and without a leading article."""
    words = _WORD.findall(text.casefold())
    return words[1:] if words[:1] == ["the"] else words


def _people(patterns: Iterable[re.Pattern[str]], opening: str) -> tuple[str, ...]:
    named = [
        (match.start(), name)
        for pattern in patterns
        for match in pattern.finditer(opening)
        for name in re.split(r", and |, | and ", match["names"])
    ]
    return tuple(dict.fromkeys(name for _, name in sorted(named, key=lambda found: found[0])))
