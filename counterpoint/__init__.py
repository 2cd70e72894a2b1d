"""The library for Python programs: ask it where something was said, and who stands on the other side.

Example:
    >>> from counterpoint import Library
    >>> with Library.open("library") as library:                      # doctest: +SKIP
    ...     for passage in library.find("half remembered words").passages:
    ...         print(passage.quote, passage.link)

This package is the door alone: answers, errors and limits are those of ``bot``, which it imports; nothing imports it.
Results are frozen pydantic models, the contracts that ``--json`` prints (docs/json.md); their keys are only ever added.
"""

from bot.app.edition_answers import NothingToRead
from bot.app.input_validation import QuestionRefused
from bot.programs.operations import ArgumentsInvalid
from bot.render.json_models import CardJson as Episode
from bot.render.json_models import CounterbalanceJson as Counterbalance
from bot.render.json_models import EpisodesJson as Episodes
from bot.render.json_models import FoundJson as Found
from bot.render.json_models import HitJson as Hit
from bot.render.json_models import MapJson as Spectrum
from bot.render.json_models import PassageJson as Passage
from bot.render.json_models import PickJson as Pick
from bot.render.json_models import PlacedJson as EpisodeSummary
from bot.render.json_models import RelatedJson as Related
from bot.render.json_models import WordsJson as Words
from counterpoint.library import AsyncLibrary, Library, sentence
from index.errors import EditionMissing, EpisodeAmbiguous, EpisodeUnknown
from scoring.errors import CodedError as CounterpointError

__all__ = [
    "ArgumentsInvalid",
    "AsyncLibrary",
    "Counterbalance",
    "CounterpointError",
    "EditionMissing",
    "Episode",
    "EpisodeAmbiguous",
    "EpisodeSummary",
    "EpisodeUnknown",
    "Episodes",
    "Found",
    "Hit",
    "Library",
    "NothingToRead",
    "Passage",
    "Pick",
    "QuestionRefused",
    "Related",
    "Spectrum",
    "Words",
    "sentence",
]
