"""Caps of the law beside the lender's own: the tighter one counts, and is named with its clause."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.policy_engine import ZenPolicyEngine
from app.domain.policy import Policy, PolicyResult, Terms
from app.domain.policy_check import NO_PRICE, PolicyCheck
from app.domain.policy_judge import Judge
from app.domain.policy_tables import PolicyReading
from app.domain.pricing import PriceRules, binding_cap, bounded_rate, break_even_rate_pct, price_of, target_rate_pct
from app.domain.rate_caps import APR, MEASURES, NOMINAL_APR, RATE, LegalCaps, PackCap, RateCap
from data.policy_files import POLICIES, policy_from_json
from tests.underwriting import CATALOGUE

D = Decimal
ENGINE = ZenPolicyEngine()
LAW = RateCap(D(8), RATE, "Act 7, section 3", "example 2026")
VALUES: dict[str, Any] = {
    "score.grade": "B",
    "score.pd_pct": D("4.20"),
    "income.net_monthly": D("3450.00"),
    "debt.instalments_monthly": D("180.00"),
    "expenses.monthly_living": D("980.00"),
    "history.accounts": 3,
    "history.oldest_account_months": 60,
    "history.adverse_records": False,
    "case.income_verified": True,
    "request.amount": D("12000.00"),
    "request.term_months": 36,
}


def policy(*caps: PackCap, change: Callable[[dict[str, Any]], None] = lambda _: None) -> Policy:
    """The shipped policy, its ``terms`` row for EUR changed, under a rule pack with those caps."""
    document = json.loads((POLICIES / "instalment-loan.json").read_bytes())
    terms = next(node["content"] for node in document["nodes"] if node["id"] == "terms")
    for name in ("floor_pct", "cap_apr_pct"):
        terms["outputs"].append({"id": name, "name": name, "field": name})
        for row in terms["rules"]:
            row[name] = ""
    change(terms["rules"][0])
    read = policy_from_json(json.dumps(document).encode(), "p", CATALOGUE)
    return replace(read, law=LegalCaps(((None, caps),), date(2026, 11, 22)))


def check(given: Policy, on: date | None = None) -> PolicyCheck:
    reading = PolicyReading(given)
    return PolicyCheck(given, reading, ENGINE.evaluate, VALUES, currency="EUR", language="en", applied_on=on)


def test_the_law_lowers_the_rate_and_is_named() -> None:
    answer = check(policy(PackCap(LAW))).at(Terms(D(12000), 36))
    assert (answer.priced_pct, answer.capped_by) == (D("8.00"), LAW)
    assert answer.fits
    free = check(policy()).at(Terms(D(12000), 36))
    assert (free.priced_pct, free.capped_by) == (D("8.40"), None)


def test_the_lower_of_two_caps_counts() -> None:
    own = policy(PackCap(LAW), change=lambda row: row.update(cap_apr_pct="7.5"))
    answer = check(own).at(Terms(D(12000), 36))
    assert answer.capped_by is not None
    assert (answer.capped_by.clause, answer.capped_by.source) == ("terms cap_apr_pct", "")
    price = price_of(D(12000), 36, answer.priced_pct or D(0))
    assert price is not None
    assert price.apr_pct <= D("7.5") < LAW.pct


def test_a_floor_above_the_law_leaves_no_price_and_says_why() -> None:
    answer = check(policy(PackCap(LAW), change=lambda row: row.update(floor_pct="8.2"))).at(Terms(D(12000), 36))
    assert answer.priced_pct is None
    [hit] = [hit for hit in answer.hits if hit.clause == NO_PRICE]
    assert hit.outcome == "decline"
    assert "(8 %, Act 7, section 3)" in hit.text


def test_caps_hold_for_their_currency_and_from_their_day() -> None:
    later = LegalCaps(((None, ()), (date(2026, 6, 1), (PackCap(LAW, "EUR"),))), date(2026, 11, 22))
    given = replace(policy(), law=later)
    assert check(given, date(2026, 5, 31)).at(Terms(D(12000), 36)).priced_pct == D("8.40")
    assert check(given, date(2026, 6, 1)).at(Terms(D(12000), 36)).priced_pct == D("8.00")
    assert check(given).at(Terms(D(12000), 36)).priced_pct == D("8.00"), "a case without a day is judged by today's"
    assert later.on(date(2026, 7, 1), "USD") == ()
    assert LegalCaps().on(None, "EUR") == ()


def test_judging_in_bulk_says_the_same() -> None:
    given = replace(policy(), law=LegalCaps(((None, ()), (date(2026, 6, 1), (PackCap(LAW),))), date(2026, 11, 22)))
    judge = Judge(given, ENGINE.evaluate)
    assert judge.judge(VALUES, "EUR", date(2026, 1, 1)).rate_pct == D("8.40")
    assert judge.judge(VALUES, "EUR", date(2026, 7, 1)).rate_pct == D("8.00")


def test_the_cap_goes_with_the_stored_result_and_leaves_others_as_they_were() -> None:
    result = PolicyResult("p", "1", "0" * 64, "approve", (), D("8.00"), None, None, LAW)
    assert PolicyResult.from_json(json.loads(json.dumps(result.to_json()))) == result
    assert "capped_by" not in replace(result, capped_by=None).to_json()


@given(
    st.decimals(0, 40, places=2),
    st.integers(300, 50_000),
    st.integers(3, 84),
    st.lists(st.tuples(st.sampled_from(MEASURES), st.decimals(1, 40, places=2)), max_size=3),
    st.decimals(0, 3, places=2),
)
@settings(max_examples=60, deadline=None)
def test_every_cap_is_kept_and_the_named_one_is_what_binds(
    grid: Decimal, amount: int, months: int, given_caps: list[tuple[str, Decimal]], fee_pct: Decimal
) -> None:
    law = tuple(RateCap(pct, measure, "c", "s") for measure, pct in given_caps)
    rules = PriceRules(fee_pct=fee_pct, law=law)
    rate = bounded_rate(grid, D(amount), months, rules)
    cap = binding_cap(grid, D(amount), months, rules, rate)
    assert (cap is None) == (rate == grid)
    if rate is not None:
        price = price_of(D(amount), months, rate, rules)
        assert price is not None
        shown = {RATE: price.rate_pct, APR: price.apr_pct, NOMINAL_APR: price.nominal_apr_pct}
        assert all(shown[each.measure] <= each.pct for each in law)


def test_cost_raises_the_break_even_rate_and_the_margin_the_rate_wanted() -> None:
    plain = PriceRules(lgd_pct=D(45), funding_pct=D(3))
    costly = replace(plain, cost_pct=D(1), margin_pct=D(2))
    terms = D(10_000), 36
    assert break_even_rate_pct(*terms, D(0), costly) == D("4.00")
    assert target_rate_pct(*terms, D(0), costly) == D("6.00")
    low, high = (break_even_rate_pct(*terms, D("0.05"), each) for each in (plain, costly))
    assert low is not None
    assert high is not None
    assert D("0.95") <= high - low <= D("1.10")
    assert target_rate_pct(*terms, D("0.05"), PriceRules()) is None


@pytest.mark.parametrize("measure", MEASURES)
def test_a_cap_is_read_back_as_it_was_written(measure: str) -> None:
    cap = RateCap(D("36.00"), measure, "10 USC 987(b)", "us 2026")
    assert RateCap.from_json(json.loads(json.dumps(cap.to_json()))) == cap
