"""Set-up of every test: hypothesis draws the same number of examples on every machine, from a seed that is printed."""

import os
import random

import pytest
from hypothesis import HealthCheck, settings

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
