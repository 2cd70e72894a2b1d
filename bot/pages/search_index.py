"""The index that static pages are searched with: the edition's own inverted index, cut into small files.

A page fetches the files of the words that are typed, some ten kilobytes each, and ranks slices in ``search.js``.
Pagefind was considered: it is a binary of its own, indexes pages rather than minutes, and stems otherwise.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bot.app.service import SliceWords
from index.storage.records import EpisodeRecord
from index.text.spelling_variants import SPELLINGS
from index.text.stopwords import ASKED_FOR, CONTRACTIONS, FUNCTION_WORDS

_MOST_POSTINGS = 24_000
"""A file with more of them is divided by the stems' next letter."""

_MOST_COUNT = 7


def search_files(words: SliceWords, episodes: Sequence[EpisodeRecord]) -> Iterator[tuple[str, str]]:
    """Yield the name, below the site's root, and the contents of each file of the index.

    ``search/episodes.json`` names the episodes with the number of their first slice, the words that questions are
    tokenized with, and the other files, each of which maps stems to postings: gaps to the place before, times eight,
    plus the count (1 to 7).
    """
    titles = {episode.slug: episode.about.title for episode in episodes}
    shards = _divided({stem: len(places) for stem, (places, _) in words.postings.items()})
    catalogue = {
        "n": len(words.n_words),
        "episodes": [
            [slug, titles[slug], first] for slug, first in zip(words.slugs, words.starts, strict=True)
        ],
        "shards": sorted(shards),
        "words": {
            "function": sorted(FUNCTION_WORDS),
            "spellings": SPELLINGS,
            "contractions": CONTRACTIONS,
            "asked_for": sorted(ASKED_FOR),
        },
    }
    yield "search/episodes.json", _dumped(catalogue)
    for name, stems in sorted(shards.items()):
        content = {stem: _coded(*words.postings[stem]) for stem in sorted(stems)}
        yield f"search/{_file_of(name)}.json", _dumped(content)


def _divided(sizes: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the stems of each file by what they begin with; a stem that is all of that stands under ``<stem>$``.

    Args:
        sizes: number of postings of each stem.
    """
    found: dict[str, list[str]] = {}
    groups = [("", list(sizes))]
    while groups:
        prefix, own = groups.pop()
        deeper: dict[str, list[str]] = defaultdict(list)
        for stem in own:
            deeper[stem[: len(prefix) + 1]].append(stem)
        for longer, inside in deeper.items():
            n_postings = sum(sizes[stem] for stem in inside)
            if longer == prefix:
                found[f"{prefix}$"] = inside
            elif n_postings <= _MOST_POSTINGS or len(inside) == 1:
                found[longer if len(inside) > 1 or longer not in inside else f"{longer}$"] = inside
            else:
                groups.append((longer, inside))
    return found


def _coded(places: npt.NDArray[np.int32], tenths: npt.NDArray[np.uint8]) -> list[int]:
    gaps = np.diff(places, prepend=-1).astype(np.int64)
    counts = np.clip(np.round(tenths / 10), 1, _MOST_COUNT).astype(np.int64)
    coded: list[int] = (gaps * 8 + counts).tolist()
    return coded


def _file_of(shard: str) -> str:
    return "".join(
        letter if letter.isascii() and letter.isalnum() else f"_{ord(letter):x}" for letter in shard
    )


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
