"""Check receipts against editions that were edited: which are found, and whether any verdict is wrong without a sign.

    PYTHONPATH=. python bench/receipts.py LIBRARY [--receipts 10000] [--seed 1]

Each receipt is made of one to three sentences of a transcript, then checked against a transcript that was changed in
a known way, in which every word is followed. A silent error is a verdict that claims what is not so: "as quoted" or
"moved" of words that changed or are gone, a place more than a second from the true one, or changed words shown more
than five seconds from it. Saying "gone" of words that are there, or naming a place "among others", is a miss that is
said.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.library.episodes import read_episode, slugs
from index.text.receipts import MOVED_S, Receipt, ReceiptVerdict, SpokenWords, receipt_of, words_at
from index.text.slicing import TARGET_CHARS, Slice, slice_transcript
from index.transcripts.model import Cue, Transcript

ADVERT = (
    "this conversation is brought to you by a company that sends boxes of vegetables to people who forgot to buy them "
    "use "
    "the code at the bottom of the page for a month without paying and now back to where we were"
).split()
MISHEARD = (
    "the a of to and in that it is was for on are as with they be at one have this from or had by".split()
)
WORDS_PER_S = 2.6


@dataclass(frozen=True, slots=True)
class Said:
    """A word as it is written, the number of the word that it was (None for a new one), its cue, second and speaker."""

    text: str
    number: int | None
    cue: int
    second: float | None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A transcript after a change: its words in order, and the length of its slices in characters."""

    words: list[Said]
    target_chars: int = TARGET_CHARS


def words_of(transcript: Transcript) -> list[Said]:
    """Return the words of a transcript; seconds are those of cues, or of words where they are known."""
    found: list[Said] = []
    for place, cue in enumerate(transcript.cues):
        parts = cue.text.split(" ")
        seconds: Sequence[float | None] = cue.word_starts_s or [cue.start_s, *[None] * (len(parts) - 1)]
        found += [
            Said(text, len(found) + at, place, second, cue.speaker)
            for at, (text, second) in enumerate(zip(parts, seconds, strict=False))
        ]
    return found


def same(words: list[Said], _chance: random.Random) -> Changed:
    """The next edition of the same transcript."""
    return Changed(words)


def adverts(words: list[Said], chance: random.Random) -> Changed:
    """One to three advertisements of 15 to 120 seconds are put in between cues."""
    found = list(words)
    for _ in range(chance.randint(1, 3)):
        length_s = chance.uniform(15, 120)
        at = chance.randrange(len(found))
        while at and found[at].cue == found[at - 1].cue:
            at -= 1
        start_s = next((word.second for word in found[at:] if word.second is not None), 0.0)
        n_words = max(1, int(length_s * WORDS_PER_S))
        first_cue = found[at].cue
        read = [
            Said(
                ADVERT[n % len(ADVERT)],
                None,
                first_cue + n // 12,
                start_s + n / WORDS_PER_S if n % 12 == 0 else None,
            )
            for n in range(n_words)
        ]
        moved = [
            replace(
                word, cue=word.cue + n_words, second=None if word.second is None else word.second + length_s
            )
            for word in found[at:]
        ]
        found = [*found[:at], *read, *moved]
    return Changed(found)


def edits(words: list[Said], chance: random.Random) -> Changed:
    """Stretches of up to three minutes are cut out, and one word in two hundred is corrected."""
    found = list(words)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(found)), chance.randint(20, 450)
        cut = found[at : at + length]
        seconds = [word.second for word in cut if word.second is not None]
        gap = seconds[-1] - seconds[0] if len(seconds) > 1 else 0.0
        rest = [
            replace(word, second=None if word.second is None else word.second - gap)
            for word in found[at + length :]
        ]
        found = [*found[:at], *rest]
    return Changed([_misheard(word, chance) if chance.random() < 0.005 else word for word in found])


def recaptioned(words: list[Said], chance: random.Random) -> Changed:
    """Heard anew: one word in twelve is another, one in fifty lost or added; no signs, no capitals, other seconds."""
    found: list[Said] = []
    shift = chance.uniform(-0.4, 0.4)
    for word in words:
        drawn = chance.random()
        if drawn < 0.02:
            continue
        if drawn > 0.98:
            found.append(Said(chance.choice(MISHEARD), None, word.cue, None))
        heard = _misheard(word, chance) if 0.02 <= drawn < 0.10 else word
        text = heard.text.lower().strip('.,!?;:“”"') or heard.text
        second = None if word.second is None else max(0.0, word.second + shift)
        found.append(replace(heard, text=text, second=second))
    return Changed(found)


def renamed(words: list[Said], _chance: random.Random) -> Changed:
    """Every speaker has another name."""
    return Changed([replace(word, speaker=f"Renamed {word.speaker}") for word in words])


def resliced(words: list[Said], chance: random.Random) -> Changed:
    """Another reader: slices of another length."""
    return Changed(words, chance.choice((700, 900, 1400)))


CHANGES: dict[str, Callable[[list[Said], random.Random], Changed]] = {
    "the same words": same,
    "adverts of 15 to 120 s": adverts,
    "cuts and corrections": edits,
    "heard anew": recaptioned,
    "renamed speakers": renamed,
    "other slices": resliced,
}


def _misheard(word: Said, chance: random.Random) -> Said:
    others = [other for other in MISHEARD if other != word.text.lower().strip('.,!?;:“”"')]
    return replace(word, text=chance.choice(others), number=None)


def edition_of(changed: Changed) -> tuple[Slice, ...]:
    """Return the slices of a changed transcript."""
    groups: list[list[Said]] = []
    for word in changed.words:
        if groups and groups[-1][0].cue == word.cue and groups[-1][0].speaker == word.speaker:
            groups[-1].append(word)
        else:
            groups.append([word])
    cues = []
    last_s = 0.0
    for group in groups:
        second = next((word.second for word in group if word.second is not None), None)
        last_s = max(last_s, second or 0.0)
        cues.append(Cue(" ".join(word.text for word in group), last_s, None, group[0].speaker))
    return slice_transcript(Transcript(tuple(cues), "vtt", "captions"), target_chars=changed.target_chars)


def keys_of(words: Sequence[Said]) -> list[tuple[int | None, int, str]]:
    """Return for each word as receipts compare them the number it had, its place within that, and itself."""
    return [(said.number, part, word) for said in words for part, (_, word) in enumerate(words_at(said.text))]


@dataclass(frozen=True, slots=True)
class Truth:
    """What really became of quoted words: whether they are the same, how many survive, and where the first would be."""

    is_same: bool
    survivors: float
    second: float | None
    word: int = 0


def truth_of(
    quoted: Sequence[tuple[int | None, int, str]],
    places: dict[tuple[int | None, int, str], int],
    after: SpokenWords,
) -> Truth:
    """Return the truth about quoted words in an edition whose words stand at ``places``."""
    found = [(at, places[key]) for at, key in enumerate(quoted) if key in places]
    if not found:
        return Truth(False, 0.0, None)
    is_same = len(found) == len(quoted) and all(place - at == found[0][1] for at, place in found)
    first = max(0, found[0][1] - found[0][0])
    return Truth(is_same, len(found) / len(quoted), after.second_of(first), first)


def judged(verdict: ReceiptVerdict, truth: Truth, before_s: float) -> str:
    """Return whether a verdict is right, a miss that is said, or a silent error."""
    if verdict.kind == "gone" or not verdict.is_surrounded:
        return "miss" if truth.is_same else "right" if truth.survivors < 0.5 else "missed change"
    if truth.second is None or verdict.second is None:
        return "silent"
    off_s = abs(verdict.second - truth.second)
    if verdict.kind == "changed":
        is_near = off_s <= CHANGED_WITHIN_S or abs((verdict.word or 0) - truth.word) <= CHANGED_WITHIN_WORDS
        return "right" if is_near and not truth.is_same else "silent"
    has_moved = abs(truth.second - before_s) > MOVED_S
    is_right = truth.is_same and off_s <= MOVED_S and (verdict.kind == "moved") == has_moved
    return "right" if is_right else "silent"


CHANGED_WITHIN_S, CHANGED_WITHIN_WORDS = 5.0, 5
"""A changed quote is found if what is shown begins this near to the true place, in seconds or in words."""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--receipts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    transcripts = [read_episode(asked.library, slug).transcript for slug in slugs(asked.library)]
    timed = [transcript for transcript in transcripts if transcript is not None and transcript.is_timed]
    each = max(1, round(asked.receipts / len(timed) / len(CHANGES)))
    table: dict[str, Counter[str]] = {name: Counter() for name in CHANGES}
    for number, transcript in enumerate(timed):
        words = words_of(transcript)
        before = edition_of(Changed(words))
        keys = keys_of(words)
        starts = [0]
        for piece in before:
            starts.append(starts[-1] + sum(1 for _ in words_at(piece.text)))
        for name, change in CHANGES.items():
            changed = change(words, chance)
            after = SpokenWords.of(edition_of(changed))
            now = keys_of(changed.words)
            if [word for *_, word in now] != list(after.words):
                raise SystemExit(f"words of transcript {number} cannot be followed")
            places = {key: place for place, key in enumerate(now) if key[0] is not None}
            for _ in range(each):
                receipt, quoted = drawn(before, starts, keys, chance)
                truth = truth_of(quoted, places, after)
                before_s = (receipt.tenths or 0) / 10
                verdict = after.check(receipt)
                outcome = judged(verdict, truth, before_s)
                count = table[name]
                count["all"] += 1
                count[outcome] += 1
                if truth.is_same and truth.second is not None and abs(truth.second - before_s) > MOVED_S:
                    count["moved"] += 1
                    found_s = verdict.second if verdict.second is not None else float("inf")
                    count["moved found"] += abs(found_s - truth.second) <= MOVED_S
                is_changed = not truth.is_same and truth.survivors >= 0.5
                count["changed"] += is_changed
                count["changed found"] += is_changed and outcome == "right" and verdict.kind == "changed"
    write = sys.stdout.write
    write(
        "| change | receipts | right | moved, found within 1 s | changed, found | missed, said so | silent errors |\n"
    )
    write("|---|---|---|---|---|---|---|\n")
    for name, count in [*table.items(), ("all", sum(table.values(), Counter()))]:
        moved = f"{count['moved found']:,} of {count['moved']:,}" if count["moved"] else "none moved"
        changed_found = (
            f"{count['changed found']:,} of {count['changed']:,}" if count["changed"] else "none changed"
        )
        right, missed = f"{count['right'] / count['all']:.2%}", count["miss"] + count["missed change"]
        cells = (name, f"{count['all']:,}", right, moved, changed_found, missed, count["silent"])
        write(f"| {' | '.join(map(str, cells))} |\n")


def drawn(
    before: Sequence[Slice],
    starts: Sequence[int],
    keys: Sequence[tuple[int | None, int, str]],
    chance: random.Random,
) -> tuple[Receipt, list[tuple[int | None, int, str]]]:
    """Return a receipt of one to three sentences of a slice, and its words."""
    while True:
        place = chance.randrange(len(before))
        piece = before[place]
        units = list(piece.units())
        first = chance.randrange(len(units))
        last = min(len(units) - 1, first + chance.randrange(3))
        start, end = units[first][0], units[last][1]
        receipt = receipt_of(piece, start, end)
        if receipt is not None:
            offsets = [offset for offset, _ in words_at(piece.text)]
            inside = [at for at, offset in enumerate(offsets) if start <= offset < end]
            return receipt, list(keys[starts[place] + inside[0] : starts[place] + inside[-1] + 1])


if __name__ == "__main__":
    main()
