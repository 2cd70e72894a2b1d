"""Everything a person can set, read once by the composition root."""

import os
import re
from collections.abc import Collection
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict

from index.storage.store_address import StoreAddress
from index.wrong_values import value_problem
from scoring.errors import CodedError, typed_fields

DATA = Path(__file__).resolve().parents[2] / "data"
ENCODERS = DATA / "encoders"
"""Maps to word pieces (``token_projection``), one file an encoder."""

ENV_FILE_VARIABLE = "COUNTERPOINT_ENV_FILE"
"""Names a file with settings, one ``NAME=value`` a line. No file is read unless it is named."""

_SHARDS = re.compile(r"(?P<first>[0-9]{1,5})(-(?P<last>[0-9]{1,5}))?/(?P<count>[0-9]{1,5})")
_SERVER_ID = re.compile(r"[1-9][0-9]{0,19}")
_PREFIX = "COUNTERPOINT_"


@typed_fields
class SettingInvalid(CodedError):
    """What a person set cannot be used; ``setting`` is the name of its variable."""

    code = "setting_invalid"
    setting: str
    problem: str

    @classmethod
    def of(cls, error: ValidationError) -> "SettingInvalid":
        """Return the first error of ``Settings.read``."""
        first = error.errors(include_url=False, include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        setting = name if name == "DISCORD_TOKEN" else _PREFIX + name
        return cls(setting=setting, problem=value_problem(first))


def _site(given: object) -> object:
    """Return an address without the slash at its end."""
    if not isinstance(given, str):
        return given
    address = given.strip().rstrip("/")
    if len(address) > 200 or re.fullmatch(r"https?://[^\s/?#\"<>]+(?:/[^\s?#\"<>]*)?", address) is None:
        message = "“{received}” is no address of pages, such as https://library.example"
        raise PydanticCustomError("site", message, {"received": given})
    return address


def _serve(given: object) -> object:
    """Check that it is a host and a port."""
    if not isinstance(given, str):
        return given
    address = given.strip()
    if re.fullmatch(r"[^\s:]+:[0-9]{1,5}", address) is None or int(address.rpartition(":")[2]) > 65_535:
        message = "“{received}” is no host with a port, such as 127.0.0.1:8080"
        raise PydanticCustomError("serve", message, {"received": given})
    return address


def _stance(given: object) -> object:
    """Return the name of the axis's larger model as such: as a path it would be a file of the working folder."""
    return "large" if given == Path("large") else given


def _judge(given: object) -> object:
    """Check that an address is encrypted, or of this machine."""
    if not isinstance(given, str):
        return given
    address = given.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        host, is_plain = parts.hostname or "", not (parts.username or parts.query or parts.fragment)
        is_right = parts.port != 0 and is_plain and bool(host) and not re.search(r"\s", address)
    except ValueError:
        is_right, host = False, ""
    if not is_right or parts.scheme not in ("http", "https"):
        message = "it is no address of a chat service, such as https://api.example/v1"
        raise PydanticCustomError("judge", message)
    if parts.scheme == "http" and not _is_this_machine(host):
        message = (
            "passages and the key would travel unencrypted; give an https address, or one of this machine"
        )
        raise PydanticCustomError("judge", message)
    return address


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _server_ids(given: object) -> object:
    """Return ids that a person wrote with commas or spaces between them; an empty text names none."""
    if not isinstance(given, str):
        return given
    ids = given.replace(",", " ").split()
    wrong = [
        server_id
        for server_id in ids or [given.strip()]
        if server_id and _SERVER_ID.fullmatch(server_id) is None
    ]
    if wrong:
        message = "“{received}” is no server's id; ids are numbers, written with commas between them"
        raise PydanticCustomError("server_ids", message, {"received": wrong[0]})
    return tuple(int(server_id) for server_id in ids)


def _shards(given: object) -> object:
    """Check which of Discord's shards are this bot's."""
    if not isinstance(given, str):
        return given
    written = given.strip()
    found = _SHARDS.fullmatch(written)
    if found is None or not int(found["first"]) <= int(found["last"] or found["first"]) < int(found["count"]):
        message = "“{received}” names no shards; write 0-3/8 for the first four of eight, or 5/8"
        raise PydanticCustomError("shards", message, {"received": given})
    return written


def _model_of_judge(given: str, info: ValidationInfo) -> str:
    if not given.strip() and info.data.get("judge"):
        message = "COUNTERPOINT_JUDGE is set, so it has to name the model to ask"
        raise PydanticCustomError("judge_model", message)
    return given.strip()


def _postgres_address(given: object) -> object:
    if isinstance(given, str) and not given.startswith(("postgresql://", "postgres://")):
        raise PydanticCustomError(
            "community", "it is no address of a PostgreSQL database, postgresql://HOST/NAME"
        )
    return given


def _store_address(given: object) -> object:
    if isinstance(given, str):
        try:
            StoreAddress.of(given)
        except ValueError as error:
            raise PydanticCustomError(
                "store", "it is no address of a Milvus database, milvus://HOST/DATABASE"
            ) from error
    return given


class Settings(BaseSettings):
    """Flags, then ``COUNTERPOINT_*`` variables, then the file that ``read`` is given; none of them is needed.

    An empty variable, and an empty line of the file, set nothing.

    A ``.env`` in the working folder is not read unless it is named: it may be anybody's, and could send the token to
    another API.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    library: Path = Path("library")
    """Folder of episodes: the only source of truth."""

    state: Path | None = None
    """Folder for editions, exported models and the community database; ``LIBRARY/.counterpoint`` if not set."""

    model: str = "all-MiniLM-L6-v2"
    """Sentence-transformers model: the packaged one, a folder, or a name on the model hub."""

    precision: Literal["auto", "f32", "bf16"] = "auto"
    """Arithmetic of the model; auto takes bfloat16 where the processor has it."""

    reranker: str | None = None
    """A sentence-transformers cross-encoder (a folder, or a name on the hub) that rescores the best candidates."""

    axis: str = "risk-opportunity"
    """Which axis positions are read on: a folder's name below ``data/axes``, or a folder."""

    stance: Annotated[Literal["large"] | Path | None, BeforeValidator(_stance)] = None
    """A trained stance model (a file that `counterpoint train-axis` wrote) instead of the axis's own ``stance.npz``;
    ``large`` is the axis's ``stance-large.npz``, which reads better and takes longer."""

    editor_position: Literal["beside", "instead"] = "beside"
    """Whether an editor's assessment is shown beside the computed headline or takes its place."""

    site: Annotated[str | None, BeforeValidator(_site)] = None
    """Address at which the pages are published, such as ``https://library.example``; quotes link to it."""

    serve: Annotated[str | None, BeforeValidator(_serve)] = None
    """Where the bot serves the pages while it runs, such as ``127.0.0.1:8080``; nowhere if not set."""

    pages_language: Literal["en", "de"] = "en"
    """Language of the pages. Discord answers everybody in their own."""

    threads: Annotated[int, Field(ge=0, le=256)] = 0
    """Cores that embedding uses; 0 takes those the process may run on, at most 8."""

    workers: Annotated[int, Field(ge=1, le=32)] = 1
    """Processes that answer the bot's questions; while one is slow, up to two more are started."""

    question_limit_s: Annotated[float, Field(ge=0.5, le=60.0)] = 3.0
    """Seconds after which a question to the bot is stopped."""

    fetch_pause_s: Annotated[float, Field(ge=0.0, le=600.0)] = 5.0
    """Seconds between two fetches from followed sources, and up to as many again by chance."""

    message_pace_s: Annotated[float, Field(ge=0.0, le=600.0)] = 2.0
    """Seconds between two messages that the bot sends by itself."""

    speech_url: str | None = None
    """Address of a speech service that speaks OpenAI's protocol, up to ``/audio/transcriptions``."""

    speech_model: str | None = None
    """Name of its model, ``whisper-1`` if not set. Without an address the model of faster-whisper, where the extra
    ``counterpoint[transcribe]`` is installed: ``small`` if not set, another size, or a folder."""

    speech_key: SecretStr | None = None
    """Its key, where it wants one."""

    transcribe: Literal["off", "new", "all"] = "off"
    """Which episodes of followed podcasts without a text are turned into text by themselves: those that come out from
    now on, or what a source had before as well."""

    judge: Annotated[str | None, BeforeValidator(_judge)] = None
    """Address of a chat service that speaks OpenAI's protocol, up to ``/chat/completions``, such as
    ``http://127.0.0.1:8080/v1``: builds ask it which passages answer each other. Passages are sent to it."""

    judge_model: Annotated[str, Field(validate_default=True), AfterValidator(_model_of_judge)] = ""
    """Name of its model; needed where ``judge`` is set."""

    judge_key: SecretStr | None = None
    """Its key, where it wants one."""

    judge_pairs: Annotated[int, Field(ge=1, le=1_000_000)] = 2_000
    """Claims that it reads in one build at most, and pairs of them that it is asked about at most."""

    status_port: Annotated[int | None, Field(ge=0, le=65_535)] = None
    """Port of this machine (127.0.0.1) for ``/healthz``, ``/readyz`` and Prometheus' ``/metrics``; None for none."""

    log_format: Literal["text", "json"] = "text"
    """Form of the bot's log lines; each has the number of the request that it belongs to."""

    token: Annotated[SecretStr | None, Field(validation_alias="DISCORD_TOKEN")] = None
    """The Discord bot's token."""

    api_base: str | None = None
    """Address of a Discord-compatible HTTP API, such as ``http://127.0.0.1:8080/api/v10``."""

    gateway: str | None = None
    """Address of a Discord-compatible gateway, such as ``ws://127.0.0.1:8080/``."""

    shards: Annotated[str | None, BeforeValidator(_shards)] = None
    """Shards of Discord's that this bot answers, of how many: ``0-3/8`` or ``5/8``; all, as many as Discord wants, if
    not set."""

    store: Annotated[SecretStr | None, BeforeValidator(_store_address)] = None
    """Address of the Milvus database that builds publish editions in and that bots without the library answer from,
    such as ``milvus://user:password@host:19530/database``; none if not set."""

    community: Annotated[SecretStr | None, BeforeValidator(_postgres_address)] = None
    """Address of the PostgreSQL database with what members and moderators made, such as
    ``postgresql://bot:password@host/counterpoint``; a file in the state folder if not set."""

    api_key: SecretStr | None = None
    """What programs must send that ask over the HTTP API beside the pages; everybody may ask if not set."""

    api_rate: Annotated[int, Field(ge=1, le=100_000)] = 60
    """Questions a minute that one address may ask over the API."""

    moderated_from: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_server_ids)] = ()
    """Ids of the Discord servers that ``/admin`` is taken from, with commas between them. If none is named, from the
    servers that the application's owner opened with ``/admin open``."""

    @classmethod
    def read(cls, *, env_file: Path | None = None, **given: Any) -> Self:
        """Read the settings of this process.

        Args:
            env_file: file to read besides the variables; the one that ``COUNTERPOINT_ENV_FILE`` names if not given.
            given: settings that go first, such as those of flags.

        Raises:
            OSError: the file cannot be read.
            TypeError: there is no setting of a given name.
            ValidationError: a setting is wrong.
        """
        if unknown := given.keys() - cls.model_fields.keys():
            raise TypeError(f"there is no setting {min(unknown)!r}")
        env_file = env_file or _named_file()
        if env_file is not None:
            env_file.read_bytes()  # pydantic-settings takes a missing file for an empty one
        sources: dict[str, Any] = {"_env_file": env_file}
        return cls(**sources, **given)

    @classmethod
    def unknown_variables(cls, env_file: Path | None = None) -> list[str]:
        """Return the variables that look like settings and are none, in alphabetical order: mistyped, they set nothing.

        Args:
            env_file: as of ``read``; its lines count like variables.
        """
        written = DotEnvSettingsSource(cls, env_file=env_file or _named_file()).env_vars
        found = {name.upper() for name, value in (*os.environ.items(), *written.items()) if value}
        known = {ENV_FILE_VARIABLE, *(_PREFIX + name.upper() for name in cls.model_fields)} - {
            f"{_PREFIX}TOKEN"
        }
        return sorted(name for name in found - known if name.startswith(_PREFIX))

    def without_secrets(self, *, but: Collection[str] = ()) -> Self:
        """Return these settings without passwords, tokens and keys, ``but`` those of these names."""
        return self.model_copy(update=dict.fromkeys(_SECRETS.difference(but)))

    @property
    def state_folder(self) -> Path:
        """Where derived files and the community database lie."""
        return self.state if self.state is not None else self.library / ".counterpoint"

    @property
    def community_address(self) -> str | None:
        """Address of the community database, with its password; None for the file."""
        return self.community.get_secret_value() if self.community is not None else None

    @property
    def store_address(self) -> StoreAddress | None:
        """Address of the store of editions; None for none."""
        return StoreAddress.of(self.store.get_secret_value()) if self.store is not None else None

    @property
    def shard_ids(self) -> tuple[range, int] | None:
        """Numbers of the shards that this bot answers, and how many there are; None for all."""
        found = _SHARDS.fullmatch(self.shards or "")
        if found is None:
            return None
        first = int(found["first"])
        return range(first, int(found["last"] or first) + 1), int(found["count"])

    @property
    def axis_folder(self) -> Path:
        """The axis's folder."""
        named = DATA / "axes" / self.axis
        return named if named.is_dir() else Path(self.axis)

    @property
    def stance_file(self) -> Path:
        """The file of the stance model; the axis's own may be missing."""
        if self.stance is None:
            return self.axis_folder / "stance.npz"
        return self.axis_folder / "stance-large.npz" if self.stance == "large" else self.stance


def _named_file() -> Path | None:
    named = os.environ.get(ENV_FILE_VARIABLE)
    return Path(named) if named else None


_SECRETS = frozenset(
    name for name, field in Settings.model_fields.items() if SecretStr in get_args(field.annotation)
)
SECRET_VARIABLES = frozenset({"DISCORD_TOKEN"} | {_PREFIX + name.upper() for name in _SECRETS})
"""Variables of the environment that hold a secret: programs that the bot starts get them only where they need them."""
