"""Inferring the show of an episode whose file does not state it.

The title may end in the show, the folder may be named after it, files beside it may state it, or the library may have
a show with the same host.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from index.library.ingest.filenames import words_of_slug
from index.library.ingest.hosts_and_guests import folded_name
from index.text.source_names import letters_of, sources_meant

LONGEST_ABBREVIATION = 5

LEAST_SIBLINGS = 3
"""Number of files in a folder that must link to a page for it to count as their show's."""

LEAST_SHARE_OF_SIBLINGS = 0.2

_LAST_PART = re.compile(r"(.+\S)\s+[-–—|]\s+(\S[^|–—]*?)\s*", re.DOTALL)
_FIRST_PART = re.compile(r"(?P<show>\S[^|:–—]*?)(?:\s+[-–—|]|:)\s+(?P<rest>\S.*?)\s*", re.DOTALL)
_NUMBERED = re.compile(
    r"(?P<show>[^\W\d_][^:|#–—]{1,58}?)[\s,]+(?:#|(?:ep\.?|episode|folge|no\.?)\s*#?)\s*\d{1,4}\s*[:|–—-]\s*(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_SEASON = re.compile(r"(?:season|series|staffel|part|book|day|week|chapter)\b", re.IGNORECASE)
_SHOW_WORDS = frozenset("podcast show radio tv lectures seminar interviews".split())
_SHOW_WORD = re.compile(rf"\b(?:{'|'.join(sorted(_SHOW_WORDS))})\b", re.IGNORECASE)
_EPISODE_NUMBER = re.compile(r"[\s,]*(?:#|ep\.?|episode|no\.?)?\s*#?\d{1,4}$", re.IGNORECASE)
_PAGE = re.compile(
    r"(?:patreon\.com|facebook\.com|twitter\.com|youtube\.com/(?:c|user)|youtube\.com(?=/@))/@?([A-Za-z0-9_.-]{4,40})",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"[^\W\d_]*[A-Z][\w'’]*(?: [A-Z][\w'’]*){0,3}")
_MOST_INITIALS = 3
_NEVER_SHOWS = frozenset(
    "abridged conclusion conversation discussion documentary episode explained extended finale highlights interview "
    "introduction keynote lecture livestream overview preview questions recap remastered session summary trailer "
    "transcript tutorial uncut unabridged".split()
)
_GENERIC_FOLDERS = frozenset(
    "_posts a archive archives audio audios aufnahme aufnahmen bad batch beispiel beispiele bin build cache "
    "caption captions content copy corpus data dateien demo demos desktop dev dist docs documents download "
    "downloads dump eingang en episode episodes etc example examples export exported exports file files folge "
    "folgen home import imports in inbox incoming input interviews json lib libraries library md media "
    "meeting meetings misc mp3 mp4 neu new old ordner original originals otter out output podcast podcasts posts "
    "private project projects public published raw recording recordings resources root sammlung sample samples "
    "scratch shared shows source sources src srt srv stuff subs subtitle subtitles talk talks teams temp test "
    "testing tests text texte texts tmp todo transcript transcription transcriptions transcripts transkript "
    "transkripte txt unsorted untertitel upload uploads user users var video videos vtt wav work workspace "
    "www youtube zoom".split()
)


class KnownNames:
    """Shows and people of a library: their spelling, and the hosts of each show."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._n_episodes: Counter[str] = Counter()
        self._people: dict[str, str] = {}
        self._hosts: dict[str, dict[str, None]] = defaultdict(dict)
        self._shows_of_host: dict[str, set[str]] = defaultdict(set)

    def add(self, source: str | None, hosts: Iterable[str], guests: Iterable[str]) -> None:
        """Note who takes part in an episode of ``source``."""
        for person in (*hosts, *guests):
            self._people.setdefault(folded_name(person), person)
        if source is None:
            return
        key = _folded(source)
        self._names.setdefault(key, source)
        self._n_episodes[key] += 1
        for host in hosts:
            self._hosts[key][host] = None
            self._shows_of_host[_folded(host)].add(key)

    def show(self, name: str) -> str:
        """Return the show ``name`` as the library writes it already, whatever its case, accents and punctuation."""
        return self._names.get(_folded(name), name)

    def typed_show(self, name: str, before: str | None) -> str:
        """Return the show that a person typed for an episode as the library writes it already; see ``show``.

        An episode that is the only one of its show, ``before``, is taken to be corrected: the typed spelling stays.
        """
        is_corrected = before is not None and _folded(before) == _folded(name)
        return name if is_corrected and self._n_episodes[_folded(name)] == 1 else self.show(name)

    def shows(self) -> list[str]:
        """Return all shows, in the order they were noted."""
        return list(self._names.values())

    def near_shows(self, name: str) -> list[str]:
        """Return other shows that ``name`` may be short for or misspelt; none if it is a show itself."""
        return [] if _folded(name) in self._names else sources_meant(name, self._names.values())

    def person(self, name: str) -> str:
        """Return ``name`` as the library writes it already, whatever its case and accents."""
        return self._people.get(folded_name(name), name)

    def is_person(self, name: str) -> bool:
        """Return True if somebody of the library is called ``name``, whatever its case and accents."""
        return folded_name(name) in self._people

    def hosts_of(self, source: str) -> list[str]:
        """Return everyone who is a host in an episode of ``source``, in the order they were noted."""
        return list(self._hosts.get(_folded(source), ()))

    def show_of_host(self, host: str) -> str | None:
        """Return the show that ``host`` is a host of, if there is exactly one; else None."""
        shows = self._shows_of_host.get(_folded(host), set())
        return self._names[next(iter(shows))] if len(shows) == 1 else None


def split_show(title: str, description: str | None, known: str | None = None) -> tuple[str, str | None]:
    """Return ``title`` without the show that it names, and that show.

    It may begin with a show and a number, as ``Night Shift, episode 12: X`` does, or end in a show, as
    ``X - Computerphile`` does.
    The last part is a show where it is the ``known`` one, holds a word such as Podcast, or is one long word that
    the description names too, in text or in an address; one long word alone is enough where there is no description.
    Otherwise (title, None).
    """
    if (numbered := _NUMBERED.fullmatch(title)) is not None:
        show = numbered["show"].strip(" ,-")
        if show.casefold() not in _NEVER_SHOWS and _SEASON.match(show) is None:
            return numbered["rest"], show
    match = _LAST_PART.fullmatch(title)
    if match is None:
        return title, None
    rest, part = match[1], _EPISODE_NUMBER.sub("", match[2]).strip()
    is_known = known is not None and part.casefold() == known.casefold()
    is_titled = _SHOW_WORD.search(part) is not None and len(part.split()) <= 6
    is_word = re.fullmatch(r"[A-Z][A-Za-z]{6,}", part) is not None and part.casefold() not in _NEVER_SHOWS
    is_mentioned = description is None or part.casefold() in description.casefold()
    return (rest, part) if is_known or is_titled or (is_word and is_mentioned) else (title, None)


def first_part(title: str) -> str | None:
    """Return what ``title`` has before its first dash, bar or colon (``Kiln Talk - Ada Lind on pots``), or None."""
    match = _FIRST_PART.fullmatch(title)
    return None if match is None else match["show"]


def split_first_part(title: str, shows: Iterable[str]) -> tuple[str, str | None]:
    """Return ``title`` without the one of ``shows`` that it begins with, and that show as it is in the title.

    As in ``Kiln Talk - Ada Lind on pots``; otherwise (title, None).
    """
    match = _FIRST_PART.fullmatch(title)
    if match is None or _folded(match["show"]) not in map(_folded, shows):
        return title, None
    return match["rest"], match["show"]


def is_show_name(name: str) -> bool:
    """Return True if a word such as Podcast or Radio says that ``name`` is a show's."""
    return _SHOW_WORD.search(name) is not None


def show_of_folder(folder: str | None) -> str | None:
    """Return the show that a folder is named after, a short one in capitals; None where any folder may be called so."""
    name = " ".join((folder or "").split())
    if is_any_folder(name):
        return None
    if name.islower() and name.isalpha() and len(name) <= LONGEST_ABBREVIATION:
        return name.upper()
    if " " in name:
        return name
    words = re.split(r"[-_]+", name)
    while len(words) > 1 and words[-1].casefold() in _GENERIC_FOLDERS - _SHOW_WORDS:
        words.pop()
    return words_of_slug("-".join(words))


def is_any_folder(name: str) -> bool:
    """Return True for names such as ``Downloads`` or ``2024``, which say nothing about their contents."""
    has_letter = re.search(r"[^\W\d_]", name) is not None
    return not has_letter or name.casefold().strip("._-0123456789 ") in _GENERIC_FOLDERS


def show_of_siblings(stated: Sequence[str]) -> str | None:
    """Return the show that the files of a folder state, if two or more do and they agree; the commonest spelling."""
    if len(stated) < 2 or len({_folded(name) for name in stated}) != 1:
        return None
    return Counter(stated).most_common(1)[0][0]


def show_of_pages(description: str | None, beside: Sequence[str]) -> str | None:
    """Return the show whose own page ``description`` links to, by the name that the folder's texts write out.

    A page on Patreon, YouTube or the like counts where at least three of the descriptions in the folder, and a fifth
    of them, link to it: a guest's page does not recur. Its show is the capitalised words that its address spells, as
    ``Robert Miles`` does ``patreon.com/robertskmiles``.

    Args:
        description: of the file.
        beside: the descriptions of all files in its folder, its own among them.
    """
    linked = Counter(page for text in beside for page in {*_pages(text)})
    least = max(LEAST_SIBLINGS, LEAST_SHARE_OF_SIBLINGS * len(beside))
    own = sorted({*_pages(description or "")}, key=lambda page: (-linked[page], page))
    for page in own:
        if linked[page] >= least:
            names = Counter(
                match[0]
                for text in beside
                for match in _CAPITALISED.finditer(text)
                if _spells(match[0], page)
            )
            if names:
                return names.most_common(1)[0][0]
    return None


def folder_above(path: Path) -> str:
    """Return the name of the folder that ``path`` lies in; where that is a year or a season, of the one above."""
    folder = path.resolve().parent
    while re.fullmatch(r"(?:season|series|year)?[ _-]*\d{1,4}", folder.name, re.IGNORECASE):
        folder = folder.parent
    return folder.name


def _pages(text: str) -> list[str]:
    return [_squeezed(match[1]) for match in _PAGE.finditer(text)]


def _spells(name: str, page: str) -> bool:
    """Return True if ``page`` is ``name`` written together, perhaps with initials between first and last word."""
    if _squeezed(name) == page:
        return True
    words = [_squeezed(word) for word in name.split()]
    middle = page[len(words[0]) : -len(words[-1])]
    return (
        len(words) == 2
        and page.startswith(words[0])
        and page.endswith(words[1])
        and 0 < len(middle) <= _MOST_INITIALS
        and len(page) == len(words[0]) + len(middle) + len(words[1])
    )


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _folded(name: str) -> str:
    return letters_of(name) or name.casefold()
