"""Registering, approving by a second person and retiring parts of the inventory."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.inventory import Entry, Part, PartKind, State, entry_of
from app.errors import InputError
from app.usecases.govern import ApprovePart, RegisterPart, RetirePart, approve_part, register_part, retire_part
from tests.doubles import FixedClock, MemoryWorkspace, as_workspace

PART = Part(PartKind.PHRASES, "report-sentences", "a" * 64, "1.0", "Caseworth")
CLOCK = FixedClock()
TODAY = CLOCK.now().date()


@pytest.fixture
def workspace() -> MemoryWorkspace:
    return MemoryWorkspace()


def register(workspace: MemoryWorkspace, person: str = "Ann") -> None:
    register_part(RegisterPart(PART, person, "Risk", "Words reports"), as_workspace(workspace), clock=CLOCK)


def approve(workspace: MemoryWorkspace, person: str, **days: date) -> None:
    approve_part(ApprovePart(PART, person, **days), as_workspace(workspace), clock=CLOCK)


def retire(workspace: MemoryWorkspace, reason: str = "replaced") -> None:
    retire_part(RetirePart(PART, "Ann", reason), as_workspace(workspace), clock=CLOCK)


def entry(workspace: MemoryWorkspace) -> Entry:
    with workspace.read() as stores:
        return entry_of(PART, stores.inventory.records())


def test_from_found_to_retired_and_back(workspace: MemoryWorkspace) -> None:
    register(workspace)
    approve(workspace, "Bo")
    assert entry(workspace).state(TODAY) is State.APPROVED
    retire(workspace)
    assert (entry(workspace).state(TODAY), entry(workspace).retired_because) == (State.RETIRED, "replaced")
    with pytest.raises(InputError, match="is retired"):
        approve(workspace, "Bo")
    register(workspace)
    assert entry(workspace).state(TODAY) is State.REGISTERED


def test_each_step_stands_in_the_audit_chain(workspace: MemoryWorkspace) -> None:
    register(workspace)
    approve(workspace, "Bo")
    retire(workspace)
    events = workspace._state.events
    assert [event.what for event in events] == ["inventory.registered", "inventory.approved", "inventory.retired"]
    assert events[0].detail["owner"] == "Risk"
    assert {event.detail["sha256"] for event in events} == {PART.sha256}


@pytest.mark.parametrize("person", ["Ann", " ann ", "caseworth", ""])
def test_neither_registrant_nor_author_nor_nobody_approves(workspace: MemoryWorkspace, person: str) -> None:
    register(workspace)
    with pytest.raises(InputError):
        approve(workspace, person)
    assert entry(workspace).state(TODAY) is State.REGISTERED


def test_what_nobody_answers_for_cannot_be_approved(workspace: MemoryWorkspace) -> None:
    with pytest.raises(InputError, match="not registered"):
        approve(workspace, "Bo")


def test_an_approval_cannot_end_before_it_begins(workspace: MemoryWorkspace) -> None:
    register(workspace)
    with pytest.raises(InputError, match="before it begins"):
        approve(workspace, "Bo", valid_from=date(2027, 1, 2), valid_to=date(2027, 1, 1))


def test_blank_words_are_refused(workspace: MemoryWorkspace) -> None:
    for owner, purpose in ((" ", "x"), ("x", "")):
        with pytest.raises(InputError):
            register_part(RegisterPart(PART, "Ann", owner, purpose), as_workspace(workspace), clock=CLOCK)
    with pytest.raises(InputError, match="reason"):
        retire(workspace, " ")
    assert workspace._state.inventory == []


def test_a_part_is_retired_once(workspace: MemoryWorkspace) -> None:
    retire(workspace)
    with pytest.raises(InputError, match="already"):
        retire(workspace)
