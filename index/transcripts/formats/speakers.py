"""Telling the label of a speaker from the first words of a sentence that happen to end in a colon."""

import re
from collections import Counter
from collections.abc import Iterable

LABEL_CHARACTERS = 60

_TOKEN = re.compile(r"[\w.'’&/-]+")
_PARTICLES = frozenset(
    "al bin da dal de del della den der di dos du el ibn la le ten ter van von y zu and".split()
)
_ROLES = re.compile(
    r"(?:interviewer|interviewee|host|co-host|guest|narrator|moderator|speaker|questioner|announcer|presenter|"
    r"audience|audience member|unknown speaker|unidentified speaker|man|woman|male|female|voiceover)"
    r"(?:[ _]?[0-9A-Za-z]{1,2})?",
    re.IGNORECASE,
)
_NEVER = frozenset(
    "a about actually additionally after again all also alternatively an answer any as assumption basically "
    "because but caveat chapter claim conclusion consequently correct crucially edit episode especially "
    "exactly example examples fact fair fifth final finally first five footnote four fourth further "
    "furthermore hence here hint how however if imagine importantly in indeed instead introduction is it key "
    "last law lesson let like links list look maybe meaning method moreover music namely next no not note "
    "notes now number objection ok okay one option or part perhaps point points possibility premise principle "
    "problem problems proof quote question questions reason reasons recall remember result results right rule "
    "say scenario second section similarly so sorry source sources spoiler stage step still story such summary "
    "take that the then there therefore these third this those three thing thought thus tip title today top "
    "topic topics transcript true two type update version wait warning well what when where which who why with "
    "wrong yeah yes yet you your my i".split()
)


def accepted_labels(candidates: Iterable[str], *, surely: Iterable[str] = ()) -> frozenset[str]:
    """Those of ``candidates`` that name a speaker.

    Args:
        candidates: the text before a colon, once for each time it opens a row.
        surely: labels that the file marks otherwise too, say by a time beside them.

    A label must look like a name (capitals, no word that opens sentences), and then either recur, or have two
    words, or tell a role, or be part of a label that is accepted. Words that open sentences are names too (An
    Nguyen): a label of several words that recurs, or is sure, may hold them.
    """
    counts = Counter(candidates)
    certain = set(surely)
    shaped = {label for label in counts if is_name_shaped(label)}
    accepted = {label for label in shaped if counts[label] > 1 or " " in label or _ROLES.fullmatch(label)}
    accepted |= {
        label
        for label in counts
        if counts[label] > 2 and " " in label and is_name_shaped(label, may_open=True)
    }
    letters = {label for label in accepted if len(label) == 1}
    if len(letters) == 1:
        # "Q:" alone is more often read out than a label; "Q:" and "A:" are two speakers.
        accepted -= letters
    accepted |= {label for label in certain if is_name_shaped(label, may_open=True)}
    parts = {part for label in accepted for part in label.split()}
    some_recur = any(counts[label] > 1 and label.isupper() for label in accepted)
    return frozenset(accepted | {s for s in shaped if s in parts or (some_recur and s.isupper())})


def is_name_shaped(label: str, *, may_open: bool = False) -> bool:
    """True where every word of ``label`` could stand in a name or a role; ``may_open`` lets in words as ``So``."""
    if len(label) > LABEL_CHARACTERS:
        return False
    if _ROLES.fullmatch(label):
        return True
    tokens = label.split()
    if not 1 <= len(tokens) <= 6 or not tokens[0][0].isalpha():
        return False
    return any(_is_name(token) for token in tokens) and all(
        _TOKEN.fullmatch(token) is not None
        and (may_open or len(token) == 1 or token.strip(".").casefold() not in _NEVER)
        and (_is_name(token) or token in _PARTICLES or token.isdigit() or token[0] == "&")
        for token in tokens
    )


def is_role(label: str) -> bool:
    """True for ``Host``, ``Speaker 2`` and the like."""
    return _ROLES.fullmatch(label) is not None


def _is_name(token: str) -> bool:
    # Scripts without capitals cannot be told by them.
    return token[0].isupper() or (token[0].isalpha() and not token[0].islower())
