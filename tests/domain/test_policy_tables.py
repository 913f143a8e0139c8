"""How a JDM document is read: rows, the names they read, inputs as objects, numbers and roles."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.policy import Policy
from app.domain.policy_tables import PolicyReading, Row, nested, number, signatories, tables
from app.errors import InputError
from tests.underwriting import policy

POLICY = policy()


def test_the_shipped_tables_are_read_in_order() -> None:
    found = {table.name: table for table in tables(POLICY.document)}
    assert list(found) == ["terms", "limits", "eligibility", "affordability", "referral", "pricing", "authority"]
    assert found["affordability"].hit_policy == "collect"
    assert found["affordability"].rows[0].text("clause") == "4.1"


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ({"request.amount": "> 5"}, ("request.amount",)),
        (
            {"request.amount": "> limit.amount and $ < 2 * policy.unit"},
            ("request.amount", "limit.amount", "policy.unit"),
        ),
        ({"score.grade": "'A.b','C'"}, ("score.grade",)),
        ({"a.b": 'contains($, "x.y")'}, ("a.b",)),
        ({"request.amount": "> 0.2"}, ("request.amount",)),
        ({}, ()),
    ],
)
def test_the_names_a_row_reads(conditions: dict[str, str], names: tuple[str, ...]) -> None:
    assert Row("1", conditions, {}).names() == names


@pytest.mark.parametrize(("cell", "text"), [('"4.2"', "4.2"), ("'4.2'", "4.2"), ("4.2", ""), ("", ""), ('"', "")])
def test_quoted_results_are_texts(cell: str, text: str) -> None:
    assert Row("1", {}, {"clause": cell}).text("clause") == text


def test_a_policy_is_indexed_by_clause() -> None:
    reading = PolicyReading(POLICY)
    assert reading.facts("referral", "3.2") == ("history.accounts", "history.oldest_account_months")
    assert reading.facts("referral", "9.9") == ()
    assert reading.reason("affordability 4.2") == "C1-09"
    assert reading.reason("referral 3.1") is None
    assert reading.pricing_inputs == ("score.grade", "request.term_months")
    assert {"score.grade", "income.net_monthly", "ratio.dsr_after_pct"} <= set(reading.needed)
    assert "history.accounts" in reading.inputs
    assert "history.accounts" not in reading.needed


def test_a_grid_that_reads_limits_reads_what_the_limits_read() -> None:
    document = {
        "nodes": [
            {
                "name": name,
                "type": "decisionTableNode",
                "content": {"inputs": [{"id": "i", "field": field}], "outputs": [], "rules": [{"i": "> 1"}]},
            }
            for name, field in (("Limits", "income.net_monthly"), ("Pricing", "limit.amount"))
        ]
    }
    assert PolicyReading(Policy("p", "1", "0", document)).pricing_inputs == ("limit.amount", "income.net_monthly")


def test_dotted_names_become_objects_and_missing_values_stay_out() -> None:
    assert nested({"a.b": 1, "a.c.d": Decimal("2.5"), "a.e": None, "f": False}) == {
        "a": {"b": 1, "c": {"d": Decimal("2.5")}},
        "f": False,
    }


@pytest.mark.parametrize(("value", "read"), [(9.9, "9.9"), (15000, "15000"), ("7.5", "7.5"), (None, None), ("", None)])
def test_numbers_of_the_engine(value: object, read: str | None) -> None:
    assert number({"x": value}, "x") == (None if read is None else Decimal(read))


@pytest.mark.parametrize("value", [True, "much", "NaN", [1]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="where a number is needed"):
        number({"x": value}, "x")


def test_a_role_in_several_rows_has_its_lowest_limit_and_overrides_never_below_it() -> None:
    rows = [
        {"clause": "5.1", "role": "underwriter", "limit": 15000},
        {"clause": "5.2", "role": "senior", "limit": 30000, "override_limit": 20000},
        {"clause": "5.4", "role": "underwriter", "limit": 5000, "override_limit": 6000},
    ]
    signing = signatories({"authority": rows})
    assert [(each.clause, each.role, each.limit, each.override_limit) for each in signing] == [
        ("authority 5.4", "underwriter", 5000, 6000),
        ("authority 5.2", "senior", 30000, 30000),
    ]
    assert signatories({}) == ()
