"""Finding episodes in the library's folder by name, whether or not they are indexed."""

from collections.abc import Container
from difflib import get_close_matches
from pathlib import Path

from index.errors import EpisodeAmbiguous, EpisodeUnknown, IndexingError, SlugInvalid
from index.library.episodes import EPISODE_FILE, EpisodeFile, checked_slug, read_about, slugs
from index.text.name_words import each_begins, name_words
from index.text.tokens import fold
from index.transcripts.links import video_id_of

EpisodeInFolder = tuple[str, EpisodeFile]
"""An episode's slug and its ``episode.json``."""

_MOST_NEAREST = 3


def find_in_folder(library: Path, name: str) -> EpisodeInFolder | None:
    """Return the episode that ``name`` means, or None.

    Args:
        library: every ``episode.json`` of it is read; broken files are skipped.
        name: a slug, a video id or link, the title, a part of slug or title, or words of title, people and show.

    Raises:
        EpisodeAmbiguous: ``name`` is a part of several.
        LibraryMissing: there is no such folder.
    """
    known = _read(library, slugs(library))
    video, wanted = video_id_of(name), fold(name)
    for slug, about in known:
        if slug == name or (video is not None and about.video_id == video):
            return slug, about
    if not wanted:
        return None
    matches = (
        [held for held in known if fold(held[1].title) == wanted]
        or [held for held in known if wanted in fold(held[1].title) or wanted in held[0]]
        or [held for held in known if name_words(name) and _is_named(held, name)]
    )
    if len(matches) > 1:
        raise EpisodeAmbiguous.among(name, {slug: about.title for slug, about in matches})
    return matches[0] if matches else None


def named_folder(library: Path, name: str) -> str:
    """Return the slug of the episode that ``name`` means, whether or not its ``episode.json`` can be read.

    Args:
        library: as of ``find_in_folder``.
        name: the name of a folder, or what ``find_in_folder`` takes.

    Raises:
        EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
        LibraryMissing: there is no such folder.
    """
    if _is_folder(library, name):
        return name
    held = find_in_folder(library, name)
    if held is not None:
        return held[0]
    titles = {
        key: about.title
        for slug, about in _read(library, slugs(library))
        for key in (slug, fold(about.title))
    }
    near = get_close_matches(fold(name), titles, n=2 * _MOST_NEAREST)
    raise EpisodeUnknown(
        received=name, nearest=list(dict.fromkeys(titles[key] for key in near))[:_MOST_NEAREST]
    )


def _is_folder(library: Path, name: str) -> bool:
    try:
        return (library / checked_slug(name)).is_dir()
    except SlugInvalid:
        return False


def find_unindexed(
    library: Path, typed: str, *, indexed: Container[str], limit: int
) -> list[EpisodeInFolder]:
    """Return episodes of the folder that are not ``indexed`` and that ``typed`` may become, the newest first.

    Args:
        library: only files of episodes that are not indexed are read; broken ones are skipped.
        typed: words of title, people, show or slug, the beginning of each is enough; nothing names all.
        indexed: slugs that are left out.
        limit: episodes at most.

    Raises:
        LibraryMissing: there is no such folder.
    """
    names = [slug for slug in slugs(library) if slug not in indexed]
    names.sort(key=lambda slug: -_written_at_s(library / slug / EPISODE_FILE))
    found: list[EpisodeInFolder] = []
    for slug in names:
        found += [held for held in _read(library, [slug]) if _is_named(held, typed)]
        if len(found) >= limit:
            break
    return found[:limit]


def _written_at_s(path: Path) -> float:
    """Return when a file was written last; 0 for one that was removed meanwhile."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read(library: Path, names: list[str]) -> list[EpisodeInFolder]:
    known = []
    for slug in names:
        try:
            known.append((slug, read_about(library, slug)))
        except IndexingError:
            continue
    return known


def _is_named(held: EpisodeInFolder, typed: str) -> bool:
    """Return True if every word of ``typed`` begins a word of the episode's title, people, show or slug."""
    slug, about = held
    name = " ".join((about.title, *about.guests, *about.hosts, about.source or "", slug))
    return each_begins(name_words(typed), name_words(name))
