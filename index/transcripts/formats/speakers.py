"""Telling the label of a speaker from the first words of a sentence that happen to end in a colon."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from index.transcripts.formats.sound_notes import is_sound_note

LABEL_CHARACTERS = 60
LABEL_WORDS = 7
LONGEST_WIDE_NAME = 8
LEAST_SHARE_LABELLED = 0.5
"""A file most of whose openings have labels that recur is labelled: then odd labels are labels, too."""

LEAST_SHARE_WITHOUT_DOUBT = 0.8
"""Where labels open nearly everything, one that is seen once is a speaker, too."""

FEWEST_LABELLED = 3
MOST_OPENINGS_WITHOUT_REPEAT = 8
"""In a text of more openings than this speakers come again: labels that never do are headings."""

ANSWERS_OF_TWO_PEOPLE = 2
"""So often do two of like names speak one after the other where they are not one person."""

LABEL = r"[^\W\d_][^\n:：\[\]<>{}\"“”«»?？!！;。，、…*\t]{0,58}?"
"""What may stand before a colon: it begins with a letter and has no mark that ends or quotes a sentence."""

_CONTRACTION = re.compile(r"['’](?:m|s|re|ve|ll|d)$")
_TOKEN = re.compile(r"[\w.'’&/@№#+-]+,?")
_ASIDE = re.compile(r"\s*[(（\[][^()（）\[\]]{0,50}[)）\]]\s*")
WIDE = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
"""A character of Chinese, Japanese or Korean, before which no space need stand."""

_PARTICLES = frozenset(
    "al bin da dal de del della den der di dos du el ibn la le ten ter van von y zu and und et e of".split()
)
_NAME_AND_ASIDE = re.compile(r"([^()（）]+)[(（]([^()（）]{1,50})[)）]")
_FULL_NAME_PART = re.compile(
    r"[^\W\d_a-z](?:\.|[^\W\d_]*(?:['’.-][^\W\d_]+)*[.]?)|(?:[A-Z]\.){1,3}|[A-Z]{2,4}"
)
_ABSTRACT = re.compile(r"(?:[ts]ions?|ness|[ai]lity|ology|ware|atives?|ments|cess)$")
_ROLES = re.compile(
    r"(?:interviewer|interviewee|host|co-host|cohost|guest|narrator|moderator|speaker|questioner|announcer|presenter|"
    r"audience|audience member|unknown speaker|unidentified speaker|unknown|man|woman|male|female|voiceover|voice|"
    r"caller|student|teacher|doctor|patient|participant|panelist|operator|spk|person|"
    r"sprecher|sprecherin|moderatorin|gast|interviewpartner|orateur|locuteur|intervenant|hablante|orador|"
    r"entrevistador|entrevistado|falante|interlocutor|mówca|konuşmacı|mluvčí|puhuja|talare|spreker|relatore|"
    r"спикер|ведущий|ведущая|гость|диктор|участник|голос|"
    r"发言人|说话人|講者|讲者|主持人|嘉宾|嘉賓|主播|话者|話者|司会|ゲスト|화자|참석자|진행자)"
    r"(?:[ _:#-]{0,2}(?:№ ?)?[0-9]{1,3}|[ _:#-]{1,2}(?:№ ?)?[A-Za-z]{1,2}|(?-i:(?<=[a-z])[A-Z]))?",
    re.IGNORECASE,
)
_NEVER = frozenset(
    "a about absolutely actually ad additionally ads advertisement after again agenda aired all also alternatively an "
    "and announcement answer any appendix article as asked assumption attendees audio author background basically "
    "because bonus book books break breaking brought but by caption captions category caveat channel chapter chapters "
    "claim clip conclusion connect contact contents context correct credits crucially date definition description "
    "details disclaimer discord duration edit edited either email episode especially exactly example examples "
    "explanation facebook fact fair false fifth figure final finally find first five follow for footnote four fourth "
    "from full further furthermore github goal guests hence here hint hosts how however if image imagine important "
    "importantly in indeed info instagram instead interlude intro introduction is it join key keywords language last "
    "law learn length lesson let like link linkedin links list listen location look lower mailing maybe meaning "
    "mentioned merch method more moreover music my name namely newsletter next no not note notes now number objection "
    "of off ok okay one opening option or original our outline outro outtake outtakes overview page part participants "
    "patreon perhaps photo play podcast point points possibility preface premise principle problem problems produced "
    "program proof publish published publisher question questions quote quoted rate reason reasons recall recap "
    "recorded recording reference references related released remember resource resources result results review "
    "right rule rules say scenario second section see send series share show shownotes shop similarly sign so social "
    "sorry source sources speakers spoiler sponsor sponsored sponsors spotify stage stay step still story such "
    "subject subscribe subtitle subtitles summary support tags take takeaway takeaways thank thanks that the then "
    "there therefore these third this those thoughts three through thing thought thus tip tips title to today "
    "together tldr top topic topics total transcribed transcriber transcript transcription transcripts true try "
    "twitter two type uploaded upper update updated upcoming updates url verse version via video views visit wait "
    "warning watch we website welcome well what when where whether which who why with word words wrong x yeah yep yes "
    "yet you your youtube i http https www "
    "process usage system security privacy data model models research development feature "
    "features issue issues design status plan plans history future benefits pros "
    "cons risks challenges action items decision decisions steps insights insight highlights "
    "highlight tool tools methods approach impact cost market product products team "
    "company business tech technology software hardware network protocol code testing release "
    "releases initiative jingle theme sound introducing background notes dataset architecture training "
    "evaluation experiment experiments limitations abstract discussion "
    "来源 类型 链接 原始链接 摘要 标题 日期 时间 作者 频道 主题 关键词 备注 总结 结论 简介 目录 预测 "
    "概要 出典 注釈 リンク 출처 요약 링크".split()
)
_WIDE_PHRASE = re.compile(r"[的这们很]|(?:论点|观点|论据|逻辑|结论|分析|命题|要点|背景|问题|建议|总结|摘要)$")
"""What Chinese headings and phrases hold or end in, and names do not."""

_ABBREVIATED = re.compile(
    r"(?:[^\W\d_]|jr|sr|dr|mr|mrs|ms|st|prof|rev|hon|esq|ph\.?d|psy\.?d|m\.?d|d\.?phil|(?:[^\W\d_]\.)+[^\W\d_])\.",
    re.IGNORECASE,
)
"""Last words of a name that end in a point; after other words the point ends a sentence."""


def accepted_labels(
    candidates: Iterable[str],
    *,
    n_openings: int,
    surely: Iterable[str] = (),
    known: Iterable[str] = (),
) -> frozenset[str]:
    """Return those of ``candidates`` that name a speaker.

    Args:
        candidates: the text before a colon, or in a form that stands for one, once for each time it opens a row.
        n_openings: how many captions, or paragraphs, the file has in which a label could stand.
        surely: labels that the file marks otherwise too, say by a time beside them.
        known: names that the file's head or title gives.

    A label that recurs and looks like a name (capitals, no word that opens sentences), or tells a role, is one.
    What is seen once must have two words of a name or be known, and others must speak too: a line of a description,
    or a title, is nobody.
    Where labels that recur open half of all captions, the file is labelled, and they are speakers however they
    are written (``marta``, ``lena's iPad (2)``). Words that open sentences are names too (An Nguyen): a label of
    several words that recurs, or is sure, may hold them.
    """
    counts = Counter(candidates)
    if not counts:
        return frozenset()
    certain = {label for label in surely if is_name_shaped(label, may_open=True)}
    named = {_folded(name) for name in known}
    shaped = {label for label in counts if is_name_shaped(label)}
    accepted = {label for label in shaped if counts[label] > 1 or is_role(label)}
    known_once = {label for label in shaped - accepted if _folded(label) in named}
    if accepted or len(known_once) > 1 or n_openings <= MOST_OPENINGS_WITHOUT_REPEAT:
        accepted |= known_once
    accepted |= {
        label
        for label in counts
        if counts[label] > 2 and " " in label and is_name_shaped(label, may_open=True)
    }
    odd = {label for label, count in counts.items() if count > 1 and _could_be_label(label)}
    n_labelled = sum(counts[label] for label in odd | accepted)
    if (
        n_labelled >= FEWEST_LABELLED
        and n_labelled >= LEAST_SHARE_LABELLED * n_openings
        and len(odd | accepted) > 1
    ):
        accepted |= odd
    if (
        accepted
        and sum(counts[label] for label in accepted | shaped) >= LEAST_SHARE_WITHOUT_DOUBT * n_openings
    ):
        accepted |= shaped
    letters = {label for label in accepted if len(label) == 1 and label.isascii()}
    if len(letters) == 1:
        # "Q:" alone is more often read out than a label; "Q:" and "A:" are two speakers.
        accepted -= letters
    accepted |= certain
    once = {label for label in shaped - accepted if is_full_name(label)}
    are_few = n_openings <= MOST_OPENINGS_WITHOUT_REPEAT and len(once) >= LEAST_SHARE_LABELLED * n_openings
    if accepted or (len(once) > 1 and are_few):
        accepted |= once
    accepted |= {
        match[2] for label in accepted if (match := _NAME_AND_ASIDE.fullmatch(label)) and match[2] in counts
    }
    parts = {part.strip(",") for label in accepted for part in label.split()}
    some_recur = any(counts[label] > 1 and label.isupper() for label in accepted)
    return frozenset(accepted | {s for s in shaped if s in parts or (some_recur and s.isupper())})


def is_name_shaped(label: str, *, may_open: bool = False) -> bool:
    """Return True where every word of ``label`` could stand in a name or a role.

    Pronouns, a role or a number in parentheses do not count. ``may_open`` lets in words as ``So``.
    """
    if len(label) > LABEL_CHARACTERS:
        return False
    if is_role(label):
        return True
    tokens = _ASIDE.sub(" ", label).split()
    if not 1 <= len(tokens) <= LABEL_WORDS - 1 or not tokens[0][0].isalpha():
        return False
    if tokens[-1].endswith(".") and _ABBREVIATED.fullmatch(tokens[-1]) is None:
        return False
    if not label.isascii() and (_WIDE_PHRASE.search(label) is not None or _is_translated(tokens)):
        return False
    return any(_is_name(token) for token in tokens) and all(
        _TOKEN.fullmatch(token) is not None
        and not token.isdecimal()  # a standard with its number
        and (may_open or len(token) == 1 or token.strip(".,").casefold() not in _NEVER)
        and (_is_name(token) or token in _PARTICLES or token.isdigit() or token[0] in "&#№")
        for token in tokens
    )


def is_full_name(label: str) -> bool:
    """Return True for two words or more that are written as names are, and are none that head a section."""
    tokens = [token.strip(",") for token in _ASIDE.sub(" ", label).split() if token not in _PARTICLES]
    return len(tokens) > 1 and all(
        _FULL_NAME_PART.fullmatch(token) is not None and _ABSTRACT.search(token) is None for token in tokens
    )


def spelt_out(labels: Iterable[str]) -> dict[str, str]:
    """Return for labels that differ by a note in parentheses the name that they share.

    ``Anna Kowalska (AK)`` tells who ``AK`` is, and where ``Anna Kowalska`` speaks as well ``Anna Kowalska (host)``
    is she; labels without such a twin are left out.

    Example:
        >>> spelt_out(["Anna Kowalska (AK)", "AK"])
        {'Anna Kowalska (AK)': 'Anna Kowalska', 'AK': 'Anna Kowalska'}
    """
    known = set(labels)
    names: dict[str, str] = {}
    for label in sorted(known):
        match = _NAME_AND_ASIDE.fullmatch(label)
        if match is None:
            continue
        name, aside = match[1].strip(), match[2].strip()
        if aside in known:
            names[label] = names[aside] = name
        elif name in known:
            names[label] = name
    return names


def full_names(turns: Sequence[str], *, known: Iterable[str] = ()) -> dict[str, str]:
    """Return the fullest form of each label that is another form of one person's name.

    ``Filan`` is ``Daniel Filan`` where that is the only name, among the labels and the ``known`` names, that begins or
    ends so. Two who answer each other are two people. Labels that differ in case alone are one.

    Args:
        turns: the labels of a transcript's turns in order.
        known: names of people who take part, from elsewhere.

    Example:
        >>> full_names(["Daniel Filan", "Ada Lind", "Filan"])
        {'Filan': 'Daniel Filan'}
    """
    counts = Counter(turns)
    pairs = Counter(frozenset(pair) for pair in pairwise(turns))
    longer = _by_beginning_and_end(dict.fromkeys((*counts, *known)))
    by_spelling: dict[str, str] = {}
    for label in sorted(counts, key=lambda label: (label.isupper(), -counts[label])):
        by_spelling.setdefault(label.casefold(), label)
    names: dict[str, str] = {}
    for label in counts:
        folded = label.casefold()
        fuller = longer.get(folded, {})
        if len(fuller) == 1 and len(label) > 1 and not is_role(label):
            (name,) = fuller.values()
            if pairs[frozenset((label, name))] < ANSWERS_OF_TWO_PEOPLE:
                names[label] = by_spelling.get(name.casefold(), name)
                continue
        if by_spelling[folded] != label:
            names[label] = by_spelling[folded]
    return names


def _by_beginning_and_end(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return full names, by spelling in small letters, under each shorter run of words that one begins or ends with."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        words = name.casefold().split()
        if 1 < len(words) <= LABEL_WORDS and is_full_name(name) and not is_role(name):
            for n_words in range(1, len(words)):
                for part in (words[:n_words], words[n_words:]):
                    found.setdefault(" ".join(part), {}).setdefault(" ".join(words), name)
    return found


def written_as_names(labels: Iterable[str], *, known: Iterable[str] = ()) -> dict[str, str]:
    """Return the names of labels of several words in capitals as names are written, as ``known`` has them if it does.

    A single word in capitals may be an abbreviation, and a role is no name.

    Example:
        >>> written_as_names(["ADA LIND", "NASA"])
        {'ADA LIND': 'Ada Lind'}
    """
    of_known = {name.casefold(): name for name in known if not name.isupper()}
    return {
        label: of_known.get(label.casefold()) or label.title()
        for label in labels
        if label.isupper() and " " in label and not is_role(label)
    }


def is_role(label: str) -> bool:
    """Return True for ``Host``, ``Speaker 2``, ``SPEAKER_00`` and the like, in a dozen languages."""
    return _ROLES.fullmatch(_ASIDE.sub(" ", label).strip()) is not None


def is_section_label(label: str) -> bool:
    """Return True for a label such as ``Break`` or ``Show notes``, which opens a part of the text and is nobody."""
    return any(token.strip(".,").casefold() in _NEVER for token in label.split())


def _could_be_label(label: str) -> bool:
    words = label.split()
    if not 0 < len(words) <= LABEL_WORDS or len(label) > LABEL_CHARACTERS or is_sound_note(label):
        return False
    first = words[0].strip(".,").casefold()
    # "I'm wondering" opens a sentence as "I" does; "lena's iPad" does not.
    return first not in _NEVER and _CONTRACTION.sub("", first) not in _NEVER


def _is_translated(tokens: Sequence[str]) -> bool:
    """Return True for a term beside its translation: people write their names in one script."""
    return len({WIDE.search(token) is not None for token in tokens}) > 1


def _is_name(token: str) -> bool:
    # Scripts without capitals cannot be told by them; those without spaces write whole sentences as one token.
    if WIDE.search(token) is not None and len(token) > LONGEST_WIDE_NAME:
        return False
    return token[0].isupper() or (token[0].isalpha() and not token[0].islower())


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
