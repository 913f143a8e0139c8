"""A case with every finding code the desk knows, for the tests of plan, checks and drafting."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.case import Case
from app.domain.facts import Fact, Source, SourceKind, Stance, new_fact
from app.domain.findings import Finding, Materiality

A, F, N = Stance.ADVERSE, Stance.FAVOURABLE, Stance.NEUTRAL
VALUES: dict[str, tuple[Any, str]] = {
    "applicant.name": ("Karin Blom", "text"),
    "applicant.marital_status": ("married", "category"),
    "applicant.age": (Decimal("34"), "years"),
    "applicant.housing": ("rent", "category"),
    "employment.seniority_years": (Decimal("3.5"), "years"),
    "employment.employer": ("Orion Logistics AB", "text"),
    "request.amount": (Decimal("12000.00"), "EUR"),
    "request.term_months": (36, "months"),
    "income.net_monthly_stated": (Decimal("3100.00"), "EUR"),
    "income.net_monthly_documented": (Decimal("2450.00"), "EUR"),
    "income.gap_pct": (Decimal("26.53"), "percent"),
    "income.salary_months_seen": (6, "count"),
    "income.months_covered": (6, "count"),
    "ratio.dsr_before_pct": (Decimal("31.20"), "percent"),
    "ratio.dsr_after_pct": (Decimal("47.00"), "percent"),
    "ratio.disposable_after": (Decimal("412.50"), "EUR"),
    "ratio.assets_to_amount": (Decimal("4.20"), "number"),
    "limit.dsr_pct": (Decimal("40.00"), "percent"),
    "debt.undisclosed_instalment": (Decimal("185.00"), "EUR"),
    "cashflow.overdraft_days": (12, "days"),
    "cashflow.returned_items": (1, "count"),
    "cashflow.gambling_monthly": (Decimal("220.00"), "EUR"),
    "cashflow.reserve_months": (Decimal("0.40"), "number"),
    "history.enquiries_3m": (5, "count"),
    "benchmark.enquiries_3m": (1, "count"),
    "history.worst_days_past_due_12m": (45, "days"),
    "history.oldest_account_months": (108, "months"),
    "history.accounts": (1, "count"),
    "history.adverse_records": (True, "boolean"),
    "score.points": (612, "count"),
    "score.pd_pct": (Decimal("8.10"), "percent"),
    "score.grade": ("C", "category"),
    "offer.amount": (Decimal("8500.00"), "EUR"),
    "offer.dsr_pct": (Decimal("38.00"), "percent"),
    "assets.total": (Decimal("50400.00"), "EUR"),
    "loan.rate_pct": (Decimal("9.90"), "percent"),
    "loan.instalment": (Decimal("386.64"), "EUR"),
    "request.date": (date(2026, 10, 28), "date"),
}
# code, section, stance, relation, materiality, facts
FINDINGS: tuple[tuple[str, str, Stance, str, int, tuple[str, ...]], ...] = (
    (
        "request.terms",
        "request",
        N,
        "is",
        1,
        ("request.amount", "request.term_months", "loan.rate_pct", "loan.instalment"),
    ),
    (
        "income.contradiction",
        "capacity",
        A,
        "contradicts",
        3,
        ("income.net_monthly_documented", "income.net_monthly_stated", "income.gap_pct"),
    ),
    ("income.documented", "capacity", F, "equals", 2, ("income.net_monthly_documented", "income.net_monthly_stated")),
    ("income.unverified", "capacity", A, "absent", 2, ("income.net_monthly_stated",)),
    ("income.regular", "capacity", F, "is", 1, ("income.salary_months_seen", "income.months_covered")),
    ("income.irregular", "capacity", A, "is", 2, ("income.salary_months_seen", "income.months_covered")),
    ("affordability.exceeds_limit", "capacity", A, "exceeds", 3, ("ratio.dsr_after_pct", "limit.dsr_pct")),
    ("affordability.within_limit", "capacity", F, "below", 2, ("ratio.dsr_after_pct", "limit.dsr_pct")),
    ("affordability.before", "capacity", N, "is", 1, ("ratio.dsr_before_pct",)),
    ("affordability.disposable", "capacity", F, "is", 1, ("ratio.disposable_after",)),
    ("debt.undisclosed", "capacity", A, "absent", 3, ("debt.undisclosed_instalment",)),
    ("cashflow.overdrawn", "capacity", A, "is", 2, ("cashflow.overdraft_days",)),
    ("cashflow.never_overdrawn", "capacity", F, "is", 1, ("cashflow.overdraft_days",)),
    ("cashflow.returned", "capacity", A, "is", 2, ("cashflow.returned_items",)),
    ("cashflow.gambling", "capacity", A, "is", 2, ("cashflow.gambling_monthly",)),
    ("cashflow.balances_broken", "capacity", A, "is", 2, ()),
    ("cashflow.statement_gap", "capacity", N, "absent", 2, ()),
    ("cashflow.reserve_low", "capacity", A, "is", 1, ("cashflow.reserve_months",)),
    ("history.enquiries_high", "history", A, "exceeds", 2, ("history.enquiries_3m", "benchmark.enquiries_3m")),
    ("history.enquiries_usual", "history", N, "is", 1, ("history.enquiries_3m", "benchmark.enquiries_3m")),
    (
        "history.delinquent",
        "history",
        A,
        "is",
        3,
        ("history.worst_days_past_due_12m", "history.oldest_account_months"),
    ),
    ("history.clean", "history", F, "is", 2, ("history.worst_days_past_due_12m", "history.oldest_account_months")),
    ("history.thin", "history", A, "is", 2, ("history.accounts", "history.oldest_account_months")),
    ("history.absent", "history", N, "absent", 2, ()),
    ("history.adverse_records", "history", A, "is", 3, ("history.adverse_records",)),
    ("employment.long", "history", F, "is", 1, ("employment.seniority_years",)),
    ("employment.short", "history", A, "is", 1, ("employment.seniority_years",)),
    ("score.grade", "score", N, "is", 3, ("score.points", "score.pd_pct", "score.grade")),
    ("score.reason:applicant.housing", "score", A, "is", 2, ("applicant.housing",)),
    ("score.challenger_disagrees", "score", N, "is", 2, ("score.grade", "score.pd_pct")),
    ("policy.met", "policy", F, "met", 2, ()),
    ("policy.affordability:4.2", "policy", A, "is", 3, ("ratio.dsr_after_pct", "limit.dsr_pct")),
    ("offer.fits", "mitigants", F, "is", 2, ("offer.amount", "request.term_months", "offer.dsr_pct")),
    ("assets.support", "mitigants", F, "is", 1, ("assets.total", "ratio.assets_to_amount")),
    (
        "recommendation.approve",
        "recommendation",
        F,
        "is",
        3,
        ("ratio.dsr_after_pct", "limit.dsr_pct", "ratio.disposable_after"),
    ),
    ("recommendation.refer", "recommendation", N, "is", 3, ("ratio.dsr_after_pct", "income.gap_pct")),
    ("recommendation.decline", "recommendation", A, "is", 3, ("ratio.dsr_after_pct",)),
    ("recommendation.counter-offer", "recommendation", N, "is", 3, ("offer.amount", "request.term_months")),
    ("device.tampered", "capacity", A, "is", 1, ("loan.instalment",)),
    ("device.clean", "capacity", F, "is", 1, ()),
    ("device.seen", "capacity", N, "is", 1, ("request.date",)),
)


def every_fact(case_id: str = "C-2026-000001", changes: dict[str, tuple[Any, str]] | None = None) -> list[Fact]:
    """One current fact of each name above, from a person, with ``changes`` in place of the usual values."""
    source = Source(SourceKind.PERSON, person="test")
    return [new_fact(case_id, n, v, unit, source) for n, (v, unit) in (VALUES | (changes or {})).items()]


def every_finding(facts: list[Fact]) -> list[Finding]:
    """One finding of each code above, on those facts."""
    ids = {fact.name: fact.id for fact in facts}
    return [
        Finding(code, code, section, stance, Materiality(weight), tuple(ids[n] for n in names), relation=relation)
        for code, section, stance, relation, weight, names in FINDINGS
    ]


def a_case(case_id: str = "C-2026-000001", language: str = "en") -> Case:
    return Case(
        id=case_id,
        reference="418",
        applicant="Karin Blom",
        product="instalment-loan",
        amount=Decimal("12000.00"),
        currency="EUR",
        term_months=36,
        received_on=date(2026, 10, 28),
        language=language,
    )
