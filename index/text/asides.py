"""Asides: what sells, greets, introduces or asks to follow, and is nobody's view of the subject.

Found by turns of phrase of English shows. What is missed is treated as any other speech.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

_SELLS = re.compile(
    r"\b(?:brought to you by|(?:our|today'?s|this episode'?s|the show'?s) sponsors?\b"
    r"|sponsor(?:ed|ing) (?:by|this|the|our)\b"
    r"|sponsor of (?:this|the|today'?s) (?:episode|show|podcast|video)"
    r"|(?:promo|discount|coupon|offer) code|use (?:the )?code\b"
    r"|(?:annual|yearly|paid) subscriber|my newsletter"
    r"|free trial|special (?:discount|offer)|(?:get|try|start)(?:ed)? (?:it )?(?:for )?free (?:today|at|by)\b"
    r"|try it for free|head (?:on )?over to|check (?:it|them) out (?:at|on|by)|sign up (?:at|today|now)"
    r"|(?:visit|at|to|on|that'?s|again,) (?:[\w-]+ ?\.)*[\w-]+(?:\.| dot )(?:com|io|ai|org|co|dev|app)/\w"
    r"|ko-fi|patreon|squarespace|skillshare|nordvpn|audible\.com)",
    re.IGNORECASE,
)
_SHOWS = re.compile(
    r"\b(?:welcome (?:back )?to (?:the|this|my|our|another|a new)\b|welcome (?:back|everyone|everybody)"
    r"|my guests? (?:today |this week )?(?:is|are)\b|today,? my guests?\b"
    r"|today'?s guests?\b|in today'?s (?:episode|show)"
    r"|in this episode,? (?:i|we)\b|i'?ll be speaking with"
    r"|i'?m (?:joined|speaking) (?:today )?(?:by|with)\b|i bring you\b"
    r"|thanks?(?: you)?(?: so| very)?(?: much)? for"
    r" (?:coming on|joining|being here|having me|listening|watching|tuning in)"
    r"|(?:one of )?a series of (?:short )?(?:interviews|videos)|for links to what we"
    r"|links? (?:is|are) in the (?:description|show ?notes)"
    r"|(?:find|learn more about) (?:all )?(?:past episodes|the show)"
    r"|(?:apple podcasts|spotify),? or (?:wherever|your favou?rite)"
    r"|subscribe (?:to|and|on)\b.{0,60}\b(?:channel|podcast|show|episodes?|newsletter|app|youtube|bell)"
    r"|don'?t forget to (?:like|subscribe|follow)|leav(?:e|ing) (?:us )?a (?:review|rating)"
    r"|support the (?:podcast|show|channel)"
    r"|follow(?:ing)? me (?:on|at)|follow (?:you|them|your work)\b|see you (?:next|in the next)"
    r"|(?:this|the) (?:episode|video|podcast) (?:is|was) (?:edited|produced|made possible|transcribed|recorded)"
    r"|my excellent patreon supporters|lightning round)",
    re.IGNORECASE,
)
_LONGEST_GAP = 8
_LONGEST_PART = 400


def asides(text: str, sentences: Sequence[tuple[int, int]]) -> list[bool]:
    """Return for each of ``sentences``, start and end in ``text``, whether it is an aside.

    What stands between two sentences that sell, up to eight sentences, sells as well.
    """
    sells, found = [], []
    for number, (start, end) in enumerate(sentences):
        sentence = text[start : min(end, start + _LONGEST_PART)]
        is_selling = _SELLS.search(sentence) is not None
        if is_selling:
            sells.append(number)
        found.append(is_selling or _SHOWS.search(sentence) is not None)
    for before, after in pairwise(sells):
        if after - before <= _LONGEST_GAP + 1:
            found[before:after] = [True] * (after - before)
    return found
