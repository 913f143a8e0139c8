"""Bulk values of a table's row are those that assessing the case derives."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.derivation import Derivation
from app.domain.derive import Assumptions, Evidence, derive
from app.domain.facts import Kind, Source, SourceKind, new_fact
from app.domain.simulation import PastCase, Simulation, Tally, row_values
from tests.underwriting import CATALOGUE

MONEY = st.decimals(0, 9000, places=2)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "income.net_monthly_stated": MONEY,
        "income.net_monthly_documented": MONEY,
        "debt.instalments_stated": MONEY,
        "debt.outstanding": MONEY | st.just(Decimal("0.00")),
        "debt.instalments_bureau": MONEY,
        "debt.instalments_seen": MONEY,
        "request.amount": MONEY,
        "request.goods_price": MONEY,
        "expenses.monthly_living": MONEY,
        "history.adverse_records": st.booleans(),
    },
)


@given(ROWS, st.decimals(0, 10, places=1))
def test_a_row_gives_what_deriving_its_facts_gives(row: dict[str, Any], share: Decimal) -> None:
    assumptions = Assumptions(Decimal(5), share)
    facts = []
    for name, value in row.items():
        unit = "EUR" if CATALOGUE[name].kind is Kind.MONEY else CATALOGUE[name].kind.value
        facts.append(new_fact("C-1", name, value, unit, Source(SourceKind.ROW, document="d", row=2)))
    derivation = Derivation("C-1", "EUR", CATALOGUE, facts)
    derive(derivation, Evidence("EUR", date(2026, 11, 1), assumptions=assumptions))
    wanted = {name: fact.value for name, fact in derivation.facts.items() if not name.startswith("ratio.")}
    assert {name: value for name, value in row_values(row, assumptions).items() if value is not None} == wanted


def case(number: int, pd: str, bad: bool | None) -> PastCase:
    return PastCase(f"C-2026-{number:06d}", "EUR", 500, "B", Decimal(pd), {}, bad)


def test_figures_follow_by_hand() -> None:
    found = Simulation("p", "2", "b", "1", "a", Decimal(50), lgd_assumed=False)
    found.add(case(1, "0.10", True), Decimal(1000), "approve", "refer")
    found.add(case(2, "0.02", False), Decimal(2000), "approve", "approve")
    found.add(case(3, "0.20", None), Decimal(500), "decline", "approve")
    found.add(case(4, "0.20", True), None, "decline", "decline")
    data = found.to_json()
    assert data["active"] | {"amount_approved": None} == {
        "approvals": 2,
        "referrals": 0,
        "declines": 2,
        "approval_rate": "0.500000",
        "observed": 2,
        "bad": 1,
        "bad_rate": "0.500000",
        "amount_approved": None,
        "expected_loss": {"EUR": "70.00"},
    }
    assert data["candidate"]["bad_rate"] == "0.000000"
    assert data["candidate"]["expected_loss"] == {"EUR": "70.00"}
    assert data["candidate"]["amount_approved"] == {"EUR": "2500.00"}
    assert [(each["from"], each["to"], each["cases"]) for each in data["changes"]] == [
        ("approve", "refer", ["C-2026-000001"]),
        ("decline", "approve", ["C-2026-000003"]),
    ]


def test_no_case_has_no_rate() -> None:
    assert Tally().to_json()["approval_rate"] is None
    assert Tally().to_json()["bad_rate"] is None
