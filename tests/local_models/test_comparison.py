"""Champion against challenger: the DeLong test, the swap-set, calibration and cost."""

from __future__ import annotations

import json
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from local_models.modelling.comparison import (
    CompareOptions,
    Costs,
    approved,
    auc_difference,
    calibration_curve,
    compare,
    mean_cost,
    probabilities,
    swap_set,
    wilson,
)
from local_models.modelling.metrics import auc, auc_error


def a_sample(rows: int, seed: int, *, skill: float = 0.6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two noisy views of one log-odds, and outcomes drawn from it; the second view is the better one."""
    rng = np.random.default_rng(seed)
    truth = 1 + 1.3 * rng.normal(size=rows)
    bad = rng.random(rows) > 1 / (1 + np.exp(-truth))
    bad[:2] = [True, False]
    return truth + rng.normal(size=rows) / skill, truth + 0.7 * rng.normal(size=rows) / skill, bad


samples = st.tuples(st.integers(30, 200), st.integers(0, 10**6)).map(lambda drawn: a_sample(*drawn))


def test_the_test_of_the_difference_against_a_bootstrap() -> None:
    champion, challenger, bad = a_sample(800, 3)
    found = auc_difference(champion, challenger, bad)
    rng, drawn = np.random.default_rng(1), []
    goods, bads = np.flatnonzero(~bad), np.flatnonzero(bad)
    for _ in range(600):
        chosen = np.concatenate([rng.choice(goods, len(goods)), rng.choice(bads, len(bads))])
        drawn.append(auc(challenger[chosen], bad[chosen]) - auc(champion[chosen], bad[chosen]))
    assert found.value / found.z == pytest.approx(np.std(drawn), rel=0.1)
    assert 0 < found.p < 0.05 < found.z


@given(samples)
@settings(max_examples=40, deadline=None)
def test_the_difference_turns_round_with_the_two(sample: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    champion, challenger, bad = sample
    one, other = auc_difference(champion, challenger, bad), auc_difference(challenger, champion, bad)
    assert (one.value, one.z) == pytest.approx((-other.value, -other.z))
    assert (one.low, one.high, one.p) == pytest.approx((-other.high, -other.low, other.p))
    same = auc_difference(champion, 2 * champion + 1, bad)
    assert (same.value, same.p) == (0.0, 1.0)


def test_against_a_constant_the_variance_is_that_of_one_auc() -> None:
    _, challenger, bad = a_sample(300, 4)
    found = auc_difference(np.zeros(300), challenger, bad)
    assert found.value / found.z == pytest.approx(auc_error(challenger, bad))


@given(samples, st.floats(0.05, 0.95))
@settings(max_examples=60, deadline=None)
def test_swapped_in_and_out_are_equally_many(sample: tuple[np.ndarray, np.ndarray, np.ndarray], rate: float) -> None:
    champion, challenger, bad = sample
    champion = champion.round(0)  # many ties
    swap = swap_set(champion, challenger, bad, rate)
    groups = (swap.both_approve, swap.both_decline, swap.swapped_in, swap.swapped_out)
    assert swap.swapped_in.cases == pytest.approx(swap.swapped_out.cases, abs=1e-9)
    assert sum(group.cases for group in groups) == pytest.approx(len(bad))
    assert sum(group.bad for group in groups) == pytest.approx(bad.sum())
    assert swap.both_approve.cases + swap.swapped_in.cases == pytest.approx(rate * len(bad))


def test_a_swap_set_counted_by_hand() -> None:
    champion = np.array([4.0, 3, 2, 1, 0])
    challenger = np.array([4.0, 0, 3, 2, 1])
    bad = np.array([False, True, False, False, True])
    swap = swap_set(champion, challenger, bad, 0.4)  # champion approves 0, 1; challenger 0, 2
    assert (swap.swapped_in.cases, swap.swapped_in.bad, swap.swapped_out.bad_rate) == (1, 0, 1.0)
    assert (swap.bad_rate_champion, swap.bad_rate_challenger) == (0.5, 0.0)
    assert approved(np.array([1.0, 1, 1, 0]), 0.5).tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0])


def test_costs_counted_by_hand() -> None:
    bad = np.array([True, True, False, False])
    costs = Costs(bad_approved=10, good_declined=2)
    assert mean_cost(np.array([1.0, 0, 1, 0]), bad, costs) == (10 + 2) / 4
    assert costs.cut_off == pytest.approx(1 / 6)
    champion, challenger, outcome = a_sample(500, 8)
    found = compare(champion, challenger, outcome, CompareOptions(approval_rate=0.7, costs=costs))
    refused = probabilities(champion) > 1 / 6
    by_hand = (10 * (outcome & ~refused).sum() + 2 * (~outcome & refused).sum()) / 500
    assert found.champion.cost.at_own_cut_off == pytest.approx(by_hand)
    assert found.challenger.cost.at_equal_approval < found.champion.cost.at_equal_approval


def test_a_calibrated_pd_is_seen_to_be_one_and_a_shifted_one_is_not() -> None:
    rng = np.random.default_rng(5)
    pd = rng.beta(2, 8, 20_000)
    bad = rng.random(20_000) < pd
    assert sum(band.low <= band.expected <= band.high for band in calibration_curve(pd, bad, 10)) >= 8
    assert not any(band.low <= band.expected <= band.high for band in calibration_curve(pd * 1.3, bad, 10))
    assert sum(band.cases for band in calibration_curve(pd.round(1), bad, 10)) == 20_000


def test_wilson_holds_at_the_ends_and_against_the_binomial() -> None:
    assert wilson(0, 20)[0] == 0.0
    assert wilson(0, 20)[1] == pytest.approx(0.1611, abs=1e-4)  # Newcombe, Statistics in Medicine 17, 1998
    low, high = wilson(7, 30)
    below = sum(comb(30, k) * low**k * (1 - low) ** (30 - k) for k in range(7, 31))
    assert 0.01 < below < 0.06
    assert high < 0.5


def test_everything_is_in_the_json_as_text() -> None:
    champion, challenger, bad = a_sample(300, 6)
    found = compare(champion, challenger, bad).to_json()
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {"champion", "challenger", "difference", "swap", "costs", "confidence_pct"}
    assert found["champion"]["performance"]["auc"]["value"] == f"{auc(champion, bad):.6f}"
    assert float(found["swap"]["approval_rate"]) == pytest.approx((~bad).mean(), abs=1e-6)
    assert len(found["challenger"]["calibration"]) == 10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bad": np.zeros(4, dtype=bool)}, "All outcomes are alike"),
        ({"challenger_log_odds": np.array([1.0, np.nan, 2, 3])}, "A score is missing"),
        ({"challenger_log_odds": np.zeros(3)}, "4 and 3 scores of 4 cases"),
        ({"options": CompareOptions(approval_rate=1.5)}, "no share between 0 and 1"),
        ({"options": CompareOptions(costs=Costs(0, 1))}, "Costs must be above zero"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, object], message: str) -> None:
    given_all = {
        "champion_log_odds": np.arange(4.0),
        "challenger_log_odds": np.arange(4.0),
        "bad": np.array([True, False, True, False]),
    }
    with pytest.raises(InputError, match=message):
        compare(**(given_all | change))  # type: ignore[arg-type]
