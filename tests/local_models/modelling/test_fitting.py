"""A whole fit: known parameters come back, the traps stay shut, the document is one the desk reads."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("optbinning")
pytest.importorskip("sklearn")

from app.domain.fitting import BinSpec, FitOptions, Fitted, Trend
from app.domain.scorecard import Bin, Characteristic, Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import Cancelled, InputError
from local_models.modelling.fitting import fit_scorecard, held_out
from local_models.modelling.frame_scores import frame_points
from local_models.modelling.metrics import auc
from local_models.modelling.regression import chance_of

ROWS = 6000


def synthetic(rows: int = ROWS, seed: int = 71) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """A table, whether bad, and the true ln(good:bad)."""
    rng = np.random.Generator(np.random.PCG64(seed))
    steps = rng.uniform(0, 100, rows)
    kind = rng.choice(["a", "b", "c"], rows, p=[0.5, 0.3, 0.2])
    delay = np.where(rng.random(rows) < 0.1, -9, rng.integers(0, 40, rows)).astype(float)
    income = np.where(rng.random(rows) < 0.15, np.nan, rng.lognormal(8, 0.5, rows))
    odds = 1.2 + np.select([steps < 30, steps < 70], [-1.0, 0.2], 0.8)
    odds += np.select([kind == "a", kind == "b"], [0.5, -0.2], -0.9)
    odds += np.where(delay == -9, -0.7, 0.6 - delay / 30)
    odds += np.where(np.isnan(income), -0.8, 0.1)
    frame = pd.DataFrame(
        {"steps": steps, "kind": kind, "delay": delay, "income": income, "noise": rng.normal(size=rows)}
    )
    return frame, rng.random(rows) > chance_of(odds), odds


FRAME, BAD, ODDS = synthetic()


def fit(frame: pd.DataFrame = FRAME, bad: np.ndarray = BAD, **options: Any) -> Fitted:
    return fit_scorecard(frame, bad, FitOptions(name="test", seed=7, **options))


def totals(card: Scorecard, frame: pd.DataFrame) -> np.ndarray:
    """Points of each row by the rules of the format."""
    return frame_points(card, frame)


def bin_at(row: Characteristic, value: float | str | None) -> Bin:
    return row.bins[row.bin_of(Decimal(repr(value)) if isinstance(value, float) else value)]


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit()


@pytest.fixture(scope="module")
def card(fitted: Fitted) -> Scorecard:
    return read_scorecard(fitted.document)


def test_known_parameters_come_back(card: Scorecard) -> None:
    points = totals(card, FRAME)
    held = held_out(BAD, 0.3, 7)
    found = float(card.calibration.intercept) + float(card.calibration.slope) * points
    assert np.sqrt(np.mean((found - ODDS)[held] ** 2)) < 0.25
    assert np.corrcoef(found[held], ODDS[held])[0, 1] > 0.97
    assert auc(points[held], BAD[held]) > auc(ODDS[held], BAD[held]) - 0.012


def test_steps_stand_where_they_are(card: Scorecard) -> None:
    row = next(row for row in card.characteristics if row.name == "steps")
    edges = [entry.lower for entry in row.bins if entry.lower is not None]
    for true in (30, 70):
        assert min(abs(edge - true) for edge in edges) < 4
    factor = card.scaling.factor
    low, middle, high = (bin_at(row, value).points / factor for value in (10.0, 50.0, 90.0))
    assert middle - low == pytest.approx(1.2, abs=0.3)
    assert high - middle == pytest.approx(0.6, abs=0.3)


def test_missing_and_special_values_have_bins_of_their_own(card: Scorecard) -> None:
    rows = {row.name: row for row in card.characteristics}
    income, delay = rows["income"], rows["delay"]
    missing = bin_at(income, None)
    assert not missing.interval
    assert missing.points < income.neutral_points
    special = bin_at(delay, -9.0)
    assert special.special == (-9.0,)
    assert special.good + special.bad > 300


def test_an_unseen_category_is_average_and_not_the_missing_bin(card: Scorecard) -> None:
    row = next(row for row in card.characteristics if row.name == "kind")
    unseen = bin_at(row, "never seen")
    assert unseen.unseen
    assert not unseen.missing
    assert unseen.points == row.neutral_points


def test_no_sign_is_wrong_and_noise_is_out(card: Scorecard, fitted: Fitted) -> None:
    assert all(row.coefficient > 0 for row in card.characteristics)
    assert "noise" not in card.names
    assert "noise" in {entry.name for entry in card.excluded}
    assert fitted.report["auc"]["low"] < fitted.report["auc"]["value"] < fitted.report["auc"]["high"]


def test_the_document_holds_strings_and_whole_numbers_and_is_the_same_twice(fitted: Fitted) -> None:
    text = json.dumps(fitted.document, allow_nan=False)
    assert json.loads(text, parse_float=lambda _: pytest.fail("a float")) == fitted.document
    again = fit()
    assert json.dumps(again.document) == text


def test_the_order_of_columns_changes_no_points(card: Scorecard) -> None:
    turned = read_scorecard(fit(FRAME[list(reversed(FRAME.columns))]).document)
    assert np.array_equal(totals(turned, FRAME), totals(card, FRAME))


def test_counts_woe_and_pd_are_those_of_the_points(card: Scorecard, fitted: Fitted) -> None:
    held = held_out(BAD, 0.3, 7)
    for row in card.characteristics:
        assert sum(entry.good for entry in row.bins) == int((~BAD[~held]).sum())
        assert sum(entry.bad for entry in row.bins) == int(BAD[~held].sum())
    points = totals(card, FRAME)[~held]
    expected = np.mean([float(card.calibration.pd(int(value))) for value in points])
    assert expected == pytest.approx(float(BAD[~held].mean()), abs=1e-3)
    held_auc = Decimal(fitted.document["fit"]["performance"]["auc"]["value"])
    assert float(held_auc) == pytest.approx(auc(totals(card, FRAME)[held], BAD[held]), abs=1e-6)


def test_the_odds_double_every_pdo_points(card: Scorecard) -> None:
    line = card.calibration
    for points in (500, 580):
        odds = [(1 - float(line.pd(at))) / float(line.pd(at)) for at in (points, points + 20)]
        assert odds[1] / odds[0] == pytest.approx(2, rel=1e-3)


def test_forced_monotony_holds_and_none_lets_the_shape_be() -> None:
    rng = np.random.Generator(np.random.PCG64(72))
    x = rng.uniform(-1, 1, 4000)
    bad = rng.random(4000) < chance_of(3 * x**2 - 1.5)
    frame = pd.DataFrame({"x": x, "other": rng.normal(size=4000) - bad})
    forced = read_scorecard(fit(frame, bad, monotone={"x": Trend.ASCENDING}).document)
    row = next((row for row in forced.characteristics if row.name == "x"), None)
    if row is not None:
        points = [entry.points for entry in row.bins if entry.interval]
        assert points == sorted(points, reverse=True)
    free = read_scorecard(fit(frame, bad, trend=Trend.NONE).document)
    valley = next(row for row in free.characteristics if row.name == "x")
    assert bin_at(valley, 0.0).points > max(bin_at(valley, at).points for at in (-0.95, 0.95))


def test_bins_and_points_set_by_hand_are_kept() -> None:
    spec = {
        "steps": BinSpec(edges=(25.0, 60.0), points={0: -77}),
        "kind": BinSpec(groups=(("a",), ("b", "c"))),
    }
    rows = {row.name: row for row in read_scorecard(fit(bins=spec).document).characteristics}
    assert [entry.lower for entry in rows["steps"].bins if entry.interval] == [None, 25.0, 60.0]
    assert rows["steps"].bins[0].points == -77
    assert {entry.categories for entry in rows["kind"].bins if entry.categories} == {("a",), ("b", "c")}


def test_without_a_hold_out_it_is_measured_by_cross_validation() -> None:
    found = fit(holdout=0)
    assert found.document["fit"]["performance"]["sample"] == "cross-validation"
    assert found.report["auc"]["value"] == pytest.approx(auc(ODDS, BAD), abs=0.03)
    assert sum(entry["good"] + entry["bad"] for entry in found.document["characteristics"][0]["bins"]) == ROWS


def test_many_correlated_columns_give_no_wrong_sign() -> None:
    rng = np.random.Generator(np.random.PCG64(73))
    base = rng.normal(size=(1500, 4))
    frame = pd.DataFrame({f"x{at}": base[:, at % 4] + 0.3 * rng.normal(size=1500) for at in range(40)})
    bad = rng.random(1500) < chance_of(base @ np.array([0.8, 0.5, 0.3, 0.2]) - 1)
    card = read_scorecard(fit(frame, bad).document)
    assert all(row.coefficient > 0 for row in card.characteristics)


def test_codes_without_order_keep_their_own_points() -> None:
    rng = np.random.Generator(np.random.PCG64(74))
    codes = rng.integers(1, 9, 4000)
    bad = rng.random(4000) < np.array([0, 0.6, 0.1, 0.6, 0.1, 0.6, 0.1, 0.6, 0.1])[codes]
    frame = pd.DataFrame({"purpose": codes, "other": rng.normal(size=4000) - 0.4 * bad})
    row = next(row for row in read_scorecard(fit(frame, bad).document).characteristics if row.name == "purpose")
    points = [bin_at(row, float(code)).points for code in range(1, 9)]
    assert min(points[1::2]) > max(points[0::2])


def test_guards_name_what_was_planted_and_a_reason_keeps_it() -> None:
    rng = np.random.Generator(np.random.PCG64(75))
    planted = FRAME.assign(
        copy=BAD ^ (rng.random(ROWS) < 0.05),
        recovery=np.where(BAD & (rng.random(ROWS) < 0.7), 10.0, np.nan),
        number=np.arange(ROWS),
        gender=rng.choice(["f", "m"], ROWS),
    )
    planted["height"] = rng.normal(170, 5, ROWS) + 12 * (planted["gender"] == "m")
    found = fit(planted)
    named = {guard.column: guard for guard in found.guards if guard.excluded}
    assert {"copy", "recovery", "number", "gender", "height"} <= set(named)
    assert {"steps", "kind", "delay", "income", "noise"}.isdisjoint(named)
    assert set(read_scorecard(found.document).names).isdisjoint(named)
    kept = fit(planted, reasons={"copy": "A test of the guards."})
    assert "copy" in read_scorecard(kept.document).names
    assert next(guard for guard in kept.guards if guard.column == "copy").reason == "A test of the guards."


def test_a_target_coded_the_wrong_way_round_is_said() -> None:
    assert "target.reversed" in {guard.code for guard in fit(FRAME, ~BAD).guards}
    scarce = BAD & (np.arange(ROWS) % 25 == 0)
    assert "target.few_bads" in {guard.code for guard in fit(FRAME, scarce).guards}


def test_too_few_bads_are_refused() -> None:
    bad = np.zeros(200, dtype=bool)
    bad[:4] = True
    with pytest.raises(InputError, match="4 bads"):
        fit(FRAME.iloc[:200], bad)


def test_nothing_to_tell_is_refused() -> None:
    rng = np.random.Generator(np.random.PCG64(76))
    with pytest.raises(InputError, match="No column"):
        fit(pd.DataFrame({"x": np.ones(500)}), rng.random(500) < 0.3)


def test_cancelling_ends_the_fit() -> None:
    def stop(done: int, total: int | None, what: str) -> None:
        if done > 20:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit_scorecard(FRAME, BAD, FitOptions(name="test"), stop)


def test_bins_that_move_over_time_are_named() -> None:
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(ROWS) // 20, unit="D")
    late = np.arange(ROWS) >= ROWS // 2
    moved = FRAME.assign(application_date=days, steps=np.where(late, FRAME["steps"] / 3, FRAME["steps"]))
    named = {guard.column for guard in fit(moved).guards if guard.code == "bins.unstable"}
    assert "steps" in named
    assert "kind" not in named


def test_odd_columns_do_no_harm() -> None:
    rng = np.random.Generator(np.random.PCG64(78))
    odd = FRAME.assign(
        empty=np.nan,
        constant=3.0,
        endless=np.where(rng.random(ROWS) < 0.05, np.inf, rng.normal(size=ROWS) - BAD),
        flag=pd.Series(
            np.where(rng.random(ROWS) < 0.1, None, rng.random(ROWS) < np.where(BAD, 0.6, 0.3)), dtype=object
        ),
        blank=np.where(rng.random(ROWS) < 0.2, " ", np.where(rng.random(ROWS) < np.where(BAD, 0.6, 0.2), "x", "y")),
        tiny=rng.choice([f"t{at}" for at in range(900)], ROWS),
    )
    card = read_scorecard(fit(odd).document)
    assert {"endless", "flag", "blank"} <= set(card.names)
    assert {"empty", "constant"}.isdisjoint(card.names)
    assert len(totals(card, odd)) == ROWS
    assert all(len(row.bins) <= 12 for row in card.characteristics)


def test_a_category_that_a_person_names_and_the_table_never_shows_has_their_bin() -> None:
    bins = {"kind": BinSpec(groups=(("a",), ("b", "c", "never")))}
    card = read_scorecard(fit(bins=bins).document)
    row = next(row for row in card.characteristics if row.name == "kind")
    assert bin_at(row, "never") == bin_at(row, "c")
    assert bin_at(row, "other") != bin_at(row, "c"), "what nobody named stays average"


def test_the_reason_for_leaving_a_column_out_stands_in_the_document() -> None:
    found = fit(exclude=("noise", "income"), why_excluded={"income": "Counts within a ratio."}).document
    why = {row["name"]: row["why"] for row in found["excluded"]}
    assert why["income"] == "Counts within a ratio."
    assert why["noise"] == "Excluded by hand."
