"""Gathering what a case's documents hold."""

from __future__ import annotations

from datetime import date

from app.domain.case import Case
from app.domain.derive import Assumptions, Evidence
from app.usecases.derive_facts import derive_facts, evidence
from tests.doubles import MemoryWorkspace
from tests.underwriting import CATALOGUE, GOOD, account, add_case, add_report, add_statement, months, report, statement


def gathered(workspace: MemoryWorkspace, case: Case) -> Evidence:
    with workspace.read() as stores:
        applied = next((fact for fact in stores.facts.current(case.id) if fact.name == "request.date"), None)
        return evidence(stores.cases.get(case.id), stores, applied, Assumptions())


def test_statements_and_reports_are_gathered() -> None:
    workspace = MemoryWorkspace()
    case = add_case(workspace, GOOD)
    add_statement(workspace, case, statement(months(2, 5, "-1.00", "x")))
    add_report(workspace, case, report([account()]))
    found = gathered(workspace, case)
    assert (len(found.transactions), len(found.reports)) == (2, 1)
    assert found.reports[0].accounts[0].lender == "Fjord Finans"
    assert found.currency == "EUR"


def test_the_day_of_application_is_the_forms_else_of_receipt_else_of_the_report() -> None:
    workspace = MemoryWorkspace()
    stated = add_case(workspace, GOOD)
    undated = add_case(workspace, {name: value for name, value in GOOD.items() if name != "request.date"})
    assert gathered(workspace, stated).applied_on == date(2026, 10, 28)
    assert gathered(workspace, undated).applied_on is None
    add_report(workspace, undated, report([account()]))
    assert gathered(workspace, undated).applied_on == date(2026, 10, 29)


def test_a_report_that_cannot_be_parsed_is_a_problem_not_a_crash() -> None:
    workspace = MemoryWorkspace()
    case = add_case(workspace, GOOD)
    for content in (b"", b"\xff\xfe", b"[" * 200_000, b"NaN"):
        add_report(workspace, case, content)
    problems = [report.problems for report in gathered(workspace, case).reports]
    assert problems == [("$: not JSON",), ("$: not JSON",), ("$: not JSON",), ("$: not an object",)]


def test_deriving_stores_nothing() -> None:
    workspace = MemoryWorkspace()
    case = add_case(workspace, GOOD)
    with workspace.read() as stores:
        before = stores.facts.current(case.id)
        facts, seen = derive_facts(stores.cases.get(case.id), stores, CATALOGUE, Assumptions())
        assert stores.facts.current(case.id) == before
    assert {fact.name for fact in facts.new} >= {"income.net_monthly", "debt.instalments_monthly"}
    assert not seen.has_report
