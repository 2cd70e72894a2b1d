"""Claims about how a build tells how far it is."""

from hypothesis import given
from hypothesis import strategies as st

from index.build.progress import Steps


class Told:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.steps: list[int] = []

    def stage(self, name: str, total: int) -> None: ...

    def advance(self, steps: int) -> None:
        self.steps.append(steps)


@given(st.integers(0, 30), st.lists(st.integers(1, 64), max_size=40))
def test_windows_in_any_batches_add_up_to_the_episodes(n_episodes: int, batches: list[int]) -> None:
    told = Told()
    steps = Steps(told, n_episodes, sum(batches))
    for n_windows in batches:
        steps.embedded(n_windows)
        assert sum(told.steps) <= n_episodes
    steps.done()
    assert sum(told.steps) == n_episodes
    assert all(step > 0 for step in told.steps)
