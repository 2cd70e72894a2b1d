"""Find an episode in the library's folder by what a person calls it, whether or not it is indexed."""

from pathlib import Path

from index.errors import EpisodeAmbiguous, IndexingError
from index.library.episodes import EpisodeFile, read_about, slugs
from index.text.tokens import fold
from index.transcripts.links import video_id_of


def find_held(library: Path, name: str) -> tuple[str, EpisodeFile] | None:
    """Return the episode that ``name`` means, or None.

    Args:
        library: every ``episode.json`` of it is read; those that are broken are passed over.
        name: a slug, a video id or link, the title, or a part of slug or title.

    Returns:
        Its slug, and its ``episode.json``.

    Raises:
        EpisodeAmbiguous: ``name`` is a part of several.
        LibraryMissing: there is no such folder.
    """
    held: list[tuple[str, EpisodeFile]] = []
    for slug in slugs(library):
        try:
            held.append((slug, read_about(library, slug)))
        except IndexingError:
            continue
    video, wanted = video_id_of(name), fold(name)
    for slug, about in held:
        if slug == name or (video is not None and about.video_id == video):
            return slug, about
    exact = [one for one in held if fold(one[1].title) == wanted]
    parts = exact or [one for one in held if wanted and (wanted in fold(one[1].title) or wanted in one[0])]
    if len(parts) > 1:
        shown = parts[:5]
        raise EpisodeAmbiguous(
            received=name, candidates=[about.title for _, about in shown], slugs=[slug for slug, _ in shown]
        )
    return parts[0] if parts else None
