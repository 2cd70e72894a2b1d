"""Fetching public web addresses: every address is checked at the moment of connecting, after every redirect too.

A name is resolved once, its addresses are checked, and the connection goes to a checked address, so that a name cannot
mean one machine for the check and another for the connection. Variables that name a proxy are not followed: behind one
nothing could be checked. Time and size are limited as wholes: a deadline ends the sockets themselves, whatever
the other side is dripping.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from index.library.sources.errors import (
    AddressRefused,
    PageBlocked,
    PageEmpty,
    PageMissing,
    PageTooLarge,
    SiteTookTooLong,
    SiteUnreachable,
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LARGEST_PAGE_BYTES = 20_000_000
MOST_REDIRECTS = 5
LONGEST_ADDRESS = 2_000
LONGEST_RETRY_S = 86_400.0

_WAIT_S = 10.0
_PIECE_BYTES = 65_536
_PORTS = {"http": (80,), "https": (443,)}
_USER_AGENT = "counterpoint (a self-hosted library of conversations; asks seldom)"
_REDIRECTS = (301, 302, 303, 307, 308)
_BLOCKS = (401, 403, 429)
_MISSING = (404, 410)


def is_public(address: Address) -> bool:
    """Return True for an address of the public internet: not private, local, multicast, reserved, nor one in disguise.

    An IPv6 address that carries an IPv4 address (mapped, 6to4, Teredo, NAT64) is judged by that.
    """
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if carried is None and address in _NAT64:
            carried = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(carried)
    return address.is_global and not address.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of the web.

    Attributes:
        url: where it came from, after redirects.
        body: the whole body, decompressed; empty where it is unchanged.
        content_type: in small letters, without parameters; empty if none was said.
        etag, last_modified: what to ask with the next time; None if none was said.
        is_unchanged: True where the server says that nothing changed since.
    """

    url: str
    body: bytes
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    is_unchanged: bool = False

    @property
    def is_html(self) -> bool:
        """Return True for a page for people, by its type or its first letters."""
        head = self.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return self.content_type in ("text/html", "application/xhtml+xml") or head.startswith(
            (b"<!doctype html", b"<html", b"<head", b"<body")
        )


class PublicWeb:
    """Reads pages of the public web. Its methods block their thread and may be called from any.

    Args:
        is_allowed: whether an address may be connected to; tests let loopback pass.
        ports: whether a port may be connected to beside the usual one of its scheme.
    """

    def __init__(
        self,
        *,
        is_allowed: Callable[[Address], bool] = is_public,
        ports: Callable[[int], bool] = lambda _: False,
    ) -> None:
        self._is_allowed = is_allowed
        self._ports = ports

    def read(
        self,
        url: str,
        *,
        limit_s: float,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = "*/*",
        largest_bytes: int = LARGEST_PAGE_BYTES,
    ) -> Page:
        """Return the page at ``url``, after at most ``MOST_REDIRECTS`` redirects.

        Args:
            url: http or https, with a host that resolves to public addresses only.
            limit_s: seconds for all of it.
            etag: of an earlier answer, or None; where nothing changed since, the page is unchanged and empty.
            last_modified: of the same answer, or None.
            accept: the header of that name.
            largest_bytes: of the decompressed body.

        Raises:
            AddressRefused: the address, or one it redirects to, may not be read.
            PageBlocked: 401, 403, 429 or 503 with a time to wait; PageMissing: 404, 410; PageEmpty; PageTooLarge.
            SiteTookTooLong, SiteUnreachable: no answer in time, or none that can be used.
        """
        import requests  # noqa: PLC0415 - a fifth of a second that nobody without links need spend

        ends_s = time.monotonic() + limit_s
        headers = {"User-Agent": _USER_AGENT, "Accept": accept, "Accept-Encoding": "gzip, deflate"}
        if etag is not None:
            headers["If-None-Match"] = etag
        if last_modified is not None:
            headers["If-Modified-Since"] = last_modified
        with deadline(limit_s) as ending:
            for _ in range(MOST_REDIRECTS + 1):
                self._check(url)
                timeout_s = min(_WAIT_S, max(0.01, ends_s - time.monotonic()))
                try:
                    # A connection for each step: one that is kept may be closed just when it is used again.
                    with (
                        self._session(ending) as session,
                        session.get(url, headers=headers, stream=True, timeout=timeout_s) as response,
                    ):
                        location = session.get_redirect_target(response)
                        if response.status_code in _REDIRECTS and location:
                            url = self._redirected(url, location)
                            continue
                        if response.status_code == 304 and etag is None and last_modified is None:
                            raise SiteUnreachable(host=host_of(url))  # nobody asked whether it changed
                        return self._page(url, response, limit_s, ends_s, largest_bytes)
                # A ValueError is of an address or a header that cannot be one, as the other side sent it.
                except (requests.RequestException, ValueError) as error:
                    if time.monotonic() >= ends_s or isinstance(error, requests.Timeout):
                        raise SiteTookTooLong(host=host_of(url), limit_s=limit_s) from error
                    raise SiteUnreachable(host=host_of(url)) from error
        raise AddressRefused(address=url, problem="too many redirects")

    def _session(self, ending: "Ending") -> Any:
        session = session_without_redirects()
        session.trust_env = False
        for scheme in _PORTS:
            session.mount(f"{scheme}://", checked_adapter(self._is_allowed, ending))
        return session

    def _check(self, url: str) -> None:
        checked_address(url)
        parts = urlsplit(url)
        port = parts.port
        if port is not None and port not in _PORTS[parts.scheme] and not self._ports(port):
            raise AddressRefused(address=url, problem="port")

    def _redirected(self, url: str, location: str) -> str:
        following = urljoin(url, location)
        if urlsplit(url).scheme == "https" and urlsplit(following).scheme != "https":
            raise AddressRefused(address=following, problem="no longer encrypted")
        return following

    @staticmethod
    def _page(url: str, response: Any, limit_s: float, ends_s: float, largest_bytes: int) -> Page:
        host, status = host_of(url), int(response.status_code)
        validators = (response.headers.get("ETag"), response.headers.get("Last-Modified"))
        if status == 304:
            return Page(url, b"", "", *validators, is_unchanged=True)
        if status in _BLOCKS or (status == 503 and "Retry-After" in response.headers):
            raise PageBlocked(host=host, status=status, retry_s=retry_s(response.headers.get("Retry-After")))
        if status in _MISSING:
            raise PageMissing(host=host)
        if status != 200:
            raise SiteUnreachable(host=host)
        body = read_body(response, ends_s, largest_bytes)
        if body is None:
            raise PageTooLarge(host=host, limit=largest_bytes)
        if time.monotonic() >= ends_s:
            raise SiteTookTooLong(host=host, limit_s=limit_s)
        if not body.strip():
            raise PageEmpty(host=host)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().casefold()
        return Page(url, body, kind, *validators)


def checked_address(url: str) -> str:
    """Return a web address without its fragment.

    Raises:
        AddressRefused: it is none, is too long, holds a name and password, or has no host.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise AddressRefused(address=url, problem="no web address") from error
    if len(url) > LONGEST_ADDRESS or any(letter.isspace() or ord(letter) < 32 for letter in url):
        raise AddressRefused(address=url[:LONGEST_ADDRESS], problem="no web address")
    if parts.scheme not in _PORTS or not parts.hostname:
        raise AddressRefused(address=url, problem="no web address")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(address=host_of(url), problem="password")
    return urlunsplit(parts._replace(fragment=""))


def host_of(url: str) -> str:
    """Return the host that ``url`` names, or an empty text."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def retry_s(header: str | None) -> float | None:
    """Return the seconds to wait that a Retry-After header says, at most a day; None where it says none."""
    if header is None:
        return None
    text = header.strip()
    seconds: float | None = float(text) if text.isdecimal() and len(text) < 10 else None
    if seconds is None:
        with suppress(ValueError, TypeError, OverflowError):
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
    return None if seconds is None else min(max(0.0, seconds), LONGEST_RETRY_S)


def session_without_redirects() -> Any:
    """Return a ``requests.Session`` that follows no redirect.

    With ``allow_redirects=False`` requests would still prepare to, and read the whole body of an answer that redirects.
    """
    import requests  # noqa: PLC0415

    class Straight(requests.Session):
        def resolve_redirects(self, *_: Any, **__: Any) -> Generator[Any, None, None]:
            yield from ()

    return Straight()


def read_body(response: Any, ends_s: float, largest_bytes: int) -> bytes | None:
    """Return the body of a streamed response of requests; None if it is larger, what came by then after ``ends_s``.

    It is read as it comes: a server that sends a letter now and then is left when the time is over.
    """
    import requests  # noqa: PLC0415
    import urllib3  # noqa: PLC0415

    pieces, size = [], 0
    try:
        while piece := response.raw.read1(_PIECE_BYTES, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > largest_bytes:
                response.close()
                return None
            if time.monotonic() > ends_s:
                break
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise requests.ConnectionError(error) from error
    return b"".join(pieces)


class Ending:
    """Sockets that are ended when the time is over."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self.is_over = False
        """True once the time is over."""

    def watch(self, connected: socket.socket) -> None:
        """End ``connected`` with the others; a duplicate is kept, since TLS takes the socket over."""
        with self._lock:
            self._sockets.append(connected.dup())
        if self.is_over:
            self.end()

    def end(self) -> None:
        """Shut every socket down: whoever reads or writes stops waiting."""
        self.is_over = True
        with self._lock:
            for watched in self._sockets:
                with suppress(OSError):
                    watched.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Forget the sockets."""
        with self._lock:
            for watched in self._sockets:
                watched.close()
            self._sockets.clear()


@contextmanager
def deadline(limit_s: float) -> Iterator[Ending]:
    """End the sockets of the block when ``limit_s`` seconds are over."""
    ending = Ending()
    timer = threading.Timer(limit_s, ending.end)
    timer.daemon = True
    timer.start()
    try:
        yield ending
    finally:
        timer.cancel()
        ending.close()


def connect(
    host: str,
    port: int,
    timeout_s: float,
    is_allowed: Callable[[Address], bool],
    ending: Ending | None = None,
) -> socket.socket:
    """Return a connection to ``host``, resolved here, by an address that was checked.

    Raises:
        AddressRefused: any of its addresses may not be connected to.
        OSError: it does not resolve, or does not answer, before the time of ``ending`` is over.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a part of the name is too long, or empty
        raise OSError("no name of a machine") from error
    for *_, target in found:
        address = ipaddress.ip_address(str(target[0]).partition("%")[0])
        if not is_allowed(address):
            raise AddressRefused(address=host, problem="private")
    last: OSError = OSError("no address")
    for family, kind, protocol, _, target in found:
        if (
            ending is not None and ending.is_over
        ):  # a name may have any number of addresses that do not answer
            raise TimeoutError("timed out")
        connecting = socket.socket(family, kind, protocol)
        try:
            connecting.settimeout(timeout_s)
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connecting.connect(target)
        except OSError as error:
            last = error
            connecting.close()
            continue
        if ending is not None:
            ending.watch(connecting)
        return connecting
    raise last


def checked_adapter(is_allowed: Callable[[Address], bool], ending: Ending | None = None) -> Any:
    """Return a transport adapter of requests whose direct connections go through ``connect``."""
    import urllib3  # noqa: PLC0415
    from requests.adapters import HTTPAdapter  # noqa: PLC0415

    def connected(connection: Any) -> socket.socket:
        timeout = connection.timeout
        seconds = float(timeout) if isinstance(timeout, int | float) else _WAIT_S
        try:
            return connect(connection._dns_host, connection.port, seconds, is_allowed, ending)
        except TimeoutError as error:
            raise urllib3.exceptions.ConnectTimeoutError(connection, "timed out") from error
        except OSError as error:
            raise urllib3.exceptions.NewConnectionError(connection, str(error)) from error

    class Plain(urllib3.connection.HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connected(self)

    class Encrypted(urllib3.connection.HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connected(self)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Encrypted

    class Checked(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}

    return Checked(max_retries=0)
