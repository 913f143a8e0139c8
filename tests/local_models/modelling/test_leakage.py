"""Columns that know the outcome are found, honest ones are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from local_models.modelling import leakage
from local_models.modelling.columns import Column, read_column

RNG = np.random.Generator(np.random.PCG64(61))
ROWS = 1500
BAD = RNG.random(ROWS) < 0.2


def column_of(name: str, values: object) -> Column:
    column = read_column(name, pd.Series(values))
    assert column is not None
    return column


HONEST = [
    column_of("score", RNG.normal(size=ROWS) - 1.2 * BAD),  # AUC 0.80
    column_of("flag", RNG.random(ROWS) < np.where(BAD, 0.5, 0.2)),
    column_of("income", RNG.lognormal(8, 1, ROWS)),
    column_of("amount", RNG.integers(1000, 90_000, ROWS)),
]


def test_honest_columns_are_not_named() -> None:
    assert leakage.separating(HONEST, BAD) == []
    for column in HONEST:
        assert leakage.identifier(column) is None
        assert leakage.telling_state(column, BAD) is None


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.15])
def test_a_copy_with_flipped_labels_is_named(noise: float) -> None:
    copy = column_of("copy", BAD ^ (RNG.random(ROWS) < noise))
    (found,) = leakage.separating([*HONEST, copy], BAD)
    assert (found.code, found.column, found.excluded) == ("leakage.separates", "copy", True)


@pytest.mark.parametrize("noise", [0.1, 0.3, 0.5])
def test_a_copy_with_gaussian_noise_is_named(noise: float) -> None:
    copy = column_of("copy", BAD + RNG.normal(0, noise, ROWS))
    assert [row.column for row in leakage.separating([*HONEST, copy], BAD)] == ["copy"]


def test_a_column_far_ahead_is_named_but_kept() -> None:
    strong = column_of("bureau", RNG.normal(size=ROWS) - 1.45 * BAD)
    weak = HONEST[2:]
    (found,) = leakage.separating([strong, *weak], BAD)
    assert (found.code, found.excluded) == ("leakage.stands_out", False)


def test_what_is_filled_after_the_outcome() -> None:
    recovered = BAD & (RNG.random(ROWS) < 0.5)
    assert leakage.filled_after("recovery", recovered, BAD) is not None
    paid = ~BAD & (RNG.random(ROWS) < 0.8)
    assert leakage.filled_after("last_payment", paid, BAD) is not None
    honest = RNG.random(ROWS) < np.where(BAD, 0.5, 0.8)
    assert leakage.filled_after("phone", honest, BAD) is None
    amounts = np.where(recovered, RNG.uniform(10, 500, ROWS), 0.0)
    assert leakage.telling_state(column_of("recovered", amounts), BAD) is not None
    status = np.where(recovered, "written off", "current")
    found = leakage.telling_state(column_of("status", status), BAD)
    assert found is not None
    assert "written off" in found.why


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("x", np.arange(ROWS)),
        ("x", RNG.permutation(ROWS) + 5000),
        ("customer_id", RNG.choice(10**9, ROWS, replace=False)),
        ("x", [f"C-{number:06d}" for number in range(ROWS)]),
        ("x", RNG.choice(900_000, ROWS, replace=False) + 100_000),
    ],
)
def test_identifiers(name: str, values: object) -> None:
    found = leakage.identifier(column_of(name, values))
    assert found is not None
    assert found.code == "identifier"


def test_words_for_identifiers_within_a_name_are_no_proof() -> None:
    assert leakage.identifier(column_of("DAYS_ID_PUBLISH", -RNG.integers(0, 6000, ROWS))) is None
    assert leakage.identifier(column_of("paid_amount", RNG.integers(0, 6000, ROWS))) is None


def test_dates_are_named_and_those_after_the_decision_so() -> None:
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(RNG.integers(0, 300, ROWS), unit="D")
    frame = pd.DataFrame(
        {
            "application_date": days.strftime("%Y-%m-%d"),
            "closed": days + pd.to_timedelta(90, unit="D"),
            "opened": days - pd.to_timedelta(900, unit="D"),
            "text": "2025",
            "number": 1.0,
        }
    )
    dates = leakage.date_columns(frame, list(frame.columns))
    assert set(dates) == {"application_date", "closed", "opened"}
    decided = leakage.decision_date(dates, None)
    assert decided == "application_date"
    codes = {row.column: row.code for row in leakage.later_dates(dates, decided)}
    assert codes == {"application_date": "date", "closed": "leakage.date_after", "opened": "date"}
    assert leakage.decision_date(dates, "opened") == "opened"
