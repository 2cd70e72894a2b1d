"""Who speaks, who asks and who is asked."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.transcripts.formats.speakers import is_role
from index.transcripts.model import Transcript

LEAST_GUEST_SHARE = 0.15
"""Of the named words; whoever says less and is named nowhere is heard in a clip or an advert."""

_PART = r"[^\W\d_a-z][\w'’.-]*[\w.]"
_NAME = rf"{_PART}(?: (?:(?:de|da|van|von|der|den|di|la|le|el|bin|al) ){{0,2}}{_PART}){{1,3}}"
_NAMES = rf"{_NAME}(?:(?:, and |, | and | & | \+ ){_NAME}){{0,4}}"
_WITH = re.compile(rf"\bwith ({_NAMES})(?=$|\s*[(|,:–—-])")
_ON = re.compile(rf"({_NAMES}) on \S")
_APART = re.compile(r", and |, | and | & | \+ ")
_SUBJECT_WORDS = frozenset(
    "ai agi ml llm llms artificial intelligence machine learning deep neural network networks language models model "
    "safety alignment reinforcement large data science computer computing quantum robots robotics open source general "
    "superintelligence thoughts notes lecture talk debate panel part episode update report response lessons "
    "reflections introduction why how what the a new future more status chatgpt gpt openai google deepmind".split()
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A named speaker, and the share of all words that have a name which are theirs, from 0 to 1."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part.

    Attributes:
        hosts, guests: full names where they are known.
        guests_from: ``title`` where the title names a guest, ``speakers`` where they were told by what they said.
    """

    hosts: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    guests_from: str = "speakers"


def speakers_of(transcript: Transcript) -> tuple[Speaker, ...]:
    """The named speakers, those who say most first; ties in the order they first speak. Roles are no names."""
    n_words: Counter[str] = Counter()
    for cue in transcript.cues:
        if cue.speaker is not None and not is_role(cue.speaker) and len(cue.speaker) > 1:
            n_words[cue.speaker] += len(cue.text.split())
    total = sum(n_words.values())
    return tuple(Speaker(name, count / total) for name, count in n_words.most_common())


def people_of(
    transcript: Transcript,
    title: str,
    *,
    hosts: Sequence[str],
    guests: Sequence[str],
    known_hosts: Iterable[str],
) -> People:
    """Tell hosts from guests.

    Args:
        transcript: its speakers' words and questions are counted.
        title: of the episode; a speaker whose name it holds is a guest.
        hosts: as the file itself names them; they are kept.
        guests: as the file itself names them; they are kept.
        known_hosts: of the same source; one of them who speaks here is a host here.

    Without all that, the host is the one who asks most questions, and the guests are the others who say at least
    15 % of the words. Where no speaker is named, the guests are those that a title such as ``X with NAME`` or
    ``NAME on X`` names.
    """
    titled = names_in_title(title)
    known = list(known_hosts)
    speakers = list(speakers_of(transcript))
    if not speakers:
        return People(tuple(hosts), tuple(guests or titled), "title")
    full = {one.name: _full_name(one.name, [*guests, *hosts, *titled, *known]) for one in speakers}
    hosts = hosts or [full[one.name] for one in speakers if full[one.name] in known]
    named = [
        full[one.name] for one in speakers if full[one.name] not in hosts and _is_named(full[one.name], title)
    ]
    origin = "title" if named else "speakers"
    guests = guests or named
    if not hosts and len(speakers) > 1:
        host = _who_asks_most(transcript, [one.name for one in speakers if full[one.name] not in guests])
        hosts = [full[host]] if host else []
    if not guests and hosts:
        guests = [
            full[one.name]
            for one in speakers
            if full[one.name] not in hosts and one.share >= LEAST_GUEST_SHARE
        ]
    return People(tuple(dict.fromkeys(hosts)), tuple(dict.fromkeys(guests)), origin)


def names_in_title(title: str) -> list[str]:
    """The people that ``X with NAME`` or ``NAME on X`` names, full names only; none where it may be a subject."""
    match = _WITH.search(title) or _ON.match(title)
    names = _APART.split(match[1]) if match else []
    is_subject = any(word.casefold() in _SUBJECT_WORDS for name in names for word in name.split())
    return [] if is_subject else names


def looks_like_name(text: str) -> bool:
    """True for two to four capitalised words none of which is a subject of this field."""
    return re.fullmatch(_NAME, text) is not None and not any(
        word.casefold() in _SUBJECT_WORDS for word in text.split()
    )


def _full_name(label: str, names: Iterable[str]) -> str:
    """The one of ``names`` that ends in ``label``, or begins with it, if there is exactly one; else ``label``."""
    folded = label.casefold()
    fuller = {
        name
        for name in names
        if name.casefold() != folded
        and (name.casefold().endswith(" " + folded) or name.casefold().startswith(folded + " "))
    }
    return fuller.pop() if len(fuller) == 1 else label


def _is_named(name: str, title: str) -> bool:
    return " " in name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", title, re.IGNORECASE) is not None


def _who_asks_most(transcript: Transcript, names: Sequence[str]) -> str | None:
    """The one of ``names`` with most question marks; None where nobody asks or two ask equally often."""
    questions = Counter(dict.fromkeys(names, 0))
    for cue in transcript.cues:
        if cue.speaker is not None and cue.speaker in questions:
            questions[cue.speaker] += cue.text.count("?")
    ranked = questions.most_common(2)
    if not ranked or ranked[0][1] == 0 or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
