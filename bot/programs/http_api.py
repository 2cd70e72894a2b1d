"""The library as an HTTP API: every operation by GET and POST, with an OpenAPI description, a rate limit and a key.

The routes are added to the application of the pages (``bot.pages.server``). Answers are the JSON contracts; what goes
wrong is a problem as RFC 9457 has it, with the sentence in ``detail`` and its code in ``code``.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

from aiohttp import web
from pydantic.json_schema import models_json_schema

from bot.app.edition_answers import NothingToRead
from bot.app.input_validation import QuestionRefused
from bot.app.limiter import LimiterError, RateLimiter, RequestLimiter, TooQuick
from bot.app.service import LibraryService
from bot.app.workers.stopped_questions import AnsweringError
from bot.i18n.message_catalogue import MessageCatalogue
from bot.pages.server import person_of
from bot.programs.operations import OPERATIONS, ArgumentsInvalid, Operation, OperationUnknown
from bot.render.json_models import Json
from index.errors import EditionMissing, EpisodeAmbiguous, EpisodeUnknown
from index.search.episode_names import LONGEST_NAME
from index.text.receipts import LinkUnreadable
from index.wrong_values import wrong_value
from scoring.axis import Axis
from scoring.errors import CodedError, typed_fields

PREFIX = "/api/v1"

_OPENAPI = "openapi.json"
_READING = ("GET", "HEAD")
_ASKING = (*_READING, "POST")
_RETRY_AFTER_S = 5
_BODY_WITHIN_S = 10.0
_log = logging.getLogger(__name__)


@typed_fields
class KeyRefused(CodedError):
    """The API asks for a key, and none or another was given. No fields."""

    code = "key_refused"


@typed_fields
class MethodRefused(CodedError):
    """The API is not asked by the HTTP method ``received``, but by those that are ``known``."""

    code = "method_refused"
    received: str
    known: list[str]


@typed_fields
class BodyTooLarge(CodedError):
    """What was sent has more than ``limit`` bytes."""

    code = "body_too_large"
    limit: int


@typed_fields
class BodyTooSlow(CodedError):
    """What is sent was not there within ``limit_s`` seconds."""

    code = "body_too_slow"
    limit_s: float


_STATUSES: tuple[tuple[type[CodedError] | tuple[type[CodedError], ...], int], ...] = (
    (KeyRefused, 401),
    (MethodRefused, 405),
    (BodyTooSlow, 408),
    (BodyTooLarge, 413),
    (TooQuick, 429),
    ((LimiterError, AnsweringError, EditionMissing), 503),
    ((EpisodeUnknown, OperationUnknown), 404),
    ((ArgumentsInvalid, EpisodeAmbiguous, LinkUnreadable, NothingToRead, QuestionRefused), 400),
)


@dataclass(slots=True)
class HttpApi:
    """Answers programs over HTTP.

    Attributes:
        service: the library. It is not closed here.
        limiter: limits how many answers are worked on at once, and how long each takes.
        catalogue: every sentence.
        rate_limiter: limits how quickly one address asks.
        key: what a program must send; None where everybody may ask.
    """

    service: LibraryService
    limiter: RequestLimiter
    catalogue: MessageCatalogue
    rate_limiter: RateLimiter
    key: str | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, all below ``PREFIX``."""
        found = [web.route("*", f"{PREFIX}/{_OPENAPI}", self._describe)]
        found += [
            web.route("*", f"{PREFIX}/{operation.name}", partial(self._answer, operation))
            for operation in OPERATIONS.values()
        ]
        return [
            *found,
            web.route("*", PREFIX, self._refuse),
            web.route("*", f"{PREFIX}/{{name:.*}}", self._refuse),
        ]

    async def _describe(self, request: web.Request) -> web.Response:
        if request.method not in _READING:
            return self._problem(MethodRefused(received=request.method, known=list(_READING)))
        return _json(openapi(self.service.axis, has_key=self.key is not None))

    async def _refuse(self, request: web.Request) -> web.Response:
        name = request.match_info.get("name") or PREFIX
        return self._problem(OperationUnknown(received=name[:LONGEST_NAME], known=list(OPERATIONS)))

    async def _answer(self, operation: Operation[Any], request: web.Request) -> web.Response:
        try:
            if request.method not in _ASKING:
                raise MethodRefused(received=request.method, known=list(_ASKING))
            self._check_key(request)
            self.rate_limiter.take(person_of(request))
            given, are_texts = await _given(request), request.method != "POST"
            return _json(await operation.answer(self.service, self.limiter, given, are_texts=are_texts))
        except CodedError as error:
            return self._problem(error)
        except web.HTTPRequestEntityTooLarge:
            return self._problem(BodyTooLarge(limit=request.client_max_size))
        except web.HTTPException:
            raise
        except Exception:
            _log.exception("the operation %r failed", operation.name)
            return self._problem(CodedError())

    def _check_key(self, request: web.Request) -> None:
        if self.key is None:
            return
        kind, _, sent = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(sent.strip().encode(), self.key.encode()):
            raise KeyRefused

    def _problem(self, error: CodedError) -> web.Response:
        status = next((status for kinds, status in _STATUSES if isinstance(error, kinds)), 500)
        headers = {}
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if isinstance(error, MethodRefused):
            headers["Allow"] = ", ".join(error.known)
        if status in {429, 503}:
            headers["Retry-After"] = str(error.wait_s if isinstance(error, TooQuick) else _RETRY_AFTER_S)
        told: Json = {"status": status, "code": error.code, "detail": self.catalogue.error(error)}
        if isinstance(error, EpisodeAmbiguous):
            told["candidates"] = error.slugs
        return _json(told, status=status, content_type="application/problem+json", headers=headers)


async def _given(request: web.Request) -> Mapping[str, Any]:
    """Return the arguments in a request's address, or in the JSON object that it sends.

    Raises:
        ArgumentsInvalid: what it sends is no JSON object, or names an argument twice.
        BodyTooSlow: it is not sent in time.
    """
    if request.method == "POST":
        try:
            async with asyncio.timeout(_BODY_WITHIN_S):
                sent = await request.json(loads=_loads)
        # A body that is not JSON, or whose bytes are not compressed or encoded as its headers say.
        except (ValueError, LookupError, RecursionError, web.RequestPayloadError) as error:
            raise ArgumentsInvalid(problems=["value_no_object"]) from error
        except TimeoutError as error:  # else whoever sends nothing holds a connection for nothing
            raise BodyTooSlow(limit_s=_BODY_WITHIN_S) from error
        except ConnectionError as error:  # who asked went away
            raise web.HTTPBadRequest from error
        if not isinstance(sent, dict):
            raise ArgumentsInvalid(problems=["value_no_object"])
        return sent
    return _once(request.query.items())


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in given:
            raise ArgumentsInvalid(problems=[wrong_value(name, "value_twice")])
        given[name] = value
    return given


_loads = partial(json.loads, object_pairs_hook=_once)


def _json(
    value: Json,
    *,
    status: int = 200,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    own = {"Cache-Control": "no-store", **(headers or {})}
    return web.Response(text=text, status=status, content_type=content_type, headers=own)


def openapi(axis: Axis, *, has_key: bool) -> Json:
    """Return the OpenAPI 3.1 description of the API.

    Args:
        axis: the axis of positions, whose lenses and bands may be asked for.
        has_key: whether programs must send a key.
    """
    contracts = [operation.contract for operation in OPERATIONS.values()]
    _, schemas = models_json_schema(
        [(contract, "serialization") for contract in contracts], ref_template="#/components/schemas/{model}"
    )
    described: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "Counterpoint",
            "version": version("counterpoint"),
            "description": (
                "Where was this said, and who stands on the other side? Quotes are verbatim, each with its second and "
                "a link that opens the recording there. Positions are a program's readings of the words, from -100 "
                f"({axis.low_pole}) to +100 ({axis.high_pole}); they are no statement of the speakers."
            ),
        },
        "servers": [{"url": PREFIX}],
        "paths": {f"/{operation.name}": _path(operation, axis) for operation in OPERATIONS.values()},
        "components": {"schemas": {**schemas["$defs"], "Problem": _PROBLEM}},
    }
    if has_key:
        described["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        described["security"] = [{"key": []}]
    return described


_PROBLEM: Json = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["status", "code", "detail"],
    "properties": {
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable, for programs."},
        "detail": {"type": "string", "description": "The sentence for a person."},
        "candidates": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Slugs of all episodes that a name may mean, best first; 100 at most.",
        },
    },
}


def _path(operation: Operation[Any], axis: Axis) -> Json:
    arguments = operation.arguments_schema(axis)
    required = arguments.get("required", [])
    answers: Json = {
        "200": {
            "description": operation.title,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{operation.contract.__name__}"}
                }
            },
        },
        "default": {
            "description": "It cannot be answered.",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
    }
    about: Json = {"summary": operation.title, "description": operation.description, "responses": answers}
    parameters = [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": schema.get("description", ""),
            "schema": _without_null(schema),
        }
        for name, schema in arguments["properties"].items()
    ]
    return {
        "get": {**about, "operationId": operation.name, "parameters": parameters},
        "post": {
            **about,
            "operationId": f"{operation.name}_post",
            "requestBody": {"required": True, "content": {"application/json": {"schema": arguments}}},
        },
    }


def _without_null(schema: Json) -> Json:
    """Return the schema of a parameter, which is left out rather than null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    own = {name: value for name, value in schema.items() if name not in {"anyOf", "default", "description"}}
    default = {"default": schema["default"]} if schema.get("default") is not None else {}
    return {**own, **(kinds[0] if kinds else {}), **default}
