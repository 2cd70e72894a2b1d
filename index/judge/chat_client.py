"""The judge at its address, asked by OpenAI's protocol (``/chat/completions``), which many local servers speak, too."""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp

from index.judge.errors import (
    JudgeBusy,
    JudgeRefused,
    JudgeTookTooLong,
    JudgeUnreachable,
    JudgeUnreadable,
)
from index.library.sources.public_web import retry_s

LARGEST_ANSWER_BYTES = 1_000_000

_TRIES = 4
_LONGEST_WAIT_S = 60.0
_BUSY = 429
_OPTIONAL: Mapping[str, object] = {"temperature": 0, "response_format": {"type": "json_object"}}


class ChatJudge:
    """A language model at an address. Use it as an asynchronous context manager.

    Args:
        base: its address up to ``/chat/completions``, such as ``http://127.0.0.1:8080/v1``.
        model: name of the model.
        key: sent as a bearer token, or None.
        limit_s: seconds that one answer may take.
        pause_s: seconds before the second try where it is busy or broken; doubled with each further try.
    """

    def __init__(
        self, base: str, model: str, *, key: str | None = None, limit_s: float = 300.0, pause_s: float = 1.0
    ) -> None:
        self.model = model
        self.address = base.rstrip("/") + "/chat/completions"
        self._key = key
        self._limit_s = limit_s
        self._pause_s = pause_s
        self._is_plain = False
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        headers = {} if self._key is None else {"Authorization": f"Bearer {self._key}"}
        self._session = aiohttp.ClientSession(
            headers=headers, timeout=aiohttp.ClientTimeout(total=self._limit_s), trust_env=False
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Return what the model says to ``messages``.

        What is busy (429), broken (5xx) or hangs up is asked again with growing pauses, at most four times in all. A
        server that does not know the options of a request (400) is asked without them from then on.

        Raises:
            JudgeUnreachable, JudgeTookTooLong, JudgeBusy, JudgeRefused, JudgeUnreadable.
        """
        tries = 0
        while True:
            tries += 1
            is_last = tries == _TRIES
            wait_s: float | None = None
            was_plain = self._is_plain
            try:
                status, wait_s, body = await self._post(messages)
            except (TimeoutError, aiohttp.ServerTimeoutError) as error:
                raise JudgeTookTooLong(address=self.address, limit_s=self._limit_s) from error
            except aiohttp.ClientConnectorError as error:
                raise JudgeUnreachable(address=self.address) from error
            except aiohttp.ClientError as error:  # the connection broke
                if is_last:
                    raise JudgeUnreachable(address=self.address) from error
            else:
                if status == 200:
                    return self._content(body)
                if status == 400 and not was_plain:
                    self._is_plain = True
                    continue
                if status != _BUSY and status < 500:
                    raise JudgeRefused(address=self.address, status=status)
                if is_last:
                    raise JudgeBusy(address=self.address, status=status)
            pause_s = self._pause_s * 2 ** (tries - 1) * random.uniform(1.0, 1.5)  # noqa: S311 - no secret
            await asyncio.sleep(min(_LONGEST_WAIT_S, pause_s if wait_s is None else wait_s))

    async def _post(self, messages: Sequence[Mapping[str, str]]) -> tuple[int, float | None, bytes | None]:
        """Return status, seconds to wait if any are named, and body; None for a body that is too large."""
        if self._session is None:
            raise RuntimeError("a judge is asked inside its context")
        asked = {"model": self.model, "messages": list(messages), "stream": False}
        if not self._is_plain:
            asked |= _OPTIONAL
        async with self._session.post(self.address, json=asked, allow_redirects=False) as response:
            body = bytearray()
            async for piece in response.content.iter_chunked(65_536):
                body += piece
                if len(body) > LARGEST_ANSWER_BYTES:
                    return response.status, None, None
            return response.status, retry_s(response.headers.get("Retry-After")), bytes(body)

    def _content(self, body: bytes | None) -> str:
        try:
            told: Any = json.loads(body or b"")
            content = told["choices"][0]["message"]["content"]
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            raise JudgeUnreadable(address=self.address, model=self.model) from error
        if not isinstance(content, str):
            raise JudgeUnreadable(address=self.address, model=self.model)
        return content
