"""Functions that take foreign text or bytes, for the drill ``bench/fuzz.py``.

Every module of this package has a tuple ``TARGETS``; the drill finds it by itself. A target says how an input of about
a given size is made, what is done with it, and which errors are an answer:

    TARGETS = (
        Target("front matter", text, read_front_matter, expected=(FrontMatterInvalid,)),
    )

The drill calls ``make`` and ``run`` in a process of its own. ``run`` must return, or raise one of ``expected``, within
the drill's limit, and take at most fifteen times as long for ten times the input. ``make`` draws from the given source
alone, so that a finding's number brings the input back, and makes the same kind of input at any size: ``text`` does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

_UNITS = (
    *"a s i . , ' ’ - _ \" “ ” « » ( [ < > * ` : ; / \\ & + # | ~".split(),
    *"\n\t\x00\u00ad\u200c\u200d\u0301\u202e",
    *"U.S. A.I. C++ C# .NET GPT-4o don't dont it's s's x-risk 10,000 3.5 1,2,3 e.g. R&D A*".split(),
    *"é ö ß ﬁ İ ſ ｓ ﾞ ﾟ ś Ωμέγα Москва مي‌شود हिन्दी 机器 推论。 カタカナ 한국어 🦊 👩‍👩‍👧 \ud800".split(),
    *"https://youtu.be/abcdefghijk?t=3 <@123456789012345678> <:tada:1> :tada:".split(),
    *"`code` ```x``` **b** __i__ ||s|| # > -".split(),
    *"the of and river mill dam rose alignment model training people think said never rievr mislpeled".split(),
    *("The river rose. ", "What about it? ", "Dr. No said so. ", "Ada Lind: ", "00:01:02 ", "[00:03] ", " ", "  "),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """A function under the drill.

    Attributes:
        name: as the drill prints it.
        make: makes an input of about so many characters or bytes from a random source.
        run: what is done with it; what it returns does not matter.
        expected: errors that are an answer.
        largest: the size of the largest inputs. Growth is measured from a tenth of it.
    """

    name: str
    make: Callable[[Random, int], Any]
    run: Callable[[Any], object]
    expected: tuple[type[BaseException], ...] = ()
    largest: int = 20_000


def text(random: Random, size: int) -> str:
    """Return about ``size`` characters: a few units of foreign text, one after the other at random or repeated."""
    units = random.choices(_UNITS, k=random.randint(1, 6))
    gap = random.choice(("", " ", " ", "\n"))
    if random.random() < 0.5:
        run = gap.join(units) + gap
        made = (run * (size // len(run) + 1))[:size] if run else ""
        return made + random.choice(("", "x", "!", " x"))
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(random.choice(units) if random.random() < 0.8 else random.choice(_UNITS))
        length += len(parts[-1]) + len(gap)
    return gap.join(parts)
