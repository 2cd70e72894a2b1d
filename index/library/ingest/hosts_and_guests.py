"""Hosts and guests of an episode, from its speakers and its title."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.library.ingest.introductions import full_name
from index.text.tokens import fold
from index.transcripts.formats.speakers import is_role
from index.transcripts.model import Transcript

LEAST_GUEST_SHARE = 0.15
"""Share of the named words; a speaker with less who is named nowhere is heard in a clip or an advert."""

_NAME = full_name(r"[^\W\d_a-z][\w'’.-]*[\w.]")
_NAMES = rf"{_NAME}(?:(?:, and |, | and | & | \+ ){_NAME}){{0,4}}"
_WITH = re.compile(rf"\bwith ({_NAMES})(?=$|\s*[(|,:–—-])")
_ON = re.compile(rf"({_NAMES}) on \S")
_DEGREES = re.compile(r"(?:ph\.?d|m\.?d|esq|mba|msc|j\.?d|dphil|jr|sr)\.?", re.IGNORECASE)
_APPENDED = re.compile(
    rf"\s*[(\[][^()\[\]]*[)\]]$|(?:,\s*(?:{_DEGREES.pattern}))$"
    r"|[\s,:–—-]+(?:\d{1,2}(?:\.\d{1,2})?|#\d{1,3}|(?:part|pt\.?|round|episode|ep\.?|take|no\.?|vol\.?)\s*(?:\d{1,3}|one|two|three|"
    r"[ivx]{1,4})|returns|again)$",
    re.IGNORECASE,
)
_APART = re.compile(r", and |, | and | & | \+ ")
_SUBJECT_WORDS = frozenset(
    "ai agi ml llm llms artificial intelligence machine learning deep neural network networks language models model "
    "safety alignment reinforcement large data science computer computing quantum robots robotics open source general "
    "superintelligence thoughts notes lecture talk debate panel part episode update report response lessons "
    "reflections introduction why how what the a new future more status chatgpt gpt openai google deepmind".split()
)


@dataclass(frozen=True, slots=True)
class Voice:
    """A named speaker of a file, with numbers of words and question marks."""

    name: str
    n_words: int
    n_questions: int


@dataclass(frozen=True, slots=True)
class People:
    """Hosts and guests.

    Attributes:
        hosts, guests: full names where they are known.
        guests_from: ``title`` where the title names a guest, ``speakers`` where they were inferred from speech.
    """

    hosts: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    guests_from: str = "speakers"


def voices_of(transcript: Transcript) -> tuple[Voice, ...]:
    """Return the named speakers, those who say most first; ties in the order they first speak. Roles are no names."""
    n_words: Counter[str] = Counter()
    n_questions: Counter[str] = Counter()
    for cue in transcript.cues:
        if cue.speaker is not None and not is_role(cue.speaker) and len(cue.speaker) > 1:
            n_words[cue.speaker] += len(cue.text.split())
            n_questions[cue.speaker] += cue.text.count("?")
    return tuple(Voice(name, count, n_questions[name]) for name, count in n_words.most_common())


def shares_of(voices: Sequence[Voice]) -> dict[str, float]:
    """Return each name's share, from 0 to 1, of all words that have a name."""
    total = sum(voice.n_words for voice in voices)
    return {voice.name: voice.n_words / total for voice in voices if total}


def people_of(
    voices: Sequence[Voice],
    title: str,
    *,
    hosts: Sequence[str],
    guests: Sequence[str],
    known_hosts: Iterable[str],
) -> People:
    """Separate hosts from guests.

    Args:
        voices: of the transcript.
        title: of the episode; a speaker whose name it holds is a guest.
        hosts: as the file itself names them; they are kept.
        guests: as the file itself names them; they are kept.
        known_hosts: of the same source; one of them who speaks here is a host here.

    Without all that, the host is the speaker with most questions, and the guests are the others who say at least
    15 % of the words. Where no speaker is named, the guests are those that a title such as ``X with NAME`` or
    ``NAME on X`` names.
    """
    titled = names_in_title(title)
    known = list(known_hosts)
    if not voices:
        return People(tuple(hosts), tuple(guests or titled), "title")
    shares = shares_of(voices)
    full = {name: _full_name(name, [*guests, *hosts, *titled, *known]) for name in shares}
    hosts = hosts or [full[name] for name in shares if full[name] in known]
    named = [full[name] for name in shares if full[name] not in hosts and _is_named(full[name], title)]
    origin = "title" if named else "speakers"
    guests = guests or named
    if not hosts and len(voices) > 1:
        host = _who_asks_most([voice for voice in voices if full[voice.name] not in guests])
        hosts = [full[host]] if host else []
    if not guests and hosts:
        guests = [
            full[name]
            for name, share in shares.items()
            if full[name] not in hosts and share >= LEAST_GUEST_SHARE
        ]
    return People(tuple(dict.fromkeys(hosts)), tuple(dict.fromkeys(guests)), origin)


def clean_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return ``names`` as people are called, each once, in order.

    What counts visits, adds a role in parentheses or a degree goes: ``Ada Lind 2.0``, ``Ada Lind (part 2)`` and
    ``Ada Lind, PhD`` are Ada Lind. Of spellings that differ in case or accents the one with more accents stays.
    """
    found: dict[str, str] = {}
    for name in names:
        clean = clean_person(name)
        key = folded_name(clean)
        if key and (key not in found or _n_accents(clean) > _n_accents(found[key])):
            found[key] = clean
    return tuple(found.values())


def clean_person(name: str) -> str:
    """Return ``name`` without what is no part of it; see ``clean_names``. May be empty."""
    before = ""
    while name != before:
        before = name
        name = _APPENDED.sub("", name).strip(" ,;:|–—-")
    if _DEGREES.fullmatch(name):
        return ""
    return name.title() if name.isupper() and " " in name else name


def names_in_title(title: str) -> list[str]:
    """Return the full names in ``X with NAME`` or ``NAME on X``; none if they may be a subject."""
    match = _WITH.search(title) or _ON.match(title)
    names = _APART.split(match[1]) if match else []
    is_subject = any(word.casefold() in _SUBJECT_WORDS for name in names for word in name.split())
    return [] if is_subject else names


def looks_like_name(text: str) -> bool:
    """Return True for two to four capitalised words, none of them a subject of this field."""
    return re.fullmatch(_NAME, text) is not None and not any(
        word.casefold() in _SUBJECT_WORDS for word in text.split()
    )


def _full_name(label: str, names: Iterable[str]) -> str:
    """Return the only name that begins or ends with ``label``; ``label`` itself if there is none or several."""
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


def _who_asks_most(voices: Sequence[Voice]) -> str | None:
    """Return the name with most question marks; None where nobody asks or two ask equally often."""
    ranked = sorted(voices, key=lambda voice: -voice.n_questions)[:2]
    if not ranked or ranked[0].n_questions == 0:
        return None
    is_tie = len(ranked) > 1 and ranked[0].n_questions == ranked[1].n_questions
    return None if is_tie else ranked[0].name


def folded_name(name: str) -> str:
    """Return ``name`` in one spelling, whatever its case, accents and punctuation."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in fold(name)).split())


def _n_accents(name: str) -> int:
    return sum(map(bool, map(unicodedata.combining, unicodedata.normalize("NFKD", name))))
