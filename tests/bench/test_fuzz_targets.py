"""A few inputs of every target of the drill (``make fuzz``): what takes foreign text answers or refuses."""

from random import Random

import pytest

from bench.fuzz import targets
from bench.fuzz_targets import Target

N_INPUTS, LARGEST = 40, 3_000


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_a_target_answers_or_refuses(target: Target) -> None:
    for number in range(N_INPUTS):
        random = Random(f"{target.name} {number}")
        made = target.make(random, random.randint(1, min(LARGEST, target.largest)))
        try:
            target.run(made)
        except target.expected:
            continue
