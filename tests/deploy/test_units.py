"""The ways to run it are well formed, ask for little, and name settings that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.app.settings import Settings
from bot.app.watchdog import BEAT_S, STANDS_STILL_AFTER_S
from bot.discord.runner import ENDS_WITHIN_S

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNIT = DEPLOY / "counterpoint.service"
MOST_EXPOSED = 2.0

has_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine"
)


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, continuation lines joined."""
    text = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text())
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


@has_systemd
def test_the_unit_is_accepted(tmp_path: Path) -> None:
    # The program's own path exists only where it is installed; everything else is looked at as it is.
    unit = tmp_path / "counterpoint.service"
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(), flags=re.MULTILINE))
    checked = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "counterpoint.service" not in checked.stderr, "not even a warning"


@has_systemd
def test_the_unit_is_hardly_exposed() -> None:
    checked = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", UNIT],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", checked.stdout)
    assert exposure is not None, checked.stderr
    assert float(exposure[1]) <= MOST_EXPOSED


def unit() -> configparser.ConfigParser:
    """The unit as systemd reads it, but for keys that stand several times."""
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(UNIT)
    return parsed


def test_the_unit_brings_the_bot_back_whatever_ended_it() -> None:
    service = unit()["Service"]
    assert service["Restart"] == "always"
    assert service["Type"] == "notify"
    assert service["OOMPolicy"] == "continue", "a reindex without memory does not end the bot"
    assert float(service["WatchdogSec"]) >= STANDS_STILL_AFTER_S + 2 * BEAT_S, (
        "the bot says first where it hung"
    )
    assert float(service["TimeoutStopSec"]) > ENDS_WITHIN_S


def test_compose_brings_the_bot_back_and_waits_for_its_end() -> None:
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["bot"]
    assert service["restart"] == "unless-stopped"
    assert float(service["stop_grace_period"].removesuffix("s")) > ENDS_WITHIN_S


def test_compose_builds_its_image_and_asks_no_registry_for_it() -> None:
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["bot"]
    assert "image" not in service
    assert {f"{name}=" for name in service["build"]["args"]} <= {
        rest for name, rest in instructions() if name == "ARG"
    }


def test_the_image_runs_as_nobody_special_and_says_how_it_is() -> None:
    steps = instructions()
    names = [name for name, _ in steps]
    last_stage = len(names) - 1 - names[::-1].index("FROM")
    final = dict(steps[last_stage:])
    assert names.count("FROM") == 2
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", final["USER"])
    assert "bot.app.health" in final["HEALTHCHECK"]
    assert final["STOPSIGNAL"] == "SIGTERM"
    assert "TOKEN" not in (DEPLOY / "Dockerfile").read_text()
    assert names.index("USER") > max(place for place, name in enumerate(names) if name == "COPY")


def test_whatever_the_image_copies_is_let_into_its_context() -> None:
    allowed = {
        line[1:]
        for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = {
        source
        for name, rest in instructions()
        if name == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    assert copied == allowed
    assert all((DEPLOY.parent / name).exists() for name in copied - {"README.md"})


def test_compose_keeps_what_must_be_kept_and_writes_nowhere_else() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    bot = compose["services"]["bot"]
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    mounted = dict(volume.split(":") for volume in bot["volumes"])
    assert set(mounted) == set(compose["volumes"])
    assert {
        "library": "/library",
        "settings": "/state",
        "index": "/state/editions",
    }.items() <= mounted.items()
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    assert all(f'"{place}"' in dockerfile for place in mounted.values())


def test_the_example_names_every_setting_with_its_default() -> None:
    named = {"COUNTERPOINT_TOKEN", "COUNTERPOINT_API_BASE", "COUNTERPOINT_GATEWAY"}  # another name; for tests
    known = {f"COUNTERPOINT_{name.upper()}": field for name, field in Settings.model_fields.items()}
    for line in (DEPLOY / ".env.example").read_text().splitlines():
        match = re.fullmatch(r"#?([A-Z_]+)=(.*)", line)
        if match is None or match[1] == "DISCORD_TOKEN":
            continue
        assert match[1] in known
        named.add(match[1])
        default = known[match[1]].default
        written = f"{default:g}" if isinstance(default, float) else str(default)
        assert match[2] == ("" if default in (None, ()) else written)
    assert named == set(known)


def test_the_example_sets_no_token() -> None:
    assert "DISCORD_TOKEN=\n" in (DEPLOY / ".env.example").read_text()
