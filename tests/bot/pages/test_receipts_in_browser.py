"""The pages' script and the program come to the same verdicts."""

from __future__ import annotations

import random
from typing import Any

from index.text.receipts import SpokenWords, digest_of, letter_of, receipt_of, words_at
from index.text.slicing import Slice, slice_transcript
from index.transcripts.model import Cue, Transcript

from .conftest import Browser

WORDS = "the dam may fail and nobody looks at it’s wall — naïve 你好 don't U.S. Straße İstanbul ΟΔΟΣ हिन्दी 3.5".split()

CHECK = """({ cases, texts }) => {
  const { read, check, make, wordsAt, letterOf, digestOf } = window.counterpointReceipts;
  return cases.map(({ receipt, words, seconds, part }) => {
    const spoken = { words, letters: words.map(letterOf).join(""), secondOf: (at) => seconds[at] };
    const found = check(read(receipt), spoken);
    return [found.kind, found.word, found.n, found.isSurrounded, make(part.words, part.first, part.stop, part.second)];
  }).concat(texts.map((text) => [wordsAt(text), digestOf(wordsAt(text).map(([, word]) => word))]));
}"""


def test_both_come_to_the_same_verdicts(browser: Browser, static_address: str) -> None:
    chance = random.Random(7)
    cases: list[dict[str, Any]] = []
    expected: list[list[Any]] = []
    for _ in range(120):
        said = [
            " ".join(chance.choices(WORDS, k=chance.randint(1, 14))) + "."
            for _ in range(chance.randint(3, 30))
        ]
        before = _sliced(said)
        piece = chance.choice(before)
        start, end = chance.choice(list(piece.units()))
        made = receipt_of(piece, start, end)
        if made is None:
            continue
        for _ in range(chance.randint(0, 3)):
            said[chance.randrange(len(said))] = " ".join(chance.choices(WORDS, k=chance.randint(1, 20)))
        after = SpokenWords.of(_sliced(said, start_s=chance.choice([0.0, 60.0])))
        verdict = after.check(made)
        found = list(words_at(piece.text))
        inside = [number for number, (offset, _) in enumerate(found) if start <= offset < end]
        cases.append({
            "receipt": str(made),
            "words": list(after.words),
            "seconds": [after.second_of(number) for number in range(len(after.words))],
            "part": {
                "words": [word for _, word in found],
                "first": inside[0],
                "stop": inside[-1] + 1,
                "second": piece.second_at(start),
            },
        })  # fmt: skip
        expected.append([verdict.kind, verdict.word, verdict.n_words, verdict.is_surrounded, str(made)])
    texts = [" ".join(chance.choices(WORDS, k=12)) for _ in range(20)]
    for text in texts:
        found = list(words_at(text))
        expected.append([[list(pair) for pair in found], digest_of([word for _, word in found])])
    assert {kind for kind, *_ in expected[: len(cases)]} >= {"as quoted", "moved", "changed", "gone"}

    def ask(page: Any) -> list[list[Any]]:
        return list(page.evaluate(CHECK, {"cases": cases, "texts": texts}))

    address = static_address + "episodes/tove-kassabian-on-short-clocks.html"
    for ours, theirs in zip(expected, browser.visit(address, ask), strict=True):
        assert theirs == ours
    assert letter_of("dam") in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _sliced(said: list[str], start_s: float = 0.0) -> tuple[Slice, ...]:
    cues = tuple(Cue(text, start_s + 7 * at, start_s + 7 * at + 7) for at, text in enumerate(said))
    return slice_transcript(Transcript(cues, "vtt", "captions"))
