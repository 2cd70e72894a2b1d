"""Where a store of editions is: an address with perhaps a password, and how it is shown."""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

_PORT = 19530
_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Address of a Milvus database.

    Attributes:
        host, port: of the server.
        is_encrypted: True for TLS.
        database: its name; empty for the default one.
        user, password: empty where the server asks for none.
    """

    host: str
    port: int = _PORT
    is_encrypted: bool = False
    database: str = ""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, address: str) -> Self:
        """Read ``milvus://[USER:PASSWORD@]HOST[:PORT][/DATABASE]``; ``milvuss://`` for TLS.

        Raises:
            ValueError: it is none.
        """
        parts = urlsplit(address)
        database = parts.path.removeprefix("/")
        if (
            parts.scheme not in ("milvus", "milvuss")
            or not parts.hostname
            or parts.query
            or parts.fragment
            or (database and not _DATABASE.fullmatch(database))
        ):
            raise ValueError("no address of a Milvus database")
        return cls(
            parts.hostname,
            _PORT if parts.port is None else parts.port,
            parts.scheme == "milvuss",
            database,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    @property
    def uri(self) -> str:
        """Return the server's address, without database, user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.is_encrypted else 'http'}://{host}:{self.port}"

    @property
    def shown(self) -> str:
        """Return the address without user and password."""
        return f"milvus://{self.host}:{self.port}/{self.database}".rstrip("/")
