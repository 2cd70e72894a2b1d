"""What is a spoken word and what is a note about a sound."""

import re

_NOTE = re.compile(r"\[[^\[\]\n]{0,80}\]|\([^()\n]{1,60}\)|[♩♪♫♬🎵🎶]")
_MUSIC_SIGNS = frozenset("♩♪♫♬🎵🎶")
_OPENS_NOTE = re.compile("[\\[(♩♪♫♬🎵🎶]")
_LETTERS = re.compile(r"[^\W\d_]+")
_BLANKED_WORD = re.compile(r"[\s_.?*…-]*")
_TIME_ONLY = re.compile(r"[\d:.,\s]*\d:\d\d[\d:.,\s]*")
_LONE_STOP = re.compile(r"(?:^|\s)[,.;:!?…](?:\s|$)")
_CLOSING = frozenset(",.;:!?…")

_ACTS = re.compile(
    r"(?:laugh|chuckl|giggl|sigh|cough|gasp|groan|snort|sniff|sneez|clap|applau|cheer|whistl|breath|inhal|exhal|sing|hum|"
    r"scream|shout|yell|grunt|sob|whimper|mumbl|murmur|knock|bark|buzz|chatter|thunder|footstep|gunshot|explo|siren|"
    r"suspir|ríe|lach|seufz|rire|soupir)"
    r"\w{0,5}"
)
_SOUNDS = re.compile(
    r"music|musik|música|musique|aplausos?|beifall|applaudissements|lachen|gelächter|risas?|rires?|"
    r"inaudible|indistinct|unintelligible|crosstalk|silence|pauses?|noises?|static|beeps?|beeping|bells?|"
    r"jingle|foreign|bleep|"
    r"throat"
)
_OTHER_LANGUAGE = re.compile(
    r"(?:speak(?:s|ing)|speech|conversation)(?: in)?(?: a)? "
    r"(?:foreign|other|native|arabic|cantonese|chinese|dutch|english|farsi|"
    r"french|german|greek|hebrew|hindi|italian|japanese|korean|latin|mandarin|persian|polish|portuguese|russian|spanish|"
    r"swedish|thai|turkish|ukrainian|urdu|vietnamese)(?: languages?)?|(?:non-?english|foreign) (?:speech|language)",
    re.IGNORECASE,
)
_AROUND_SOUNDS = frozenset(
    "audience background all both more soft softly loud loudly upbeat dramatic gentle instrumental playing plays "
    "continues fades stops starts ends intro outro theme nervous nervously quiet quietly slow light phone ringing "
    "clears clearing cross talk sound sounds effect and in out speech video clip everyone together again".split()
)


def without_notes(text: str, *, every_bracket: bool = False) -> str:
    """Return ``text`` with notes such as ``[Music]``, ``(laughs)`` or ``♪`` overwritten by as many spaces.

    Editors' insertions such as ``[that]`` are words and stay, unless ``every_bracket`` says that a machine
    wrote the text, which puts in square brackets only what it did not hear as words.
    """
    if not _OPENS_NOTE.search(text):
        return text

    def blank(match: re.Match[str]) -> str:
        note = match[0]
        is_note = note in _MUSIC_SIGNS or (every_bracket and note[0] == "[") or is_sound_note(note[1:-1])
        return " " * len(note) if is_note else note

    return _NOTE.sub(blank, text)


def words_of(text: str) -> list[tuple[int, str]]:
    """Return the words of ``text`` with their offsets; a stop left alone by a removed note joins the word before it."""
    words: list[tuple[int, str]] = []
    at = 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        if len(word) == 1 and word in _CLOSING and words:
            offset, before = words[-1]
            words[-1] = (offset, before if before[-1] in _CLOSING else before + word)
        else:
            words.append((start, word))
    return words


def spoken(text: str) -> str:
    """Return ``text`` without notes, whitespace folded; empty where no letter or digit is left."""
    text = without_notes(text)
    words = [word for _, word in words_of(text)] if _LONE_STOP.search(text) else text.split()
    said = " ".join(words)
    return said if is_said(said) else ""


def is_said(text: str) -> bool:
    """Return True where ``text`` holds a letter or a digit."""
    return any(character.isalnum() for character in text)


def is_sound_note(inside: str) -> bool:
    """Return True for the inside of a bracket that tells of a sound."""
    if (
        _BLANKED_WORD.fullmatch(inside)
        or _TIME_ONLY.fullmatch(inside)
        or _OTHER_LANGUAGE.fullmatch(inside.strip())
    ):
        return True
    words = _LETTERS.findall(inside)
    acts = [word for word in words if _ACTS.fullmatch(word.casefold())]
    sounds = [word for word in words if _SOUNDS.fullmatch(word.casefold())]
    if (
        not words
        or len(words) > 5
        or not (acts or sounds or {"cross", "talk"} <= {w.casefold() for w in words})
    ):
        return False
    others = [word for word in words if word not in acts and word not in sounds]
    return all(word.casefold() in _AROUND_SOUNDS or (acts and word[0].isupper()) for word in others)
