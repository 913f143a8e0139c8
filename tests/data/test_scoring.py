"""Scoring in SQL: equal to the reference row by row, for any scorecard; the shipped scorecard on its real data."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.domain.facts import Catalogue, Kind
from app.domain.ratios import RATIOS, Ratio
from app.domain.score import Score, score_inputs
from app.domain.scorecard import CharacteristicKind, Scorecard
from app.domain.scorecard_format import read_scorecard
from data.catalogue import load_catalogue, load_reason_codes
from data.scorecard_files import SHIPPED, load_scorecard
from data.scoring_sql import (
    Relation,
    bins_sql,
    least,
    of_facts,
    of_values,
    ratios_sql,
    score_columns,
    score_sql,
    total_sql,
)
from tests import credit_data
from tests.scorecards import a_bin, a_characteristic, a_document, documents, small_document

if TYPE_CHECKING:
    import duckdb

CATALOGUE: Catalogue = load_catalogue()
TYPES = {Kind.YEARS: "DECIMAL(9,2)", Kind.COUNT: "INTEGER", Kind.MONTHS: "INTEGER", Kind.BOOLEAN: "BOOLEAN"}
TEXTS = {Kind.CATEGORY, Kind.TEXT}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    with duckdb.connect() as made:
        yield made


def sql_type(name: str) -> str:
    kind = CATALOGUE[name].kind
    return "VARCHAR" if kind in TEXTS else TYPES.get(kind, "DECIMAL(18,2)")


def types_of(columns: Sequence[str]) -> dict[str, str]:
    return {name: sql_type(name) for name in columns}


def store(connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Put the rows into the table ``applications`` with the columns' own types."""
    types = ", ".join(f'"{name}" {sql_type(name)}' for name in columns)
    connection.execute(f"CREATE OR REPLACE TABLE applications (case_no INTEGER{', ' if types else ''}{types})")
    names = ("case_no", *columns)
    numbered = [{"case_no": number} | dict(row) for number, row in enumerate(rows)]
    for start in range(0, len(rows), 500):
        part = numbered[start : start + 500]
        marks = f"({', '.join(['?', *(f'CAST(? AS {sql_type(name)})' for name in columns)])})"
        every = ", ".join(marks for _ in part)
        connection.execute(
            f"INSERT INTO applications VALUES {every}", [row.get(name) for row in part for name in names]
        )


def scored(connection: duckdb.DuckDBPyConnection, card: Scorecard, columns: Sequence[str]) -> list[dict[str, Any]]:
    found = connection.execute(
        score_sql(card, of_facts(card, "applications", types_of(columns), keys=("case_no",)), keys=("case_no",))
    )
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in sorted(found.fetchall())]


def expected(card: Scorecard, number: int, score: Score) -> dict[str, Any]:
    """What the SQL must say of this score."""
    reasons = [row.reason_code for row in score.reasons] + [None] * 4
    lost = [row.lost for row in score.reasons] + [None] * 4
    out: dict[str, Any] = {"case_no": number, "points": score.points, "pd": score.pd, "grade": score.grade}
    out |= {f"reason_{place}": reasons[place - 1] for place in (1, 2, 3, 4)}
    out |= {f"lost_{place}": lost[place - 1] for place in (1, 2, 3, 4)}
    bins = [
        next(n for n, entry in enumerate(row.bins) if entry.label == shown.bin)
        for row, shown in zip(card.characteristics, score.characteristics, strict=True)
    ]
    return out | {"bins": bins} | {f"points:{row.name}": row.points for row in score.characteristics}


# Any scorecard, any rows

_FAR = Decimal("9999999999999999.99")
_EXTREMES = [_FAR, -_FAR, Decimal("10000000000"), Decimal("-10000000000.01")]
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking a scorecard takes minutes and tells little more


def values(name: str, card: Scorecard) -> st.SearchStrategy[Any]:
    """Values of a fact: missing, at and beside the bounds of the bins, special, extreme, and any other."""
    kind = CATALOGUE[name].kind
    if kind in TEXTS:
        return st.none() | st.sampled_from(["fixed", "parttime", "others", "astronaut", "", "O'Hara", "固定"])
    if kind is Kind.BOOLEAN:
        return st.none() | st.booleans()
    near = [Decimal(0)]
    for row in card.characteristics:
        for entry in row.bins if row.name == name else ():
            for bound in (*entry.special, entry.lower, entry.upper):
                at = None if bound is None or abs(bound) > 10**6 else round(Decimal(bound), 2)
                near += [] if at is None else [at, at - Decimal("0.01"), at + Decimal("0.01")]
    if kind is Kind.MONTHS:
        whole = st.sampled_from([int(value) for value in near]) | st.sampled_from([2**31 - 1, -(2**31), 10_001])
        return st.none() | whole | st.integers(-5, 500)
    if kind is Kind.YEARS:
        return st.none() | st.sampled_from(near) | st.decimals("-9999999", "9999999", places=2)
    return st.none() | st.sampled_from(near) | st.sampled_from(_EXTREMES) | st.decimals(-(10**9), 10**9, places=2)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), phases=_PHASES)
@given(data=st.data(), document=documents())
def test_sql_equals_the_reference(
    connection: duckdb.DuckDBPyConnection, data: st.DataObject, document: dict[str, Any]
) -> None:
    method = data.draw(st.sampled_from(["neutral", "maximum"]))
    card = read_scorecard(document | {"reasons_method": method})
    columns = [name for name in score_columns(card) if data.draw(st.integers(0, 9)) > 0]  # some columns do not exist
    row = st.fixed_dictionaries({name: values(name, card) for name in columns})
    rows = data.draw(st.lists(row, min_size=1, max_size=12))
    store(connection, rows, columns)
    wanted = [expected(card, number, score_inputs(card, row)) for number, row in enumerate(rows)]
    assert scored(connection, card, columns) == wanted
    relation = of_facts(card, "applications", types_of(columns), keys=("case_no",))
    totals = connection.execute(total_sql(card, relation, keys=("case_no",))).fetchall()
    assert sorted(totals) == [(entry["case_no"], entry["points"]) for entry in wanted]


def beside(card: Scorecard, name: str) -> st.SearchStrategy[Any]:
    """Any value at all, and the doubles at and next to every end and special value."""
    (row,) = (row for row in card.characteristics if row.name == name)
    if row.kind is CharacteristicKind.BOOLEAN:
        return st.none() | st.booleans()
    if row.kind is CharacteristicKind.CATEGORY:
        return st.none() | st.sampled_from([text for entry in row.bins for text in entry.categories]) | st.text()
    ends = [end for entry in row.bins for end in (entry.lower, entry.upper, *entry.special) if end is not None]
    near = [math.nextafter(end, way) for end in ends for way in (-math.inf, end, math.inf)]
    doubles = st.sampled_from([*near, math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324]) | st.floats()
    return st.none() | doubles.map(Decimal)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=_PHASES)
@given(data=st.data(), document=documents())
def test_every_double_falls_in_the_bin_of_the_reference(
    connection: duckdb.DuckDBPyConnection, data: st.DataObject, document: dict[str, Any]
) -> None:
    """As values in the statement and as a table of doubles, NaN and infinities among them."""
    card = read_scorecard(document)
    cases = data.draw(
        st.lists(st.fixed_dictionaries({name: beside(card, name) for name in card.names}), min_size=1, max_size=20)
    )
    wanted = [
        (number, *(row.bin_of(case[row.name]) for row in card.characteristics)) for number, case in enumerate(cases)
    ]
    given_values = of_values(card, cases)
    assert sorted(connection.execute(bins_sql(card, given_values, keys=("case_no",))).fetchall()) == wanted
    connection.execute(f"CREATE OR REPLACE TABLE doubles AS FROM {given_values.sql}")
    for row in card.characteristics:  # what is null becomes NaN
        if row.kind is CharacteristicKind.NUMERIC:
            connection.execute(f"""UPDATE doubles SET "{row.name}" = coalesce("{row.name}", CAST('NaN' AS DOUBLE))""")
    assert sorted(connection.execute(bins_sql(card, Relation("doubles"), keys=("case_no",))).fetchall()) == wanted


def test_an_end_between_two_doubles_parts_them(connection: duckdb.DuckDBPyConnection) -> None:
    """0.1 + 0.2 is the double above 0.3: an end printed with fewer digits would put them in one bin."""
    bins = [a_bin(1, **{"from": None, "to": repr(0.1 + 0.2)}), a_bin(2, **{"from": repr(0.1 + 0.2), "to": None})]
    bins.append(a_bin(3, missing=True))
    card = read_scorecard(a_document([a_characteristic("x", "numeric", bins)]))
    connection.execute("CREATE OR REPLACE TABLE doubles AS SELECT unnest([0.3e0, 0.1e0 + 0.2e0, 'nan'::DOUBLE]) AS x")
    assert connection.execute(bins_sql(card, Relation("doubles"))).fetchall() == [(0,), (1,), (2,)]
    assert connection.execute(total_sql(card, Relation("doubles"))).fetchall() == [(1,), (2,), (3,)]


@given(
    end=st.floats(-1e15, 1e15) | st.decimals(-1000, 1000, places=3).map(float),
    places=st.integers(0, 6),
    unit=st.sampled_from([1, 100]),
    offset=st.integers(-3, 3),
)
def test_an_end_among_exact_numbers_parts_them_as_among_doubles(
    end: float, places: int, unit: int, offset: int
) -> None:
    step = Decimal(1).scaleb(-places)
    number = least(end, places, unit) + offset * step
    assert (float(Fraction(number) / unit) >= end) == (offset >= 0)


def test_the_smallest_case_and_no_case(connection: duckdb.DuckDBPyConnection) -> None:
    card = read_scorecard(small_document())
    store(connection, [{}], [])
    assert scored(connection, card, []) == [expected(card, 0, score_inputs(card, {}))]
    store(connection, [], [])
    assert scored(connection, card, []) == []


money = st.decimals("-9999999999999999.99", "9999999999999999.99", places=2) | st.decimals(-50000, 50000, places=2)


@pytest.mark.parametrize("ratio", RATIOS, ids=lambda ratio: ratio.name)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_ratios_are_the_same_in_sql(connection: duckdb.DuckDBPyConnection, ratio: Ratio, data: st.DataObject) -> None:
    row = {
        name: data.draw(st.none() | (st.integers(-(2**31), 2**31 - 1) if name == ratio.times else money))
        for name in ratio.inputs
    }
    store(connection, [row], ratio.inputs)
    found = connection.execute(f"FROM {ratios_sql([ratio], 'applications')}").fetchall()[0][0]
    value = ratio.value(row)
    assert found == (None if value is None else int(value.scaleb(2)))


def test_names_and_texts_cannot_break_out_of_the_sql(connection: duckdb.DuckDBPyConnection) -> None:
    document = small_document()
    document["characteristics"][1]["bins"][0]["categories"] = ["x'); DROP TABLE applications; --"]
    document["characteristics"][0]["name"] = 'a"b'
    document["grades"][0]["name"] = "A'; --"
    card = read_scorecard(document)
    store(connection, [{"employment.type": "x'); DROP TABLE applications; --"}], ["employment.type"])
    (row,) = scored(connection, card, ["employment.type"])
    assert row["points:employment.type"] == 40
    assert row['points:a"b'] == 20


# The shipped scorecard


@pytest.fixture(scope="module")
def shipped() -> Scorecard:
    return load_scorecard("credit-data", CATALOGUE, reason_codes=load_reason_codes())


@pytest.fixture(scope="module")
def real_rows() -> list[dict[str, str]]:
    return credit_data.lines()


def test_the_real_applications_score_alike_in_sql_and_python(
    connection: duckdb.DuckDBPyConnection, shipped: Scorecard, real_rows: list[dict[str, str]]
) -> None:
    rows = [credit_data.facts_of(row) for row in real_rows]
    columns = list(rows[0])
    store(connection, rows, columns)
    found = scored(connection, shipped, columns)
    assert len(found) == 4454
    assert found == [expected(shipped, number, score_inputs(shipped, row)) for number, row in enumerate(rows)]


def test_the_figures_in_the_file_are_those_of_the_hold_out(shipped: Scorecard, real_rows: list[dict[str, str]]) -> None:
    """Split and AUC, Gini and KS again, by other means: every pair of a good and a bad, and a walk over the points."""
    selection = pytest.importorskip("sklearn.model_selection")
    split, performance = shipped.document["fit"]["split"], shipped.performance
    labels = [row["Status"] for row in real_rows]
    bad_flags = [label == "bad" for label in labels]
    share, seed = split["holdout_pct"] / 100, split["seed"]
    _, held = selection.train_test_split(range(len(labels)), test_size=share, stratify=bad_flags, random_state=seed)
    points = {
        label: [score_inputs(shipped, credit_data.facts_of(real_rows[at])).points for at in held if labels[at] == label]
        for label in ("good", "bad")
    }
    good, bad = points["good"], points["bad"]
    assert (len(good), len(bad)) == (performance.good, performance.bad)
    wins = sum((g > b) + (g == b) / 2 for g, b in itertools.product(good, bad))
    auc = wins / (len(good) * len(bad))
    ks = max(
        abs(sum(b <= cut for b in bad) / len(bad) - sum(g <= cut for g in good) / len(good)) for cut in {*good, *bad}
    )
    assert float(performance.auc.value) == pytest.approx(auc, abs=5.1e-7)
    assert float(performance.gini.value) == pytest.approx(2 * auc - 1, abs=5.1e-7)
    assert float(performance.ks.value) == pytest.approx(ks, abs=5.1e-7)
    assert auc > 0.8


def test_the_pd_is_what_happened(shipped: Scorecard, real_rows: list[dict[str, str]]) -> None:
    """Over all applications, expected and observed bads agree within 3 %; grades rise in bad rate."""
    scores = [(score_inputs(shipped, credit_data.facts_of(row)), row["Status"] == "bad") for row in real_rows]
    assert float(sum(score.pd for score, _ in scores)) == pytest.approx(1254, rel=0.03)
    rates = []
    for grade in shipped.grades:
        outcomes = [bad for score, bad in scores if score.grade == grade.name]
        rates.append(sum(outcomes) / len(outcomes))
    assert rates == sorted(rates)
    assert rates[0] < 0.05 < 0.5 < rates[-1]


def test_the_counts_in_the_bins_are_those_of_the_development_sample(shipped: Scorecard) -> None:
    development = shipped.document["fit"]["split"]["development"]
    for row in shipped.characteristics:
        assert sum(entry.good for entry in row.bins) == development["good"]
        assert sum(entry.bad for entry in row.bins) == development["bad"]


def test_bins_follow_the_direction_of_the_catalogue(shipped: Scorecard) -> None:
    for row in shipped.characteristics:
        points = [entry.points for entry in row.bins if entry.interval]
        direction = CATALOGUE[row.name].more_is.value
        if direction != "neutral":
            assert points == sorted(points, reverse=direction == "adverse"), row.name


def test_the_coefficient_is_the_slope_of_the_points_over_the_woe(shipped: Scorecard) -> None:
    """By least squares over the cases of the bins; whole points move it by a little."""
    for row in shipped.characteristics:
        assert row.coefficient > 0
        seen = [(entry.good + entry.bad, float(entry.woe), entry.points) for entry in row.bins]
        cases = sum(count for count, _, _ in seen)
        mean = sum(count * woe for count, woe, _ in seen) / cases
        spread = sum(count * (woe - mean) ** 2 for count, woe, _ in seen)
        slope = sum(count * (woe - mean) * points for count, woe, points in seen) / spread
        assert slope / shipped.scaling.factor == pytest.approx(float(row.coefficient), abs=0.02)


def test_the_pd_has_the_slope_of_the_scaling(shipped: Scorecard) -> None:
    assert float(shipped.calibration.slope) == pytest.approx(1 / shipped.scaling.factor, abs=1e-8)


def test_the_data_is_the_data(shipped: Scorecard) -> None:
    data = shipped.document["fit"]["data"]
    table = SHIPPED / data["file"]
    assert data["sha256"] == hashlib.sha256(table.read_bytes()).hexdigest()
    assert hashlib.sha256(credit_data.FILE.read_bytes()).hexdigest() in data["source"]


def test_no_prohibited_basis_is_in_it_and_it_says_why(shipped: Scorecard) -> None:
    assert not any(CATALOGUE.prohibited(name) for name in score_columns(shipped))
    why = {entry.name: entry.why for entry in shipped.excluded}
    assert {"applicant.age", "applicant.marital_status", "expenses.monthly_living", "applicant.housing"} <= set(why)
    assert shipped.proxies
