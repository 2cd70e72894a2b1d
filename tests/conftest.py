"""Set-up of every test.

hypothesis draws the same number of examples on every machine, from a seed that is printed; a process that parses a file
may take as long as a busy machine needs to start it.
"""

import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from waiting import LONG_S

from index.library.ingest.parse_process import ParseLimits

pytest_plugins = [
    "discord_loopback.pytest_plugin",
    "indexed_sample",
    "milvus_server",
    "postgres_server",
    "ray_cluster",
]

settings.register_profile(
    "ci", deadline=None, max_examples=100, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("ci"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_SEED = "hypothesis_seed"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose a seed for hypothesis unless ``--hypothesis-seed`` names it. Workers of xdist are handed the same."""
    if getattr(config.option, _SEED, None) is None:
        setattr(config.option, _SEED, str(random.SystemRandom().randrange(2**32)))


def pytest_report_header(config: pytest.Config) -> str:
    """Say how to draw the same examples again."""
    return f"drawn with --hypothesis-seed={getattr(config.option, _SEED)}"


@pytest.fixture(scope="session", autouse=True)
def _parsing_takes_its_time() -> Iterator[None]:
    """Let no file be refused because the machine is busy; tests of the limits give their own."""
    _, *others = ParseLimits.__init__.__defaults__ or ()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ParseLimits.__init__, "__defaults__", (LONG_S, *others))
        yield
