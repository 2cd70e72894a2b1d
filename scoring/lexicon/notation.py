"""How a lexicon writes its terms, and the phrases that a term stands for.

The notation is told at the top of every lexicon file. English is the only language whose inflections it
knows; a lexicon of another language writes its forms out with ``|``.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product

_OPTIONAL = re.compile(r"\[([^\[\]]+)\]")
_SIBILANTS = ("s", "x", "z", "ch", "sh")
_MOST_PHRASES = 500
CLASSES = ("n", "v", "vv", "a", "z")


class NotationError(ValueError):
    """A term is not written as the notation asks; the message is a code and the term after a colon."""


def phrases_of(term: str, irregular: Mapping[str, str]) -> Iterator[str]:
    """Return the phrases that ``term`` stands for; each once, the plainest first.

    Args:
        term: words with classes, alternatives and optional words, as ``kill/v us|everyone``.
        irregular: for a word its forms other than itself, separated by spaces.

    Raises:
        NotationError: an unknown class, an empty alternative, a stray bracket, or more phrases than 500.
    """
    slots: list[list[str]] = []
    spaced = _OPTIONAL.sub(lambda match: "?" + match.group(1).replace(" ", "|"), term)
    if "[" in spaced or "]" in spaced or not spaced.strip():
        raise NotationError(f"stray_bracket:{term}")
    for word in spaced.split():
        forms = [
            form for choice in word.removeprefix("?").split("|") for form in _forms(choice, irregular, term)
        ]
        slots.append([*([""] if word.startswith("?") else []), *dict.fromkeys(forms)])
    n_phrases = 1
    for slot in slots:
        n_phrases *= len(slot)
    if n_phrases > _MOST_PHRASES:
        raise NotationError(f"too_many_phrases:{term}")
    seen: set[str] = set()
    for chosen in product(*slots):
        phrase = " ".join(word for word in chosen if word)
        if phrase and phrase not in seen:
            seen.add(phrase)
            yield phrase


def _forms(choice: str, irregular: Mapping[str, str], term: str) -> list[str]:
    word, slash, kind = choice.partition("/")
    if not word or (slash and kind not in CLASSES):
        raise NotationError(f"unknown_class:{term}")
    if not slash:
        return [word]
    if word in irregular:
        return [word, *irregular[word].split()]
    return [word, *_inflected(word, kind)]


def _inflected(word: str, kind: str) -> list[str]:
    if kind == "n":
        return [_with_s(word)]
    if kind == "a":
        return [_adverb(word)]
    if kind == "z":
        return _derived(word)
    if kind == "vv":
        return [_with_s(word), f"{word}{word[-1]}ed", f"{word}{word[-1]}ing"]
    return [_with_s(word), *_past_and_ing(word)]


def _with_s(word: str) -> str:
    if word.endswith(_SIBILANTS):
        return word + "es"
    return word[:-1] + "ies" if _ends_in_consonant_y(word) else word + "s"


def _past_and_ing(word: str) -> list[str]:
    if _ends_in_consonant_y(word):
        return [word[:-1] + "ied", word + "ing"]
    if word.endswith("ee"):
        return [word + "d", word + "ing"]
    return [word + "d", word[:-1] + "ing"] if word.endswith("e") else [word + "ed", word + "ing"]


def _derived(word: str) -> list[str]:
    """Return forms of a verb in -ate, -ize or -yze, and its noun in -ion, in both spellings."""
    stem = word.removesuffix("e")
    noun = stem + "ion" if word.endswith("ate") else stem + "ation"
    forms = [word + "s", word + "d", stem + "ing", noun]
    if word.endswith(("ize", "yze")):
        forms += [form[: len(stem) - 1] + "s" + form[len(stem) :] for form in (word, *forms)]
    return forms


def _adverb(word: str) -> str:
    if word.endswith("ic"):
        return word + "ally"
    if word.endswith("le"):
        return word[:-1] + "y"
    return word[:-1] + "ily" if _ends_in_consonant_y(word) else word + "ly"


def _ends_in_consonant_y(word: str) -> bool:
    return len(word) > 1 and word.endswith("y") and word[-2] not in "aeiou"
