"""The shipped policy at any terms, by the real engine: boundaries to the cent, and the largest amount that fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.policy_engine import ZenPolicyEngine
from app.domain.facts import FactValue
from app.domain.policy import Policy, Terms, strictest
from app.domain.policy_check import Answer, PolicyCheck, clause_results, lowest_role
from app.domain.policy_tables import PolicyReading
from app.errors import InputError
from tests.underwriting import policy

POLICY = policy()
READING = PolicyReading(POLICY)
ENGINE = ZenPolicyEngine()

VALUES: dict[str, FactValue | None] = {
    "score.grade": "C",
    "score.points": 540,
    "score.pd_pct": Decimal("8.10"),
    "income.net_monthly": Decimal("2450.00"),
    "debt.instalments_monthly": Decimal("290.00"),
    "expenses.monthly_living": Decimal("780.00"),
    "history.adverse_records": False,
    "request.amount": Decimal("12000.00"),
    "request.term_months": 36,
    "employment.type": "fixed",
    "case.income_verified": True,
}


def check(changes: Mapping[str, FactValue | None] = {}, **keywords: Any) -> PolicyCheck:
    options = {"currency": "EUR", "language": "en"} | keywords
    made = options.pop("policy", POLICY)
    reading = READING if made is POLICY else PolicyReading(made)
    return PolicyCheck(made, reading, ENGINE.evaluate, VALUES | dict(changes), **options)


def clauses(answer: Answer) -> dict[str, str]:
    return {hit.clause: hit.outcome for hit in answer.hits}


def at_request(changes: Mapping[str, FactValue | None] = {}, **keywords: Any) -> Answer:
    made = check(changes, **keywords)
    return made.at(made.requested())


def test_a_plain_case_passes() -> None:
    answer = at_request()
    assert clauses(answer) == {"affordability 4.1": "pass", "affordability 4.6": "pass", "pricing 6.3": "pass"} | {
        "limits 2.4": "pass"
    }
    assert answer.fits
    assert (answer.rate_pct, answer.instalment) == (Decimal("9.90"), Decimal("386.64"))


@pytest.mark.parametrize(
    ("share", "clause"),
    [
        ("39.99", "affordability 4.1"),
        ("40.00", "affordability 4.1"),
        ("40.01", "affordability 4.2"),
        ("55.00", "affordability 4.2"),
        ("55.01", "affordability 4.3"),
    ],
)
def test_the_ratio_is_judged_to_a_hundredth_of_a_percent(share: str, clause: str) -> None:
    # An income of 10,000.00 turns a cent of instalment into a ten-thousandth; debts make up the share.
    instalment = Decimal("386.64")
    owed = Decimal(share) * 100 - instalment
    answer = at_request({"income.net_monthly": Decimal("10000.00"), "debt.instalments_monthly": owed})
    assert answer.dsr_after_pct == Decimal(share)
    assert clause in clauses(answer)
    assert sum(name.startswith("affordability 4.") for name in clauses(answer)) == 2


@pytest.mark.parametrize(
    ("left", "clause"),
    [
        ("300.00", "affordability 4.6"),
        ("299.99", "affordability 4.4"),
        ("0.00", "affordability 4.4"),
        ("-0.01", "affordability 4.5"),
    ],
)
def test_what_is_left_is_judged_to_the_cent(left: str, clause: str) -> None:
    living = Decimal("2450.00") - Decimal("290.00") - Decimal("386.64") - Decimal(left)
    answer = at_request({"expenses.monthly_living": living})
    assert answer.disposable_after == Decimal(left)
    assert clause in clauses(answer)


@pytest.mark.parametrize(
    ("changes", "clause", "outcome"),
    [
        ({"request.amount": Decimal("499.99")}, "eligibility 1.1", "decline"),
        ({"request.amount": Decimal("55000.01")}, "eligibility 1.2", "decline"),
        ({"request.amount": Decimal("30000.01")}, "eligibility 1.3", "refer"),
        ({"request.term_months": 5}, "eligibility 1.4", "decline"),
        ({"request.term_months": 85}, "eligibility 1.5", "decline"),
        ({"income.net_monthly": Decimal("599.99")}, "eligibility 1.6", "decline"),
        ({"history.worst_days_past_due_12m": 90}, "eligibility 1.7", "decline"),
        ({"history.adverse_records": True, "score.grade": "D"}, "eligibility 1.8", "decline"),
        ({"score.pd_pct": Decimal("30.00")}, "referral 3.1", "refer"),
        ({"history.accounts": 1, "history.oldest_account_months": 11}, "referral 3.2", "refer"),
        ({"history.adverse_records": None}, "referral 3.3", "refer"),
        ({"history.adverse_records": True}, "referral 3.4", "refer"),
        ({"income.gap_pct": Decimal("5.01")}, "referral 3.5", "refer"),
        ({"debt.undisclosed_instalment": Decimal("0.01")}, "referral 3.6", "refer"),
        ({"history.enquiries_3m": 5}, "referral 3.7", "refer"),
        ({"history.worst_days_past_due_12m": 30}, "referral 3.8", "refer"),
        ({"cashflow.returned_items": 2}, "referral 3.9", "refer"),
        ({"cashflow.overdraft_days": 31}, "referral 3.10", "refer"),
        ({"cashflow.gambling_monthly": Decimal("490.01")}, "referral 3.11", "refer"),
        ({"case.income_verified": False, "request.amount": Decimal("20000.01")}, "referral 3.12", "refer"),
        ({"employment.type": "unemployed"}, "referral 3.13", "refer"),
        ({"score.grade": "E"}, "pricing 6.5", "decline"),
    ],
)
def test_each_clause_holds_at_its_boundary_and_not_before(
    changes: dict[str, FactValue | None], clause: str, outcome: str
) -> None:
    assert clauses(at_request(changes))[clause] == outcome
    assert clause not in clauses(at_request(_short_of(changes)))


_BEFORE: dict[str, FactValue | None] = {
    "request.term_months": 36,
    "score.grade": "C",
    "history.adverse_records": False,
    "case.income_verified": True,
    "employment.type": "fixed",
}


def _short_of(changes: Mapping[str, FactValue | None]) -> dict[str, FactValue | None]:
    """The same inputs on the harmless side of the boundary."""
    out: dict[str, FactValue | None] = {}
    for name, value in changes.items():
        if name in _BEFORE:
            out[name] = _BEFORE[name]
        elif name in ("income.net_monthly",):
            out[name] = Decimal("600.00")
        elif name == "request.amount" and value == Decimal("499.99"):
            out[name] = Decimal("500.00")
        elif name == "history.oldest_account_months":
            out[name] = 12
        elif isinstance(value, int):
            out[name] = value - 1
        elif isinstance(value, Decimal):
            out[name] = value - Decimal("0.01")
    if out.get("history.accounts") == 0:
        out["history.accounts"] = 2
    return out


def test_the_strictest_clause_wins() -> None:
    answer = at_request({"history.adverse_records": True, "request.term_months": 90})
    results = clause_results(answer.hits, {"request.term_months": "f1"})
    assert strictest(results) == "decline"
    assert results[0].outcome == "decline"
    assert results[0].facts == ("f1",)
    assert strictest([]) == "approve"


def test_clauses_speak_the_language_of_the_case() -> None:
    hit = next(
        hit for hit in at_request({"history.adverse_records": True}, language="zh").hits if hit.outcome == "refer"
    )
    assert hit.text == "存在不良还款记录。"


def test_clauses_name_the_facts_their_rows_read() -> None:
    hits = {hit.clause: hit.names for hit in at_request({"cashflow.gambling_monthly": Decimal(1000)}).hits}
    assert hits["referral 3.11"] == ("cashflow.gambling_monthly", "income.net_monthly")
    assert hits["affordability 4.1"] == ("ratio.dsr_after_pct", "limit.dsr_pct")


def test_money_limits_follow_the_currency() -> None:
    in_yuan = {"request.amount": Decimal("160000.00"), "income.net_monthly": Decimal("20000.00")}
    assert "eligibility 1.2" not in clauses(at_request(in_yuan, currency="CNY"))
    assert "eligibility 1.2" in clauses(at_request(in_yuan, currency="EUR"))


def test_an_unknown_currency_refers_and_fits_nothing() -> None:
    made = check(currency="XAU")
    answer = made.at(made.requested())
    assert clauses(answer)["terms 0.0"] == "refer"
    assert answer.signatories == () or not answer.fits
    assert made.largest(36) is None


@pytest.mark.parametrize(
    "name", ["income.net_monthly", "debt.instalments_monthly", "expenses.monthly_living", "score.grade"]
)
def test_what_is_missing_is_named_where_it_comes_from(name: str) -> None:
    made = check({name: None})
    answer = made.at(made.requested())
    assert answer.missing == (name,)
    assert clauses(answer)["referral 3.0"] == "refer"
    assert not answer.fits
    assert made.largest(36) is None


@pytest.mark.parametrize("senseless", [None, Decimal(0), Decimal(-5)])
def test_a_senseless_request_has_no_terms(senseless: Decimal | None) -> None:
    assert check({"request.amount": senseless}).requested() is None
    assert check({"request.term_months": 0}).requested() is None


def test_the_rent_seen_counts_where_it_exceeds_the_stated_expenses() -> None:
    household = check({"expenses.rent_seen": Decimal("900.00")}).household
    assert household is not None
    assert household.living == Decimal("900.00")


def test_a_rate_of_ones_own_prices_the_instalment() -> None:
    answer = check().at(Terms(Decimal("12000.00"), 36, Decimal("0")))
    assert (answer.rate_pct, answer.priced_pct, answer.instalment) == (0, Decimal("9.90"), Decimal("333.33"))


households = st.fixed_dictionaries(
    {
        "score.grade": st.sampled_from("ABCD"),
        "income.net_monthly": st.decimals(600, 20_000, places=2),
        "debt.instalments_monthly": st.decimals(0, 3_000, places=2),
        "expenses.monthly_living": st.decimals(0, 5_000, places=2),
        "expenses.rent_seen": st.none() | st.decimals(0, 2_000, places=2),
        "request.amount": st.decimals(500, 50_000, places=2),
    }
)


@settings(deadline=None, max_examples=60)
@given(households, st.integers(6, 84), st.sampled_from(["EUR", "SEK", "CNY"]))
def test_the_largest_amount_fits_and_one_step_more_does_not(
    changes: dict[str, FactValue | None], term: int, currency: str
) -> None:
    made = check(changes | {"request.term_months": term}, currency=currency)
    offer = made.largest(term)
    step = made.at(Terms(Decimal(1000), term)).step
    if offer is None:
        assert not made.at(Terms(step * 5, term)).fits
        assert not made.at(Terms(Decimal(500) * 11, term)).fits or currency != "SEK"
        return
    assert offer.amount % step == 0
    assert made.at(Terms(offer.amount, term)).fits
    assert not made.at(Terms(offer.amount + step, term)).fits
    assert made.at(Terms(offer.amount, term)).instalment == offer.instalment


def test_a_clause_that_no_amount_changes_leaves_no_offer() -> None:
    assert check({"history.worst_days_past_due_12m": 120}).largest(36) is None
    assert check({"score.grade": "E"}).largest(36) is None


def test_a_case_that_can_carry_nothing_has_no_offer() -> None:
    assert check({"debt.instalments_monthly": Decimal("2000.00")}).largest(36) is None


def _with_price_by_amount() -> Policy:
    """A grid that asks more of large amounts, so the closed form must be corrected by the tables."""
    document = _copy(POLICY.document)
    pricing = next(node for node in document["nodes"] if node["id"] == "pricing")["content"]
    pricing["inputs"].append({"id": "by-amount", "name": "Amount", "field": "request.amount"})
    dearer = []
    for rule in pricing["rules"]:
        dearer.append(rule | {"_id": rule["_id"] + "-large", "by-amount": "> 7000", "pricing-out-4": "14.9"})
        rule["by-amount"] = "<= 7000"
    pricing["rules"] += dearer
    return replace(POLICY, document=document)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


@settings(deadline=None, max_examples=25)
@given(st.decimals(1500, 6000, places=2), st.decimals(0, 900, places=2), st.integers(12, 60))
def test_the_largest_amount_holds_where_the_price_depends_on_the_amount(
    income: Decimal, owed: Decimal, term: int
) -> None:
    made = check(
        {"income.net_monthly": income, "debt.instalments_monthly": owed, "request.term_months": term},
        policy=_with_price_by_amount(),
    )
    offer = made.largest(term)
    if offer is not None:
        assert made.at(Terms(offer.amount, term)).fits
        assert not made.at(Terms(offer.amount + 100, term)).fits


def test_an_outcome_the_program_does_not_know_is_refused() -> None:
    document = _copy(POLICY.document)
    rules = next(node for node in document["nodes"] if node["id"] == "affordability")["content"]["rules"]
    rules[0]["affordability-out-2"] = '"maybe"'
    with pytest.raises(InputError, match=r"affordability 4\.1 .* has the outcome 'maybe'"):
        at_request(policy=replace(POLICY, document=document))


def test_the_lowest_role_that_may_sign() -> None:
    signing = at_request().signatories
    roles = [lowest_role(signing, Decimal(amount)) for amount in ("15000", "15000.01", "30000.01", "75000.01")]
    assert [each.role if each else None for each in roles] == [
        "underwriter",
        "senior-underwriter",
        "credit-manager",
        None,
    ]
