"""The catalogue of public conversations that comes with the program: facts to begin a library with."""

import json
from datetime import date

from rapidfuzz import fuzz

from bot.app.settings import DATA
from index.library.sources import Listed
from index.transcripts.links import video_url
from scoring.errors import CodedError, typed_fields

FILE = DATA / "catalog" / "conversations.jsonl"

LEAST_ALIKE = 50.0
"""So much alike (0 to 100) must a video's own title be to the catalogue's; shows rename their episodes a little."""


class CatalogError(CodedError):
    """Base of what is wrong with an entry of the catalogue."""

    code = "catalog"


@typed_fields
class OtherRecording(CatalogError):
    """The video that was fetched is about something else than the catalogue says."""

    code = "other_recording"
    title: str
    received: str


@typed_fields
class ShowUnknown(CatalogError):
    """The catalogue has no show of that name."""

    code = "show_unknown"
    received: str
    known: list[str]


def read_catalog(show: str | None = None) -> list[Listed]:
    """Return the conversations of the catalogue, of one show if it is named.

    Raises:
        ShowUnknown: there is none of that name.
    """
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines() if line.strip()]
    shows = sorted({row["show"] for row in rows})
    if show is not None and show.casefold() not in {name.casefold() for name in shows}:
        raise ShowUnknown(received=show, known=shows)
    return [
        Listed(
            key=row["video_id"],
            title=row["title"],
            source=row["show"],
            url=video_url(row["video_id"]),
            published=date.fromisoformat(row["published"]) if "published" in row else None,
            video_id=row["video_id"],
            guests=tuple(row.get("guests", ())),
        )
        for row in rows
        if show is None or row["show"].casefold() == show.casefold()
    ]


def check_recording(listed: Listed, own_title: str | None) -> None:
    """Raise ``OtherRecording`` if a video's own title, where it is known, is about something else."""
    if own_title and fuzz.token_set_ratio(listed.title.casefold(), own_title.casefold()) < LEAST_ALIKE:
        raise OtherRecording(title=listed.title, received=own_title)
