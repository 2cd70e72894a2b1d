"""What a person sets: read as it is written in the environment, and refused with what to write instead."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from bot.app import container, health
from bot.app.container import make_judge_options, make_pooled_service, make_scorer
from bot.app.jobs import environment_of
from bot.app.settings import DATA, ENV_FILE_VARIABLE, SECRET_VARIABLES, SettingInvalid, Settings
from bot.i18n.message_catalogue import MessageCatalogue
from scoring.errors import AxisDataInvalid

VARIABLE = "COUNTERPOINT_MODERATED_FROM"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_an_empty_setting_is_not_set(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example file says so of several, and a service manager hands over as empty what nobody filled in."""
    variable = "DISCORD_TOKEN" if name == "token" else f"COUNTERPOINT_{name.upper()}"
    monkeypatch.delenv(variable, raising=False)
    unset = getattr(Settings(_env_file=None), name)
    written = tmp_path / "settings"
    written.write_text(f"{variable}=\n", "utf-8")
    assert getattr(Settings(_env_file=written), name) == unset
    monkeypatch.setenv(variable, "")
    assert getattr(Settings(_env_file=None), name) == unset


def test_unless_set_no_server_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert Settings(_env_file=None).moderated_from == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ()),
        ("  ", ()),
        ("112233445566778899", (112233445566778899,)),
        ("112233445566778899, 2,3", (112233445566778899, 2, 3)),
        ("1 2\n3,", (1, 2, 3)),
    ],
)
def test_servers_are_written_with_commas_or_spaces(
    written: str, meant: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, written)
    assert Settings(_env_file=None).moderated_from == meant


@pytest.mark.parametrize("written", [",", "my server", "1;2", "0", "-5", "１２", "[1, 2]", "1" * 21])
def test_what_names_no_server_is_refused_and_never_read_as_every_server(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, written)
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None)
    (problem,) = refused.value.errors()
    assert problem["loc"] == ("moderated_from",)
    assert "is no server's id; ids are numbers, written with commas between them" in problem["msg"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("", None), ("0/1", (range(1), 1)), ("0-3/8", (range(4), 8)), (" 7/8 ", (range(7, 8), 8))],
)
def test_a_bot_answers_some_of_the_shards(
    written: str, meant: tuple[range, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERPOINT_SHARDS", written)
    assert Settings(_env_file=None).shard_ids == meant


@pytest.mark.parametrize("written", ["8/8", "3-1/8", "0-8/8", "1", "-1/8", "a/b", "0/0"])
def test_shards_that_are_none_are_refused(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPOINT_SHARDS", written)
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None)
    assert "write 0-3/8" in refused.value.errors()[0]["msg"]


class TestJudge:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("https://api.example/v1/", "https://api.example/v1"),
            ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
            ("http://localhost:11434/v1", "http://localhost:11434/v1"),
            ("http://[::1]:8000", "http://[::1]:8000"),
            ("", None),
        ],
    )
    def test_it_is_an_encrypted_address_or_one_of_this_machine(
        self, written: str, meant: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COUNTERPOINT_JUDGE", written)
        monkeypatch.setenv("COUNTERPOINT_JUDGE_MODEL", "reader-1")
        assert Settings(_env_file=None).judge == meant

    @pytest.mark.parametrize(
        "written",
        [
            "http://api.example/v1", "http://10.0.0.5/v1", "http://localhost.evil.example", "ftp://127.0.0.1",
            "api.example", "https://", "https://name:word@api.example/v1", "https://api.example/v1?key=1",
            "https://a b", "http://[::1",
        ],
    )  # fmt: skip
    def test_any_other_address_is_refused(self, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTERPOINT_JUDGE", written)
        monkeypatch.setenv("COUNTERPOINT_JUDGE_MODEL", "reader-1")
        with pytest.raises(ValidationError) as refused:
            Settings(_env_file=None)
        assert [problem["loc"] for problem in refused.value.errors()] == [("judge",)]

    def test_a_judge_needs_the_name_of_its_model(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTERPOINT_JUDGE", "https://api.example/v1")
        with pytest.raises(ValidationError) as refused:
            Settings(_env_file=None)
        (problem,) = refused.value.errors()
        assert (problem["loc"], problem["msg"]) == (
            ("judge_model",),
            "COUNTERPOINT_JUDGE is set, so it has to name the model to ask",
        )

    def test_its_key_reaches_builds_and_is_shown_nowhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in (("", "https://api.example/v1"), ("_MODEL", "reader-1"), ("_KEY", "sk-secret")):
            monkeypatch.setenv(f"COUNTERPOINT_JUDGE{name}", value)
        settings = Settings(_env_file=None)
        assert "sk-secret" not in f"{settings!r} {settings.model_dump_json()}"
        assert environment_of(settings)["COUNTERPOINT_JUDGE_KEY"] == "sk-secret"
        assert "COUNTERPOINT_JUDGE_KEY" in SECRET_VARIABLES
        judge_options = make_judge_options(settings)
        assert judge_options is not None
        assert judge_options.judge.address == "https://api.example/v1/chat/completions"
        assert "sk-secret" not in repr(judge_options)

    def test_unless_set_nobody_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("COUNTERPOINT_JUDGE", raising=False)
        assert make_judge_options(Settings(_env_file=None)) is None


def test_a_worker_gets_no_secret_but_the_address_of_the_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in SECRET_VARIABLES:
        monkeypatch.setenv(name, "postgresql://host/a_secret" if name.endswith("_COMMUNITY") else "a_secret")
    monkeypatch.setenv("COUNTERPOINT_STORE", "milvus://host/store_secret")
    made: list[Any] = []
    monkeypatch.setattr(container, "WorkerPool", lambda _, make_opener, **__: made.append(make_opener))
    monkeypatch.setattr(container, "make_store", lambda _: None)
    opener: Any = lambda given: SimpleNamespace(given=given)  # noqa: E731
    settings = Settings(_env_file=None, state=tmp_path)
    make_pooled_service(settings, opener)
    assert {name for name, value in settings if isinstance(value, SecretStr)} > {"store", "speech_key"}
    held = {name: value for name, value in made[0]().given if isinstance(value, SecretStr)}
    assert {name: value.get_secret_value() for name, value in held.items()} == {
        "store": "milvus://host/store_secret"
    }


class TestFileOfSettings:
    @pytest.fixture(autouse=True)
    def foreign(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / ".env").write_text("COUNTERPOINT_API_BASE=https://evil.example\nDISCORD_TOKEN=stolen\n")
        monkeypatch.chdir(tmp_path)
        for name in (ENV_FILE_VARIABLE, "COUNTERPOINT_API_BASE", "DISCORD_TOKEN", "COUNTERPOINT_MODEL"):
            monkeypatch.delenv(name, raising=False)

    def test_a_foreign_file_in_the_working_folder_sets_nothing(self) -> None:
        for settings in (Settings.read(), Settings()):
            assert (settings.api_base, settings.token) == (None, None)

    def test_a_file_is_read_where_it_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        named = tmp_path / "own.env"
        named.write_text("COUNTERPOINT_MODEL=from-file\nCOUNTERPOINT_AXIS=from-file\n")
        assert Settings.read(env_file=named).model == "from-file"
        monkeypatch.setenv(ENV_FILE_VARIABLE, str(named))
        assert Settings.read().model == "from-file"
        monkeypatch.setenv("COUNTERPOINT_MODEL", "from-variable")
        settings = Settings.read(axis="from-flag")
        assert (settings.model, settings.axis) == ("from-variable", "from-flag")

    def test_a_named_file_that_is_not_there_is_no_empty_one(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            Settings.read(env_file=tmp_path / "missing.env")


def test_the_large_stance_model_is_the_axis_s_own(tmp_path: Path) -> None:
    small = make_scorer(Settings(state=tmp_path), "")
    large = make_scorer(Settings(state=tmp_path, stance=Path("large")), "")
    by_file = make_scorer(
        Settings(state=tmp_path, stance=DATA / "axes" / "risk-opportunity" / "stance-large.npz"), ""
    )
    assert large.version == by_file.version != small.version, "an edition of one is not taken for the other's"
    with pytest.raises(AxisDataInvalid, match="stance-large"):
        make_scorer(Settings(state=tmp_path, axis="open-closed", stance=Path("large")), "")


class TestUnknownVariables:
    @pytest.fixture(autouse=True)
    def alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [name for name in os.environ if name.upper().startswith("COUNTERPOINT_")]:
            monkeypatch.delenv(name)

    def test_each_setting_is_known_and_so_is_the_example(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in Settings.model_fields.keys() - {"token"}:
            monkeypatch.setenv(f"COUNTERPOINT_{name.upper()}", "x")
        monkeypatch.setenv("counterpoint_api_key", "x")
        example = DATA.parent / "deploy" / ".env.example"
        monkeypatch.setenv(ENV_FILE_VARIABLE, str(example))
        assert "DISCORD_TOKEN=" in example.read_text("utf-8")
        assert Settings.unknown_variables() == []

    def test_a_mistyped_one_is_named_wherever_it_stands(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("COUNTERPOINT_APIKEY", "sesam")
        monkeypatch.setenv("COUNTERPOINT_TOKEN", "it is called DISCORD_TOKEN")
        monkeypatch.setenv("COUNTERPOINT_EMPTY", "")
        file = tmp_path / "settings"
        file.write_text("COUNTERPOINT_WORKER=2\nOTHERS=1\nDISCORD_TOKEN=x\n", "utf-8")
        assert Settings.unknown_variables(file) == [
            "COUNTERPOINT_APIKEY",
            "COUNTERPOINT_TOKEN",
            "COUNTERPOINT_WORKER",
        ]

    def test_a_keyword_that_is_no_setting_is_refused(self) -> None:
        with pytest.raises(TypeError, match="axs"):
            Settings.read(axs="open-closed")


@pytest.mark.parametrize("written", ["8080", ":8080", "127.0.0.1", "127.0.0.1:65536", "a b:1", "host:80x"])
def test_where_pages_are_served_is_a_host_and_a_port(written: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(serve=written)
    assert "is no host with a port, such as 127.0.0.1:8080" in SettingInvalid.of(refused.value).problem
    assert Settings(serve=" 0.0.0.0:8080 ").serve == "0.0.0.0:8080"


@pytest.mark.parametrize(
    ("name", "written", "problem"),
    [
        ("THREADS", "many", "a whole number is expected"),
        ("THREADS", "-1", "a number of at least 0 is expected"),
        ("WORKERS", "33", "a number of at most 32 is expected"),
        ("QUESTION_LIMIT_S", "0.1", "a number of at least 0.5 is expected"),
        ("FETCH_PAUSE_S", "long", "a number is expected"),
        ("PRECISION", "f8", "one of 'auto', 'f32', 'bf16' is expected"),
        ("STATUS_PORT", "x", "a whole number is expected"),
    ],
)
def test_a_wrong_setting_is_told_in_our_own_words(
    name: str, written: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"COUNTERPOINT_{name}", written)
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None)
    told = MessageCatalogue.load().error(SettingInvalid.of(refused.value))
    assert told == f"The setting COUNTERPOINT_{name} is wrong: {problem}."


def test_an_error_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The health check of a container prints what is wrong to a log that others read."""
    monkeypatch.setenv("COUNTERPOINT_COMMUNITY", "mysql://bot:secret@host/x")
    with pytest.raises(ValidationError) as refused:
        Settings.read()
    assert health.main() == 1
    said = capsys.readouterr().out
    assert "COUNTERPOINT_COMMUNITY" in said
    assert "secret" not in said + str(refused.value)
