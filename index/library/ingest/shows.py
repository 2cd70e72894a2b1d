"""Which show an episode belongs to, where nothing names it outright."""

import re

LONGEST_ABBREVIATION = 5

_LAST_PART = re.compile(r"(.+\S)\s+[-–—|]\s+(\S[^|–—]*?)\s*", re.DOTALL)
_SHOW_WORD = re.compile(r"\b(?:podcast|show|radio|tv|lectures|seminar|interviews)\b", re.IGNORECASE)
_EPISODE_NUMBER = re.compile(r"[\s,]*(?:#|ep\.?|episode|no\.?)?\s*#?\d{1,4}$", re.IGNORECASE)
_NEVER_SHOWS = frozenset(
    "abridged conclusion conversation discussion documentary episode explained extended finale highlights interview "
    "introduction keynote lecture livestream overview preview questions recap remastered session summary trailer "
    "transcript tutorial uncut unabridged".split()
)
_GENERIC_FOLDERS = frozenset(
    "_posts archive archives audio caption captions content corpus data desktop docs documents download downloads en "
    "episode episodes file files home import imports in inbox incoming input json library libraries md media new out "
    "output podcast podcasts posts public published raw root shows source sources srt subs subtitle subtitles temp "
    "text texts tmp transcript transcription transcriptions transcripts txt upload uploads user users video videos vtt "
    "work workspace youtube".split()
)


def split_show(title: str, description: str | None, known: str | None = None) -> tuple[str, str | None]:
    """``title`` without the show that it ends in, as ``X - Computerphile`` does, and that show.

    The last part is a show where it is the ``known`` one, holds a word such as Podcast, or is one long word that
    the description names too, in text or in an address; one long word alone is enough where there is no description.
    Otherwise (title, None).
    """
    match = _LAST_PART.fullmatch(title)
    if match is None:
        return title, None
    rest, part = match[1], _EPISODE_NUMBER.sub("", match[2]).strip()
    is_known = known is not None and part.casefold() == known.casefold()
    is_titled = _SHOW_WORD.search(part) is not None and len(part.split()) <= 6
    is_word = re.fullmatch(r"[A-Z][A-Za-z]{6,}", part) is not None and part.casefold() not in _NEVER_SHOWS
    is_mentioned = description is None or part.casefold() in description.casefold()
    return (rest, part) if is_known or is_titled or (is_word and is_mentioned) else (title, None)


def show_of_folder(folder: str | None) -> str | None:
    """The show that a folder's name tells, a short one in capitals; None where any folder may be called so."""
    name = " ".join((folder or "").split())
    if not re.search(r"[^\W\d_]", name) or name.casefold().strip("._-0123456789 ") in _GENERIC_FOLDERS:
        return None
    return name.upper() if name.islower() and name.isalpha() and len(name) <= LONGEST_ABBREVIATION else name
