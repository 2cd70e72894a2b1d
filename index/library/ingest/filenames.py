"""File names: hints about the episode in them, and the names that transcripts are stored under."""

import re
from dataclasses import dataclass
from datetime import date

from index.library.ingest.language_suffixes import LANGUAGES
from index.library.ingest.transcript_files import SUFFIXES
from index.transcripts.formats.decoding import folded
from index.transcripts.links import VIDEO_ID

LONGEST_NAME = 200

_SUFFIX_OF_FORMAT = {
    "webvtt": ".vtt",
    "subrip": ".srt",
    "sbv": ".sbv",
    "substation": ".ass",
    "microdvd": ".sub",
    "mpl2": ".sub",
    "lyrics": ".lrc",
    "ttml": ".ttml",
    "youtube_json3": ".json3",
    "youtube_xml": ".xml",
    "youtube_transcript_api": ".json",
    "podcast_json": ".json",
    "segments_json": ".json",
    "table": ".csv",
    "published": ".md",
    "plain": ".txt",
}
_LANGUAGE = re.compile(r"\.([a-z]{2,3})((?:-[A-Za-z0-9]{2,8}){0,3})$")
_TRAILING_ID = re.compile(rf"(.*?)(?:\s*[\[(]({VIDEO_ID})[\])]|-({VIDEO_ID}))")
_WORD_SHAPED = re.compile(
    r"(?:[a-z]{2,}|[A-Z]{2,5}s?|[A-Za-z]|(?:[A-Z]{2,4})?(?:[A-Z][a-z]{2,})+(?:[A-Z]{2,4})?)\d{0,4}|\d+"
)
_SMALL_LETTERS = re.compile(r"[A-Z]?[a-z]{2,}")
_DATE = re.compile(
    r"(?:GMT)?(\d{4}-\d{2}-\d{2}|(?:19|20)\d{6})"
    r"(?:[-_T ](?:[01]\d|2[0-3])[-.:]?[0-5]\d[-.:]?[0-5]\d(?![^\W_]))?(?:[-_ ]+|$)"
)
_LAST_DATE = re.compile(r"[-_ (\[](\d{4}-\d{2}-\d{2}|(?:19|20)\d{6})[)\]]?$")
_KIND_OF_FILE = re.compile(r"(?:_\d{3,4}x\d{3,4})?\.(?:transcript|captions?|cc|subtitles?)$", re.IGNORECASE)
_ADDED_BY_PROGRAM = re.compile(
    r"(?:[ _-]+otter[ _.-]ai|-(?P<teams>\d{8})_\d{6}(?:UTC)?-Meeting Recording|"
    r"[ _]+\((?P<meet>\d{4}-\d{2}-\d{2}) at [^()]{1,30}\)(?:[ _]+-[ _]+Transcript)?)$",
    re.IGNORECASE,
)
"""Otter's, Teams' and Google Meet's additions."""

_NUMBER = re.compile(
    r"(?:(?:episode|ep\.?)[ _-]*#?[ ]*\d{1,4}(?:[._]\d{1,2})?|#\d{1,4}(?:\.\d{1,2})?)(?:\s*[-–—:|.]\s*|[ _]+)(?=\S)"
    r"|\d{1,3}(?:\.\d{1,2})?\s+[-–—|]\s+(?=\S)",
    re.IGNORECASE,
)
_DATED_NUMBER = re.compile(r"\d{1,3}(?:_\d{1,2})?-(?=[^\W\d])")
_SLASHED = re.compile(r"\b([A-Z])_([A-Z])\b")
_FILE_SIGNS = str.maketrans(
    {"：": ":", "？": "?", "⧸": "/", "｜": "|", "＂": '"', "＊": "*", "＜": "<", "＞": ">"}
)
_SMALL_WORDS = frozenset("a an and as at by for from in into of on or the to vs with".split())
_CAPITALS = {word.casefold(): word for word in "AI AGI LLM LLMs ML NLP GPT RL RLHF UK US EU UN METR".split()}
_GENERIC_STEMS = frozenset(
    "audio caption captions document episode file index recording script sub subs subtitle subtitles talk text "
    "transcript transcription transcripts untitled video".split()
)


@dataclass(frozen=True, slots=True)
class NameHints:
    """Hints from a file's name; None for a missing hint.

    Attributes:
        title: its words, without date, number, id and language.
        video_id: an id at the end, after a hyphen or in brackets, if it is shaped like YouTube's.
        language: the code before the format's suffix.
        published: the day that the name begins with, a time of the day after it aside, or ends with.
    """

    title: str | None = None
    video_id: str | None = None
    language: str | None = None
    published: date | None = None


def parse_name(name: str) -> NameHints:
    """Parse the name of a file, without its folders."""
    stem, language = split_language(stem_of(clean_name(name)))
    stem = _KIND_OF_FILE.sub("", stem)
    stem, video_id = _split_video_id(stem)
    stem, met = _split_program(stem)
    stem, published = _split_date(stem)
    published = published or met
    return NameHints(_title(stem, is_dated=published is not None), video_id, language, published)


def recording_of_day(name: str) -> str | None:
    """Return the words and the day of a name that holds no title, such as ``Recording, 2026-09-12``; None without both.

    Example:
        >>> recording_of_day("GMT20260912-180233_Recording.transcript.vtt")
        'Recording, 2026-09-12'
    """
    stem = _KIND_OF_FILE.sub("", split_language(stem_of(clean_name(name)))[0])
    rest, published = _split_date(stem)
    words = words_of_slug(rest.strip(" -_.")) if published is not None else ""
    return f"{words}, {published}" if words else None


def clean_name(name: str) -> str:
    """Return the last part of an untrusted path, on one line, at most 200 characters with suffix; may be empty."""
    last = re.split(r"[/\\]", folded(name).strip())[-1]
    last = " ".join(last.split()).strip()
    if last in {"", ".", ".."}:
        return ""
    if len(last) > LONGEST_NAME:
        suffix = _suffix_of(last)
        last = last[: LONGEST_NAME - len(suffix)].rstrip() + suffix
    return last


def stem_of(name: str) -> str:
    """Return ``name`` without the suffix of a transcript's format."""
    return name[: len(name) - len(_suffix_of(name))]


def split_language(stem: str) -> tuple[str, str | None]:
    """Split a language code such as ``.en``, ``.pt-BR`` or ``.en-orig`` off ``stem``; the code is None if missing."""
    match = _LANGUAGE.search(stem)
    if match is None or match[1] not in LANGUAGES or match.start() == 0:
        return stem, None
    return stem[: match.start()], match[1] + match[2].removesuffix("-orig")


def stored_name(name: str, *, kind: str, format_name: str) -> str:
    """Return the file name for a transcript in its folder; only a known suffix of ``name`` is used."""
    suffix = _suffix_of(clean_name(name)) or _SUFFIX_OF_FORMAT.get(format_name, ".txt")
    return ("captions" if kind == "captions" else "transcript") + suffix


def without_number(title: str) -> str:
    """Return ``title`` without a leading episode number."""
    match = _NUMBER.match(title)
    return title[match.end() :] if match else title


def words_of_slug(text: str) -> str:
    """Return ``text`` with spaces for hyphens and underscores, in title case; text with spaces keeps its words."""
    if " " in text or not re.search(r"[-_]", text):
        return text[:1].upper() + text[1:]
    words = [word for word in re.split(r"[-_]+", text) if word]
    return " ".join(_cased(word, is_first=not number) for number, word in enumerate(words))


def is_generic(stem: str) -> bool:
    """Return True for names such as ``transcript`` or ``captions-2``, which fit any episode."""
    return stem.casefold().rstrip("0123456789-_ ()") in _GENERIC_STEMS or not re.search(r"[^\W\d]", stem)


def _suffix_of(name: str) -> str:
    lowered = name.casefold()
    return max((suffix for suffix in SUFFIXES if lowered.endswith(suffix)), key=len, default="")


def _title(stem: str, *, is_dated: bool) -> str | None:
    text = stem.translate(_FILE_SIGNS)
    text = _SLASHED.sub(r"\1/\2", text)
    if " " not in text and (is_dated or "_" in text.partition("-")[0]):
        text = re.sub(r"^(?:episode|ep)-(?=\d)", "", text, flags=re.IGNORECASE)
        text = _DATED_NUMBER.sub("", text, count=1) if _DATED_NUMBER.match(text) else text
    text = without_number(words_of_slug(text.strip(" -_."))).strip(" -_")
    return text if text and not is_generic(text) else None


def _cased(word: str, *, is_first: bool) -> str:
    lowered = word.casefold()
    if lowered in _CAPITALS:
        return _CAPITALS[lowered]
    if not word.islower() or (lowered in _SMALL_WORDS and not is_first):
        return word
    return word[0].upper() + word[1:]


def _split_video_id(stem: str) -> tuple[str, str | None]:
    match = _TRAILING_ID.fullmatch(stem)
    if match is None:
        return stem, None
    bracketed, hyphened = match[2], match[3]
    if bracketed is not None:
        is_word = all(
            part.islower() or part.istitle() or part.isdigit() for part in re.split("[-_]", bracketed)
        )
        return (stem, None) if is_word else (match[1], bracketed)
    if not match[1].strip() or not _is_id_shaped(hyphened):
        return stem, None
    return match[1], hyphened


def _is_id_shaped(text: str) -> bool:
    """Return True if eleven characters look random; ``of-the-town`` and ``DeepMindAGI`` are words.

    Ids that look like words are missed, about one in a hundred and fifty.
    """
    if not re.search("[A-Z]", text):
        return False
    return not all(_is_wordy(part) for part in re.split("[-_]", text) if part)


def _is_wordy(part: str) -> bool:
    """Return True for written words, such as ``DeepMindAGI`` and ``part2``, each with a vowel."""
    return _WORD_SHAPED.fullmatch(part) is not None and all(
        re.search("[aeiouyAEIOUY]", word) for word in _SMALL_LETTERS.findall(part)
    )


def _split_program(stem: str) -> tuple[str, date | None]:
    """Split off what a program adds at the end of a name, with the day in it, if there is one."""
    match = _ADDED_BY_PROGRAM.search(stem)
    if match is None or match.start() == 0:
        return stem, None
    digits = match["teams"] or match["meet"] or ""
    try:
        return stem[: match.start()], date.fromisoformat(digits) if digits else None
    except ValueError:
        return stem, None


def _split_date(stem: str) -> tuple[str, date | None]:
    """Split off the day that a name begins with, or else ends with."""
    if (first := _DATE.match(stem)) is not None:
        rest, day = stem[first.end() :], first[1]
    elif (last := _LAST_DATE.search(stem)) is not None and any(map(str.isalpha, stem[: last.start()])):
        rest, day = stem[: last.start()], last[1]
    else:
        return stem, None
    try:
        return rest, date.fromisoformat(day)
    except ValueError:
        return stem, None
