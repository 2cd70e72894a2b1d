"""Which command prints which model, and the JSON schemas of all."""

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.app.build_report import IndexReport
from bot.render.json_models.base import Json
from bot.render.json_models.episode_card import CardJson
from bot.render.json_models.evaluation import AgreementJson
from bot.render.json_models.followed_sources import FollowedJson
from bot.render.json_models.library_map import EpisodesJson, MapJson
from bot.render.json_models.readings import ScoredJson
from bot.render.json_models.related_episodes import CounterbalanceJson, RelatedJson
from bot.render.json_models.search_results import FoundJson
from bot.render.json_models.transcript_words import VerdictJson, WordsJson

CONTRACTS: dict[str, type[BaseModel]] = {
    "find": FoundJson,
    "episode": CardJson,
    "read": WordsJson,
    "related": RelatedJson,
    "counterbalance": CounterbalanceJson,
    "score": ScoredJson,
    "map": MapJson,
    "verify": VerdictJson,
    "episodes": EpisodesJson,
    "index": IndexReport,
    "evaluate-positions-votes": AgreementJson,
    "follows": FollowedJson,
}
"""The object that each command prints. With ``--batch`` its row's ``id`` stands before the other keys.

``episodes`` is no command's: programs ask for it (``bot.programs``).
"""


def schemas() -> dict[str, Json]:
    """Return the JSON schema (draft 2020-12) of each contract, by the name of its file."""
    documents = {}
    for name, model in CONTRACTS.items():
        _, document = models_json_schema(
            [(model, "serialization")], ref_template="#/$defs/{model}", title=f"counterpoint {name} --json"
        )
        document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        document["$ref"] = f"#/$defs/{model.__name__}"
        documents[name] = dict(sorted(document.items()))
    return documents
