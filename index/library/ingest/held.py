"""Finding an episode in the library's folder by name, whether or not it is indexed."""

from pathlib import Path

from index.errors import EpisodeAmbiguous, IndexingError
from index.library.episodes import EpisodeFile, read_about, slugs
from index.text.tokens import fold
from index.transcripts.links import video_id_of


def find_held(library: Path, name: str) -> tuple[str, EpisodeFile] | None:
    """Return the episode that ``name`` means, or None.

    Args:
        library: every ``episode.json`` of it is read; broken files are skipped.
        name: a slug, a video id or link, the title, or a part of slug or title.

    Returns:
        Its slug, and its ``episode.json``.

    Raises:
        EpisodeAmbiguous: ``name`` is a part of several.
        LibraryMissing: there is no such folder.
    """
    known: list[tuple[str, EpisodeFile]] = []
    for slug in slugs(library):
        try:
            known.append((slug, read_about(library, slug)))
        except IndexingError:
            continue
    video, wanted = video_id_of(name), fold(name)
    for slug, about in known:
        if slug == name or (video is not None and about.video_id == video):
            return slug, about
    exact = [(slug, about) for slug, about in known if fold(about.title) == wanted]
    matches = exact or [
        (slug, about) for slug, about in known if wanted and (wanted in fold(about.title) or wanted in slug)
    ]
    if len(matches) > 1:
        shown = matches[:5]
        raise EpisodeAmbiguous(
            received=name, candidates=[about.title for _, about in shown], slugs=[slug for slug, _ in shown]
        )
    return matches[0] if matches else None
