"""A document put to another kind by hand: read anew, the old kind's facts retired, a person's word kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest

from app.domain.case import Case, Document, Outcome
from app.domain.facts import Source, SourceKind, new_fact
from app.domain.reading import DocumentField, Entry, Reading, ReadResult
from app.errors import InputError
from app.ports import Readers
from app.usecases.assess_case import assess_case
from app.usecases.capture_fact import CaptureFact, capture_fact
from app.usecases.classify_document import Classified, ClassifyDocument, classify_document, read_document_as
from app.usecases.confirm_fact import ConfirmFact, confirm_fact
from app.usecases.record_decision import RecordDecision, record_decision
from app.usecases.show_case import CaseView, show_case
from data.catalogue import load_catalogue
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import GOOD, add_case, digest, engine, policy, scorecard

CLOCK = FixedClock()
CONTENT = b"a page"
SHA = digest(CONTENT)
BOX = (10.0, 20.0, 60.0, 30.0)
INCOME = "income.net_monthly_documented"


@dataclass
class ScriptedReaders:
    """Gives what it was told to, and keeps what it was asked."""

    found: ReadResult
    asked: tuple[str, bytes, str] | None = None

    def read_content(self, name: str, content: bytes, kind: str, **_: Any) -> ReadResult:
        self.asked = (name, content, kind)
        return self.found


def passport(**changes: Any) -> ReadResult:
    details = (
        DocumentField("document_number", "X123", "X123", page=1, box=BOX, confidence=Decimal("0.9")),
        DocumentField("expiry_date", "2031-04-09", "09 APR 2031", page=1, box=BOX),
    )
    found = ReadResult(SHA, 6, "passport", "application/pdf", 1, note="2 fields read", details=details)
    return replace(found, **changes)


@pytest.fixture
def workspace() -> MemoryWorkspace:
    return MemoryWorkspace(load_catalogue())


@pytest.fixture
def case(workspace: MemoryWorkspace) -> Case:
    """A passport that was taken for a payslip, with a fact, a field and an entry of it."""
    made = add_case(workspace, GOOD)
    source = Source(SourceKind.DOCUMENT, SHA, 1, BOX, raw="2 450")
    with workspace.transaction() as stores:
        document = Document(SHA, "scan.pdf", "payslip", "application/pdf", 6, 1, "1 field read", 0.6)
        stores.documents.add(made.id, document, CONTENT)
        stores.facts.add([new_fact(made.id, INCOME, Decimal(2450), "EUR", source)])
        stores.facts.add([new_fact(made.id, "document.payslip.period", "2026-10", "text", source)])
    return made


def classify(
    workspace: MemoryWorkspace, case: Case, found: ReadResult | None = None, **changes: str
) -> tuple[Classified, ScriptedReaders]:
    command = replace(ClassifyDocument(case.id, SHA, "passport"), **changes)
    readers = ScriptedReaders(found or passport())
    read = read_document_as(command, workspace, cast(Readers, readers))
    return classify_document(command, read, workspace, person="U. Writer"), readers


def names(view: CaseView) -> set[str]:
    return {fact.name for fact in view.facts if fact.source.document == SHA}


def test_the_fields_of_the_new_kind_take_the_place_of_the_old_ones(workspace: MemoryWorkspace, case: Case) -> None:
    done, readers = classify(workspace, case)
    assert readers.asked == ("scan.pdf", CONTENT, "passport")
    view = show_case(case.id, workspace)
    assert names(view) == {"document.passport.document_number", "document.passport.expiry_date"}
    assert (done.before, done.kind, done.retired, done.facts) == ("payslip", "passport", 2, 0)
    document = next(each for each in view.documents if each.sha256 == SHA)
    assert (document.kind, document.kind_confidence, document.note) == ("passport", 1.0, "2 fields read")
    event = view.events[-1]
    assert (event.what, event.person) == ("document.classified", "U. Writer")
    assert (event.detail["before"], event.detail["kind"]) == ("payslip", "passport")


def test_a_confirmed_value_goes_with_its_kind_and_the_older_one_stays_down(
    workspace: MemoryWorkspace, case: Case
) -> None:
    fact = next(fact for fact in show_case(case.id, workspace).facts if fact.name == INCOME)
    confirm_fact(ConfirmFact(case.id, fact.id), workspace, person="U", clock=CLOCK)
    classify(workspace, case)
    assert show_case(case.id, workspace).named(INCOME) is None


def test_what_a_person_stated_for_the_case_stays_and_a_field_of_the_old_kind_goes(
    workspace: MemoryWorkspace, case: Case
) -> None:
    for name, value in (("assets.total", "71000"), ("document.payslip.gross_pay", "3100")):
        capture_fact(CaptureFact(case.id, SHA, name, value, 1, BOX), workspace, person="U", clock=CLOCK)
    classify(workspace, case)
    assert names(show_case(case.id, workspace)) >= {"assets.total"}
    assert "document.payslip.gross_pay" not in names(show_case(case.id, workspace))


def test_back_to_the_first_kind_its_facts_stand_again(workspace: MemoryWorkspace, case: Case) -> None:
    classify(workspace, case)
    reading = Reading(INCOME, Decimal(2450), None, "2 450", 1, BOX)
    classify(workspace, case, passport(kind="payslip", details=(), fields=(reading,)), kind="payslip")
    view = show_case(case.id, workspace)
    assert names(view) == {INCOME}
    assert view.named(INCOME) is not None


def test_entries_of_the_old_kind_are_taken_out(workspace: MemoryWorkspace, case: Case) -> None:
    entry = Entry(date(2026, 10, 1), Decimal(5), "EUR", "coffee", None, 1)
    statement = passport(kind="bank_statement", details=(), transactions=(entry,))
    done, _ = classify(workspace, case, statement, kind="bank_statement")
    assert done.entries == 1
    assert [each.text for each in show_case(case.id, workspace).transactions if each.document == SHA] == ["coffee"]
    classify(workspace, case)
    assert not [each for each in show_case(case.id, workspace).transactions if each.document == SHA]


@pytest.mark.parametrize(
    ("changes", "field"), [({"kind": "love letter"}, "kind"), ({"document": digest(b"elsewhere")}, "document")]
)
def test_what_cannot_be_is_refused(workspace: MemoryWorkspace, case: Case, changes: dict[str, str], field: str) -> None:
    with pytest.raises(InputError) as refused:
        classify(workspace, case, None, **changes)
    assert refused.value.field == field


def test_a_form_that_tells_its_kind_keeps_it(workspace: MemoryWorkspace, case: Case) -> None:
    before = show_case(case.id, workspace)
    with pytest.raises(InputError, match="tells its kind by itself"):
        classify(workspace, case, passport(kind="bank_statement"))
    with pytest.raises(InputError, match="was not read as"):
        classify_document(ClassifyDocument(case.id, SHA, "passport"), passport(kind="cv"), workspace, person="U")
    assert show_case(case.id, workspace) == before


def test_a_decided_case_keeps_its_kinds(workspace: MemoryWorkspace, case: Case) -> None:
    judge, rules = engine(), policy()
    assess_case(case.id, workspace, judge, scorecard=scorecard(), policy=rules, clock=CLOCK)
    record_decision(
        RecordDecision(case.id, Outcome.APPROVE, "Income covers it.", override="Seen in the branch."),
        workspace,
        signer_person="U",
        role="underwriter",
        policy=rules,
        engine=judge,
        clock=CLOCK,
    )
    with pytest.raises(InputError, match="is decided"):
        classify(workspace, case)
