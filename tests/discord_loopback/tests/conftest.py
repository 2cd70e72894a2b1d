"""Every test here may point discord.py at a loopback."""

import pytest


@pytest.fixture(autouse=True)
def _restored(discord_addresses: None) -> None:
    """Restore discord.py's addresses after each test."""
