"""Votes are counted as written: Wilson's interval is the published one, and moves are judged by what was asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.evaluation.metrics import wilson
from index.evaluation.vote_agreement import MOVED, VERDICTS, VotedPosition, agreement_of, finding_of

BANDS = ("Risk-forward", "Mixed", "Opportunity-forward")
COUNTS = st.fixed_dictionaries({name: st.integers(0, 6) for name in VERDICTS}).filter(
    lambda counts: any(counts.values())
)


def judged(
    position: float = -40.0, now: float | None = None, *, confidence: str = "high", **counts: int
) -> VotedPosition:
    band = BANDS[0] if position <= -18 else BANDS[2] if position >= 18 else BANDS[1]
    there = position if now is None else now
    band_now = BANDS[0] if there <= -18 else BANDS[2] if there >= 18 else BANDS[1]
    named = {
        "fits": counts.get("fits", 0),
        "too low": counts.get("low", 0),
        "too high": counts.get("high", 0),
    }
    return VotedPosition(position, band, confidence, named, there, band_now)


class TestWilson:
    @pytest.mark.parametrize(
        ("hits", "n", "low", "high"),
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
    )
    def test_intervals_are_those_that_newcombe_published(self, hits, n, low, high) -> None:
        """Newcombe (1998), Statistics in Medicine 17, table I, method 3."""
        found = wilson(hits, n)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)

    @given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_it_holds_the_share_stays_within_0_and_1_and_mirrors(self, case) -> None:
        hits, n = case
        found, other = wilson(hits, n), wilson(n - hits, n)
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert (other.low, other.high) == pytest.approx((1 - found.high, 1 - found.low))

    @given(st.integers(1, 100).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_more_cases_of_the_same_share_make_it_narrower(self, case) -> None:
        hits, n = case
        few, many = wilson(hits, n), wilson(4 * hits, 4 * n)
        assert many.high - many.low < few.high - few.low

    @pytest.mark.parametrize(("hits", "n"), [(0, 0), (2, 1), (-1, 3)])
    def test_no_cases_and_impossible_hits_are_undefined(self, hits, n) -> None:
        with pytest.raises(ValueError, match="of n from 1"):
            wilson(hits, n)


class TestFinding:
    @pytest.mark.parametrize(
        ("counts", "finding"),
        [
            ({"fits": 1}, "fits"),
            ({"fits": 2, "too low": 1}, "fits"),
            ({"fits": 1, "too low": 1}, "too low"),
            ({"fits": 2, "too low": 1, "too high": 1}, "divided"),
            ({"too low": 1, "too high": 2}, "too high"),
            ({}, "divided"),
        ],
    )
    def test_more_than_half_must_find_it_fitting(self, counts, finding) -> None:
        assert finding_of(counts) == finding

    @given(COUNTS)
    def test_turning_the_axis_round_turns_the_complaint_round(self, counts) -> None:
        turned = {**counts, "too low": counts["too high"], "too high": counts["too low"]}
        swap = {"too low": "too high", "too high": "too low"}
        assert finding_of(turned) == swap.get(finding_of(counts), finding_of(counts))


class TestAgreement:
    def test_each_reading_counts_once_however_many_voted(self) -> None:
        found = agreement_of([judged(fits=99), judged(30.0, low=1)], BANDS)
        assert (found.votes_fit.hits, found.votes_fit.n) == (99, 100)
        assert (found.readings_fit.hits, found.readings_fit.n) == (1, 2)
        assert [(own.hits, own.n) for own in found.by_band.values()] == [(1, 1), (0, 0), (0, 1)]
        assert found.by_band["Mixed"].interval is None

    def test_complaints_have_a_side(self) -> None:
        found = agreement_of([judged(low=3, high=1), judged(fits=1, high=1)], BANDS)
        assert (found.n_too_low, found.n_too_high, found.too_low.hits, found.too_low.n) == (3, 2, 3, 5)

    @pytest.mark.parametrize(
        ("counts", "now", "as_asked"),
        [
            ({"low": 1}, -20.0, (1, 1)),  # too risk-forward, and now less so
            ({"low": 1}, -60.0, (0, 1)),
            ({"high": 1}, -60.0, (1, 1)),
            ({"low": 1}, -40.0 + MOVED - 0.01, (0, 0)),  # has not moved
            ({"low": 1, "high": 1}, 0.0, (0, 0)),  # asks for nothing
            ({"fits": 1}, 0.0, (0, 0)),
        ],
    )
    def test_a_move_is_as_asked_where_it_goes_the_way_of_the_complaint(self, counts, now, as_asked) -> None:
        found = agreement_of([judged(now=now, **counts)], BANDS)
        assert (found.as_asked.hits, found.as_asked.n) == as_asked

    def test_what_was_fitting_is_kept_while_it_stays_or_moves_within_its_band(self) -> None:
        stayed, within = judged(fits=1), judged(now=-60.0, fits=1)
        out, by_a_hair = judged(now=10.0, fits=1), judged(-18.5, -17.0, fits=1)
        found = agreement_of([stayed, within, out, by_a_hair], BANDS)
        assert (found.kept.hits, found.kept.n) == (3, 4)

    @given(st.lists(st.tuples(COUNTS, st.floats(-100, 100), st.floats(-100, 100)), max_size=20))
    def test_parts_add_up(self, cases) -> None:
        readings = [
            judged(
                at, now, fits=counts["fits"], low=counts["too low"], high=counts["too high"], confidence="low"
            )
            for counts, at, now in cases
        ]
        found = agreement_of(readings, BANDS)
        assert found.votes_fit.n == found.n_votes == found.votes_fit.hits + found.n_too_low + found.n_too_high
        for parts in (found.by_band, found.by_confidence):
            assert sum(own.n for own in parts.values()) == found.n_readings == len(cases)
            assert sum(own.hits for own in parts.values()) == found.readings_fit.hits
        assert found.as_asked.n <= found.moved.hits <= found.moved.n

    def test_no_votes_are_no_zero(self) -> None:
        found = agreement_of([], BANDS)
        assert found.readings_fit.interval is None
        assert found.n_votes == 0
