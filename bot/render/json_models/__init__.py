"""The JSON contracts: what every ``--json`` prints. Documented in docs/json.md; keys are only ever added.

Each object is a pydantic model named ``...Json``, beside the function that fills it; each module has one
subject. ``CONTRACTS`` says which command prints which model; ``schemas`` gives their JSON schemas, which
docs/schema holds; ``make schemas`` writes them. Others import this package, not its modules::

    from bot.render import json_models

    json_models.found(answer)
"""

from bot.render.json_models.base import Json, Name
from bot.render.json_models.contracts import CONTRACTS, schemas
from bot.render.json_models.episode_card import (
    AssessmentJson,
    CardJson,
    MarkerJson,
    ProvenanceJson,
    TranscriptJson,
    card,
)
from bot.render.json_models.evaluation import (
    AgreementJson,
    IntervalJson,
    LeftOutJson,
    ShareJson,
    agreement,
    interval,
)
from bot.render.json_models.followed_sources import FollowedJson, followed
from bot.render.json_models.library_map import (
    EpisodeJson,
    EpisodesJson,
    GapJson,
    MapJson,
    PlacedJson,
    SubjectJson,
    coverage,
    episodes,
)
from bot.render.json_models.readings import DriverJson, ScoredJson, scored, statistics
from bot.render.json_models.related_episodes import (
    CounterbalanceJson,
    PickJson,
    PieceJson,
    RelatedJson,
    RelativeJson,
    counterbalance,
    related,
)
from bot.render.json_models.search_results import FoundJson, HitJson, PassageJson, found
from bot.render.json_models.transcript_words import (
    SpokenJson,
    TurnJson,
    VerdictJson,
    WordsJson,
    verified,
    words,
)

__all__ = [
    "CONTRACTS",
    "AgreementJson",
    "AssessmentJson",
    "CardJson",
    "CounterbalanceJson",
    "DriverJson",
    "EpisodeJson",
    "EpisodesJson",
    "FollowedJson",
    "FoundJson",
    "GapJson",
    "HitJson",
    "IntervalJson",
    "Json",
    "LeftOutJson",
    "MapJson",
    "MarkerJson",
    "Name",
    "PassageJson",
    "PickJson",
    "PieceJson",
    "PlacedJson",
    "ProvenanceJson",
    "RelatedJson",
    "RelativeJson",
    "ScoredJson",
    "ShareJson",
    "SpokenJson",
    "SubjectJson",
    "TranscriptJson",
    "TurnJson",
    "VerdictJson",
    "WordsJson",
    "agreement",
    "card",
    "counterbalance",
    "coverage",
    "episodes",
    "followed",
    "found",
    "interval",
    "related",
    "schemas",
    "scored",
    "statistics",
    "verified",
    "words",
]
