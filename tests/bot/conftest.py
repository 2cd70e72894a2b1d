"""Set-up of every test of the bot."""

import pytest


@pytest.fixture(autouse=True)
def _restored(discord_addresses: None) -> None:
    """Restore discord.py's addresses after each test: a client that is made sets them."""
