"""Fitting: known parameters come back from synthetic data, and the shipped scorecard comes back from its own."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.scorecard import Scaling
from app.domain.scorecard_format import read_scorecard
from data.catalogue import load_catalogue
from data.scorecards import fitting
from data.scorecards.fit_credit_data import held_out, read_sample
from data.scorecards.fitting import Group, Sample
from tests import credit_data
from tests.scorecards import small_document

CATALOGUE = load_catalogue()


def test_the_regression_recovers_known_coefficients() -> None:
    rng = np.random.Generator(np.random.PCG64(11))
    truth = np.array([0.9, 0.7, -0.4, 1.3])
    x = np.column_stack([np.ones(40_000), rng.normal(size=(40_000, 3))])
    good = rng.random(40_000) < 1 / (1 + np.exp(-x @ truth))
    beta, errors = fitting.logistic(x, good)
    assert np.all(np.abs(beta - truth) < 4 * errors)
    assert np.all(errors < 0.03)


def test_calibration_recovers_the_line_the_outcomes_were_drawn_from() -> None:
    """Outcomes drawn at the odds of the scaling itself: the fitted line must be the scaling's own."""
    scaling = Scaling(pdo=20, base_points=600, base_odds=30)
    rng = np.random.Generator(np.random.PCG64(12))
    points = rng.integers(420, 640, 60_000).astype(float)
    log_odds = np.array([scaling.log_odds(value) for value in points])
    good = rng.random(60_000) < 1 / (1 + np.exp(-log_odds))
    beta, errors = fitting.logistic(np.column_stack([np.ones(60_000), points]), good)
    assert abs(beta[1] - math.log(2) / 20) < 4 * errors[1]
    assert abs(beta[0] - scaling.log_odds(0)) < 4 * errors[0]


totals = st.lists(st.integers(400, 420).map(float), min_size=1, max_size=25)


@given(goods=totals, bads=totals)
def test_auc_and_ks_are_those_of_their_definitions(goods: list[float], bads: list[float]) -> None:
    auc, ks = fitting.ranking(np.array(goods), np.array(bads))
    wins = sum((g > b) + (g == b) / 2 for g, b in itertools.product(goods, bads))
    assert math.isclose(auc, wins / len(goods) / len(bads), abs_tol=1e-9)
    cuts = [
        abs(sum(b <= cut for b in bads) / len(bads) - sum(g <= cut for g in goods) / len(goods))
        for cut in {*goods, *bads}
    ]
    assert math.isclose(ks, max(cuts), abs_tol=1e-9)


def test_intervals_hold_the_figure_and_narrow_with_more_cases() -> None:
    rng = np.random.Generator(np.random.PCG64(13))
    widths = []
    for count in (200, 5000):
        bad = rng.random(count) < 0.3
        points = rng.normal(500, 30, count).round() - 25 * bad
        auc = fitting.performance("test", points, bad, seed=1)["auc"]
        low, value, high = (float(auc[key]) for key in ("low", "value", "high"))
        assert low < value < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 3


@settings(max_examples=30)
@given(st.integers(10, 400), st.randoms(use_true_random=False))
def test_the_hold_out_is_stratified_and_does_not_follow_the_order_of_rows(count: int, rng: object) -> None:
    keys = [str(number) for number in range(count)]
    bad = np.array([number % 3 == 0 for number in range(count)])
    held = held_out(keys, bad)
    for label in (True, False):
        assert held[bad == label].sum() == round((bad == label).sum() * 0.3)
    order = list(range(count))
    rng.shuffle(order)  # type: ignore[attr-defined]
    again = held_out([keys[i] for i in order], bad[order])
    assert [bool(flag) for flag in again] == [bool(held[i]) for i in order]


def test_woe_worked_example() -> None:
    """30 of 90 goods and 5 of 50 bads: ln((30/90) / (5/50)) = 1.203973."""
    bad = np.array([True] * 50 + [False] * 90)
    inside = [True] * 5 + [False] * 45 + [True] * 30 + [False] * 60
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "MIN_MISSING", 1)
        assert fitting.group_of({}, inside, bad) == Group({}, 30, 5, 1.203973)
    assert fitting.group_of({}, inside, bad).woe == 0, "35 cases are too few to tell"


@pytest.mark.parametrize(
    ("woes", "trend", "cut"),
    [
        ([-1.0, 0.0, 1.0], "descending", None),
        ([-1.0, 1.0, 0.5], "descending", 1),
        ([1.0, 0.0, -1.0], "ascending", None),
        ([1.0, 1.0], "ascending", 0),
        ([1.0, 0.5, 0.0], "auto_asc_desc", None),
        ([0.0, 0.5, 0.2, 1.0], "auto_asc_desc", 1),
        ([0.3], "descending", None),
    ],
)
def test_the_first_cut_against_the_trend(woes: list[float], trend: str, cut: int | None) -> None:
    assert fitting.first_break(woes, trend) == cut


def test_cut_points_are_rounded_to_steps_above_the_smallest() -> None:
    assert fitting.rounded([0.4, 1.6, 2.2, 2.4, 7.0], Decimal(1), 0.0) == [Decimal(2), Decimal(7)]
    assert fitting.rounded([-3.1, 0.1, 0.26], Decimal("0.25"), -5.0) == [Decimal(-3), Decimal(0), Decimal("0.25")]


def test_small_categories_join_the_nearest_and_unseen_ones_have_a_place() -> None:
    values = ["a"] * 500 + ["b"] * 480 + ["c"] * 20 + [None] * 10
    bad = np.array(
        [i % 10 == 0 for i in range(500)] + [i % 2 == 0 for i in range(480)] + [i % 2 == 0 for i in range(30)]
    )
    groups = fitting.category_groups(values, bad, ("a", "b", "c", "d"), {"d": "a"})
    assert [group.spec for group in groups] == [
        {"categories": ["a", "d"]},
        {"categories": ["b", "c"]},
        {"missing": True, "unseen": True},
    ]
    assert sum(group.good + group.bad for group in groups) == 1010


def test_a_fact_of_no_use_is_dropped_with_the_reason() -> None:
    rng = np.random.Generator(np.random.PCG64(14))
    rows = [{"x": bool(rng.random() < 0.5), "noise": bool(rng.random() < 0.5)} for _ in range(4000)]
    bad = np.array([rng.random() < (0.15 if row["x"] else 0.45) for row in rows])
    sample = Sample(rows, bad)
    groups = {name: fitting.boolean_groups([row[name] for row in rows], bad) for name in ("x", "noise")}
    groups["noise"] = [Group(group.spec, group.good, group.bad, -group.woe) for group in groups["noise"]]
    chosen, beta, dropped = fitting.selected(["x", "noise"], groups, sample)
    assert chosen == ["x"]
    assert beta[1] == pytest.approx(1, abs=1e-3), "the WoE of a single fact is its log-odds"
    assert "sign turns" in dropped["noise"]


def test_grades_are_cut_at_their_pd() -> None:
    card = read_scorecard(small_document())
    line = {"intercept": "-2", "slope": "0.05"}
    cut = fitting.grades(line, card, (("A", "0.05"), ("B", "0.5"), ("Z", "0.0000001")))
    assert [row["name"] for row in cut] == ["A", "B", "E"]
    assert cut[1]["minimum_points"] == 40  # -2 + 0.05 * 40 = 0, even odds
    assert cut[0]["minimum_points"] == math.ceil((math.log(19) + 2) / 0.05)


def test_the_data_is_read_under_the_shipped_mapping() -> None:
    sample, keys = read_sample(credit_data.FILE)
    assert len(keys) == len(sample.rows) == 4454
    for line, row in zip(credit_data.lines(), sample.rows, strict=True):
        by_hand = credit_data.facts_of(line)
        assert {name: row[name] for name in by_hand} == by_hand


def test_another_file_is_refused(tmp_path: Path) -> None:
    for content, message in (("a,b\n1,2\n", "is this credit_data.csv"), ("rownames,Status\n1,ugly\n", "ugly")):
        path = tmp_path / "other.csv"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(SystemExit, match=message):
            read_sample(path)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("optbinning") is None, reason="the extra `modelling` is not installed")
def test_the_script_makes_the_shipped_scorecard_again(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "again.json"
    script = root / "data" / "scorecards" / "fit_credit_data.py"
    command = [sys.executable, str(script), str(credit_data.FILE), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    assert out.read_bytes() == (root / "data" / "scorecards" / "credit-data.json").read_bytes()
