"""What the first look at a source found that is followed from now on, in sentences of every face."""

from collections.abc import Callable

from bot.app.first_look import Begun
from bot.app.source_poller import place_of_source

_REASONS = {
    "page_blocked": "blocked",
    "source_blocked": "blocked",
    "site_took_too_long": "slow",
    "source_took_too_long": "slow",
    "site_unreachable": "unreachable",
    "source_unreachable": "unreachable",
}
"""By the code of why a source could not be read: which sentence tells it. Any other came with an answer."""


def first_look_text(
    begun: Begun, say: Callable[..., str], shown: Callable[[str], str], *, is_transcribing: bool
) -> list[str]:
    """Return what was found at a source, or why that is not known yet; nothing where it was not looked at.

    Args:
        begun: a source that nobody followed before.
        say: returns the sentence under a key with its fields.
        shown: makes a text of the source fit to be shown.
        is_transcribing: whether recordings without a text are turned into text here.
    """
    follow, listing = begun.follow, begun.listing
    if follow.problem is not None:
        place = shown(place_of_source(follow.kind, follow.address))
        return [say(f"following.unread.{_REASONS.get(follow.problem.code, 'unreadable')}", place=place)]
    if listing is None:
        return []
    if not listing.episodes:
        return [say("following.found.nothing")]
    name = shown(listing.title or follow.address)
    found = say("following.found.episodes", name=name, n=len(listing.episodes))
    has_text = any(item.texts or item.video_id is not None for item in listing.episodes)
    return [found, say("following.silently" if has_text or is_transcribing else "following.found.textless")]
