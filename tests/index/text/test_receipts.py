"""Receipts: the same words are found wherever they are, and no other words pass for them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.text.receipts import (
    LinkUnreadable,
    PageLink,
    Receipt,
    SpokenWords,
    digest_of,
    letter_of,
    read_link,
    receipt_of,
    sentence_anchor,
    words_at,
)
from index.text.slicing import Slice, slice_transcript
from index.transcripts.model import Cue, Transcript

SENTENCES = (
    "The dam on the river may fail this spring, and nobody is looking at it.",
    "We measured the wall in March and again in June.",
    "Right.",
    "What I fear is not the water but the silence of the people who were paid to watch it.",
    "So the village moved its school up the hill, which was cheaper than anybody had said.",
    "And who paid for that?",
    "The cannery did, to everybody's surprise.",
    "Right.",
    "They have asked for nothing in return so far, and I keep waiting for the letter.",
)
ADVERT = "This hour is brought to you by a mattress that nobody needs and everybody has heard of."


def slices(
    sentences: tuple[str, ...] | list[str], *, every_s: float = 10.0, start_s: float = 0.0
) -> tuple[Slice, ...]:
    cues = tuple(
        Cue(text, start_s + number * every_s, start_s + (number + 1) * every_s)
        for number, text in enumerate(sentences)
    )
    return slice_transcript(Transcript(cues, "vtt", "captions"))


def sentence(pieces: tuple[Slice, ...], words: str) -> tuple[Slice, int, int]:
    for piece in pieces:
        start = piece.text.find(words)
        if start >= 0:
            return piece, start, start + len(words)
    raise AssertionError(words)


def receipt(pieces: tuple[Slice, ...], words: str) -> Receipt:
    made = receipt_of(*sentence(pieces, words))
    assert made is not None
    return made


@pytest.mark.parametrize("words", [*dict.fromkeys(SENTENCES)])
def test_words_that_stay_are_as_quoted(words: str) -> None:
    pieces = slices(SENTENCES)
    verdict = SpokenWords.of(pieces).check(receipt(pieces, words))
    assert verdict.kind == "as quoted"
    assert verdict.second == sentence(pieces, words)[0].second_at(sentence(pieces, words)[1])


@pytest.mark.parametrize("at", [0, 3, 6])
def test_words_behind_an_advert_have_moved_by_its_length(at: int) -> None:
    before = slices(SENTENCES)
    after = slices([*SENTENCES[:at], *[ADVERT] * 3, *SENTENCES[at:]])
    spoken = SpokenWords.of(after)
    for number, words in enumerate(SENTENCES):
        if SENTENCES.count(words) > 1:
            continue
        verdict = spoken.check(receipt(before, words))
        assert verdict.kind == ("as quoted" if number < at else "moved")
        assert verdict.moved_s == pytest.approx(0 if number < at else 30, abs=0.05)


def test_a_short_word_that_is_gone_is_not_mistaken_for_another_like_it() -> None:
    before = slices(SENTENCES)
    made = receipt(before, "Right.")
    assert made.tenths == 200
    after = slices([*SENTENCES[:1], *SENTENCES[4:]], start_s=300)
    assert SpokenWords.of(after).check(made).kind == "gone"


def test_a_word_said_about_then_in_other_surroundings_is_not_the_one_that_was_cut_out() -> None:
    sentences = ["I trust it, mostly, for now.", "Two.", "And he asked me who had counted the boats."]
    made = receipt(slices(sentences), "Two.")
    heard = ["They have come and gone since then.", "Two of them stayed in the harbour.", ADVERT]
    after = SpokenWords.of(slices(heard))
    assert after.second_of(after.words.index("two")) == pytest.approx((made.tenths or 0) / 10)
    assert after.check(made).kind == "gone"


def test_a_phrase_that_is_repeated_at_once_is_not_mistaken_for_its_repetition() -> None:
    made = receipt(slices(["He does the lonely ones. They ask for him."]), "They ask for him.")
    heard = slices(["He does the lonely is ones they for him.", "They ask for him by name."])
    verdict = SpokenWords.of(heard).check(made)
    assert (verdict.kind, verdict.word) == ("changed", 6)


def test_words_played_again_elsewhere_do_not_pass_for_those_that_were_changed() -> None:
    said = f"{SENTENCES[3]} {SENTENCES[4]}"
    made = receipt(slices([*SENTENCES[:3], said, ADVERT, *[ADVERT] * 9, SENTENCES[2], said]), said)
    assert (made.tenths or 0) < 600
    corrected = said.replace("school", "church")
    heard = [
        *SENTENCES[:3],
        corrected,
        ADVERT,
        *[f"{ADVERT} Again {n}." for n in range(9)],
        SENTENCES[2],
        said,
    ]
    verdict = SpokenWords.of(slices(heard)).check(made)
    assert (verdict.kind, verdict.is_surrounded) == ("moved", False)


@pytest.mark.parametrize("words", ["Right.", "And who paid for that?"])
def test_a_few_words_that_moved_with_those_around_them_are_found(words: str) -> None:
    before = slices(SENTENCES[2:7])
    verdict = SpokenWords.of(slices([*[ADVERT] * 4, *SENTENCES[2:7]])).check(receipt(before, words))
    assert (verdict.kind, verdict.is_surrounded) == ("moved", True)
    assert verdict.moved_s == pytest.approx(40, abs=0.05)


def test_changed_words_are_told_and_found() -> None:
    before = slices(SENTENCES)
    heard = list(SENTENCES)
    heard[3] = "What I hear is not the water but the silence of people who were paid to watch us."
    verdict = SpokenWords.of(slices(heard)).check(receipt(before, SENTENCES[3]))
    assert verdict.kind == "changed"
    assert verdict.second == 30.0


def test_words_that_were_cut_out_are_gone() -> None:
    before = slices(SENTENCES)
    after = slices([*SENTENCES[:3], *SENTENCES[4:]])
    assert SpokenWords.of(after).check(receipt(before, SENTENCES[3])).kind == "gone"


def test_the_same_words_elsewhere_are_told_apart() -> None:
    before = slices(SENTENCES)
    made = receipt(before, SENTENCES[3])
    after = slices(
        [ADVERT, SENTENCES[3], *[f"{ADVERT} Indeed {number}." for number in range(5)]], start_s=900
    )
    verdict = SpokenWords.of(after).check(made)
    assert verdict.kind == "moved"
    assert not verdict.is_surrounded


def test_signs_case_and_apostrophes_are_no_words() -> None:
    assert [word for _, word in words_at("It’s… NOT—a “DON'T”! 你好 naïve")] == [
        "its",
        "not",
        "a",
        "dont",
        "你",
        "好",
        "naïve",
    ]


def test_without_times_words_are_as_quoted_wherever_they_are() -> None:
    pieces = slice_transcript(Transcript(tuple(Cue(words) for words in SENTENCES), "plain", "published"))
    made = receipt(pieces, SENTENCES[4])
    assert made.tenths is None
    later = slice_transcript(
        Transcript(tuple(Cue(words) for words in (ADVERT, *SENTENCES)), "plain", "published")
    )
    verdict = SpokenWords.of(later).check(made)
    assert (verdict.kind, verdict.moved_s) == ("as quoted", None)


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=60), st.data())
def test_a_receipt_is_read_as_it_was_written(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    piece = slice_transcript(Transcript((Cue(text, 3.0, 9.0),), "vtt", "captions"))[0]
    start = data.draw(st.integers(0, len(piece.text) - 1))
    made = receipt_of(piece, start, data.draw(st.integers(start + 1, len(piece.text))))
    assume(made is not None)
    assert Receipt.read(str(made)) == made
    assert len(str(made)) <= 50


@given(
    st.lists(st.sampled_from("one two three four five six seven".split()), min_size=1, max_size=30), st.data()
)
def test_a_changed_word_is_never_as_quoted(words: list[str], data: st.DataObject) -> None:
    before = slices([" ".join(words) + "."])
    made = receipt(before, before[0].text)
    changed = list(words)
    place = data.draw(st.integers(0, len(words) - 1))
    changed[place] = "eight"
    assert SpokenWords.of(slices([" ".join(changed) + "."])).check(made).kind in {"changed", "gone"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.2.3",
        "n.0.AAAAAA..A.",
        "n.2.AAAAAA..A.",
        "n.1.AAAAAA..!.",
        "n.99999999.AAAAAA..A.",
        "-1.1.AAAAAA..A.",
    ],
)
def test_what_is_no_receipt_is_refused(text: str) -> None:
    assert Receipt.read(text) is None


def test_letters_and_digests_are_spread() -> None:
    letters = {letter_of(f"word{number}") for number in range(1000)}
    assert len(letters) == 64
    assert len({digest_of([f"word{number}"]) for number in range(1000)}) == 1000


def test_a_link_leads_back_to_its_sentence() -> None:
    pieces = slices(SENTENCES)
    piece, start, end = sentence(pieces, SENTENCES[4])
    link = PageLink.read(read_link("https://site.example/a/episodes/the-dam.html", piece, start, end))
    assert link.slug == "the-dam"
    assert link.receipt == receipt(pieces, SENTENCES[4])
    found = link.sentence_in(pieces)
    assert found is not None
    assert pieces[found[0]].text[found[1] : found[2]] == SENTENCES[4]
    assert sentence_anchor(piece, start) == link.anchor
    short = PageLink.read(f"the-dam#{link.anchor}")
    assert (short.slug, short.receipt) == ("the-dam", None)
    assert replace(link, anchor="s9999-1").sentence_in(pieces) is None


@pytest.mark.parametrize(
    "link",
    [
        "",
        "https://site.example/",
        "the-dam",
        "https://x.example/y.html#s1-1",
        "javascript:alert(1)#s1-1",
        "http://[#s1-1",
    ],
)
def test_what_is_no_link_to_a_page_is_refused(link: str) -> None:
    with pytest.raises(LinkUnreadable):
        PageLink.read(link)
