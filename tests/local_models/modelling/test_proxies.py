"""Columns that stand in for a prohibited basis."""

from __future__ import annotations

import numpy as np
import pandas as pd

from local_models.modelling.columns import Column, read_column
from local_models.modelling.proxies import PROXY_AUC, PROXY_CORRELATION, proxies_of, reading

RNG = np.random.Generator(np.random.PCG64(81))
ROWS = 2000


def column_of(name: str, values: object) -> Column:
    column = read_column(name, pd.Series(values))
    assert column is not None
    return column


def test_a_column_that_tells_a_group_is_named_and_another_not() -> None:
    sex = RNG.choice(["f", "m"], ROWS)
    tall = column_of("height", RNG.normal(170, 5, ROWS) + 10 * (sex == "m"))
    job = column_of("job", np.where(RNG.random(ROWS) < 0.8, sex, RNG.choice(["f", "m"], ROWS)))
    income = column_of("income", RNG.lognormal(8, 1, ROWS) * np.where(sex == "m", 1.1, 1.0))
    found = proxies_of([tall, job, income], [column_of("sex", sex)])
    assert set(found) == {"height", "job"}
    assert "sex" in found["height"]
    assert "0.70" in found["height"]


def test_a_column_that_follows_age_is_named_whichever_way() -> None:
    age = RNG.uniform(18, 80, ROWS)
    up, down = (column_of(name, sign * age + RNG.normal(0, 12, ROWS)) for name, sign in (("up", 1), ("down", -1)))
    loose = column_of("loose", age + RNG.normal(0, 60, ROWS))
    stage = column_of("stage", np.where(age > 62, "retired", "working"))
    many = column_of("many", RNG.choice([f"v{at}" for at in range(300)], ROWS))
    found = proxies_of([up, down, loose, stage, many], [column_of("age", age)])
    assert set(found) == {"up", "down", "stage"}


def test_groups_too_small_to_judge_name_nothing() -> None:
    status = np.where(np.arange(ROWS) < 10, "widow", "married")
    follower = column_of("x", (np.arange(ROWS) < 10).astype(float))
    assert proxies_of([follower], [column_of("marital", status)]) == {}


def test_how_close_a_column_is_can_be_read_below_the_limit_too() -> None:
    age, sex = RNG.uniform(18, 80, ROWS), RNG.choice(["f", "m"], ROWS)
    loose = column_of("loose", age + RNG.normal(0, 30, ROWS))
    found = reading(loose, column_of("age", age))
    assert found is not None
    strength, limit, words = found
    assert limit == PROXY_CORRELATION
    assert 0.4 < strength < 0.6
    assert words == f"follows age with rank correlation {strength:.2f}"
    found = reading(loose, column_of("sex", sex))
    assert found is not None
    assert found[0] < found[1] == PROXY_AUC
    assert reading(loose, column_of("sex", np.array(["f"] * ROWS))) is None, "no other group to tell it from"
