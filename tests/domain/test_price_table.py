"""The price grid worked out: every grade by every term, between floor and caps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.adapters.policy_engine import ZenPolicyEngine
from app.domain.price_table import price_table
from app.domain.pricing import break_even_rate_pct, expected_loss, price_of
from app.domain.rate_caps import NOMINAL_APR, PackCap, RateCap
from tests.domain.test_rate_caps import policy

D = Decimal
ENGINE = ZenPolicyEngine()
PDS = {"A": D("0.01"), "E": D("0.40"), "B": None}


def table(*caps: PackCap, currency: str = "EUR", change: Any = lambda _: None) -> Any:
    given = policy(*caps, change=change)
    return price_table(given, ENGINE.evaluate, currency=currency, amount=D(10_000), pds=PDS, terms=(12, 36, 96))


def test_cells_are_those_of_the_grid_with_their_figures() -> None:
    found = table()
    cell = found.at("A", 36)
    assert (cell.grid_pct, cell.rate_pct, cell.clause, cell.outcome) == (D("6.9"), D("6.90"), "pricing 6.1", "pass")
    assert cell.price == price_of(D(10_000), 36, D("6.90"), found.rules)
    assert cell.expected_loss == expected_loss(D("0.01"), D(45), D(10_000)) == D("45.00")
    assert cell.break_even_pct == break_even_rate_pct(D(10_000), 36, D("0.01"), found.rules)
    assert cell.target_pct is not None
    assert cell.break_even_pct is not None
    assert cell.target_pct > cell.break_even_pct
    assert found.at("E", 12).outcome == "decline"
    assert found.at("B", 12).break_even_pct is None, "no loss is expected of a grade without a probability"
    assert (found.known, found.reads_more) == (True, ())


def test_a_term_without_a_row_has_no_price() -> None:
    cell = table().at("A", 96)
    assert (cell.grid_pct, cell.rate_pct, cell.clause, cell.outcome, cell.price) == (None, None, "", "", None)
    with pytest.raises(KeyError):
        table().at("Z", 12)


def test_floor_and_cap_are_told() -> None:
    floored = table(change=lambda row: row.update(floor_pct="7")).at("A", 12)
    assert (floored.rate_pct, floored.floored, floored.capped_by) == (D("7.00"), True, None)
    cap = RateCap(D(6), NOMINAL_APR, "Act 7", "example 2026")
    capped = table(PackCap(cap)).at("A", 12)
    assert capped.capped_by == cap
    assert capped.price is not None
    assert capped.price.nominal_apr_pct <= 6


def test_a_currency_without_terms_is_known_to_have_none() -> None:
    assert not table(currency="XAU").known
