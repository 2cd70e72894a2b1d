"""What people type, checked: a question, a message, the name of an episode, a source, a speaker, a day."""

import calendar
import datetime
import re
import unicodedata
from collections.abc import Sequence

from bot.app.one_line import one_line
from bot.app.service import LibraryService
from index.search.episode_names import LONGEST_NAME
from index.search.filters import Filters
from index.search.speaker_names import is_nobody, may_be_short_for, speakers_like, speakers_meant
from index.text.source_names import same_letters, sources_meant
from index.text.tokens import fold, tokenize
from scoring.errors import CodedError, typed_fields

LONGEST_QUERY = 2000
"""Characters of a typed query. A longer one is refused; a message that is asked about is cut to ``LONGEST_MESSAGE``."""

LONGEST_MESSAGE = 2000

EVERY_SOURCE = "*"
"""Typed by a person who wants all sources although the server has its own."""

_ENDS_LINE = '.,:;!?…-–—>)]"”’*_~`|'
_MOST_NAMED = 8
_DAY = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?")
_DAY_FIRST = re.compile(r"(?:(?:(?P<day>\d{1,2})\. ?)?(?P<month>\d{1,2})\. ?)?(?P<year>\d{4})")
_LINE_MARK = re.compile(r"(?m)^\s*(?:(?:>{1,3}|#{1,3}|-#)\s+)+")


class QuestionRefused(CodedError):
    """Base of what cannot be asked."""

    code = "question_refused"


class QuestionEmpty(QuestionRefused):
    """Nothing was asked. No fields."""

    code = "question_empty"


class MessageLinkUnknown(QuestionRefused):
    """A message only has a link that leads to no episode of the library. No fields."""

    code = "message_link_unknown"


@typed_fields
class QuestionTooShort(QuestionRefused):
    """A single letter."""

    code = "question_too_short"
    received: str


@typed_fields
class DaysReversed(QuestionRefused):
    """The first day of publication is after the last."""

    code = "days_reversed"
    since: str
    until: str


@typed_fields
class DayUnreadable(QuestionRefused):
    """A limit of the day of publication that is no year, month or day."""

    code = "day_unreadable"
    received: str


@typed_fields
class QuestionTooLong(QuestionRefused):
    """Too many characters."""

    code = "question_too_long"
    length: int
    limit: int


@typed_fields
class QuestionWordless(QuestionRefused):
    """Signs or pictures, but no word."""

    code = "question_wordless"
    received: str


class QuestionForgotten(QuestionRefused):
    """A button's question is no longer stored. No fields."""

    code = "question_forgotten"


@typed_fields
class SourceUnknown(QuestionRefused):
    """The library has no source of that name; ``known`` are those that it has."""

    code = "source_unknown"
    received: str
    known: list[str]


class SourceAmbiguous(SourceUnknown):
    """Several sources are meant: ``known``."""

    code = "source_ambiguous"


@typed_fields
class ShelfUnknown(QuestionRefused):
    """The library has no shelf of that name; ``known`` are those that it has."""

    code = "shelf_unknown"
    received: str
    known: list[str]


class ShelfAmbiguous(ShelfUnknown):
    """Several shelves are meant: ``known``."""

    code = "shelf_ambiguous"


@typed_fields
class SpeakerUnknown(QuestionRefused):
    """Nobody of that name speaks in the library; ``known`` are some who do."""

    code = "speaker_unknown"
    received: str
    known: list[str]


@typed_fields
class SpeakerUnheard(QuestionRefused):
    """The person is a guest of the episode ``title``, whose transcript names no speakers."""

    code = "speaker_unheard"
    received: str
    title: str


@typed_fields
class SpeakerIsSource(QuestionRefused):
    """No transcript names a speaker so, but ``source`` is a show of that name."""

    code = "speaker_is_source"
    received: str
    source: str


@typed_fields
class SpeakerIsPart(SpeakerUnknown):
    """What was typed is a part in a conversation, such as *Host*; ``known`` are some people who speak."""

    code = "speaker_is_part"


@typed_fields
class SpeakerAmbiguous(QuestionRefused):
    """Several speakers are meant: ``candidates``, those who speak most first."""

    code = "speaker_ambiguous"
    received: str
    candidates: list[str]


@typed_fields
class OptionUnknown(QuestionRefused):
    """A filter ``name`` (a lens, a band) has no such value; ``known`` are those that it has."""

    code = "option_unknown"
    name: str
    received: str
    known: list[str]


def checked_option(name: str, given: str | None, known: Sequence[str]) -> str | None:
    """Return the one of ``known`` that was given, however its letters are written; None where nothing was.

    Raises:
        OptionUnknown: it is none of them.
    """
    if given is None:
        return None
    for option in known:
        if option.casefold() == given.strip().casefold():
            return option
    raise OptionUnknown(name=name, received=given, known=list(known))


def checked_query(typed: str) -> str:
    """Return a typed query in one line.

    Raises:
        QuestionEmpty, QuestionTooShort, QuestionTooLong, QuestionWordless: it cannot be asked.
    """
    query = one_line(typed)
    if not query:
        raise QuestionEmpty
    if len(query) > LONGEST_QUERY:
        raise QuestionTooLong(length=len(query), limit=LONGEST_QUERY)
    return _worded(query)


def without_line_marks(text: str) -> str:
    """Return a message without what makes a line a quotation, a heading or small print."""
    return _LINE_MARK.sub("", text)


def checked_message(content: str) -> str:
    """Return a message's text as a question: one line, at most ``LONGEST_MESSAGE`` characters of it.

    A line that ends without a sign gets a full stop, since the next one is another sentence; not beside code.

    Raises:
        QuestionEmpty, QuestionTooShort, QuestionWordless: it cannot be asked.
    """
    lines = [line.strip() for line in without_line_marks(content).splitlines() if line.strip()]
    if "```" not in content:
        lines[:-1] = (line if line[-1] in _ENDS_LINE else f"{line}." for line in lines[:-1])
    query = one_line(" ".join(lines))[:LONGEST_MESSAGE]
    if not query:
        raise QuestionEmpty
    return _worded(query)


async def resolve_source(answerer: LibraryService, typed: str | None, default: str | None) -> str | None:
    """Return the source that a person wants, or None for all.

    Args:
        answerer: knows which there are.
        typed: what was typed; None takes the server's ``default``, ``*`` all.
        default: the server's own source; one that the library no longer has limits nothing.

    Raises:
        SourceUnknown: the library has none of the typed name, nor one that it may be short for or misspelt;
            SourceAmbiguous: it has several.
    """
    typed = None if typed is None else typed.strip()[:LONGEST_NAME]
    if typed == EVERY_SOURCE:
        return None
    wanted = typed or default
    if wanted is None:
        return None
    known = await answerer.sources()
    if not typed:
        return next((source for source in known if fold(source) == fold(wanted)), None)
    return _one_meant(wanted, known, SourceUnknown, SourceAmbiguous)


def is_servers_choice(typed: str | None, source: str | None) -> bool:
    """Return True if ``source``, as ``resolve_source`` returned it, is the server's own and not what was ``typed``."""
    return source is not None and not (typed or "").strip()


async def resolve_shelf(answerer: LibraryService, typed: str | None) -> str | None:
    """Return the shelf that ``typed`` means, as a source is meant; None for all.

    Raises:
        ShelfUnknown, ShelfAmbiguous: the library has none of that name, or several.
    """
    wanted = "" if typed is None else typed.strip()[:LONGEST_NAME]
    if not wanted:
        return None
    return _one_meant(wanted, await answerer.shelves(), ShelfUnknown, ShelfAmbiguous)


def _one_meant(
    wanted: str,
    known: Sequence[str],
    unknown: type[SourceUnknown | ShelfUnknown],
    ambiguous: type[SourceUnknown | ShelfUnknown],
) -> str:
    near = sources_meant(wanted, known)
    if len(near) == 1:
        return near[0]
    if near:
        raise ambiguous(received=wanted, known=near)
    raise unknown(received=wanted, known=list(known))


async def spelled_source(answerer: LibraryService, typed: str | None) -> tuple[str | None, str | None]:
    """Return the source that new episodes are to belong to as the library spells it, and a known one near it, or None.

    A source of no known name stays as it was typed: new ones are begun so. So it does while nothing answers.
    """
    named = None if typed is None else one_line(typed)[:LONGEST_NAME] or None
    if named is None:
        return None, None
    try:
        known = await answerer.sources()
    except CodedError:
        return named, None
    near = sources_meant(named, known)
    if near and same_letters(near[0], named):
        return near[0], None
    return named, near[0] if near else None


async def resolve_speaker(answerer: LibraryService, typed: str | None) -> str | None:
    """Return the name of the one speaker meant, or what was typed if it means several, or None for everybody.

    A guest of an episode whose transcript names nobody counts as a speaker; see ``Filters``. A name may be nearly
    right.

    Raises:
        SpeakerUnknown, SpeakerIsSource: nobody has such a name, or nearly. SpeakerAmbiguous: several nearly have.
    """
    wanted = "" if typed is None else one_line(typed)[:LONGEST_NAME]
    if not wanted:
        return None
    near = await answerer.suggest_speakers(wanted, limit=_MOST_NAMED)
    meant = speakers_meant(wanted, near)
    if meant or await _guests_meant(answerer, wanted):
        return meant[0] if len(meant) == 1 else wanted
    alike = await _like_speakers(answerer, wanted, near)
    if len(alike) > 1:
        raise SpeakerAmbiguous(received=wanted, candidates=alike)
    return alike[0]


async def _guests_meant(answerer: LibraryService, typed: str) -> dict[str, str]:
    """Return the guests whom ``typed`` means, each with the title of an episode."""
    titles = {
        guest: episode.about.title
        for episode in await answerer.suggest(typed)
        for guest in episode.about.guests
    }
    return {guest: titles[guest] for guest in speakers_meant(typed, titles)}


async def _like_speakers(answerer: LibraryService, typed: str, near: Sequence[str]) -> list[str]:
    """Return the speakers of ``near`` whose names are like ``typed``.

    Raises:
        SpeakerUnknown, SpeakerIsSource: there are none, or a show is called so.
    """
    alike = speakers_like(typed, near)
    if not alike or any(may_be_short_for(typed, source) for source in await answerer.sources()):
        raise await unknown_speaker(answerer, typed)
    return alike


async def unknown_speaker(answerer: LibraryService, typed: str) -> QuestionRefused:
    """Return the error for a name that no speaker has: where it is a show's, or a part such as *Host*, it says that."""
    shows = [source for source in await answerer.sources() if may_be_short_for(typed, source)]
    if len(shows) == 1:
        return SpeakerIsSource(received=typed, source=shows[0])
    error = SpeakerIsPart if is_nobody(typed) else SpeakerUnknown
    return error(received=typed, known=await answerer.suggest_speakers("", limit=_MOST_NAMED))


async def named_speaker(answerer: LibraryService, typed: str) -> str:
    """Return the very name of the speaker whom ``typed`` means.

    Raises:
        SpeakerAmbiguous: several have that name, or a name that begins so. SpeakerUnknown, SpeakerIsSource: nobody has.
            SpeakerUnheard: a guest has, and no transcript says when that guest speaks.
    """
    near = await answerer.suggest_speakers(typed, limit=_MOST_NAMED)
    called = speakers_meant(typed, near)
    if not called:
        if guests := await _guests_meant(answerer, typed):
            guest, title = next(iter(guests.items()))
            raise SpeakerUnheard(received=guest, title=title)
        called = await _like_speakers(answerer, typed, near)
    same = [name for name in called if fold(name) == fold(typed)]
    if len(same or called) > 1:
        raise SpeakerAmbiguous(received=typed, candidates=called)
    return (same or called)[0]


async def resolve_filters(
    answerer: LibraryService,
    *,
    source: str | None = None,
    shelf: str | None = None,
    speaker: str | None = None,
    lens: str | None = None,
    band: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Filters:
    """Return the limits of a search as they are typed, checked: the same for the terminal and for programs.

    Raises:
        QuestionRefused: the library has no such source, shelf, speaker, lens or band, or a day is none.
    """
    first, last = day_limits(since, until)
    return Filters(
        source=await resolve_source(answerer, source, None),
        shelf=await resolve_shelf(answerer, shelf),
        speaker=await resolve_speaker(answerer, speaker),
        lens=checked_option("lens", lens, answerer.axis.lenses),
        band=checked_option("band", band, answerer.axis.bands),
        since=first,
        until=last,
    )


def day_limits(since: str | None, until: str | None) -> tuple[datetime.date | None, datetime.date | None]:
    """Return the first and the last day of publication that two typed limits mean; see ``day_limit``.

    Raises:
        DayUnreadable: one is no day. DaysReversed: the first is after the last.
    """
    first, last = day_limit(since, is_last=False), day_limit(until, is_last=True)
    if first is not None and last is not None and first > last:
        raise DaysReversed(since=first.isoformat(), until=last.isoformat())
    return first, last


def day_limit(typed: str | None, *, is_last: bool) -> datetime.date | None:
    """Return the day that ``typed`` limits publication to: ``2025``, ``2025-12``, ``2025-12-24`` or ``24.12.2025``.

    Args:
        typed: by a person, or None for no limit.
        is_last: whether the day is the last one: of a month or a year its end counts then, else its beginning.

    Raises:
        DayUnreadable: it is no such day.
    """
    wanted = "" if typed is None else one_line(typed)
    if not wanted:
        return None
    match = _DAY.fullmatch(wanted) or _DAY_FIRST.fullmatch(wanted)
    if match is None:
        raise DayUnreadable(received=wanted[:LONGEST_NAME])
    year, month = int(match["year"]), int(match["month"] or (12 if is_last else 1))
    try:
        last = calendar.monthrange(year, month)[1]
        return datetime.date(year, month, int(match["day"] or (last if is_last else 1)))
    except ValueError as error:  # a month or day that there is not, or a year before any
        raise DayUnreadable(received=wanted[:LONGEST_NAME]) from error


def whole_day(typed: str | None) -> datetime.date | None:
    """Return the day that ``typed`` names as a whole, such as ``2025-12-24`` or ``24.12.2025``; None for nothing.

    Raises:
        DayUnreadable: it is none, or a month or a year.
    """
    first, last = day_limit(typed, is_last=False), day_limit(typed, is_last=True)
    if first != last:
        raise DayUnreadable(received=one_line(typed or "")[:LONGEST_NAME])
    return first


def _worded(query: str) -> str:
    words = tokenize(query)
    if not words:
        raise QuestionWordless(received=query)
    # An ideograph may be a word, and a capital a name (C, R); a small letter is neither.
    if len(words) == 1 and len(words[0].word) == 1 and words[0].word.isalnum():
        typed = query[words[0].start]
        if unicodedata.category(typed) != "Lo" and not typed.isupper():
            raise QuestionTooShort(received=query)
    return query
