"""Language detection for questions and libraries, by a few common words and by script.

It is rough on purpose: a language is named only if two of its function words, or its script, show it. Text that may be
either of two languages has none.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from index.text.tokens import tokenize

_COMMON_WORDS = {
    "en": "the and of to that is it was you for this with are have not what we they will be how does who why can in a",
    "de": "der die das und ist nicht ich wir sie es den dem ein eine einen mit auf für von zu wie warum wird werden "
    "kann können über auch wenn aber oder sind haben hat was man sich bei nach unsere unser "
    "wer wo wann welche welcher welches wieso weshalb soll sollte sollen muss müssen mein meine dein deine noch schon "
    "nur gibt dass denn doch würde",
    "fr": "le la les et est pas que qui des du une un dans pour sur avec nous vous ils elle ce cette sont comment "
    "pourquoi peut être au aux ne se par plus où quand quel quelle quels quelles mon mes dois doit faut encore",
    "es": "el la los las y es no que de del una un en por para con como cómo qué porque se su son puede más pero lo al "
    "quién dónde cuándo cuál cuáles mis debe debo hay todavía",
    "it": "il lo la gli e è non che di del della una un in per con come perché si sono può più ma anche nel "
    "chi dove quando quale quali cosa mio mia deve devo ancora",
    "pt": "o os as e é não que de do da uma um em por para com como porque se são pode mais mas ao no na "
    "quem onde quando qual quais meu minha deve devo ainda",
    "nl": "de het een en is niet dat van ik we zij met voor op hoe waarom wordt worden kan ook maar zijn hebben wat "
    "wie waar welke wanneer mijn moet nog",
    "pl": "i jest nie że w z na do się to jak dlaczego czy są może ale przez dla co",
    "sv": "och är inte att det en ett som på av för med hur varför kan men vi de har till",
    "tr": "ve bir bu için ne nasıl neden değil ile mi mı da de çok daha",
    "ru": "и не что в на я с как это он они мы почему может но для быть из у к",
    "uk": "і не що в на як це він вони ми чому може але для бути з у є та",
    "el": "και το η ο να είναι δεν που για με από τι πώς γιατί θα στο",
    "zh": "的 是 不 了 在 有 我 们 这 会",
    "ja": "の は に を が で と す ま",
    "ko": "이 는 을 에 의 가 은 다",
    "ar": "في من على أن هذا ما لا هل كيف لماذا هو",
    "fa": "در از به که این را است و با چرا چگونه",
    "he": "של את לא על זה מה איך למה הוא אני",
    "hi": "के में है की का और को से यह क्या",
}
_WORDS = {
    language: frozenset(token.word for token in tokenize(words)) for language, words in _COMMON_WORDS.items()
}
_SCRIPTS = (
    ("zh", re.compile("[\u3041-\u30ff\u3400-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
"""Letters of Japanese alone, which stand among Chinese characters there, often as the fewer."""

_OWN_LETTERS = (("ru", re.compile("[ыэ]")), ("uk", re.compile("[ієґ]")), ("fa", re.compile("[پچژگ]")))
"""Letters that of the languages here one alone has, in its script; Belarusian has those of two and is none of them."""
_LEAST_SHARE = 0.05
_LATIN = frozenset("en de fr es it pt nl pl sv tr".split())
_LAST_LATIN = "\u024f"
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_LEAST_FOREIGN, _LEAST_SHARE_FOREIGN = 2, 0.1
_TIMES_AS_MANY = 3
"""How many more common words of another language than of its own show that a text is not in it."""


def language_of(words: Iterable[str], *, least: int = 2) -> str | None:
    """Return the language of a question as an ISO 639-1 code, or None if unclear.

    Args:
        words: tokens of the question.
        least: common words of the language that it must have.
    """
    words = list(words)
    text = " ".join(words)
    for language, letters in _SCRIPTS:
        if 2 * len(letters.findall(text)) >= len(text.replace(" ", "")) > 0:
            return "ja" if language == "zh" and _KANA.search(text) else language
    counts = Counter({name: sum(word in common for word in words) for name, common in _WORDS.items()})
    (first, most), (_, second) = counts.most_common(2)
    if most >= least and most > second:
        return first
    told = [language for language, letters in _OWN_LETTERS if letters.search(text)]
    return told[0] if len(told) == 1 and _is_in_other_letters(text) else None


def is_in_another(text: str, language: str | None) -> bool:
    """Return True if ``text`` is surely not in ``language``, an ISO 639-1 code: by its letters, or by its common words.

    False where it may be, where it is a few names and figures, and where the language is None or none of those known.
    """
    if language not in _WORDS:
        return False
    words = [token.word for token in tokenize(text)]
    if language in _LATIN and _is_in_other_letters(text):
        return True
    found = {name: [word for word in words if word in common] for name, common in _WORDS.items()}
    own = found.pop(language)
    others = max(found.values(), key=len)
    written = _LATIN_WORD.findall(text)
    if language == "en" and 2 * sum(word[0].islower() for word in written) > len(written):  # no list of names
        others += [word for word in written if not word.isascii()]
    return len(set(others)) >= _LEAST_FOREIGN and len(others) >= max(
        _TIMES_AS_MANY * len(own), _LEAST_SHARE_FOREIGN * len(words)
    )


def _is_in_other_letters(text: str) -> bool:
    """Return True if most letters of ``text`` are not Latin."""
    return 2 * sum(map(_is_foreign_letter, text)) > sum(map(str.isalpha, text))


def _is_foreign_letter(character: str) -> bool:
    return character.isalpha() and character > _LAST_LATIN


def is_common_word(word: str, language: str) -> bool:
    """Return True if ``word``, a token, is one of the few common words by which ``language`` is told."""
    return word in _WORDS.get(language, ())


def language_of_library(frequency: Callable[[str], int], n_slices: int) -> str | None:
    """Return the language that most of a library is in as an ISO 639-1 code, or None if unclear.

    Args:
        frequency: returns the number of slices that hold a word.
        n_slices: number of slices of the library.
    """
    shares = {
        language: sum(frequency(word) for word in common) / (len(common) * max(1, n_slices))
        for language, common in _WORDS.items()
    }
    best = max(shares, key=lambda language: shares[language])
    return best if shares[best] >= _LEAST_SHARE else None
