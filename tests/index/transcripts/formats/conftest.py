"""The invented files that the parsers are shown."""

from collections.abc import Callable
from pathlib import Path

import pytest

from index.transcripts.formats import parse_transcript
from index.transcripts.model import Transcript

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def read() -> Callable[[str], Transcript]:
    """Parses a fixture by its name."""
    return lambda name: parse_transcript((FIXTURES / name).read_bytes(), name=name)
