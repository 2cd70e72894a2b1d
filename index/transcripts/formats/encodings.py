"""Telling which legacy encoding a text is in, or that it cannot be told.

charset-normalizer says in which encodings the bytes make a text at all. That is not enough for the few dozen letters
of a caption file: the same bytes are letters in all of Europe's code pages. So a candidate must also read as a
language that is written in it: in scripts of their own, by the share of the script's commonest letters; in Latin
script, by an alphabet that has all its letters, and by common words where two alphabets do. Where two candidates
that give different texts remain, nothing is read: a refusal is better than rubbish.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from charset_normalizer import from_bytes

JUDGED_BYTES = 20_000
FEWEST_LETTERS = 3
"""Letters beyond ASCII that a text must have to be told by; in captions one is enough."""

MESSIEST = 0.35
"""Candidates that charset-normalizer calls messier than this are not looked at (its own limit is 0.2)."""

ALL_CAPITALS = 0.2
"""What a text all in capitals loses of its likeness."""

CLEARLY_LIKER = 0.1
"""By so much must the likeness of the best candidate exceed that of the next one with another text."""

_ALPHABETS = {
    "cp1252": (
        "àâæçèéêëîïôœùûüÿ",  # French
        "äöüß",  # German
        "áéíñóúüªº",  # Spanish
        "àáâãçéêíóôõúü",  # Portuguese
        "àèéìíîòóùú",  # Italian
        "áäåæéöøüà",  # Scandinavian
        "áàäçèéêëíïñóöûüú",  # Dutch, and English words from elsewhere
        "áéíóúýþðæö",  # Icelandic
        "àçèéíïòóúü·",  # Catalan
        "äöõüšž",  # Finnish, Estonian
    ),
    "cp1250": (
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "čćđšž",  # Croatian, Bosnian, Serbian, Slovene
        "ăâîşţ",  # Romanian
        "äöüß",  # German
    ),
    "cp1254": ("çğıiöşüâîû",),  # Turkish
}
_WORDS = {
    "cp1252": frozenset(
        "the and of to is that it you we this was les et des que est un une pas mais avec dans sur très "
        "à été être même où déjà der die das und ist nicht ich ein für über auch el los las por con para "
        "qué está sí también más não uma com são é il per non che è perché più già sono ma det är på och "
        "ikke og het een van niet".split()
    ),
    "cp1250": frozenset(
        "się nie jest że są już też będzie jak tak co na do to že já být také když už jsem ale mám nem hogy és már ez "
        "egy vagy što nije sam ali još da kao nu și şi că este sunt pentru čo som ako".split()
    ),
    "cp1254": frozenset(
        "ve bir bu iki var yok ben sen biz kez için çok ama değil şey ile kadar gibi daha olarak mı mi şimdi".split()
    ),
}
_COMMON = {
    "cp1251": "оеаинтсрвлкмдпуяызіьгб",
    "koi8_r": "оеаинтсрвлкмдпуяызіьгб",
    "cp1253": "αοιετσνηυρπκςλάέήίόύώ",
    "cp1255": "יוהלארתבשמםנ",
    "cp1256": "اليمونرتبةعدسكهأ",
    "cp949": "이다는에가을의지고하은로기도사어나를한자리서대시그인일해아있안요게니세습정과여들것수보",
    "cp932": "のにはをたがでてとしれさいるうんかなもくこまよあすみりらっーだき",
    "gb18030": "的一是不了在人有我他这中大来上国们个到说为子和你地出道也时年得就那"
    "要下以生会自着去之过家学对可里天看能好次两今谈",
    "big5": "的一是不了在人有我他這中大來上國們個到說為子和你地出道也時年得就那"
    "要下以生會自著去之過家學對可裡天看能好次兩今談",
}
_COMMON["euc_jp"] = _COMMON["cp932"]
_LEAST_LIKE = {
    "cp1251": 0.65, "koi8_r": 0.65, "cp1253": 0.65, "cp1255": 0.55, "cp1256": 0.5, "cp949": 0.15, "cp932": 0.25,
    "euc_jp": 0.25, "gb18030": 0.08, "big5": 0.08,
}  # fmt: skip
"""The share of its commonest letters that a text has at least; of unrelated bytes a few percent are such letters."""

_SCRIPTS = {
    "cp1251": "\u0400-\u0491", "koi8_r": "\u0400-\u0491", "cp1253": "\u0386-\u03ff", "cp1255": "\u05d0-\u05ea",
    "cp1256": "\u0621-\u06d3", "cp949": "\uac00-\ud7a3", "cp932": "\u3041-\u30fe\u4e00-\u9fff",
    "euc_jp": "\u3041-\u30fe\u4e00-\u9fff", "gb18030": "\u4e00-\u9fff", "big5": "\u4e00-\u9fff",
}  # fmt: skip
_CANDIDATES = [*_ALPHABETS, *_SCRIPTS]
_COMMON_MARKS = frozenset("’‘“”„–—…«»¿¡°§·•€£¢®©™½¼¾²³´`‹›¨،؟، 。，、！？：；「」（）《》")
_TWO_SCRIPTS = re.compile("[A-Za-z][\u0370-\u06d3]|[\u0370-\u06d3][A-Za-z]")
_FINAL_ALONE = re.compile("[ςךםןףץ](?=[α-ωא-ת])")
_WORD = re.compile(r"[^\W\d_]+")
_SYMBOL_IN_WORD = re.compile(r"[^\W\d_][¹²³ºª¼½¾¿¡¢£¤¥¦§¨©«¬®¯°±´¶·¸»×÷‚„…†‡‰‹›•˜™€]+[^\W\d_]")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A sample's text in one encoding, and how much it is like the language, from 0 to 1."""

    encoding: str
    text: str
    likeness: float


def detected_encoding(data: bytes, *, is_captions: bool) -> str | None:
    """Return the legacy encoding of ``data`` by Python's name, or None where it cannot be told for sure.

    Args:
        data: bytes that are no UTF-8.
        is_captions: the file is a caption file by its form, so that there is text in it, however little.
    """
    sample = b"\n".join(row for row in data.split(b"\n") if not row.isascii())[:JUDGED_BYTES]
    if sum(byte > 127 for byte in sample) < (1 if is_captions else FEWEST_LETTERS):
        return None
    readings = _in_scripts(sample, _possible(sample)) or _in_latin(
        data[: 10 * JUDGED_BYTES], _possible(sample)
    )
    if not readings:
        return None
    best = max(readings, key=lambda reading: reading.likeness)
    rivals = [reading for reading in readings if reading.text != best.text]
    if any(best.likeness - reading.likeness < CLEARLY_LIKER for reading in rivals):
        return None
    try:
        data.decode(best.encoding)
    except UnicodeDecodeError:
        return None
    return best.encoding


def _possible(sample: bytes) -> list[str]:
    found = from_bytes(
        sample,
        cp_isolation=_CANDIDATES,
        threshold=MESSIEST,
        preemptive_behaviour=False,
        enable_fallback=False,
    )
    names = {name for match in found for name in (match.encoding, *match.could_be_from_charset)}
    return [encoding for encoding in _CANDIDATES if encoding in names]


def _in_scripts(sample: bytes, possible: Sequence[str]) -> list[_Reading]:
    """Return the readings in scripts other than Latin whose letters are of the script, and are its common ones."""
    readings: list[_Reading] = []
    for encoding in possible:
        if encoding not in _SCRIPTS:
            continue
        # The sample may be cut inside a character.
        text = sample.decode(encoding, errors="ignore")
        foreign = [letter for letter in text if not letter.isascii() and letter not in _COMMON_MARKS]
        inside: list[str] = re.findall(f"[{_SCRIPTS[encoding]}]", text.lower())
        common = _COMMON[encoding]
        likeness = sum(letter in common for letter in inside) / max(1, len(inside))
        likeness -= _wrong_case(text)
        if (
            len(inside) > 3
            and len(inside) >= 0.93 * len(foreign)
            and likeness >= _LEAST_LIKE[encoding]
            and not _FINAL_ALONE.search(text)
        ):
            readings.append(_Reading(encoding, text, likeness + _bonus(encoding)))
    return readings


def _bonus(encoding: str) -> float:
    """Return what makes shares of an alphabet's letters and of thousands of ideographs comparable."""
    return _LEAST_LIKE["cp1251"] - _LEAST_LIKE[encoding]


def _wrong_case(text: str) -> float:
    """Return how far the words are from being small, capitalised or in capitals, as those of a wrong alphabet are.

    KOI8-R read as cp1251 gives words that begin small and go on in capitals, Latin words with accents read as
    Cyrillic have letters of both scripts, and Hebrew read as KOI8-R is all in capitals, which is rarer than not.
    """
    words: list[str] = [word for word in _WORD.findall(text) if len(word) > 1 and not word.isascii()]
    odd = sum(
        not (word.islower() or word.isupper() or word[1:].islower() or word.lower() == word)
        or _TWO_SCRIPTS.search(word) is not None
        for word in words
    )
    shouted = sum(word.isupper() for word in words)
    return (odd + ALL_CAPITALS * shouted) / max(1, len(words))


def _in_latin(data: bytes, possible: Sequence[str]) -> list[_Reading]:
    """Return the readings whose letters beyond ASCII are all in the alphabet of one language of the code page."""
    readings: list[_Reading] = []
    for encoding in possible:
        if encoding not in _ALPHABETS:
            continue
        text = data.decode(encoding, errors="replace")
        foreign = {
            letter.lower()[0] for letter in text if not letter.isascii() and letter not in _COMMON_MARKS
        }
        fits = any(foreign <= set(alphabet) for alphabet in _ALPHABETS[encoding])
        if fits and _SYMBOL_IN_WORD.search(text) is None and not _is_of_accents(text):
            words = _WORD.findall(text.lower())
            n_common = sum(word in _WORDS[encoding] for word in words)
            readings.append(_Reading(encoding, text, min(1.0, n_common / max(1, len(words)) * 4)))
    return readings


def _is_of_accents(text: str) -> bool:
    """Return True where the letters beyond ASCII are most of a row's letters: Latin scripts are not written so."""
    rows = [row for row in text.split("\n") if not row.isascii()]
    letters = [letter for row in rows for letter in row if letter.isalpha()]
    return sum(not letter.isascii() for letter in letters) > 0.6 * len(letters)
