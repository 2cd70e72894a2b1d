"""British spellings of English words as Americans write them, so that *behaviour* finds *behavior*, and the other way.

The pages' ``search.js`` applies the same ``SPELLINGS``, so their patterns are of what Python and JavaScript share.
"""

import re

_NEVER_IZE = (
    "adverti|advi|apprai|appri|brui|chasti|circumci|compri|compromi|conci|crui|demi|despi|devi|disgui|enterpri|exci|exerci"
    "|experti|franchi|improvi|inci|liai|malai|merchandi|noi|paradi|practi|prai|preci|premi|repri|revi|sunri|surmi|surpri"
    "|televi|treati|upri|.*(?:promi|rai|supervi|wi)s(?:e|ed|er|es|ing)$"
)

SPELLINGS = (
    (
        r"^([a-z]{3,}|od)our(?=(?:s|ed|er|ers|ing|able|ably|al|ally|hood|hoods|ite|ites|less|ful|ist|ists)?$)",
        "or",
    ),
    (
        rf"^(?!{_NEVER_IZE})([a-z]{{3,}})is(?=(?:e|es|ed|er|ers|ing|able|ation|ations|ational|ationally)$)",
        "iz",
    ),
    (r"^(anal|catal|dial|paral)ys(?=(?:e|ed|er|ers|ing)$)", "yz"),
    (r"^((?:centi|kilo|milli)?(?:cent|fib|lit|met|calib|lust|meag|somb|spect|theat))re(?=s?$)", "er"),
    (r"^(calib|cent)r(?=(?:ed|ing)$)", "er"),
    (r"^(def|lic|off|pret)ence(?=(?:s|less)?$)", "ense"),
    (r"^(anal|catal|dial)ogue(?=(?:s|d)?$)", "og"),
    (r"^(acknowledg|judg)ement(?=s?$)", "ment"),
    (r"^(practi)s(?=(?:e|es|ed|ing)$)", "c"),
    (r"^(program)me(?=s?$)", ""),
    (r"^(gr)ey(?=(?:er|est|ish|s)?$)", "ay"),
    (r"^()sceptic", "skeptic"),
    (r"^()artefact", "artifact"),
    (r"^(ag)eing$", "ing"),
    (r"^(alumin)ium", "um"),
    (r"^(skil)ful", "lful"),
    (r"^(jewel)lery$", "ry"),
    (r"^(co)s(?=(?:y|ier|iest|iness)$)", "z"),
    (r"^(man)oeuvr(?=ed|ing|ab)", "euver"),
    (r"^(man)oeuvre(?=s?$)", "euver"),
    (r"^(m)ould", "old"),
    (r"^(pl)ough", "ow"),
    (r"^(math)s$", ""),
)
"""Patterns, each with what stands for all that it matches but its first group."""

_BRITISH = [(re.compile(pattern), instead) for pattern, instead in SPELLINGS]


def american(word: str) -> str:
    """Return a lower-case ``word`` as Americans spell it.

    Example:
        >>> [american(word) for word in ("behaviour", "organisations", "centre", "promise")]
        ['behavior', 'organizations', 'center', 'promise']
    """
    for pattern, instead in _BRITISH:
        if found := pattern.match(word):
            return f"{found[1]}{instead}{word[found.end() :]}"
    return word
