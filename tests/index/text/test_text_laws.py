"""What holds of any text that a person types or a transcript has. The long drill is ``make fuzz``."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from index.errors import EpisodeAmbiguous, EpisodeUnknown
from index.search.episode_names import LONGEST_NAME, EpisodeNames
from index.search.excerpts import excerpt_of
from index.search.quotable_sentences import Match
from index.storage.records import SliceRecord
from index.text.sentences import after_space, sentence_ends, unit_ends
from index.text.slicing import slice_transcript
from index.text.tokens import LONGEST_QUESTION, MOST_STEMS, TermFinder, stem, stems_in, terms_of, tokenize
from index.transcripts.model import Cue, Transcript
from scoring.reading import Reading

from ..conftest import episode_record

NAMES = """U.S. A.I. C++ C# .NET GPT-4o don’t dont s's 10,000 R&D
é ﬁ İ ſ ﾞ ｓ Москва 机器推论。 한국어 می\u200cشود 🦊 \ud800"""
SIGNS = 'river rivers The of . ? ! … " “ ” « » < > : @ # ` \x00 \u0301 \u200d'
REPEATED = ("s ", "'s", "a.", '"', "“a b” ", "C+", "1,", "机", "x-", "`", "<@1>", ". ")
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from([*NAMES.split(), *SIGNS.split()]), max_size=40).map(" ".join),
    st.builds(lambda part, times: part * times, st.sampled_from(REPEATED), st.integers(1, 400)),
)
EPISODES = [
    episode_record(n, title) for n, title in enumerate(["The river", "The mill", "The U.S. and C++"], 1)
]


@given(TEXTS, st.booleans())
def test_tokens_lie_in_order_in_the_text_and_are_never_empty(text: str, with_characters: bool) -> None:
    tokens = tokenize(text, with_characters=with_characters)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
        assert token.word
        assert token.stem == stem(token.word) or not token.word.isascii()
        assert token.stem
        assert "\0" not in token.word
        assert "\n" not in token.stem  # the index keeps one a line
    assert stems_in(text, with_characters=with_characters) == [token.stem for token in tokens]


@given(TEXTS)
def test_a_text_holds_each_word_of_itself(text: str) -> None:
    terms = terms_of(text)
    assert len(terms.stems) <= MOST_STEMS
    assert set(terms.stems) <= {word.stem for word in terms.words}
    found = {stemmed for _, _, stemmed in TermFinder(terms).find(text[:LONGEST_QUESTION])}
    if not text.isupper() and "<" not in text and ":" not in text and "\u0301" not in text:
        assert found >= set(terms.stems) or len(text) > LONGEST_QUESTION


ENDINGS = st.sampled_from(
    ["", "s", "ed", "ing", "ies", "y", "eed", "ational", "'s", "n't", ".", ",", '"', "?)"]
)
WORDS = st.lists(
    st.builds(
        lambda *parts: "".join(parts), st.text("abeiostyzAUS", min_size=1, max_size=5), ENDINGS, ENDINGS
    ),
    max_size=30,
).map(" ".join)


@example("AED", "")  # its stem is that of a function word, with an apostrophe
@example("eyed", "")
@example('0"00:0"', "")  # where the very words are said, they are found there alone
@given(st.one_of(TEXTS, WORDS), st.one_of(TEXTS, WORDS))
def test_a_word_is_found_wherever_a_token_has_its_stem(asked: str, text: str) -> None:
    finder = TermFinder(terms_of(asked))
    text = f"{text} {asked}"
    with_characters = any(len(stemmed) == 1 and not stemmed.isascii() for stemmed in finder.terms.stems)
    tokens = tokenize(text, with_characters=with_characters)
    stems = set(finder.terms.stems)
    words = [(at.start, at.end, at.stem) for at in tokens if at.stem in stems]
    found = finder.find(text)
    if finder.terms.are_quoted:
        assert found == [word for word in words if word in found]
        assert bool(found) == bool(words)
    else:
        assert found == words


@given(TEXTS)
def test_units_part_a_text(text: str) -> None:
    text = " ".join(text.split())
    for ends in (sentence_ends(text), unit_ends(text)):
        assert ends == sorted(set(ends))
        assert (ends[-1] if ends else 0) == len(text)
        start, parts = 0, []
        for end in ends:
            parts.append(text[start:end])
            start = after_space(text, end)
        assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.lists(TEXTS, min_size=1, max_size=5), TEXTS)
def test_a_quote_is_whole_sentences_of_any_slice(said: list[str], question: str) -> None:
    cues = tuple(Cue(" ".join(text.split()) or "-") for text in said)
    terms = terms_of(question)
    match = Match(TermFinder(terms), dict.fromkeys(terms.stems, 1.0))
    for piece in slice_transcript(Transcript(cues, "vtt", "captions")):
        record = SliceRecord(1, 1, piece, Reading(0.0, "Mixed", "technical", "low", "nothing"))
        excerpt = excerpt_of(EPISODES[0], record, match=match)
        assert excerpt.start in {start for start, _ in piece.units()}
        assert excerpt.end in {end for _, end in piece.units()}
        assert all(0 <= start < end <= len(excerpt.text) for start, end in excerpt.marks)
        assert all(mark[1] < other[0] for mark, other in pairwise(excerpt.marks))


@given(TEXTS)
def test_a_name_is_an_episode_or_an_error_that_says_which(text: str) -> None:
    EpisodeNames(EPISODES).suggestions(text, 25)
    try:
        assert EpisodeNames(EPISODES).meant(text) in EPISODES
    except EpisodeAmbiguous as error:
        refused = len(error.slugs) == len(error.candidates) > 1
    except EpisodeUnknown as error:
        refused = len(str(error.fields["received"])) <= LONGEST_NAME
    else:
        return
    assert refused
