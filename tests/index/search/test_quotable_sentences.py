"""How far a quote goes on where its sentences are cut amid a clause."""

from index.search.quotable_sentences import QuotableSentences


def test_a_clause_against_without_a_space_adds_nothing() -> None:
    text = "the river rose but—" + "x" * 130 + " end"
    bounds = [(0, 14), (15, len(text))]
    none = [False, False]
    sentences = QuotableSentences(text, bounds, [1, 1], [0.0, 0.0], none, none, none, none)
    assert sentences.with_rest(0, 0, (), 400) == (0, 14)
