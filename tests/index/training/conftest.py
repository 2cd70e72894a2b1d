"""Set-up of tests that train."""

from collections.abc import Iterator

import pytest
import torch
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="module", autouse=True)
def _on_one_core() -> Iterator[None]:
    """Train on one core: threads that share such small matrices take eight times as long where cores are busy."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(limits=1):
        yield
    torch.set_num_threads(n_threads)
