"""HTTP session with limits on waiting, size and total time."""

import time
from typing import Any

LONGEST_WAIT_S = 10.0
"""For a connection, and between two pieces of an answer."""

LARGEST_ANSWER_BYTES = 20_000_000


def limited_session(limit_s: float) -> Any:
    """Return a ``requests.Session`` whose requests all end within ``limit_s`` seconds from now, in total.

    Its requests raise ``requests.Timeout`` when the time is over, and ``requests.RequestException`` where an answer
    is larger than ``LARGEST_ANSWER_BYTES``.
    """
    import requests  # noqa: PLC0415 - a fifth of a second that nobody without links need spend

    ends_s = time.monotonic() + limit_s

    class Limited(requests.Session):
        def send(self, request: Any, **kwargs: Any) -> Any:
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                raise requests.Timeout(request=request)
            # As a stream at first: what requests reads by itself it reads without end.
            response = super().send(
                request, **{**kwargs, "timeout": min(left_s, LONGEST_WAIT_S), "stream": True}
            )
            pieces, size = [], 0
            for piece in response.iter_content(65_536):
                pieces.append(piece)
                size += len(piece)
                if time.monotonic() > ends_s:
                    response.close()
                    raise requests.Timeout(request=request, response=response)
                if size > LARGEST_ANSWER_BYTES:
                    response.close()
                    raise requests.RequestException("answer too large", request=request)
            response._content = b"".join(pieces)
            return response

    return Limited()
