"""Receipts: short fingerprints of quoted words, by which a quote is checked in a later edition of its transcript.

A receipt holds when the words were said, how many they are, a hash of all of them, and one letter for each of the
first words and of the words around them. The hash says whether the words are the same; the letters find their place
again where the transcript was moved, cut, extended or heard anew. The pages' ``receipts.js`` does the same in a
browser, and the tests hold both to the same answers.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import numpy as np
from rapidfuzz.distance import LCSseq

from index.text.slicing import Slice
from scoring.errors import CodedError, typed_fields

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

MOVED_S = 1.0
"""Words that are said within so many seconds of where they were have not moved."""

_MOST_LETTERS, _MOST_AROUND = 12, 6
_SURE_WORDS = 6
"""So many words that are the same are taken for the same quote even in other surroundings."""

_LEAST_AROUND, _LEAST_AFTER = 3, 4
_SLACK = 2
"""So many words may have come in between words and those around them."""

_LEAST_PATTERN = 8
_MOST_LIKE = 4
_MOST_CHANGED = 0.4
_LEAST_KEPT = 0.5
_REACH = 2
"""A changed quote is looked for in a stretch of so many times its own length."""

_FORM = re.compile(
    r"(?P<tenths>n|\d{1,8})\.(?P<n>\d{1,5})\.(?P<hash>[\w-]{6})"
    rf"\.(?P<before>[\w-]{{0,{_MOST_AROUND}}})\.(?P<said>[\w-]{{1,{_MOST_LETTERS}}})\.(?P<after>[\w-]{{0,{_MOST_AROUND}}})",
    re.ASCII,
)
_ANCHOR = re.compile(r"[sp](\d{1,6})(?:-(\d{1,6}))?", re.ASCII)
_LONGEST_LINK = 300
_IDEOGRAPHS = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_BASES = (0x811C9DC5, 0x050C5D1F)

Kind = Literal["as quoted", "moved", "changed", "gone"]


class _Letters(dict[int, str]):
    """What becomes of a character: kept in a word, a word of its own, left out, or a gap between words."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in "'’ʼ":
            kept = ""
        elif any(low <= code <= high for low, high in _IDEOGRAPHS):
            kept = f" {character} "
        else:
            kept = character if unicodedata.category(character)[0] in "LNM" else " "
        self[code] = kept
        return kept


_letters = _Letters()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A fingerprint of quoted words.

    Attributes:
        tenths: tenths of a second at which they began, or None without times.
        n_words: how many they are, at least 1.
        digest: six letters, a hash of all of them.
        before, said, after: one letter each for words before, the first of them, and words after, in order.
    """

    tenths: int | None
    n_words: int
    digest: str
    before: str
    said: str
    after: str

    @property
    def is_whole(self) -> bool:
        """Return True if each of the words has its letter, so that those after them follow the letters."""
        return self.n_words <= _MOST_LETTERS

    @property
    def pattern(self) -> str:
        """Return the letters that follow each other in the transcript."""
        return self.before + self.said + (self.after if self.is_whole else "")

    def __str__(self) -> str:
        when = "n" if self.tenths is None else str(self.tenths)
        return f"{when}.{self.n_words}.{self.digest}.{self.before}.{self.said}.{self.after}"

    @classmethod
    def read(cls, text: str) -> "Receipt | None":
        """Return the receipt that ``text`` writes, or None if it writes none."""
        match = _FORM.fullmatch(text)
        if match is None or int(match["n"]) < 1 or len(match["said"]) != min(int(match["n"]), _MOST_LETTERS):
            return None
        tenths = None if match["tenths"] == "n" else int(match["tenths"])
        return cls(tenths, int(match["n"]), match["hash"], match["before"], match["said"], match["after"])


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """What became of quoted words.

    Attributes:
        kind: ``as quoted`` and in their place, ``moved`` in time, ``changed``, or ``gone``.
        word: number of their first word in the transcript, or None where they are gone.
        n_words: how many words they are now; with changed ones, about how many.
        second: when they are said now, or None.
        moved_s: seconds later than they were, or None where either time is not known.
        is_surrounded: False if the words around them are others, so that it may be another place with the same words.
    """

    kind: Kind
    word: int | None = None
    n_words: int = 0
    second: float | None = None
    moved_s: float | None = None
    is_surrounded: bool = True


GONE = ReceiptVerdict("gone")


@typed_fields
class LinkUnreadable(CodedError):
    """A link does not lead to a sentence of an episode's page."""

    code = "link_unreadable"
    received: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link to a sentence on an episode's page.

    Attributes:
        slug: of the episode.
        anchor: of a sentence (``s12-3``) or slice (``p12``), or empty.
        receipt: of the words that it quotes, or None where it has none that can be read.
    """

    slug: str
    anchor: str
    receipt: Receipt | None

    @classmethod
    def read(cls, link: str) -> "PageLink":
        """Return the parts of ``link``: a link to a page, or ``SLUG#s12-3``.

        Raises:
            LinkUnreadable: it is neither.
        """
        try:
            parts = urlsplit(link.strip())
        except ValueError as error:
            raise LinkUnreadable(received=link[:_LONGEST_LINK]) from error
        name = parts.path.rsplit("/", 1)[-1]
        slug = name.removesuffix(".html")
        anchor = parts.fragment
        given = parse_qs(parts.query).get("r", [""])[0]
        is_page = parts.path.endswith(f"episodes/{slug}.html") or (parts.path == slug and not parts.scheme)
        has_place = _ANCHOR.fullmatch(anchor) is not None or given
        if not slug or not is_page or not has_place:
            raise LinkUnreadable(received=link[:_LONGEST_LINK])
        return cls(slug, anchor, Receipt.read(given))

    def sentence_in(self, slices: Sequence[Slice]) -> tuple[int, int, int] | None:
        """Return the slice, start and end of the sentence that the anchor names, or None if there is none."""
        match = _ANCHOR.fullmatch(self.anchor)
        if match is None or not 1 <= int(match[1]) <= len(slices):
            return None
        units = list(slices[int(match[1]) - 1].units())
        number = int(match[2] or 1)
        return (int(match[1]) - 1, *units[number - 1]) if 1 <= number <= len(units) else None


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """All words of a transcript in order, with where each stands.

    Attributes:
        words: normalised.
        letters: one letter for each.
        places: slice (its place in ``slices``) and offset of each.
        slices: all of the episode.
    """

    words: tuple[str, ...]
    letters: str
    places: tuple[tuple[int, int], ...]
    slices: tuple[Slice, ...]

    @classmethod
    def of(cls, slices: Sequence[Slice]) -> "SpokenWords":
        """Return the words of ``slices``, all of an episode, in transcript order."""
        words: list[str] = []
        places: list[tuple[int, int]] = []
        for place, piece in enumerate(slices):
            for offset, word in words_at(piece.text):
                words.append(word)
                places.append((place, offset))
        return cls(tuple(words), "".join(map(letter_of, words)), tuple(places), tuple(slices))

    def second_of(self, word: int) -> float | None:
        """Return the second at which the word of this number is said, or None."""
        place, offset = self.places[word]
        return self.slices[place].second_at(offset)

    def sentences_of(self, verdict: ReceiptVerdict) -> tuple[int, int, int]:
        """Return the slice of words that were found, and start and end of the sentences in it that hold them.

        Raises:
            ValueError: they are gone.
        """
        if verdict.word is None:
            raise ValueError("words that are gone stand nowhere")
        place, first = self.places[verdict.word]
        last_word = min(verdict.word + max(1, verdict.n_words), len(self.places)) - 1
        piece = self.slices[place]
        last_place, last = self.places[last_word]
        units = list(piece.units())
        start = next(start for start, end in units if first < end)
        end = next(end for _, end in units if last < end) if last_place == place else len(piece.text)
        return place, start, end

    def check(self, receipt: Receipt) -> ReceiptVerdict:
        """Return what became of the words that ``receipt`` was made of."""
        return self._same(receipt) or self._changed(receipt)

    def _same(self, receipt: Receipt) -> ReceiptVerdict | None:
        """Return the verdict on the same words, or None where they are said nowhere, or too few to be sure."""
        found: list[tuple[int, float, int]] = []
        at = self.letters.find(receipt.said)
        while at >= 0:
            if self._has_words(receipt, at):
                held = self._held_around(receipt, at)
                if receipt.n_words >= _SURE_WORDS or self._is_its_place(receipt, at, held):
                    found.append((held, -abs(self._moved_s(receipt, at) or 0.0), at))
            at = self.letters.find(receipt.said, at + 1)
        if not found:
            return None
        held, _, at = max(found, key=lambda candidate: (candidate[0], candidate[1], -candidate[2]))
        return self._verdict_on_same(receipt, at, held)

    def _is_its_place(self, receipt: Receipt, at: int, held: int) -> bool:
        """Return True if a few words at ``at`` are those that were quoted, not the same few said again.

        Enough words around them must be as they were, and no other place may fit the whole receipt better.
        """
        away = self._moved_s(receipt, at)
        is_near = away is not None and abs(away) <= MOVED_S
        known = len(receipt.before) + len(receipt.after)
        least = min(known, _SURE_WORDS - receipt.n_words) if is_near else _least_around(receipt)
        return held >= least and self._fits_best(receipt, at)

    def _fits_best(self, receipt: Receipt, at: int) -> bool:
        """Return True if no other place is nearer to the words and those around them than the same words at ``at``.

        Where the same words were said twice and those that were quoted have changed, the others do not pass for them.
        """
        before, after, end = receipt.before, receipt.after[::-1], at + receipt.n_words
        distance = _distances(before, self.letters[max(0, at - _REACH * len(before)) : at])[-1]
        if receipt.is_whole:
            distance += _distances(after, self.letters[end : end + _REACH * len(after)][::-1])[-1]
        return distance <= min(_distances(receipt.pattern, self.letters))

    def _verdict_on_same(self, receipt: Receipt, at: int, held: int) -> ReceiptVerdict:
        moved_s = self._moved_s(receipt, at)
        kind: Kind = "as quoted" if moved_s is None or abs(moved_s) <= MOVED_S else "moved"
        is_surrounded = kind == "as quoted" or (
            held >= _least_around(receipt) and self._fits_best(receipt, at)
        )
        return ReceiptVerdict(kind, at, receipt.n_words, self.second_of(at), moved_s, is_surrounded)

    def _has_words(self, receipt: Receipt, at: int) -> bool:
        return digest_of(self.words[at : at + receipt.n_words]) == receipt.digest

    def _held_around(self, receipt: Receipt, at: int) -> int:
        """Return how many letters around the words at ``at`` are as they were, in order."""
        before, after, end = receipt.before, receipt.after, at + receipt.n_words
        said_before = self.letters[max(0, at - len(before) - _SLACK) : at]
        said_after = self.letters[end : end + len(after) + _SLACK]
        return LCSseq.similarity(before, said_before) + LCSseq.similarity(after, said_after)

    def _changed(self, receipt: Receipt) -> ReceiptVerdict:
        """Return the verdict where the words are not found as they were: changed, or gone."""
        pattern = receipt.pattern
        if len(pattern) < _LEAST_PATTERN or not self.letters:
            return GONE
        n_before, n_said = len(receipt.before), len(receipt.said)
        best: tuple[int, float, int, int, int] | None = None
        n_like = 0
        for end, distance in _nearest_ends(pattern, self.letters):
            start = max(0, end - _REACH * len(pattern))
            matched = _aligned(pattern, self.letters[start:end])
            own = [start + place for number, place in matched if n_before <= number < n_before + n_said]
            if not own or len(own) < _LEAST_KEPT * n_said:
                continue
            n_like += 1
            first = _first_of(matched, n_before, start)
            away = abs(self._moved_s(receipt, first) or 0.0)
            if best is None or (distance, away) < best[:2]:
                best = (distance, away, first, own[-1], len(matched) - len(own))
        if best is None:
            return GONE
        _, _, first, last, held = best
        if self._has_words(receipt, first):
            return self._verdict_on_same(receipt, first, held)
        if not receipt.is_whole:
            held += self._held_after(receipt, first)
        n_words = last - first + 1 if receipt.is_whole else receipt.n_words
        moved_s = self._moved_s(receipt, first)
        is_surrounded = n_like == 1 and held >= max(_LEAST_AROUND, _least_around(receipt))
        return ReceiptVerdict("changed", first, n_words, self.second_of(first), moved_s, is_surrounded)

    def _held_after(self, receipt: Receipt, first: int) -> int:
        """Return how many of the letters after a long quote are found about where it ends now, or 0 for too few."""
        n_words, after = receipt.n_words, receipt.after
        window = self.letters[first + n_words * 3 // 4 : first + n_words * 5 // 4 + len(after) + _SLACK]
        held = len(after) - min(_distances(after, window)) if after and window else 0
        return held if held >= _LEAST_AFTER else 0

    def _moved_s(self, receipt: Receipt, word: int) -> float | None:
        second = self.second_of(word)
        return None if second is None or receipt.tenths is None else second - receipt.tenths / 10


def words_at(text: str) -> Iterator[tuple[int, str]]:
    """Yield the words of ``text`` as receipts compare them, each with the offset of the chunk that it stands in.

    A word has no letter case, no apostrophes and no signs; an ideograph or kana is a word of its own.
    """
    for chunk in re.finditer(r"\S+", text):
        for word in unicodedata.normalize("NFKC", chunk[0]).lower().translate(_letters).split():
            yield chunk.start(), word


def letter_of(word: str) -> str:
    """Return the letter of a word."""
    hashed = _fnv(word.encode(), _BASES[0])
    return ALPHABET[(hashed ^ hashed >> 15) & 63]


def digest_of(words: Sequence[str]) -> str:
    """Return six letters that differ where any of ``words`` does, but for a chance of 1 in 2^36."""
    data = " ".join(words).encode()
    high, low = (_fnv(data, base) & 0x3FFFF for base in _BASES)
    number = high << 18 | low
    return "".join(ALPHABET[number >> shift & 63] for shift in range(30, -1, -6))


def receipt_of(piece: Slice, start: int, end: int) -> Receipt | None:
    """Return the receipt of the words from ``start`` to ``end`` of a slice, or None where there is no word."""
    found = list(words_at(piece.text))
    inside = [number for number, (offset, _) in enumerate(found) if start <= offset < end]
    if not inside:
        return None
    words = [word for _, word in found]
    first, stop = inside[0], inside[-1] + 1
    second = piece.second_at(start)
    letters = [letter_of(word) for word in words[max(0, first - _MOST_AROUND) : stop + _MOST_AROUND]]
    n_before = min(first, _MOST_AROUND)
    n_said = stop - first
    return Receipt(
        tenths=None if second is None else round(second * 10),
        n_words=n_said,
        digest=digest_of(words[first:stop]),
        before="".join(letters[:n_before]),
        said="".join(letters[n_before : n_before + min(n_said, _MOST_LETTERS)]),
        after="".join(letters[n_before + n_said :]),
    )


def sentence_anchor(piece: Slice, offset: int) -> str:
    """Return the anchor of the sentence at ``offset``: ``s12-3`` is the third of the twelfth slice."""
    number = sum(end <= offset for end in piece.unit_ends[:-1])
    return f"s{piece.ordinal + 1}-{number + 1}"


def read_link(page: str, piece: Slice, start: int, end: int) -> str:
    """Return the link to the sentence at ``start`` on ``page``, with the receipt of the words up to ``end``."""
    receipt = receipt_of(piece, start, end)
    return f"{page}{f'?r={receipt}' if receipt else ''}#{sentence_anchor(piece, start)}"


def _fnv(data: bytes, base: int) -> int:
    """Return the 32-bit FNV-1a hash, http://www.isthe.com/chongo/tech/comp/fnv/."""
    hashed = base
    for byte in data:
        hashed = (hashed ^ byte) * 0x01000193 & 0xFFFFFFFF
    return hashed


def _least_around(receipt: Receipt) -> int:
    """Return how many letters around must be as they were: three, or for a few words, which recur, most of them."""
    known = len(receipt.before) + len(receipt.after)
    return min(_LEAST_AROUND, known) if receipt.n_words >= _SURE_WORDS else max(_LEAST_AROUND, known * 3 // 4)


def _distances(pattern: str, text: str) -> list[int]:
    """Return for each place of ``text`` the edit distance of ``pattern`` to the nearest stretch that ends before it.

    Sellers' algorithm (1980), a row of the text at a time.
    """
    codes = np.frombuffer(text.encode("ascii"), np.uint8)
    ramp = np.arange(len(codes) + 1, dtype=np.int32)
    row = np.zeros(len(codes) + 1, np.int32)
    for number, letter in enumerate(pattern.encode("ascii"), start=1):
        later = np.empty_like(row)
        later[0] = number
        later[1:] = np.minimum(row[:-1] + (codes != letter), row[1:] + 1)
        row = np.minimum.accumulate(later - ramp) + ramp
    distances: list[int] = row.tolist()
    return distances


def _nearest_ends(pattern: str, text: str) -> list[tuple[int, int]]:
    """Return where in ``text`` the likenesses of ``pattern`` end, with their edit distances, nearest first.

    At most ``_MOST_LIKE`` that do not overlap, each with at most ``_MOST_CHANGED`` of the pattern changed.
    """
    distances = _distances(pattern, text)
    limit = int(_MOST_CHANGED * len(pattern))
    ends = sorted((distance, end) for end, distance in enumerate(distances) if distance <= limit)
    found: list[tuple[int, int]] = []
    for distance, end in ends:
        if all(abs(end - other) > len(pattern) for other, _ in found):
            found.append((end, distance))
            if len(found) == _MOST_LIKE:
                break
    return found


def _aligned(pattern: str, text: str) -> list[tuple[int, int]]:
    """Return which letters of ``pattern`` stand where in ``text`` in a nearest alignment that ends at its end."""
    rows = [[0] * (len(text) + 1)]
    for number, letter in enumerate(pattern, start=1):
        above, row = rows[-1], [number]
        for place, other in enumerate(text):
            row.append(min(above[place] + (letter != other), above[place + 1] + 1, row[-1] + 1))
        rows.append(row)
    matched = []
    number, place = len(pattern), len(text)
    while number and place:
        here = rows[number][place]
        if here == rows[number - 1][place - 1] + (pattern[number - 1] != text[place - 1]):
            if pattern[number - 1] == text[place - 1]:
                matched.append((number - 1, place - 1))
            number, place = number - 1, place - 1
        elif here == rows[number - 1][place] + 1:
            number -= 1
        else:
            place -= 1
    return matched[::-1]


def _first_of(matched: Sequence[tuple[int, int]], first: int, start: int) -> int:
    """Return where the letter of this number in a pattern stands, or would stand beside those that do."""
    before = max((pair for pair in matched if pair[0] <= first), default=None)
    if before is not None:
        gap = first - before[0]
        after = min((pair for pair in matched if pair[0] > before[0]), default=None)
        return start + before[1] + (min(gap, after[1] - before[1]) if gap and after else gap)
    number, place = min(matched)
    return max(start, start + place - (number - first))
