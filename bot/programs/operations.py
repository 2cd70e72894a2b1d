"""What a program may ask: each operation with its arguments, its answer's contract and how it is answered.

Whoever offers the operations (tools of an assistant, routes of an HTTP API, methods in Python) makes its schemas from
the models here and calls ``answer``, so that all have the same names, limits, checks and answers. All only read.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.app.input_validation import LONGEST_QUERY, checked_query, resolve_filters, resolve_source
from bot.app.limiter import RequestLimiter
from bot.app.service import LibraryService
from bot.render import json_models
from bot.render.json_models import Json
from index.errors import EpisodeUnknown
from index.search.episode_names import LONGEST_NAME
from index.text.receipts import PageLink
from index.wrong_values import named_problem
from scoring.axis import Axis
from scoring.errors import CodedError, typed_fields

LONGEST_LINK = 2000
"""Characters of a link."""

_MOST_PROBLEMS = 5

ArgumentsT = TypeVar("ArgumentsT", bound=BaseModel)


@typed_fields
class ArgumentsInvalid(CodedError):
    """The arguments of an operation are not as its schema says.

    ``problems`` are codes of the catalogue, ``wrong_value:`` with the name of an argument first.
    """

    code = "arguments_invalid"
    problems: list[str]


@typed_fields
class OperationUnknown(CodedError):
    """There is no operation ``received``; ``known`` are those that there are."""

    code = "operation_unknown"
    received: str
    known: list[str]


class Arguments(BaseModel):
    """Arguments of an operation, of the very types of JSON: neither true nor "2" is a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Query = Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST_QUERY})]
"""Words that are looked for; ``checked_query`` says what is wrong with them."""


EpisodeName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_NAME,
        description="An episode: its slug (`episode` in other answers), a video id or link, or enough of its title.",
    ),
]
SourceName = Annotated[str | None, Field(max_length=LONGEST_NAME, description="Only this show.")]


class FindArguments(Arguments):
    """Of ``find``."""

    question: Annotated[
        Query,
        Field(
            description="What is looked for, in plain words: half remembered words, a claim, a topic or a question."
        ),
    ]
    n_passages: Annotated[int, Field(ge=1, le=50, description="Passages at most.")] = 5
    episode: EpisodeName | None = None
    source: SourceName = None
    shelf: Annotated[str | None, Field(max_length=LONGEST_NAME, description="Only this shelf.")] = None
    speaker: Annotated[
        str | None,
        Field(
            max_length=LONGEST_NAME,
            description="Only what this person says; a first name or a surname is enough.",
        ),
    ] = None
    lens: Annotated[str | None, Field(description="Only passages that are read through this lens.")] = None
    band: Annotated[str | None, Field(description="Only passages whose position lies in this band.")] = None
    since: Annotated[
        str | None,
        Field(
            description="Published on or after this day, or the first of this month or year: 2025-12-24, 2025-12, 2025."
        ),
    ] = None
    until: Annotated[
        str | None,
        Field(
            description="Published on or before this day, or the last of this month or year: 2025-12-24, 2025-12, 2025."
        ),
    ] = None


class EpisodeArguments(Arguments):
    """Of ``episode``."""

    episode: EpisodeName


class CounterbalanceArguments(Arguments):
    """Of ``counterbalance``."""

    episode: EpisodeName
    n_picks: Annotated[int, Field(ge=1, le=20, description="Picks at most.")] = 3


class RelatedArguments(Arguments):
    """Of ``related``."""

    episode: EpisodeName
    limit: Annotated[int, Field(ge=1, le=50, description="Episodes at most.")] = 5


class ReadArguments(Arguments):
    """Of ``read``."""

    episode: EpisodeName
    at_s: Annotated[
        float | None, Field(ge=0, allow_inf_nan=False, description="A second of the recording.")
    ] = None
    slice: Annotated[
        int | None,
        Field(ge=0, description="A slice's number as other answers give it, in place of a second; from 0."),
    ] = None
    around: Annotated[
        int, Field(ge=0, le=10, description="Slices (of about a minute) before and after it.")
    ] = 1


class SpectrumArguments(Arguments):
    """Of ``spectrum``."""

    source: SourceName = None
    topic: Annotated[Query | None, Field(description="Only episodes that talk of this.")] = None


class VerifyArguments(Arguments):
    """Of ``verify``."""

    link: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_LINK,
            description="A link to a sentence of an episode's page (`read` in other answers), or SLUG#s12-3.",
        ),
    ]


class EpisodesArguments(Arguments):
    """Of ``episodes``."""

    offset: Annotated[int, Field(ge=0, description="Episodes to pass over.")] = 0
    limit: Annotated[int, Field(ge=1, le=500, description="Episodes at most.")] = 100


@dataclass(frozen=True, slots=True)
class Operation(Generic[ArgumentsT]):
    """Something that a program may ask.

    Attributes:
        name: in lower case; a tool's, a route's and a method's name.
        title: a few words for people.
        description: what it answers, for whoever chooses between operations.
        arguments: the model of its arguments.
        contract: the model of its answer.
        ask: asks the library.
    """

    name: str
    title: str
    description: str
    arguments: type[ArgumentsT]
    contract: type[BaseModel]
    ask: Callable[[LibraryService, ArgumentsT], Awaitable[Json]]

    def arguments_schema(self, axis: Axis) -> Json:
        """Return the JSON schema of the arguments; lenses and bands are those of ``axis``."""
        schema = self.arguments.model_json_schema()
        schema.pop("description", None)  # of the class, for whoever reads this file
        for name, known in (("lens", axis.lenses), ("band", axis.bands)):
            if name in schema.get("properties", {}):
                schema["properties"][name]["anyOf"] = [
                    {"type": "string", "enum": list(known)},
                    {"type": "null"},
                ]
        return schema

    def parsed(self, given: Mapping[str, Any], *, are_texts: bool = False) -> ArgumentsT:
        """Return the arguments; ``are_texts`` where each is written as a text, as in an address.

        Raises:
            ArgumentsInvalid: they are not as the schema says.
        """
        try:
            if are_texts:
                return self.arguments.model_validate_strings(given)
            return self.arguments.model_validate({name: _whole(value) for name, value in given.items()})
        except ValidationError as error:
            raise ArgumentsInvalid(problems=_problems(error)) from error

    async def answer(
        self,
        service: LibraryService,
        limiter: RequestLimiter,
        given: Mapping[str, Any],
        *,
        are_texts: bool = False,
    ) -> Json:
        """Return the answer, as the contract says.

        An edition that is still being opened is waited for before the limiter counts.

        Args:
            service: the library.
            limiter: how many are answered at once, and how long each may take.
            given: the arguments, unchecked.
            are_texts: as of ``parsed``.

        Raises:
            CodedError: the arguments cannot be used, there is no answer, or it took too long.
        """
        arguments = self.parsed(given, are_texts=are_texts)
        await service.facts()
        return await limiter.ask(lambda: self.ask(service, arguments))


def _whole(given: object) -> object:
    """Return 2.0 as 2: to JSON they are one number, and some programs write no other."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


def _problems(error: ValidationError) -> list[str]:
    found = error.errors(include_url=False, include_input=False)[:_MOST_PROBLEMS]
    return [named_problem(each) for each in found]


async def _find(service: LibraryService, asked: FindArguments) -> Json:
    filters = await resolve_filters(
        service,
        source=asked.source,
        shelf=asked.shelf,
        speaker=asked.speaker,
        lens=asked.lens,
        band=asked.band,
        since=asked.since,
        until=asked.until,
    )
    slug = None if asked.episode is None else (await service.resolve(asked.episode)).slug
    query = checked_query(asked.question)
    return json_models.found(
        await service.find(query, n_passages=asked.n_passages, filters=filters, episode=slug)
    )


async def _episode(service: LibraryService, asked: EpisodeArguments) -> Json:
    return json_models.card(await service.episode(asked.episode))


async def _counterbalance(service: LibraryService, asked: CounterbalanceArguments) -> Json:
    return json_models.counterbalance(await service.counterbalance(asked.episode, n_picks=asked.n_picks))


async def _related(service: LibraryService, asked: RelatedArguments) -> Json:
    return json_models.related(*await service.related(asked.episode, limit=asked.limit))


async def _read(service: LibraryService, asked: ReadArguments) -> Json:
    if asked.at_s is not None and asked.slice is not None:
        raise ArgumentsInvalid(problems=["value_both:at_s, slice"])
    stretch = await service.read(asked.episode, at_s=asked.at_s, ordinal=asked.slice, around=asked.around)
    return json_models.words(stretch)


async def _spectrum(service: LibraryService, asked: SpectrumArguments) -> Json:
    source = await resolve_source(service, asked.source, None)
    topic = None if asked.topic is None else checked_query(asked.topic)
    return json_models.coverage(await service.coverage(source=source, topic=topic))


async def _verify(service: LibraryService, asked: VerifyArguments) -> Json:
    link = PageLink.read(asked.link)
    try:
        found = await service.quoted_at(link)
    except EpisodeUnknown:
        found = None
    return json_models.verified(asked.link, link.slug, found)


async def _episodes(service: LibraryService, asked: EpisodesArguments) -> Json:
    edition = (await service.facts()).edition
    return json_models.episodes(edition, await service.episodes(), offset=asked.offset, limit=asked.limit)


FIND = Operation(
    "find",
    "Find where something was said",
    "Find where in the recorded conversations something was said. Each passage has a verbatim quote, its speaker, "
    "the second it was said at, a link that opens the recording there, and its position. `is_match` is false "
    "where nothing in the library is about the question, `is_sure` where the best passage only comes near it.",
    FindArguments,
    json_models.FoundJson,
    _find,
)
EPISODE = Operation(
    "episode",
    "An episode's profile",
    "Show one conversation: who speaks, what it is about, where it stands over its length, the marked passages with "
    "links, and the phrases that its position comes from.",
    EpisodeArguments,
    json_models.CardJson,
    _episode,
)
COUNTERBALANCE = Operation(
    "counterbalance",
    "Who stands on the other side",
    "For one conversation, find who seems to answer it from the other side. With `outcome` `crux` each pick has the "
    "`question` that both seem to speak to, a passage of each, and the `probability` that the pair is a good one, "
    "mostly below one half: read both passages before you rely on them. Where `judge` names a language model, that has "
    "read both and called the pair good. With any other `outcome` nobody clearly does, "
    "and picks are only near by.",
    CounterbalanceArguments,
    json_models.CounterbalanceJson,
    _counterbalance,
)
RELATED = Operation(
    "related",
    "Conversations on the same topic",
    "List conversations that talk of what one conversation talks of, with what they share and where they stand.",
    RelatedArguments,
    json_models.RelatedJson,
    _related,
)
READ = Operation(
    "read",
    "Read the words around a moment",
    "Read what is said around a moment of a conversation, word for word, turn by turn: to see a quote in its context "
    "before it is used. Without a moment it begins at the start; go on with the next `slice`.",
    ReadArguments,
    json_models.WordsJson,
    _read,
)
SPECTRUM = Operation(
    "spectrum",
    "The library by subject",
    "Show which subjects the library covers, where each conversation stands, and on which side nobody does.",
    SpectrumArguments,
    json_models.MapJson,
    _spectrum,
)
VERIFY = Operation(
    "verify",
    "Check a quote",
    "Check whether the words that a link to a page quotes still stand in the transcript: as quoted, moved, changed or "
    "gone. `verdict` is `no receipt` where the link does not say which words it quoted.",
    VerifyArguments,
    json_models.VerdictJson,
    _verify,
)
EPISODES = Operation(
    "episodes",
    "List the conversations",
    "List the conversations of the library, some at a time.",
    EpisodesArguments,
    json_models.EpisodesJson,
    _episodes,
)

OPERATIONS: Mapping[str, Operation[Any]] = {
    operation.name: operation
    for operation in (FIND, EPISODE, COUNTERBALANCE, RELATED, READ, SPECTRUM, VERIFY, EPISODES)
}
"""Every operation by its name."""


def operation_named(name: str, known: Sequence[str] = tuple(OPERATIONS)) -> Operation[Any]:
    """Return the operation ``name``.

    Raises:
        OperationUnknown: there is none.
    """
    if name not in known:
        raise OperationUnknown(received=name[:LONGEST_NAME], known=list(known))
    return OPERATIONS[name]
