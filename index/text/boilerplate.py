"""Boilerplate of shows: what sells, greets, introduces or asks to follow, and is nobody's view of the subject.

Found by turns of phrase of English shows. What is missed is treated as any other speech.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from index.text.slicing import Slice
from scoring.apostrophes import with_plain_apostrophes


class _Phrases:
    """Turns of phrase.

    Args:
        pattern: of a regular expression; case does not matter.
        triggers: words in small letters, parted by ``|``. Whatever matches holds one of them; they are looked for
            first, which is thirty times as fast, and nearly no sentence has one.
    """

    def __init__(self, pattern: str, triggers: str) -> None:
        self.pattern = re.compile(pattern, re.IGNORECASE | re.ASCII)
        self._triggers = tuple(triggers.split("|"))

    def are_in(self, text: str) -> bool:
        """Return True if ``text`` has one of them."""
        return self.are_in_parts(text, (text,))[0]

    def are_in_parts(self, text: str, parts: Sequence[str]) -> list[bool]:
        """Return for each of ``parts`` of ``text`` whether it has one of them."""
        held = _held(self._triggers, text) if parts else ()
        if not held:
            return [False] * len(parts)
        return [
            any(trigger in small for trigger in held)
            and self.pattern.search(with_plain_apostrophes(part)) is not None
            for part, small in ((part, part.lower()) for part in parts)
        ]


@lru_cache(maxsize=256)  # whether a slice sells is asked before which of its sentences do
def _held(triggers: tuple[str, ...], text: str) -> tuple[str, ...]:
    lower = text.lower()
    return tuple(trigger for trigger in triggers if trigger in lower)


_SHOW = r"(?:this|the|today'?s|our) (?:episode|show|podcast|video)"
_SPONSORED = rf"\b{_SHOW} (?:is|was) (?:\w+ly )?(?:sponsored|presented|supported) by\b"
_SELLS = _Phrases(
    rf"{_SPONSORED}|\b(?:brought to you by|(?:our|today'?s|this episode'?s|the show'?s) sponsors?\b"
    rf"|sponsor(?:ed|ing|s? of) {_SHOW}"
    r"|(?:promo|discount|coupon|offer) code|use (?:the )?code\b"
    r"|(?:annual|yearly|paid) subscriber|my newsletter"
    r"|free trial|special (?:discount|offer)|(?:get|try|start)(?:ed)? (?:it )?(?:for )?free (?:today|at|by)\b"
    r"|try it for free|head (?:on )?over to|check (?:it|them) out (?:at|on|by)|sign up (?:at|today|now)"
    r"|(?:visit|at|to|on|that'?s|again,) (?:[\w-]+ ?\.)*[\w-]+(?:\.| dot )(?:com|io|ai|org|co|dev|app)/\w"
    r"|(?:my|our) (?:\w+ ){0,3}patrons\b|becom(?:e|ing) a patron\b"
    r"|click (?:on )?the link in the description"
    r"|ko-fi|patreon|squarespace|skillshare|nordvpn|audible\.com)",
    "brought to you|sponsor|presented by|supported by|promo code|discount code|coupon code|offer code|use code"
    "|use the code|subscriber|newsletter|free trial|special discount|special offer|free today|free at|free by"
    "|it for free|over to|it out|them out|sign up|/|patrons|a patron|in the description|ko-fi|patreon|squarespace"
    "|skillshare|nordvpn|audible.com",
)
_SHOWS = _Phrases(
    r"^\W*(?:(?:hello|hi|hey|and|so)\b[\w ,]{0,20}[,.!]? )?welcome (?:back )?to\b|"
    r"\b(?:welcome (?:back )?to (?:the|this|my|our|another|a new)\b|welcome (?:back|everyone|everybody)"
    r"|my guests? (?:today |this week )?(?:is|are)\b|today,? my guests?\b"
    r"|today'?s guests?\b|in today'?s (?:episode|show)"
    r"|in this episode,? (?:i|we)\b|in our conversation,? we\b|i'?ll be speaking with"
    r"|i'?m (?:joined|speaking) (?:today )?(?:by|with)\b|i bring you\b"
    r"|thanks?(?: you)?(?: so| very)?(?: much)? for"
    r" (?:coming on|joining|being here|having me|listening|watching|tuning in"
    r"|(?:chatting|talking|speaking) (?:to|with) me)"
    r"|opening and closing themes|support for this (?:episode|show|podcast) (?:was|is)|to read a transcript of"
    r"|learn how to support"
    r"|(?:one of )?a series of (?:short )?(?:interviews|videos)|for links to what we"
    r"|links? (?:is|are) in the (?:description|show ?notes)"
    r"|(?:find|learn more about) (?:all )?(?:past episodes|the show)"
    r"|(?:apple podcasts|spotify),? or (?:wherever|your favou?rite)"
    r"|subscribe (?:to|and|on)\b.{0,60}\b(?:channel|podcast|show|episodes?|newsletter|app|youtube|bell)"
    r"|don'?t forget to (?:like|subscribe|follow)|leav(?:e|ing) (?:us )?a (?:review|rating)"
    r"|support the (?:podcast|show|channel)"
    r"|feedback (?:about|on) (?:this|the) (?:podcast|show|episode|video)|e-?mail (?:me|us)\b"
    r"|\b[\w.]+@[\w-]+\.\w"
    r"|follow(?:ing)? me (?:on|at)|follow your work\b|follow (?:you|them) (?:on|at|online)\b"
    r"|where (?:can|could|do|should) .{1,40}\bfollow (?:you|them)\b|see you (?:next|in the next)"
    r"|(?:this|the) (?:episode|video|podcast) (?:is|was) (?:edited|produced|made possible|transcribed|recorded)"
    r"|my excellent patreon supporters|lightning round)",
    "welcome|guest|in today|in this episode|in our conversation|speaking with|m joined|m speaking|i bring you|thank"
    "|a series of|for links to|in the description|in the show|past episodes|the show|apple podcasts|spotify|subscribe"
    "|forget to|a review|a rating|support the|feedback|mail me|mail us|@|follow|see you"
    "|themes|support for|transcript of|how to support|episode is|episode was|video is|video was"
    "|podcast is|podcast was|patreon|lightning",
)
_OPENS = _Phrases(
    rf"{_SPONSORED}|\b(?:brought to you by|(?:today'?s|this episode'?s|our) sponsors? (?:is|are|today)"
    r"|thanks? (?:you )?to (?:our|today'?s) sponsors?)",
    "brought to you|sponsor|presented by|supported by",
)
_ADDRESS = r"(?:[\w-]+(?:\.| dot ))+(?:com|io|ai|org|co|dev|app|net)\b"
_CLOSES = _Phrases(
    r"^\W*(?:(?:and|or|just|please|then|so|now)\W+){0,3}"  # a bidding: who can go there is sold nothing
    rf"(?:head|go|visit|check|learn more|get started|sign up|find out more|start|try|get|that'?s|again,)\b"
    rf".{{0,100}}?\b{_ADDRESS}|\bhead (?:on |over )*to {_ADDRESS}|for sponsoring {_SHOW}|{_ADDRESS}(?:/| slash )\w",
    ".com|.io|.ai|.org|.co|.dev|.app|.net| dot |for sponsoring",
)
BOILERPLATE_VERSION = 1
"""Raised with every change of what is boilerplate: an edition that was built by other rules is built anew."""

NO_ASIDE, ASIDE, ADVERT = range(3)
"""What at least half of a slice's characters are: talk; a greeting, an introduction or the like; an advert."""

_LONGEST_ADVERT = 16
_LONGEST_GAP = 8
_LONGEST_PART = 400


def boilerplate(text: str, sentences: Sequence[tuple[int, int]], turns: Sequence[int] = ()) -> list[bool]:
    """Return for each of ``sentences``, start and end in ``text``, whether it is boilerplate; see ``adverts``."""
    return adverts_and_boilerplate(text, sentences, turns)[1]


def adverts_and_boilerplate(
    text: str, sentences: Sequence[tuple[int, int]], turns: Sequence[int] = ()
) -> tuple[list[bool], list[bool]]:
    """Return for each of ``sentences`` whether it sells, and whether it is boilerplate; see ``adverts``."""
    sell = adverts(text, sentences, turns)
    shows = _SHOWS.are_in_parts(text, _parts(text, sentences))
    return sell, [sells or is_show for sells, is_show in zip(sell, shows, strict=True)]


def aside_of(piece: Slice) -> int:
    """Return what most of a slice is besides talk: ``ADVERT``, ``ASIDE`` or ``NO_ASIDE``. An edition stores it."""
    if not is_aside(piece):
        return NO_ASIDE
    return ADVERT if is_advert(piece) else ASIDE


def is_advert(piece: Slice) -> bool:
    """Return True if at least half of a slice's characters sell something."""
    if not any(phrases.are_in(piece.text) for phrases in (_SELLS, _OPENS, _CLOSES)):
        return False
    sentences = list(piece.units())
    sell = adverts(piece.text, sentences, turns_of(piece, sentences))
    sold = sum(end - start for (start, end), sells in zip(sentences, sell, strict=True) if sells)
    return 2 * sold >= len(piece.text)


def is_aside(piece: Slice) -> bool:
    """Return True if at least half of a slice's characters greet, introduce, ask to follow or sell."""
    if not any(phrases.are_in(piece.text) for phrases in (_SELLS, _SHOWS, _OPENS, _CLOSES)):
        return False
    return 2 * boilerplate_share(piece) >= 1.0


def boilerplate_share(piece: Slice) -> float:
    """Return the share of a slice's characters that are boilerplate, 0 to 1."""
    sentences = list(piece.units())
    are_boilerplate = boilerplate(piece.text, sentences, turns_of(piece, sentences))
    n_characters = sum(
        end - start for (start, end), is_one in zip(sentences, are_boilerplate, strict=True) if is_one
    )
    return n_characters / max(1, len(piece.text))


def turns_of(piece: Slice, sentences: Sequence[tuple[int, int]]) -> list[int]:
    """Return the turn of each of a slice's sentences, for ``adverts``; empty where nobody is named."""
    if all(name is None for _, name in piece.turns):
        return []
    offsets = [offset for offset, _ in piece.turns]
    return [bisect_right(offsets, start) for start, _ in sentences]


def adverts(text: str, sentences: Sequence[tuple[int, int]], turns: Sequence[int] = ()) -> list[bool]:
    """Return for each of ``sentences`` whether it sells.

    What stands between two sentences that sell, up to eight sentences, sells as well. Where turns are known, so do
    up to sixteen sentences of the same turn after one that names a sponsor, and before one that gives an address, if
    the text begins with that turn: the advert began above it.

    Args:
        text: what is said.
        sentences: start and end of each, in order.
        turns: number of the turn of each sentence, not falling; empty where nobody knows who speaks.
    """
    parts = _parts(text, sentences)
    sells = [number for number, has_one in enumerate(_SELLS.are_in_parts(text, parts)) if has_one]
    opens, closes = (phrases.are_in_parts(text, parts if turns else ()) for phrases in (_OPENS, _CLOSES))
    found = [False] * len(parts)
    for number in sells:
        found[number] = True
    for before, after in pairwise(sells):
        if after - before <= _LONGEST_GAP + 1:
            found[before:after] = [True] * (after - before)
    for number in range(len(opens)):
        if opens[number]:
            last = number
            while (
                last + 1 < len(parts) and turns[last + 1] == turns[number] and last - number < _LONGEST_ADVERT
            ):
                last += 1
            closed = [at for at in range(number, last + 1) if closes[at]]
            last = closed[-1] if closed else last
            found[number : last + 1] = [True] * (last + 1 - number)
        elif closes[number] and turns[number] == turns[0] and number <= _LONGEST_ADVERT:
            found[: number + 1] = [True] * (number + 1)
    return found


def _parts(text: str, sentences: Sequence[tuple[int, int]]) -> list[str]:
    return [text[start : min(end, start + _LONGEST_PART)] for start, end in sentences]
