# ruff: noqa: E501  (prose stands on one line)
"""The case of the drawing as a ``CaseView``: seven documents, a contradiction, 24 sentences, six months of bank entries."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from app.domain.case import Case, Document, FirstOpinion, Outcome, Status
from app.domain.facts import Fact, FactValue, Source, SourceKind, Stance, new_fact
from app.domain.findings import Finding, Materiality
from app.domain.policy import ClauseResult, Offer, PolicyResult
from app.domain.report import ModelRun, Report
from app.domain.score import CharacteristicPoints, Score
from app.domain.sentences import Author, Problem, Sentence, State
from app.ports import Event
from app.usecases.show_case import CaseView
from tests.doubles import MemoryWorkspace
from tests.views import case_files as files

CASE_ID = "C-2026-000418"
A, F, N = Stance.ADVERSE, Stance.FAVOURABLE, Stance.NEUTRAL


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


STATEMENT_ENTRIES = files.transactions("statement")
CONTENTS: Mapping[str, bytes] = {
    "form": files.form_pdf(),
    "payslip": files.payslip_pdf(),
    "statement": files.camt_xml(STATEMENT_ENTRIES),
    "bureau": files.bureau_json(),
    "card": files.png(),
    "certificate": files.certificate_pdf(),
    "call": files.call_txt(),
}
SHA = {name: _sha(content) for name, content in CONTENTS.items()}
ENTRIES = tuple(replace(entry, document=SHA["statement"]) for entry in STATEMENT_ENTRIES)

DOCUMENTS = (
    Document(SHA["form"], "application.pdf", "application_form", "application/pdf", 2301, 2, "18 facts"),
    Document(SHA["payslip"], "payslip-2026-10.pdf", "payslip", "application/pdf", 1544, 1, "income differs from form"),
    Document(SHA["statement"], "statement.xml", "bank_statement", "application/xml", 52000, None, "balances add up"),
    Document(SHA["bureau"], "bureau.json", "credit_report", "application/json", 840, None, "5 enquiries in 3 months"),
    Document(SHA["card"], "id-card.png", "image", "image/png", 412, 1, ""),
    Document(SHA["certificate"], "certificate.pdf", "other", "application/pdf", 900, 1, ""),
    Document(SHA["call"], "call-2026-11-19.txt", "call_transcript", "text/plain", 260, None, "3 facts to confirm"),
)


class Facts:
    """Collects the facts by name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Fact] = {}

    def add(self, name: str, value: FactValue, unit: str, source: Source, confidence: str = "1", **more: Any) -> None:
        self.by_name[name] = new_fact(CASE_ID, name, value, unit, source, confidence=Decimal(confidence), **more)

    def form(self, name: str, value: FactValue, unit: str, row: int) -> None:
        raw = files.FORM_ROWS[row][1]
        box = files.form_box(row)
        source = Source(SourceKind.DOCUMENT, SHA["form"], 1, box, raw=raw, method="reader:form")
        self.add(name, value, unit, source, "0.98" if row < 5 else "0.90")

    def bureau(self, name: str, value: FactValue, unit: str, path: str) -> None:
        self.add(name, value, unit, Source(SourceKind.DOCUMENT, SHA["bureau"], path=path, method="reader:bureau"))

    def computed(self, name: str, value: FactValue, unit: str, method: str, *inputs: str) -> None:
        ids = tuple(self.by_name[given].id for given in inputs)
        self.add(name, value, unit, Source(SourceKind.COMPUTATION, method=method, inputs=ids))

    def banked(self, name: str, value: FactValue, unit: str, method: str) -> None:
        self.add(name, value, unit, Source(SourceKind.COMPUTATION, document=SHA["statement"], row=25, method=method))

    def reference(self, name: str, value: FactValue, unit: str, method: str) -> None:
        self.add(name, value, unit, Source(SourceKind.REFERENCE, method=method))


def _facts() -> dict[str, Fact]:
    f = Facts()
    d = Decimal
    f.form("applicant.name", "Sample applicant 418", "text", 0)
    f.form("request.amount", d("12000.00"), "EUR", 1)
    f.form("request.term_months", 36, "months", 2)
    f.form("income.net_monthly_stated", d("3100.00"), "EUR", 3)
    f.form("expenses.monthly_living", d("890.00"), "EUR", 4)
    f.form("debt.outstanding", d("6400.00"), "EUR", 5)
    f.form("employment.type", "fixed", "category", 6)
    f.form("employment.seniority_years", d("4"), "years", 7)
    pay = Source(SourceKind.DOCUMENT, SHA["payslip"], 1, files.NET_PAY_BOX, raw="2 450,00", method="OCR")
    f.add("income.net_monthly_documented", d("2450.00"), "EUR", pay, "0.99")
    f.banked("income.net_monthly_banked", d("2450.00"), "EUR", "median salary")
    f.banked("income.salary_months_seen", 6, "count", "salary months")
    f.banked("income.months_covered", 6, "count", "months covered")
    f.banked("debt.instalments_seen", d("212.40"), "EUR", "recurring instalments")
    f.banked("expenses.rent_seen", d("780.00"), "EUR", "recurring rent")
    f.banked("cashflow.overdraft_days", 0, "days", "days below zero")
    f.banked("cashflow.returned_items", 0, "count", "returned items")
    f.banked("cashflow.mean_balance", d("2914.77"), "EUR", "mean balance")
    f.computed("income.net_monthly", d("2450.00"), "EUR", "documented income", "income.net_monthly_documented")
    f.computed(
        "income.gap_pct", d("26.53"), "percent", "gap", "income.net_monthly_stated", "income.net_monthly_documented"
    )
    f.bureau("history.accounts", 4, "count", "$.accounts")
    f.bureau("history.oldest_account_months", 108, "months", "$.accounts[0].opened_on")
    f.bureau("history.worst_days_past_due_12m", 0, "days", "$.accounts[0]")
    f.bureau("history.enquiries_3m", 5, "count", "$.enquiries")
    f.bureau("debt.instalments_bureau", d("212.40"), "EUR", "$.accounts[0].balance")
    f.reference("benchmark.enquiries_3m", 1, "count", "catalogue")
    f.reference("limit.dsr_pct", d("40.00"), "percent", "policy:affordability 4.2")
    f.reference("loan.rate_pct", d("9.90"), "percent", "policy:pricing 6.1")
    terms = ("request.amount", "loan.rate_pct", "request.term_months")
    f.computed("loan.instalment", d("386.65"), "EUR", "annuity", *terms)
    f.computed(
        "ratio.dsr_after_pct",
        d("47.00"),
        "percent",
        "dsr_after",
        "loan.instalment",
        "debt.instalments_seen",
        "income.net_monthly",
    )
    f.computed("offer.amount", d("8500.00"), "EUR", "largest fit", "limit.dsr_pct", "income.net_monthly")
    f.computed("offer.dsr_pct", d("38.00"), "percent", "dsr of the offer", "offer.amount", "income.net_monthly")
    f.reference("score.points", 612, "count", "scorecard:credit-data")
    f.reference("score.pd_pct", d("8.10"), "percent", "scorecard:credit-data")
    f.reference("score.grade", "C", "category", "scorecard:credit-data")
    person = Source(SourceKind.PERSON, person="A. Lind", method="call of 19 November")
    f.add("applicant.dependants", 1, "count", person, confirmed_by="A. Lind")
    return f.by_name


FACTS = _facts()


def fact_id(name: str) -> str:
    return FACTS[name].id


def _finding(
    code: str,
    section: str,
    stance: Stance,
    names: str,
    relation: str = "is",
    weight: int = 2,
    clause: str | None = None,
) -> Finding:
    ids = tuple(fact_id(name) for name in names.split())
    return Finding(code, code, section, stance, Materiality(weight), ids, clause, relation)


FINDINGS = (
    _finding(
        "income.contradiction",
        "capacity",
        A,
        "income.net_monthly_documented income.net_monthly_stated income.gap_pct",
        "contradicts",
        3,
    ),
    _finding(
        "affordability.exceeds_limit",
        "capacity",
        A,
        "ratio.dsr_after_pct limit.dsr_pct",
        "exceeds",
        3,
        "affordability 4.2",
    ),
    _finding("income.regular", "capacity", F, "income.salary_months_seen income.months_covered", "met"),
    _finding("cashflow.never_overdrawn", "capacity", F, "cashflow.overdraft_days"),
    _finding("history.enquiries_high", "history", A, "history.enquiries_3m benchmark.enquiries_3m", "exceeds", 3),
    _finding("history.clean", "history", F, "history.worst_days_past_due_12m history.oldest_account_months"),
    _finding("employment.long", "history", F, "employment.seniority_years", weight=1),
    _finding("score.grade", "score", N, "score.points score.pd_pct score.grade", weight=3),
    _finding(
        "policy.affordability:affordability 4.2",
        "policy",
        A,
        "ratio.dsr_after_pct limit.dsr_pct",
        "exceeds",
        3,
        "affordability 4.2",
    ),
    _finding("offer.fits", "mitigants", F, "offer.amount request.term_months offer.dsr_pct", "met", 3),
    _finding("request.terms", "request", N, "request.amount request.term_months loan.rate_pct loan.instalment"),
)

SHOWN = {
    "income.net_monthly_documented": "2,450.00 EUR",
    "income.net_monthly_stated": "3,100.00 EUR",
    "ratio.dsr_after_pct": "47 %",
    "limit.dsr_pct": "40 %",
    "income.salary_months_seen": "6",
    "income.months_covered": "6",
    "history.enquiries_3m": "5",
    "benchmark.enquiries_3m": "1",
    "history.oldest_account_months": "9 years",
    "offer.amount": "8,500.00 EUR",
    "offer.dsr_pct": "38 %",
    "request.amount": "12,000.00 EUR",
    "request.term_months": "36",
    "loan.rate_pct": "9.9 %",
    "loan.instalment": "386.65 EUR",
    "employment.seniority_years": "4 years",
    "cashflow.overdraft_days": "0",
    "cashflow.returned_items": "0",
    "cashflow.mean_balance": "2,914.77 EUR",
    "debt.instalments_seen": "212.40 EUR",
    "expenses.rent_seen": "780.00 EUR",
    "expenses.monthly_living": "890.00 EUR",
    "debt.outstanding": "6,400.00 EUR",
    "history.accounts": "4",
    "score.points": "612",
    "score.pd_pct": "8.1 %",
    "score.grade": "C",
}


def sentence(key: str, template: str, author: Author, stance: Stance, **more: Any) -> Sentence:
    """A sentence whose slots are filled from ``SHOWN``."""
    text, ids = template, []
    for name, shown in SHOWN.items():
        if f"{{{name}}}" in template:
            text = text.replace(f"{{{name}}}", shown)
            ids.append((template.index(f"{{{name}}}"), fact_id(name)))
    state = more.pop("state", State.ADOPTED if author is Author.PERSON else State.ACCEPTED)
    facts = tuple(fact for _, fact in sorted(ids))
    checks = {"slots": True, "figures": True, "stance": True}
    section = key.split(".")[0].replace("person", "mitigants")
    return Sentence(key, section, text, template, author, state, stance, facts, (), checks, **more)


M, R, P = Author.MODEL, Author.RULE, Author.PERSON
FELL = {"state": State.FALLEN_BACK, "fallback": "its stance contradicts the finding"}
SENTENCES = (
    sentence(
        "request.terms",
        "The applicant asks for {request.amount} over {request.term_months} months at {loan.rate_pct}.",
        M,
        N,
    ),
    sentence("request.instalment", "The instalment would be {loan.instalment} a month.", M, N),
    sentence(
        "capacity.contradiction",
        "Documented net income is {income.net_monthly_documented} a month, against {income.net_monthly_stated} stated on the form, which weakens the application.",
        M,
        A,
    ),
    sentence(
        "capacity.affordability",
        "After this loan, instalments would take {ratio.dsr_after_pct} of net income and exceed the policy limit of {limit.dsr_pct}.",
        M,
        A,
    ),
    sentence(
        "capacity.salary",
        "Salary arrived on time in {income.salary_months_seen} of {income.months_covered} months, which supports the application.",
        M,
        F,
    ),
    sentence(
        "capacity.living",
        "Living expenses are stated at {expenses.monthly_living} a month, rent of {expenses.rent_seen} included.",
        M,
        N,
    ),
    sentence(
        "capacity.debt", "An existing instalment of {debt.instalments_seen} a month agrees with the bureau.", M, N
    ),
    sentence(
        "capacity.outstanding",
        "Outstanding debt: {debt.outstanding}.",
        R,
        N,
        **FELL,
        rejected="The debt is modest and worth ignoring.",
    ),
    sentence("capacity.overdraft", "The account was overdrawn on {cashflow.overdraft_days} days in six months.", M, F),
    sentence("capacity.returned", "{cashflow.returned_items} payments were returned.", M, F),
    sentence("capacity.balance", "The balance averaged {cashflow.mean_balance}.", M, F),
    sentence(
        "history.enquiries",
        "Credit enquiries in the last 3 months: {history.enquiries_3m} (median of approved applicants: {benchmark.enquiries_3m}). Adverse.",
        R,
        A,
        **FELL,
        rejected="Five enquiries suggest a high credit score.",
    ),
    sentence(
        "history.clean",
        "No payment was late in the past 12 months, and the oldest account is {history.oldest_account_months} old.",
        M,
        F,
    ),
    sentence("history.accounts", "The bureau knows {history.accounts} accounts.", M, N),
    sentence("history.employment", "The applicant has been employed for {employment.seniority_years}.", M, F),
    sentence(
        "score.grade",
        "The score of {score.points} points falls in grade {score.grade}, a probability of default of {score.pd_pct}.",
        M,
        N,
    ),
    sentence(
        "score.reason",
        "Most points are lost by {history.enquiries_3m} enquiries.",
        R,
        A,
        **FELL,
        rejected="Most points are lost by age.",
    ),
    sentence(
        "policy.affordability",
        "Clause affordability 4.2 refers the case: {ratio.dsr_after_pct} against {limit.dsr_pct}.",
        M,
        A,
    ),
    sentence("policy.others", "All other clauses are met.", M, F),
    sentence("policy.authority", "The request is within the underwriter's authority.", M, N),
    sentence(
        "person.1",
        "The applicant explained the income gap by a move to part-time work in September; the employer's letter confirms it.",
        P,
        N,
    ),
    sentence(
        "mitigants.offer",
        "A loan of {offer.amount} over the same term would bring instalments to {offer.dsr_pct} of net income.",
        M,
        F,
    ),
    sentence(
        "recommendation.offer",
        "A counter-offer of {offer.amount} over {request.term_months} months is recommended.",
        M,
        N,
    ),
    sentence(
        "recommendation.rests",
        "It rests on {ratio.dsr_after_pct} against the limit of {limit.dsr_pct}.",
        R,
        N,
        **FELL,
        rejected="It rests on nothing.",
    ),
)
FLAGGED = sentence(
    "person.2",
    "The employer confirms 4,999 a month.",
    P,
    N,
    state=State.FLAGGED,
    problems=(Problem("unsupported_figure", "4,999"),),
)
RUN = ModelRun("Qwen3-8B · Q4_K_M", "ab" * 32, "llama-cpp-python 0.3.36", "cd" * 32, "ef" * 32, 0)


def _points(name: str, label: str, points: int, neutral: int, most: int, code: str) -> CharacteristicPoints:
    return CharacteristicPoints(name, fact_id(name) if name in FACTS else None, label, points, neutral, most, code)


CHARACTERISTICS = (
    _points("history.enquiries_3m", "4 or more", 38, 66, 92, "C1-22"),
    _points("ratio.dsr_after_pct", "45 to 50", 52, 71, 104, "C1-09"),
    _points("employment.seniority_years", "2 to 5", 77, 82, 121, "C1-07"),
    _points("income.net_monthly", "2,000 to 2,600", 88, 90, 130, "C1-08"),
    _points("applicant.housing", "missing", 60, 64, 80, "CW-01"),
    _points("debt.outstanding", "5,000 to 8,000", 92, 84, 110, "C1-09"),
    _points("request.term_months", "24 to 36", 95, 88, 99, "CW-06"),
    _points("employment.type", "fixed", 110, 96, 115, "C1-05"),
)
SCORE = Score(
    "credit-data", "2026.1", "12" * 32, 612, Decimal("0.081000"), "C", CHARACTERISTICS, CHARACTERISTICS[:4], 380, 820
)
POLICY = PolicyResult(
    "instalment-loan",
    "2026.1",
    "34" * 32,
    "refer",
    (
        ClauseResult(
            "affordability",
            "affordability 4.2",
            "refer",
            (fact_id("ratio.dsr_after_pct"), fact_id("limit.dsr_pct")),
            "Instalments take at most 40 % of net income.",
        ),
        ClauseResult(
            "eligibility", "eligibility 1.1", "pass", (fact_id("employment.type"),), "The applicant has an income."
        ),
    ),
    Decimal("9.90"),
    Offer(Decimal("8500.00"), "EUR", 36, Decimal("9.90"), Decimal("273.88")),
    "underwriter",
)
CASE = Case(
    CASE_ID, "Branch Lund", "Sample applicant 418", "instalment-loan", Decimal("12000.00"), "EUR", 36, date(2026, 11, 20),
    "en", Status.DRAFTED, 612, Decimal("0.081000"), "C", "refer",
)  # fmt: skip


def _events() -> tuple[Event, ...]:
    steps = (
        ("document.imported", {"name": "application.pdf", "sha256": SHA["form"]}),
        ("document.imported", {"name": "payslip-2026-10.pdf", "sha256": SHA["payslip"]}),
        ("case.assessed", {"points": 612, "policy": "refer"}),
        ("opinion.recorded", {"outcome": "refer"}),
        ("report.drafted", {"model": RUN.name, "sentences": 24}),
        ("sentence.edited", {"key": "person.1"}),
    )
    out, previous = [], "0" * 64
    for seq, (what, detail) in enumerate(steps, 1):
        digest = _sha(f"{previous}{what}".encode())
        at = datetime(2026, 11, 21, 10, 30 + seq, tzinfo=UTC)
        out.append(Event(seq, at, "A. Lind", CASE_ID, what, detail, previous, digest))
        previous = digest
    return tuple(out)


EVENTS = _events()


@dataclass(frozen=True)
class Drawn:
    """The parts of the drawn case that tests name."""

    view: CaseView
    contents: Mapping[str, bytes]  # by SHA-256


def case_view(**changes: Any) -> CaseView:
    """The drawn case; ``changes`` replace whole parts of it."""
    view = CaseView(
        CASE,
        DOCUMENTS,
        tuple(sorted(FACTS.values(), key=lambda fact: (fact.name, fact.id))),
        FINDINGS,
        SCORE,
        POLICY,
        Report(CASE_ID, "en", SENTENCES, RUN, 812, 41.5),
        None,
        FirstOpinion(Outcome.REFER, "A. Lind", datetime(2026, 11, 21, 10, 42, tzinfo=UTC)),
        ENTRIES,
        EVENTS,
    )
    return replace(view, **changes)


def contents() -> dict[str, bytes]:
    """Bytes of the documents by SHA-256."""
    return {SHA[name]: content for name, content in CONTENTS.items()}


def workspace(view: CaseView | None = None) -> MemoryWorkspace:
    """A workspace in memory that holds the case and its documents."""
    view = view or case_view()
    held = MemoryWorkspace()
    state, case_id = held._state, view.case.id
    state.cases[case_id] = view.case
    for document in view.documents:
        state.documents[document.sha256] = document
        state.case_documents[case_id, document.sha256] = None
    state.contents.update(contents())
    state.facts.update({fact.id: fact for fact in view.facts})
    state.findings[case_id] = view.findings
    state.transactions[case_id, SHA["statement"]] = view.transactions
    parts = (
        (state.scores, view.score),
        (state.policies, view.policy),
        (state.reports, view.report and (view.report,)),
        (state.decisions, view.decision and (view.decision,)),
        (state.opinions, view.first_opinion),
    )
    for table, part in parts:
        if part is not None:
            table[case_id] = part  # type: ignore[index]
    with held.transaction() as stores:
        for event in view.events:
            stores.events.append(event.person, event.case_id, event.what, event.detail)
    return held
