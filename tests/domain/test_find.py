"""Each finding's rule: code, stance, weight, facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.debts import FoundDebt, Undisclosed
from app.domain.derive import Assumptions, Observations
from app.domain.facts import Fact, FactValue, Source, SourceKind, Stance, new_fact
from app.domain.find import Findable, find
from app.domain.findings import Finding, Materiality
from app.domain.plan import SECTIONS
from app.domain.policy import ClauseResult, PolicyResult
from app.domain.score import score_inputs
from tests.underwriting import CATALOGUE, GOOD, scorecard

FORM = Source(SourceKind.DOCUMENT, document="f" * 64)
PASS = ClauseResult("affordability", "affordability 4.1", "pass", (), "met")


def fact(name: str, value: FactValue) -> Fact:
    return new_fact("C-1", name, value, CATALOGUE[name].kind.value, FORM)


def findings(
    values: Mapping[str, FactValue],
    *clauses: ClauseResult,
    observed: Observations | None = None,
    outcome: str = "approve",
    scored: bool = False,
) -> dict[str, Finding]:
    facts = {name: fact(name, value) for name, value in values.items()}
    result = PolicyResult("p", "1", "0" * 64, outcome, clauses or (PASS,), None, None, None)
    ids = {name: each.id for name, each in facts.items()}
    score = score_inputs(scorecard(), values, ids) if scored else None
    case = Findable(facts, observed or Observations(), result, score, Assumptions(), CATALOGUE)
    return {finding.id: finding for finding in find(case)}


def percent(value: str) -> Decimal:
    return Decimal(value)


@pytest.mark.parametrize(
    ("values", "code", "stance", "weight"),
    [
        ({"ratio.dsr_after_pct": "40.01", "limit.dsr_pct": "40.00"}, "affordability.exceeds_limit", "adverse", 3),
        ({"ratio.dsr_after_pct": "40.00", "limit.dsr_pct": "40.00"}, "affordability.within_limit", "favourable", 2),
        ({"ratio.disposable_after": "-0.01"}, "affordability.disposable", "adverse", 3),
        ({"ratio.disposable_after": "0.00"}, "affordability.disposable", "favourable", 1),
        ({"income.net_monthly_stated": "3000"}, "income.unverified", "adverse", 2),
        ({"debt.undisclosed_instalment": "0.01"}, "debt.undisclosed", "adverse", 3),
        ({"cashflow.overdraft_days": 6}, "cashflow.overdrawn", "adverse", 2),
        ({"cashflow.overdraft_days": 0}, "cashflow.never_overdrawn", "favourable", 1),
        ({"cashflow.returned_items": 1}, "cashflow.returned", "adverse", 2),
        ({"cashflow.returned_items": 0}, "cashflow.returned", "favourable", 1),
        ({"cashflow.gambling_monthly": "0.01"}, "cashflow.gambling", "adverse", 2),
        ({"history.accounts": 3, "history.worst_days_past_due_12m": 30}, "history.delinquent", "adverse", 3),
        ({"history.accounts": 3, "history.worst_days_past_due_12m": 29}, "history.delinquent", "adverse", 2),
        ({"history.accounts": 3, "history.worst_days_past_due_12m": 0}, "history.clean", "favourable", 2),
        ({"history.accounts": 1}, "history.thin", "adverse", 2),
        ({"history.accounts": 3, "history.oldest_account_months": 11}, "history.thin", "adverse", 2),
        ({}, "history.absent", "neutral", 1),
        ({"history.adverse_records": True}, "history.adverse_records", "adverse", 3),
        ({"history.enquiries_3m": 3, "benchmark.enquiries_3m": 1}, "history.enquiries_high", "adverse", 2),
        ({"history.enquiries_3m": 2, "benchmark.enquiries_3m": 1}, "history.enquiries_usual", "neutral", 1),
        ({"employment.seniority_years": "5"}, "employment.long", "favourable", 1),
        ({"employment.seniority_years": "0.99"}, "employment.short", "adverse", 2),
        ({"income.salary_months_seen": 6, "income.months_covered": 6}, "income.regular", "favourable", 2),
        ({"income.salary_months_seen": 5, "income.months_covered": 6}, "income.irregular", "adverse", 2),
        ({"ratio.assets_to_amount": "1.00", "assets.total": "5"}, "assets.support", "favourable", 1),
    ],
)
def test_each_rule_at_its_boundary(values: dict[str, object], code: str, stance: str, weight: int) -> None:
    typed = {name: Decimal(value) if isinstance(value, str) else value for name, value in values.items()}
    found = findings(typed)[code]  # type: ignore[arg-type]
    assert (found.stance.value, int(found.materiality)) == (stance, weight)
    assert found.section in SECTIONS


@pytest.mark.parametrize(
    ("values", "absent"),
    [
        ({"history.accounts": 2, "history.oldest_account_months": 12}, "history.thin"),
        ({"employment.seniority_years": Decimal(1)}, "employment.short"),
        ({"employment.seniority_years": Decimal("4.99")}, "employment.long"),
        ({"history.adverse_records": False}, "history.adverse_records"),
        ({"debt.undisclosed_instalment": Decimal("0.00")}, "debt.undisclosed"),
        ({"cashflow.gambling_monthly": Decimal("0.00")}, "cashflow.gambling"),
        ({"ratio.assets_to_amount": Decimal("0.99")}, "assets.support"),
        ({"income.salary_months_seen": 1, "income.months_covered": 1}, "income.irregular"),
    ],
)
def test_nothing_is_found_short_of_the_boundary(values: dict[str, FactValue], absent: str) -> None:
    assert absent not in findings(values)


@pytest.mark.parametrize(
    ("gap", "code", "stance", "relation"),
    [
        ("5.00", "income.documented", Stance.FAVOURABLE, "equals"),
        ("5.01", "income.contradiction", Stance.ADVERSE, "contradicts"),
        ("-5.00", "income.documented", Stance.FAVOURABLE, "equals"),
        ("-5.01", "income.contradiction", Stance.NEUTRAL, "contradicts"),
    ],
)
def test_income_agrees_within_the_tolerance(gap: str, code: str, stance: Stance, relation: str) -> None:
    found = findings(
        {
            "income.net_monthly_stated": Decimal(3000),
            "income.net_monthly_documented": Decimal(2900),
            "income.gap_pct": Decimal(gap),
        }
    )
    assert (found[code].stance, found[code].relation) == (stance, relation)
    assert "income.unverified" not in found


def test_a_varying_salary_is_irregular_though_every_month_has_one() -> None:
    months = {"income.salary_months_seen": 6, "income.months_covered": 6}
    assert findings(months | {"income.variation_pct": Decimal("20.00")})["income.regular"]
    assert findings(months | {"income.variation_pct": Decimal("20.01")})["income.irregular"].detail == "variation"


def test_clauses_become_findings_that_name_them() -> None:
    ratio = fact("ratio.dsr_after_pct", Decimal("58.00"))
    decline = ClauseResult("affordability", "affordability 4.3", "decline", (ratio.id,), "too much")
    refer = ClauseResult("referral", "referral 3.10", "refer", (), "overdrawn")
    found = findings({"ratio.dsr_after_pct": Decimal("58.00")}, decline, refer, outcome="decline")
    assert (found["policy.affordability:4.3"].clause, found["policy.affordability:4.3"].materiality) == (
        "affordability 4.3",
        Materiality.MAJOR,
    )
    assert found["policy.referral:3.10"].materiality is Materiality.NOTABLE
    assert "policy.met" not in found
    assert found["recommendation.decline"].facts == (ratio.id,)


def test_the_exceeded_limit_names_its_clause() -> None:
    values = {"ratio.dsr_after_pct": Decimal("58.00"), "limit.dsr_pct": Decimal("40.00")}
    ratio = fact("ratio.dsr_after_pct", Decimal("58.00"))
    clause = ClauseResult("affordability", "affordability 4.3", "decline", (ratio.id,), "too much")
    assert findings(values, clause)["affordability.exceeds_limit"].clause == "affordability 4.3"


def test_a_counter_offer_is_recommended_only_where_the_terms_alone_stand_against_the_request() -> None:
    offer = {"offer.amount": Decimal(8500), "request.term_months": 36, "offer.dsr_pct": Decimal("38.00")}
    terms = ClauseResult("affordability", "affordability 4.2", "refer", (), "too much")
    person = ClauseResult("referral", "referral 3.6", "refer", (), "undisclosed")
    assert "recommendation.counter-offer" in findings(offer, terms, outcome="refer")
    assert "recommendation.refer" in findings(offer, terms, person, outcome="refer")
    assert "recommendation.refer" in findings({}, terms, outcome="refer")


def test_what_the_evidence_showed_is_named() -> None:
    debt = FoundDebt("Kreditrate Sofortkredit", Decimal("289.50"))
    observed = Observations(
        broken=(("a" * 64, 2),),
        undisclosed=Undisclosed(Decimal("289.50"), (debt,)),
        other_currencies=("SEK: 3 entries, 0 accounts",),
        problems=("$.accounts: not a list",),
    )
    found = findings({"debt.undisclosed_instalment": Decimal("289.50")}, observed=observed)
    assert found[f"cashflow.balances_broken:{'a' * 12}"].detail == f"{'a' * 64}: 2"
    assert found["debt.undisclosed"].detail == "Kreditrate Sofortkredit"
    assert found["cashflow.other_currency"].detail == "SEK: 3 entries, 0 accounts"
    assert found["history.unreadable"].detail == "$.accounts: not a list"


def test_lost_points_are_findings_of_the_facts_that_lost_them() -> None:
    values = GOOD | {"employment.seniority_years": Decimal(0), "score.grade": "C"}
    found = findings(values, scored=True)
    reasons = [finding for finding in found.values() if finding.code == "score.reason"]
    assert 1 <= len(reasons) <= 4
    seniority = fact("employment.seniority_years", Decimal(0))
    assert found["score.reason:employment.seniority_years"].facts == (seniority.id,)


def test_a_prohibited_basis_never_enters_a_finding() -> None:
    age = fact("applicant.age", Decimal(71))
    clause = ClauseResult("eligibility", "eligibility 9.9", "decline", (age.id,), "age")
    found = findings({"applicant.age": Decimal(71)}, clause, outcome="decline")
    assert all(age.id not in finding.facts for finding in found.values())
    assert "policy.eligibility:9.9" not in found


def test_the_guide_lists_every_code_and_every_computed_fact(root: Path) -> None:
    guide = (root / "docs" / "facts.md").read_text(encoding="utf-8")
    rules = (root / "app" / "domain" / "find.py").read_text(encoding="utf-8")
    codes = set(
        re.findall(
            r'"((?:request|income|affordability|debt|cashflow|history|employment|offer|assets)\.[a-z_]+)"', rules
        )
    )
    listed = set(re.findall(r"`([a-z]+\.[a-z0-9_-]+)`", guide))
    assert {code for code in codes if code not in CATALOGUE} <= listed
    derived = (root / "app" / "domain" / "derive.py").read_text(encoding="utf-8")
    loan = (root / "app" / "usecases" / "assess_case.py").read_text(encoding="utf-8")
    made = set(re.findall(r'put(?:_[a-z]+)?\(\s*"([a-z]+\.[a-z0-9_]+)"', derived + loan))
    assert len(made) > 25
    assert made <= listed
    unknown = {
        name for name in listed if name.split(".")[0] in ("ratio", "loan", "limit", "score") and name not in CATALOGUE
    }
    assert unknown <= {"score.reason", "score.challenger_disagrees"}
