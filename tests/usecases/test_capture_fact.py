"""Values captured by hand from a page: whose they are, where they stand, what may be captured at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.captures import capturable
from app.domain.case import Case, Document, Outcome
from app.domain.changes import Changes
from app.domain.facts import Fact, Source, SourceKind, new_fact
from app.errors import InputError
from app.usecases.assess_case import assess_case
from app.usecases.capture_fact import CaptureFact, capture_fact
from app.usecases.confirm_fact import STALE
from app.usecases.record_decision import RecordDecision, record_decision
from app.usecases.show_case import show_case
from data.catalogue import load_catalogue
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import GOOD, add_case, digest, engine, policy, scorecard

CLOCK = FixedClock()
PASSPORT = digest(b"passport")
BOX = (100.0, 200.0, 180.0, 214.0)
EXPIRY = "document.passport.expiry_date"


@pytest.fixture
def workspace() -> MemoryWorkspace:
    return MemoryWorkspace(load_catalogue())


@pytest.fixture
def case(workspace: MemoryWorkspace) -> Case:
    made = add_case(workspace, GOOD)
    with workspace.transaction() as stores:
        document = Document(PASSPORT, "scan.pdf", "passport", "application/pdf", 9, pages=2)
        stores.documents.add(made.id, document, b"passport")
    return made


def command(case: Case, **changes: object) -> CaptureFact:
    return replace(CaptureFact(case.id, PASSPORT, EXPIRY, "2031-04-09", 2, BOX, raw="09 APR 2031"), **changes)  # type: ignore[arg-type]


def capture(workspace: MemoryWorkspace, case: Case, **changes: object) -> Changes:
    return capture_fact(command(case, **changes), workspace, person=" U. Writer ", clock=CLOCK)


def current(workspace: MemoryWorkspace, case: Case, name: str) -> list[Fact]:
    return [fact for fact in show_case(case.id, workspace).facts if fact.name == name]


def test_a_captured_value_keeps_its_place_and_its_person(workspace: MemoryWorkspace, case: Case) -> None:
    assert capture(workspace, case) == STALE
    (fact,) = current(workspace, case, EXPIRY)
    assert (fact.value, fact.unit, fact.confirmed_by) == (date(2031, 4, 9), "date", "U. Writer")
    source = fact.source
    assert (source.kind, source.document, source.page, source.box) == (SourceKind.PERSON, PASSPORT, 2, BOX)
    assert (source.raw, source.method) == ("09 APR 2031", "capture: captured from the page")
    event = show_case(case.id, workspace).events[-1]
    assert (event.what, event.person) == ("fact.captured", "U. Writer")
    assert (event.detail["fact"], event.detail["page"], event.detail["to"]) == (fact.id, 2, "2031-04-09")


def test_it_takes_the_place_of_what_the_same_document_gave(workspace: MemoryWorkspace, case: Case) -> None:
    read = [
        new_fact(case.id, EXPIRY, date(2013, 4, 9), "date", Source(SourceKind.DOCUMENT, document, 1, BOX))
        for document in (PASSPORT, digest(b"another"))
    ]
    with workspace.transaction() as stores:
        stores.facts.add(read)
    capture(workspace, case)
    found = current(workspace, case, EXPIRY)
    assert {fact.supersedes for fact in found} == {read[0].id, None}
    assert read[1].id in {fact.id for fact in found}


def test_capturing_the_same_again_changes_nothing(workspace: MemoryWorkspace, case: Case) -> None:
    capture(workspace, case)
    assert capture(workspace, case) is Changes.NOTHING


def test_a_fact_of_the_catalogue_follows_into_the_case(workspace: MemoryWorkspace, case: Case) -> None:
    before = current(workspace, case, "request.amount")[0]
    changes = capture(workspace, case, name="request.amount", value="9 000,00")
    assert changes & Changes.CASES
    (fact,) = current(workspace, case, "request.amount")
    assert (fact.value, fact.unit, fact.supersedes) == (Decimal(9000), "EUR", before.id)
    assert show_case(case.id, workspace).case.amount == Decimal(9000)


def test_a_prohibited_basis_is_a_field_of_the_document_and_never_a_fact_of_the_case(
    workspace: MemoryWorkspace, case: Case
) -> None:
    capture(workspace, case, name="document.passport.birth_date", value="1988-02-03")
    assert workspace.catalogue.prohibited("document.passport.birth_date")
    with pytest.raises(InputError, match="prohibited basis") as refused:
        capture(workspace, case, name="applicant.age", value="38")
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"document": digest(b"elsewhere")}, "document"),
        ({"name": "document.payslip.net_pay", "value": "1"}, "name"),
        ({"name": "document.passport.colour", "value": "1"}, "name"),
        ({"name": "ratio.dsr_after_pct", "value": "1"}, "name"),
        ({"value": "some day"}, "value"),
        ({"reason": "  "}, "reason"),
        ({"page": 3}, "page"),
        ({"page": 0}, "page"),
        ({"box": (10.0, 10.0, 10.0, 20.0)}, "box"),
        ({"box": (10.0, 10.0, float("inf"), 20.0)}, "box"),
    ],
)
def test_what_cannot_be_captured_is_refused_by_its_field(
    workspace: MemoryWorkspace, case: Case, changes: dict[str, object], field: str
) -> None:
    before = show_case(case.id, workspace).facts
    with pytest.raises(InputError) as refused:
        capture(workspace, case, **changes)
    assert refused.value.field == field
    assert show_case(case.id, workspace).facts == before


def test_nobody_captures_without_a_name_nor_into_a_decided_case(workspace: MemoryWorkspace, case: Case) -> None:
    with pytest.raises(InputError, match="A name is needed"):
        capture_fact(command(case), workspace, person=" ", clock=CLOCK)
    judge, rules = engine(), policy()
    assess_case(case.id, workspace, judge, scorecard=scorecard(), policy=rules, clock=CLOCK)
    record_decision(
        RecordDecision(case.id, Outcome.APPROVE, "Income covers it."),
        workspace,
        signer_person="U",
        role="underwriter",
        policy=rules,
        engine=judge,
        clock=CLOCK,
    )
    with pytest.raises(InputError, match="is decided"):
        capture(workspace, case)


def test_the_fields_of_the_kind_come_first_and_no_prohibited_basis_among_the_others() -> None:
    catalogue = load_catalogue()
    names = capturable("passport", catalogue)
    assert catalogue.papers is not None
    fields = catalogue.papers.kinds["passport"].fields
    assert [name.rpartition(".")[2] for name in names[: len(fields)]] == [field.name for field in fields]
    assert "document.passport.birth_date" in names[: len(fields)]
    others = names[len(fields) :]
    assert "income.net_monthly_stated" in others
    assert not any(catalogue.prohibited(name) for name in others)
    assert not any(name.startswith(("ratio.", "score.")) for name in names)
    assert set(capturable("unknown", catalogue)) == set(capturable("no such kind", catalogue))
    own = catalogue.papers.kinds["payslip"].fields
    assert "income.net_monthly_documented" in capturable("payslip", catalogue)[: len(own)]
