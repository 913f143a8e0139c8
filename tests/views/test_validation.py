"""What the charts of a scorecard are drawn from, held to plain counting and to published definitions."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.monitoring import PointCount, auc, ks_estimate
from app.domain.scorecard_format import read_scorecard
from tests.scorecards import small_document
from views.models.validation import calibration_bands, columns, cut_off, roc, samples_of, widest
from views.parts.plot import share, ticks

COUNTS = [PointCount(100, 2, 8), PointCount(120, 5, 5), PointCount(150, 13, 2)]

histograms = st.lists(
    st.tuples(st.integers(-500, 1500), st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=40,
    unique_by=lambda row: row[0],
).map(lambda rows: [PointCount(*row) for row in sorted(rows)]).filter(
    lambda rows: sum(row.good for row in rows) > 0 and sum(row.bad for row in rows) > 0
)  # fmt: skip


@given(histograms)
def test_the_area_under_the_curve_is_the_auc(counts: list[PointCount]) -> None:
    curve = roc(counts)
    area = sum((after.goods - before.goods) * (after.bads + before.bads) / 2 for before, after in pairwise(curve))
    assert area == pytest.approx(auc(counts), abs=1e-9)
    assert (curve[0].goods, curve[0].bads, curve[-1].goods, curve[-1].bads) == (0, 0, 1, 1)


@given(histograms)
def test_the_widest_gap_is_ks(counts: list[PointCount]) -> None:
    at = widest(roc(counts))
    assert at.bads - at.goods == pytest.approx(ks_estimate(counts).value, abs=1e-9)


def test_a_cut_off_approves_those_with_at_least_so_many_points() -> None:
    at = cut_off(COUNTS, 120)
    assert (at.approved, at.approval_rate) == (25, 25 / 35)
    assert at.bad_rate is not None
    assert at.bad_rate.value == 7 / 25
    assert at.bad_rate.low < 7 / 25 < at.bad_rate.high
    assert (at.bads_declined, at.goods_declined) == pytest.approx((8 / 15, 2 / 20))
    assert cut_off(COUNTS, 121).approved == 15
    assert cut_off(COUNTS, 151).bad_rate is None


@given(histograms, st.integers(-600, 1600))
def test_a_higher_cut_off_never_approves_more(counts: list[PointCount], points: int) -> None:
    assert cut_off(counts, points).approved >= cut_off(counts, points + 1).approved


@given(histograms)
def test_columns_and_bands_lose_no_case(counts: list[PointCount]) -> None:
    total = sum(row.good + row.bad for row in counts)
    gathered = columns(counts)
    assert sum(row.good + row.bad for row in gathered) == total
    assert len(gathered) <= 50
    card = read_scorecard(small_document())
    bands = calibration_bands(counts, card)
    assert sum(band.cases for band in bands) == total
    expected = [band.expected for band in bands]
    assert all(before <= after + 1e-12 for before, after in pairwise(expected))


def test_a_document_without_a_distribution_draws_nothing() -> None:
    document = small_document()
    assert samples_of(document) == {}
    document["fit"]["distribution"] = {
        "holdout": [{"points": 1, "good": 1, "bad": 0}],
        "development": [{"points": 1, "good": 3, "bad": 0}, {"points": 2, "good": 0, "bad": 1}],
    }
    assert samples_of(document) == {"development": [PointCount(1, 3, 0), PointCount(2, 0, 1)]}


@pytest.mark.parametrize(
    ("value", "text"), [(0.451, "45 %"), (0.0512, "5.1 %"), (0, "0 %"), (1, "100 %"), (0.09, "9 %")]
)
def test_shares_are_told_shortly(value: float, text: str) -> None:
    assert share(value) == text


@given(st.floats(-1e6, 1e6), st.floats(0.01, 1e6))
def test_ticks_lie_within(low: float, width: float) -> None:
    found = ticks(low, low + width, 5)
    assert len(found) <= 9
    assert all(low - width * 1e-6 <= tick <= low + width * (1 + 1e-6) for tick in found)
