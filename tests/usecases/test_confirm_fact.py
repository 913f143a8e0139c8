"""Confirming and correcting facts: superseded, never edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.case import Case, Outcome
from app.domain.changes import Changes
from app.domain.facts import Fact, Source, SourceKind, new_fact
from app.errors import InputError
from app.usecases.assess_case import assess_case
from app.usecases.confirm_fact import STALE, ConfirmFact, CorrectFact, confirm_fact, correct_fact
from app.usecases.record_decision import RecordDecision, record_decision
from app.usecases.show_case import show_case
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import GOOD, add_case, engine, policy, scorecard

CLOCK = FixedClock()


@pytest.fixture
def workspace() -> MemoryWorkspace:
    return MemoryWorkspace()


@pytest.fixture
def case(workspace: MemoryWorkspace) -> Case:
    return add_case(workspace, GOOD)


def named(workspace: MemoryWorkspace, case: Case, name: str) -> Fact:
    fact = show_case(case.id, workspace).named(name)
    assert fact is not None
    return fact


def correct(workspace: MemoryWorkspace, case: Case, name: str, value: str, **keywords: str) -> Changes:
    reason = keywords.pop("reason", "seen on a letter")
    command = CorrectFact(case.id, name, value, reason, unit=keywords.pop("unit", None))
    return correct_fact(command, workspace, person=keywords.pop("person", "U. Writer"), clock=CLOCK)


def test_a_confirmation_keeps_value_and_source_and_names_the_person(workspace: MemoryWorkspace, case: Case) -> None:
    before = named(workspace, case, "assets.total")
    assert confirm_fact(ConfirmFact(case.id, before.id), workspace, person=" U. Writer ", clock=CLOCK) == STALE
    after = named(workspace, case, "assets.total")
    assert (after.value, after.unit, after.source) == (before.value, before.unit, before.source)
    assert (after.confirmed_by, after.supersedes) == ("U. Writer", before.id)
    event = show_case(case.id, workspace).events[-1]
    assert (event.what, event.detail["supersedes"]) == ("fact.confirmed", before.id)


def test_a_correction_keeps_the_place_and_takes_the_fact_that_was_meant(workspace: MemoryWorkspace, case: Case) -> None:
    name, box = "income.net_monthly_documented", (10.0, 20.0, 30.0, 40.0)
    source = Source(SourceKind.DOCUMENT, "e" * 64, 2, box, raw="2,500")
    surer = new_fact(case.id, name, Decimal(3450), "EUR", replace(source, document="f" * 64))
    other = new_fact(case.id, name, Decimal(2500), "EUR", source, confidence=Decimal("0.6"))
    with workspace.transaction() as stores:
        stores.facts.add([surer, other])
    command = CorrectFact(case.id, name, "2600", "seen on the page", fact_id=other.id)
    correct_fact(command, workspace, person="U. Writer", clock=CLOCK)
    with workspace.read() as stores:
        current = {fact.id: fact for fact in stores.facts.current(case.id) if fact.name == name}
    corrected = next(fact for fact in current.values() if fact.source.kind is SourceKind.PERSON)
    assert (corrected.supersedes, corrected.value) == (other.id, Decimal(2600))
    assert (corrected.source.document, corrected.source.page, corrected.source.box) == ("e" * 64, 2, box)
    assert surer.id in current
    again = CorrectFact(case.id, name, "2700", "a second look", fact_id=other.id)
    with pytest.raises(InputError, match="no current fact"):
        correct_fact(again, workspace, person="U. Writer", clock=CLOCK)


def test_confirming_twice_changes_nothing(workspace: MemoryWorkspace, case: Case) -> None:
    confirm_fact(ConfirmFact(case.id, named(workspace, case, "assets.total").id), workspace, person="U", clock=CLOCK)
    fact = named(workspace, case, "assets.total")
    assert confirm_fact(ConfirmFact(case.id, fact.id), workspace, person="V", clock=CLOCK) is Changes.NOTHING


def test_a_superseded_fact_cannot_be_confirmed(workspace: MemoryWorkspace, case: Case) -> None:
    before = named(workspace, case, "assets.total")
    correct(workspace, case, "assets.total", "70000")
    with pytest.raises(InputError, match="no current fact"):
        confirm_fact(ConfirmFact(case.id, before.id), workspace, person="U", clock=CLOCK)


def test_a_correction_supersedes_and_keeps_who_said_so_and_why(workspace: MemoryWorkspace, case: Case) -> None:
    before = named(workspace, case, "income.net_monthly_stated")
    assert correct(workspace, case, "income.net_monthly_stated", "3 100.50") & STALE == STALE
    after = named(workspace, case, "income.net_monthly_stated")
    assert (after.value, after.unit, after.supersedes) == (Decimal("3100.50"), "EUR", before.id)
    assert after.source.kind is SourceKind.PERSON
    assert (after.source.person, after.source.raw) == ("U. Writer", "3 100.50")
    assert after.source.method == "correction: seen on a letter"
    detail = show_case(case.id, workspace).events[-1].detail
    assert (detail["from"], detail["to"], detail["reason"]) == ("3450.00", "3100.50", "seen on a letter")


def test_the_same_correction_twice_is_one(workspace: MemoryWorkspace, case: Case) -> None:
    correct(workspace, case, "assets.total", "70000")
    assert correct(workspace, case, "assets.total", "70000.00") is Changes.NOTHING


def test_a_person_may_add_what_no_document_gives(workspace: MemoryWorkspace, case: Case) -> None:
    correct(workspace, case, "applicant.address_months", "74")
    assert named(workspace, case, "applicant.address_months").value == 74


def test_the_queue_follows_corrected_terms(workspace: MemoryWorkspace, case: Case) -> None:
    assert correct(workspace, case, "request.amount", "9000") & Changes.CASES
    correct(workspace, case, "request.term_months", "24")
    correct(workspace, case, "applicant.name", "Anna Other")
    correct(workspace, case, "request.date", "2026-11-01")
    head = show_case(case.id, workspace).case
    assert (head.amount, head.term_months, head.applicant) == (Decimal("9000"), 24, "Anna Other")
    assert head.received_on == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("income.net_monthly_stated", "much", "value"),
        ("income.net_monthly_stated", "-1", "value"),
        ("income.net_monthly_stated", "99999999999", "value"),
        ("request.term_months", "12.5", "value"),
        ("employment.type", "astronaut", "value"),
        ("history.adverse_records", "perhaps", "value"),
        ("request.date", "31.02.2026", "value"),
        ("income.unknown", "1", "name"),
        ("ratio.dsr_after_pct", "10", "name"),
        ("score.points", "700", "name"),
        ("limit.dsr_pct", "90", "name"),
    ],
)
def test_a_correction_is_checked_by_the_catalogue(
    workspace: MemoryWorkspace, case: Case, name: str, value: str, field: str
) -> None:
    before = show_case(case.id, workspace)
    with pytest.raises(InputError) as refused:
        correct(workspace, case, name, value)
    assert refused.value.field == field
    assert show_case(case.id, workspace) == before


def test_reason_and_person_are_needed(workspace: MemoryWorkspace, case: Case) -> None:
    with pytest.raises(InputError, match="needs a reason"):
        correct(workspace, case, "assets.total", "1", reason=" ")
    with pytest.raises(InputError, match="name is needed"):
        correct(workspace, case, "assets.total", "1", person=" ")
    with pytest.raises(InputError, match="name is needed"):
        confirm_fact(ConfirmFact(case.id, "f"), workspace, person="", clock=CLOCK)


def test_the_facts_of_a_decided_case_stand(workspace: MemoryWorkspace, case: Case) -> None:
    card, rules, judge = scorecard(), policy(), engine()
    assess_case(case.id, workspace, judge, scorecard=card, policy=rules, clock=CLOCK)
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
        correct(workspace, case, "assets.total", "1")
    with pytest.raises(InputError, match="is decided"):
        confirm_fact(
            ConfirmFact(case.id, named(workspace, case, "assets.total").id), workspace, person="U", clock=CLOCK
        )
