"""The limit moves with verified documents and stops at the applicant's wish; both are facts of the case."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.case import Case
from app.domain.case_limit import CaseLimit
from app.domain.changes import Changes
from app.domain.credentials import Doubt
from app.errors import InputError
from app.usecases.assess_case import assess_case
from app.usecases.confirm_fact import ConfirmFact, confirm_fact
from app.usecases.show_case import CaseView, show_case
from app.usecases.wish_limit import WishLimit, wish_limit
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import CATALOGUE, GOOD, add_case, add_paper, add_payslip, engine, policy, scorecard

CARD, POLICY, ENGINE = scorecard(), policy(), engine()
PERSON = "Vera Lund"


@pytest.fixture
def workspace() -> MemoryWorkspace:
    return MemoryWorkspace()


@pytest.fixture
def case(workspace: MemoryWorkspace) -> Case:
    made = add_case(workspace, GOOD)
    add_payslip(workspace, made, "3450.00")
    return made


def assessed(workspace: MemoryWorkspace, case: Case) -> CaseView:
    assess_case(case.id, workspace, ENGINE, scorecard=CARD, policy=POLICY, clock=FixedClock())
    return show_case(case.id, workspace)


def limit(workspace: MemoryWorkspace, case: Case) -> CaseLimit:
    return assessed(workspace, case).limit(CATALOGUE)


def test_without_documents_the_limit_is_the_grades(workspace: MemoryWorkspace, case: Case) -> None:
    found = limit(workspace, case)
    assert (found.uplift, found.cap, found.wish, found.steps) == (Decimal("0.00"), None, None, ())
    assert found.base == found.amount is not None


def test_each_document_is_a_fact_that_moves_the_limit(workspace: MemoryWorkspace, case: Case) -> None:
    before = limit(workspace, case).amount
    assert before is not None
    add_paper(workspace, case, "diploma", "1", holder=case.applicant, institution="KTH")
    add_paper(workspace, case, "award_certificate", "2", holder=case.applicant, award="Prize")
    add_paper(workspace, case, "housing_fund", "3", holder=case.applicant, contribution_months=24)
    view = assessed(workspace, case)
    found = view.limit(CATALOGUE)
    assert [(step.kind, step.amount, step.doubt) for step in found.steps] == [
        ("diploma", Decimal("1000.00"), None),
        ("award_certificate", Decimal("150.00"), None),
        ("housing_fund", Decimal("960.00"), None),
    ]
    assert (found.base, found.uplift, found.amount) == (before, Decimal("2110.00"), before + 2110)
    step = view.fact(found.steps[1].fact)
    assert step is not None
    assert (step.source.method, step.source.document, step.source.page) == (
        "credentials: education, second",
        "2" * 64,
        1,
    )
    read = [view.fact(each) for each in step.source.inputs]
    assert [each.name for each in read if each] == [
        "document.award_certificate.holder",
        "document.award_certificate.award",
    ]
    assert "credentials.support" in {finding.code for finding in view.findings}
    assert assess_case(case.id, workspace, ENGINE, scorecard=CARD, policy=POLICY) is Changes.NOTHING


def test_a_doubtful_field_moves_nothing_until_it_is_confirmed(workspace: MemoryWorkspace, case: Case) -> None:
    add_paper(workspace, case, "diploma", "1", "0.6", holder=case.applicant, institution="KTH")
    view = assessed(workspace, case)
    [step] = view.limit(CATALOGUE).steps
    assert (step.amount, step.doubt) == (Decimal("0.00"), Doubt.READING)
    assert "credentials.support" not in {finding.code for finding in view.findings}
    for fact in [each for each in view.facts if each.name.startswith("document.diploma")]:
        confirm_fact(ConfirmFact(case.id, fact.id), workspace, person=PERSON, clock=FixedClock())
    view = assessed(workspace, case)
    [confirmed] = view.limit(CATALOGUE).steps
    assert (confirmed.amount, confirmed.doubt) == (Decimal("1000.00"), None)
    fact = view.fact(confirmed.fact)
    assert fact is not None
    assert fact.supersedes == step.fact


def test_steps_of_one_name_do_not_supersede_each_other(workspace: MemoryWorkspace, case: Case) -> None:
    first = add_paper(workspace, case, "diploma", "1", holder=case.applicant, institution="KTH")
    add_paper(workspace, case, "diploma", "2", holder=case.applicant, institution="SU")
    assert [step.amount for step in limit(workspace, case).steps] == [Decimal("1000.00"), Decimal("500.00")]
    with workspace.transaction() as stores:
        stores.documents.complete(replace(first, kind="unknown"))
    found = limit(workspace, case)
    assert [(step.document[0], step.amount) for step in found.steps] == [("2", Decimal("1000.00"))]


def test_a_document_of_somebody_else_moves_nothing(workspace: MemoryWorkspace, case: Case) -> None:
    add_paper(workspace, case, "diploma", "1", holder="Somebody Else Entirely", institution="KTH")
    assert [step.doubt for step in limit(workspace, case).steps] == [Doubt.PERSON]


def test_the_wish_holds_offers_and_can_be_taken_back(workspace: MemoryWorkspace, case: Case) -> None:
    asked = assessed(workspace, case)
    assert asked.policy is not None
    assert asked.policy.outcome == "approve"
    for typed in ("6000", "4000", "6000"):
        wish_limit(WishLimit(case.id, typed), workspace, person=PERSON)
    assert wish_limit(WishLimit(case.id, "6000"), workspace, person=PERSON) is Changes.NOTHING
    held = assessed(workspace, case)
    assert held.policy is not None
    assert held.policy.fits is not None
    assert held.limit(CATALOGUE).wish == Decimal("6000.00")
    assert held.limit(CATALOGUE).binding == Decimal("6000.00")
    assert (held.policy.outcome, held.policy.fits.amount) == ("refer", Decimal("6000.00"))
    [clause] = [each for each in held.policy.clauses if each.outcome != "pass"]
    assert clause.clause == "eligibility 1.0"
    wish_limit(WishLimit(case.id, None), workspace, person=PERSON)
    after = assessed(workspace, case)
    assert after.limit(CATALOGUE).wish is None
    assert after.policy == asked.policy
    wish_limit(WishLimit(case.id, "6000"), workspace, person=PERSON)
    assert limit(workspace, case).wish == Decimal("6000.00")


@pytest.mark.parametrize("typed", ["", "0", "-5", "much"])
def test_a_wish_is_an_amount(workspace: MemoryWorkspace, case: Case, typed: str) -> None:
    with pytest.raises(InputError):
        wish_limit(WishLimit(case.id, typed), workspace, person=PERSON)
    with pytest.raises(InputError, match="reason"):
        wish_limit(WishLimit(case.id, "5000", " "), workspace, person=PERSON)


def test_what_show_tells(workspace: MemoryWorkspace, case: Case) -> None:
    add_paper(workspace, case, "property_deed", "1", owner=case.applicant)
    told = assessed(workspace, case).to_json(CATALOGUE)["limit"]
    assert (told["uplift"], told["cap"], told["wish"]) == ("0.00", "5000.00", None)
    [step] = told["steps"]
    assert step | {"fact": ""} == {
        "fact": "",
        "document": "1" * 64,
        "name": "property_deed-1.pdf",
        "kind": "property_deed",
        "group": "property",
        "amount": "0.00",
        "doubt": "reading",
    }
