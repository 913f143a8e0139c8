"""Scorecards: scaling and calibration with known answers, bins, reasons, and everything a damaged file may hold."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.score import Score, score_inputs
from app.domain.scorecard import Calibration, Scaling, Scorecard, canonical_json
from app.domain.scorecard_format import check_catalogue, read_scorecard
from app.errors import InputError
from tests.doubles import load_catalogue
from tests.scorecards import a_bin, a_characteristic, a_document, documents, small_document

CATALOGUE = load_catalogue()


def card(document: dict[str, Any] | None = None) -> Scorecard:
    return read_scorecard(document or small_document())


# Scaling and calibration

pdos = st.floats(1, 200)
odds = st.floats(0.01, 1000)


@given(pdo=pdos, base=odds, at=odds)
def test_doubling_the_odds_adds_exactly_pdo_points(pdo: float, base: float, at: float) -> None:
    scaling = Scaling(pdo=pdo, base_points=600, base_odds=base)
    gained = scaling.points(math.log(2 * at)) - scaling.points(math.log(at))
    assert math.isclose(gained, pdo, rel_tol=1e-9, abs_tol=1e-9)


@given(pdo=pdos, base=odds, at=st.floats(-8, 8))
def test_points_and_log_odds_are_inverse(pdo: float, base: float, at: float) -> None:
    scaling = Scaling(pdo=pdo, base_points=600, base_odds=base)
    assert math.isclose(scaling.log_odds(scaling.points(at)), at, rel_tol=1e-9, abs_tol=1e-9)


def test_scaling_worked_example() -> None:
    """600 points at 30:1 and 20 points to double: factor 28.8539, offset 501.8622 (N. Siddiqi, Credit Risk
    Scorecards, 2006, chapter 6, gives factor = pdo / ln 2 and offset = score - factor * ln(odds))."""
    scaling = Scaling(pdo=20, base_points=600, base_odds=30)
    assert round(scaling.factor, 4) == 28.8539
    assert round(scaling.points(0), 4) == 501.8622
    assert scaling.points(math.log(60)) == pytest.approx(620)


def test_pd_worked_example() -> None:
    """Odds of 30:1 are a PD of 1/31."""
    line = Calibration(intercept=Decimal(30).ln() - 600 * Decimal("0.03"), slope=Decimal("0.03"))
    assert line.pd(600) == Decimal("0.032258")


@given(st.integers(-2000, 2000), st.decimals("0.0001", "0.5", places=4), st.decimals(-30, 30, places=4))
def test_pd_lies_within_zero_and_one_and_falls_with_points(points: int, slope: Decimal, intercept: Decimal) -> None:
    line = Calibration(intercept, slope)
    assert 0 <= line.pd(points + 1) <= line.pd(points) <= 1
    assert line.pd(points).as_tuple().exponent == -6


# Bins


@pytest.mark.parametrize(
    ("value", "points"),
    [
        (None, 20),
        (Decimal("-1"), 5),
        (Decimal("99.00"), 5),
        (0, 10),
        (Decimal("1.99"), 10),
        (Decimal("1.995"), 10),  # nothing is rounded before it is compared
        (Decimal("1.99999999999999999999"), 30),  # the nearest double is 2
        (Decimal("NaN"), 20),  # missing
        (Decimal("sNaN"), 20),
        (Decimal("Infinity"), 50),
        (Decimal("-Infinity"), 10),
        (2, 30),
        (Decimal("10.49"), 30),
        (Decimal("10.5"), 50),
        (Decimal("1e15"), 50),
        (Decimal("-1e15"), 10),
    ],
)
def test_numbers_find_their_bin(value: Any, points: int) -> None:
    score = score_inputs(card(), {"employment.seniority_years": value})
    assert score.characteristics[0].points == points


@pytest.mark.parametrize(("value", "points"), [("fixed", 40), ("others", 12), ("astronaut", 25), ("", 25), (None, 25)])
def test_categories_find_their_bin(value: str | None, points: int) -> None:
    assert score_inputs(card(), {"employment.type": value}).characteristics[1].points == points


@pytest.mark.parametrize(("value", "points"), [(True, 0), (False, 45), (None, 30)])
def test_booleans_find_their_bin(value: bool | None, points: int) -> None:
    assert score_inputs(card(), {"history.adverse_records": value}).characteristics[2].points == points


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("employment.seniority_years", "12"),
        ("employment.seniority_years", True),
        ("employment.type", Decimal(1)),
        ("history.adverse_records", "true"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InputError) as caught:
        score_inputs(card(), {name: value})
    assert caught.value.field == name


def test_labels_say_what_a_bin_holds() -> None:
    rows = card().characteristics
    assert [entry.label for entry in rows[0].bins] == ["< 2", "2 – < 10.5", "≥ 10.5", "= -1 / = 99", "missing"]
    assert [entry.label for entry in rows[1].bins] == ["fixed", "parttime / others", "other / missing"]


# The score


def test_a_score_in_full() -> None:
    inputs = {"employment.seniority_years": Decimal(1), "employment.type": "others", "history.adverse_records": True}
    ids = {"employment.type": "f1", "history.adverse_records": "f2"}
    score = score_inputs(card(), inputs, ids)
    assert score.points == 10 + 12 + 0
    assert (score.minimum_points, score.maximum_points) == (5 + 12 + 0, 50 + 40 + 45)
    assert score.grade == "B"
    assert score.pd == card().calibration.pd(22)
    assert [row.fact for row in score.characteristics] == [None, "f1", "f2"]
    # lost: 20 of 30, 20 of 32 and 40 of 40; the tie stands in the scorecard's order
    assert [row.name for row in score.reasons] == [
        "history.adverse_records",
        "employment.seniority_years",
        "employment.type",
    ]
    assert Score.from_json(score.to_json()) == score


def test_grades_begin_at_their_floor() -> None:
    assert [card().grade_of(points) for points in (99, 100, 101)] == ["B", "A", "A"]


def test_a_reason_code_is_given_once_by_what_lost_most() -> None:
    names = ["employment.seniority_years", "request.term_months", "request.amount"]
    rows = [
        a_characteristic(
            name,
            "numeric",
            [a_bin(high, **{"from": None, "to": None}), a_bin(0, missing=True)],
            neutral=high,
            code=code,
        )
        for name, high, code in zip(names, (5, 9, 7), ("C1-08", "C1-08", "CW-06"), strict=True)
    ]
    reasons = score_inputs(card(a_document(rows)), {}).reasons
    assert [row.name for row in reasons] == ["request.term_months", "request.amount"]


@given(documents())
def test_reasons_are_at_most_four_and_never_gain(document: dict[str, Any]) -> None:
    score = score_inputs(read_scorecard(document), {})
    lost = [row.lost for row in score.reasons]
    assert len(lost) <= 4
    assert lost == sorted(lost, reverse=True)
    assert all(entry > 0 for entry in lost)
    assert len({row.reason_code for row in score.reasons}) == len(lost)
    assert score.minimum_points <= score.points <= score.maximum_points


def test_the_digest_is_of_the_canonical_json_and_follows_every_change() -> None:
    changed = small_document()
    changed["characteristics"][0]["bins"][0]["points"] += 1
    assert card().sha256 != card(changed).sha256
    reordered = dict(reversed(small_document().items()))
    assert card().sha256 == card(reordered).sha256
    assert canonical_json({"b": "é", "a": [1, None, True]}) == '{"a":[1,null,true],"b":"é"}'


# Ratios given or derived


def test_ratios_are_derived_where_no_fact_gives_them() -> None:
    name = "ratio.financed_pct"
    bins = [a_bin(9, **{"from": None, "to": "80"}), a_bin(3, **{"from": "80", "to": None}), a_bin(1, missing=True)]
    scorecard = card(a_document([a_characteristic(name, "numeric", bins)]))
    derived = {"request.amount": Decimal(8000), "request.goods_price": Decimal(10000)}
    assert score_inputs(scorecard, derived).points == 3
    assert score_inputs(scorecard, derived | {name: Decimal("79.99")}).points == 9
    assert score_inputs(scorecard, {"request.amount": Decimal(8000)}).points == 1


# Damage


def _at(document: dict[str, Any], path: str) -> tuple[Any, str | int]:
    """Container and last key of ``characteristics.0.bins.1.to``."""
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        document = document[part]  # type: ignore[index]
    return document, last


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("format", "caseworth-scorecard/2", "format"),
        ("name", "", "name"),
        ("name", 7, "name"),
        ("title", {"en": "Small"}, "title"),
        ("scaling.pdo", "0", "scaling"),
        ("scaling.pdo", 20, "scaling.pdo"),
        ("scaling.base_odds_good_bad", "thirty", "scaling.base_odds_good_bad"),
        ("scaling.base_points", True, "scaling.base_points"),
        ("intercept", 1.5, "intercept"),
        ("intercept", "NaN", "intercept"),
        ("characteristics", [], "characteristics"),
        ("characteristics", {}, "characteristics"),
        ("characteristics.1.name", "employment.seniority_years", "characteristics[1].name"),
        ("characteristics.0.kind", "ordinal", "characteristics[0].kind"),
        ("characteristics.0.neutral_points", 51, "characteristics[0].neutral_points"),
        ("characteristics.0.bins.0.points", "10", "characteristics[0].bins[0].points"),
        ("characteristics.0.bins.0.points", 10**6, "characteristics[0].bins[0].points"),
        ("characteristics.0.bins.1.to", "11", "characteristics[0].bins[2].from"),
        ("characteristics.0.bins.1.to", "1", "characteristics[0].bins[2].from"),
        ("characteristics.0.bins.0.from", "0", "characteristics[0].bins"),
        ("characteristics.0.bins.0.to", "2.005", "characteristics[0].bins[1].from"),
        ("characteristics.0.bins.0.to", "1e309", "characteristics[0].bins[0].to"),
        ("characteristics.0.bins.0.to", "Infinity", "characteristics[0].bins[0].to"),
        ("characteristics.0.bins.0.to", "1_0", "characteristics[0].bins[0].to"),
        ("characteristics.1.bins.0.categories", ["a\0b"], "characteristics[1].bins[0].categories[0]"),
        ("reasons_method", "median", "reasons_method"),
        ("characteristics.0.bins.3.special", ["99", "99.0"], "characteristics[0].bins"),
        ("characteristics.0.bins.4.missing", False, "characteristics[0].bins[4]"),
        ("characteristics.0.bins.4.missing", "yes", "characteristics[0].bins[4].missing"),
        ("characteristics.0.bins.0.missing", True, "characteristics[0].bins"),
        ("characteristics.0.bins.0.categories", ["a"], "characteristics[0].bins[0]"),
        ("characteristics.0.bins.0.colour", "red", "characteristics[0].bins[0]"),
        ("characteristics.1.bins.1.categories", ["fixed"], "characteristics[1].bins"),
        ("characteristics.1.bins.2.unseen", False, "characteristics[1].bins"),
        ("characteristics.2.bins.1.categories", ["true"], "characteristics[2].bins"),
        ("characteristics.2.bins.1.categories", ["no"], "characteristics[2].bins"),
        ("calibration.slope", "-0.03", "calibration.slope"),
        ("calibration.slope", "0", "calibration.slope"),
        ("grades.1.minimum_points", 50, "grades"),
        ("grades.0.minimum_points", None, "grades"),
        ("grades.0.name", "B", "grades"),
        ("grades", [], "grades"),
        ("excluded.0.why", "", "excluded[0].why"),
        ("fit.data.sha256", "abc", "fit.data.sha256"),
        ("fit.performance.auc.value", "0.5", "fit.performance.auc"),
        ("fit.performance.auc.value", 0.5, "fit.performance.auc.value"),
        ("fit.split.seed", 2**60, "fit.split.seed"),
    ],
)
def test_damage_is_refused_and_the_place_named(path: str, value: Any, place: str) -> None:
    document = small_document()
    container, last = _at(document, path)
    container[last] = value
    with pytest.raises(InputError) as caught:
        read_scorecard(document, "cards/small.json")
    assert caught.value.field == place
    assert place in str(caught.value)
    assert "cards/small.json" in str(caught.value)


def _objects(value: Any, path: str = "") -> list[str]:
    """Paths of all keys of all objects of the document."""
    if isinstance(value, dict):
        own = [f"{path}{key}" for key in value]
        return own + [found for key in value for found in _objects(value[key], f"{path}{key}.")]
    if isinstance(value, list):
        return [found for position, entry in enumerate(value) for found in _objects(entry, f"{path}{position}.")]
    return []


_OPTIONAL = ("special", "categories", "missing", "unseen", "from", "to")


@pytest.mark.parametrize("path", [path for path in _objects(small_document()) if not path.endswith(_OPTIONAL)])
def test_every_key_but_what_a_bin_holds_is_required(path: str) -> None:
    document = small_document()
    container, last = _at(document, path)
    del container[last]
    with pytest.raises(InputError, match=f'"{last}" is missing'):
        read_scorecard(document)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=6,
)


@given(data=st.data(), value=json_values)
def test_any_damage_is_an_input_error_or_a_scorecard(data: st.DataObject, value: Any) -> None:
    document = small_document()
    container, last = _at(document, data.draw(st.sampled_from(_objects(document))))
    container[last] = value
    with suppress(InputError):  # and no other error
        score_inputs(read_scorecard(document), {})


def test_nesting_without_end_is_refused() -> None:
    document = small_document()
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    document["fit"]["notes"] = deep
    with pytest.raises(InputError, match="this deep"):
        read_scorecard(document)


# The catalogue


def _renamed(name: str, kind: str = "numeric") -> dict[str, Any]:
    document = small_document()
    row = copy.deepcopy(document["characteristics"][{"numeric": 0, "category": 1, "boolean": 2}[kind]])
    row["name"] = name
    document["characteristics"] = [row]
    return document


@pytest.mark.parametrize("name", [entry.name for entry in CATALOGUE if entry.prohibited_basis])
def test_no_prohibited_basis_enters_a_scorecard(name: str) -> None:
    kind = "category" if CATALOGUE[name].kind.value in {"category", "text"} else "numeric"
    with pytest.raises(InputError, match="prohibited basis"):
        check_catalogue(card(_renamed(name, kind)), CATALOGUE, "cards/age.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: _renamed("applicant.shoe_size"), "no fact of the catalogue"),
        (lambda: _renamed("employment.type"), "is a category in the catalogue, not numeric"),
        (lambda: _renamed("request.date"), "is a date in the catalogue"),
        (lambda: _renamed("applicant.housing", "category"), "'fixed' is no category of applicant.housing"),
    ],
)
def test_facts_are_held_against_the_catalogue(change: Callable[[], dict[str, Any]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_catalogue(card(change()), CATALOGUE)


# Recovering what was put in


def test_points_recover_the_odds_they_were_scaled_from() -> None:
    """Scale known log-odds to points, calibrate the points on expected outcomes, and get the odds back."""
    scaling = Scaling(pdo=20, base_points=600, base_odds=30)
    line = Calibration(intercept=Decimal(repr(scaling.log_odds(0))), slope=Decimal(repr(1 / scaling.factor)))
    for good_per_bad in (Fraction(1, 2), Fraction(1), Fraction(9), Fraction(99)):
        points = scaling.points(math.log(good_per_bad))
        expected = float(1 / (1 + good_per_bad))
        assert float(line.pd(round(points))) == pytest.approx(expected, rel=0.02)
