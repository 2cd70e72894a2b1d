"""The fuzzing drill: hostile inputs for minutes, each with a time limit, and growth with the length of the input.

python bench/fuzz.py [--minutes 5] [--seed N] [--limit 5] [--only NAME ...]

Every target of ``bench/fuzz_targets`` gets the same share of the minutes, in a process of its own. Its inputs
are of random sizes up to its largest; of every eighth the same input is made ten times as long, and the time may grow
at most fifteenfold. An input that takes longer than the limit, ends the process, raises an unexpected error or
grows too fast is a finding: it is printed with its number, which brings it back with ``--seed`` and ``--only``, and the
drill ends with exit status 1.
"""

import argparse
import contextlib
import gc
import importlib
import math
import multiprocessing
import pkgutil
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from random import Random

from bench import fuzz_targets
from bench.fuzz_targets import Target

GROWTH_ALLOWED = 15.0
"""At most so many times as long for ten times the input."""

GROWTH_EVERY = 8
"""Of so many inputs one is made ten times as long."""

_LEAST_MEASURED_S = 0.03  # below this a ratio says more about the clock than about the function
_LARGEST_GROWN = 300_000
_TRIES = 3
_STARTED = "started"


def targets() -> list[Target]:
    """Return the targets of all modules of ``fuzz_targets``, in the order of their modules' names."""
    modules = sorted(module.name for module in pkgutil.iter_modules(fuzz_targets.__path__))
    return [
        target
        for module in modules
        for target in importlib.import_module(f"{fuzz_targets.__name__}.{module}").TARGETS
    ]


def drill(target: Target, seed: int, seconds: float, limit_s: float) -> tuple[int, float, list[str]]:
    """Run one target for ``seconds``.

    Returns:
        the number of inputs, the worst growth that was measured, and the findings.
    """
    ends_s = time.monotonic() + seconds
    number, worst, findings = 0, 0.0, []
    while time.monotonic() < ends_s and len(findings) < 10:
        theirs, ours = multiprocessing.Pipe()
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_work, args=(target, seed, number, ends_s, theirs), daemon=True)
        process.start()
        theirs.close()
        while True:
            try:
                told = ours.recv() if ours.poll(limit_s) else None
            except EOFError:
                if time.monotonic() < ends_s:
                    findings.append(f"input {number}: the process died")
                break
            if told is None:
                findings.append(f"input {number}: longer than {limit_s:g} s")
                break
            if told == _STARTED:
                continue
            number, growth, finding = told
            worst = max(worst, growth)
            if finding:
                findings.append(f"input {number}: {finding}")
            number += 1
        process.kill()
        process.join()
        number += 1
    return number, worst, findings


def _work(target: Target, seed: int, first: int, ends_s: float, told: Connection) -> None:
    def run(made: object) -> None:
        told.send(_STARTED)
        with contextlib.suppress(target.expected):
            target.run(made)

    number = first
    while time.monotonic() < ends_s:
        growth, finding = 0.0, None
        try:
            if number % GROWTH_EVERY == GROWTH_EVERY - 1:
                growth = _growth(target, run, seed, number)
                finding = (
                    f"{growth:.0f} times as long for ten times the input" if growth > GROWTH_ALLOWED else None
                )
            else:
                random = _random(target, seed, number)
                size = int(math.exp(random.uniform(0, math.log(target.largest))))
                run(target.make(random, size))
        except Exception as error:  # whatever it is, it is the finding
            finding = f"{type(error).__name__}: {str(error)[:200]}"
        told.send((number, growth, finding))
        number += 1


def _growth(target: Target, run: Callable[[object], None], seed: int, number: int) -> float:
    """Return how much longer ten times the input takes; 0 where both are too quick to be measured."""
    size = target.largest
    while True:
        large = target.make(_random(target, seed, number), size)
        large_s = _seconds(run, large)
        if large_s >= _LEAST_MEASURED_S:
            break
        if size >= _LARGEST_GROWN:
            return 0.0
        size = min(4 * size, _LARGEST_GROWN)
    small = target.make(_random(target, seed, number), size // 10)
    growth = large_s / _seconds(run, small)
    for _ in range(_TRIES):  # whatever else the machine does may make either longer
        if growth > GROWTH_ALLOWED:
            growth = min(growth, _seconds(run, large) / _seconds(run, small))
    return growth


def _seconds(run: Callable[[object], None], made: object) -> float:
    gc.disable()  # its passes over all that lives are not the function's
    started_s = time.process_time()
    run(made)
    taken_s = time.process_time() - started_s
    gc.enable()
    return taken_s


def _random(target: Target, seed: int, number: int) -> Random:
    return Random(f"{seed} {target.name} {number}")


def _chosen(names: list[str] | None) -> Iterator[Target]:
    for target in targets():
        if not names or target.name in names:
            yield target


def main() -> int:
    """Run the drill as the command line says, and print a line a target."""
    parser = argparse.ArgumentParser(description="Fuzz what takes foreign text and bytes.")
    parser.add_argument("--minutes", type=float, default=5.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--limit", type=float, default=5.0, help="seconds that one input may take")
    parser.add_argument("--only", nargs="*", help="names of targets")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else int(time.time())
    chosen = list(_chosen(options.only))
    _say(f"seed {seed}, {options.minutes:g} minutes, {len(chosen)} targets")
    n_inputs = n_findings = 0
    for target in chosen:
        number, worst, findings = drill(target, seed, 60 * options.minutes / len(chosen), options.limit)
        growth = f"{worst:.1f}" if worst else "too quick"
        _say(f"{target.name:<32} {number:>8} inputs   growth {growth:>9}   {len(findings)} findings")
        for finding in findings:
            _say(f"    {finding}")
        n_inputs, n_findings = n_inputs + number, n_findings + len(findings)
    _say(f"{n_inputs} inputs, {n_findings} findings")
    return 1 if n_findings else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
