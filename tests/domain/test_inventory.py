"""States of a part over its records and days; warnings; what a package tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.inventory import Act, Approval, Part, PartKind, Record, State, Use, entry_of, told_in_package, warning

PART = Part(PartKind.MODEL, "small", "a" * 64, "1")
START = datetime(2026, 10, 1, 9, tzinfo=UTC)
DAY = date(2026, 10, 15)


def record(act: Act, day: int, person: str = "Ann", **detail: str) -> Record:
    return Record(PART.sha256, act, person, START + timedelta(days=day), detail)


REGISTERED = record(Act.REGISTERED, 0, owner="Risk", purpose="Words reports")
APPROVED = record(Act.APPROVED, 1, "Bo", valid_from="2026-10-10", valid_to="2026-12-31", note="tested")
RETIRED = record(Act.RETIRED, 2, reason="a better one came")


@pytest.mark.parametrize(
    ("records", "on", "state"),
    [
        ([], DAY, State.FOUND),
        ([REGISTERED], DAY, State.REGISTERED),
        ([REGISTERED, APPROVED], date(2026, 10, 9), State.WAITING),
        ([REGISTERED, APPROVED], date(2026, 10, 10), State.APPROVED),
        ([REGISTERED, APPROVED], date(2026, 12, 31), State.APPROVED),
        ([REGISTERED, APPROVED], date(2027, 1, 1), State.EXPIRED),
        ([REGISTERED, APPROVED, RETIRED], DAY, State.RETIRED),
        ([REGISTERED, APPROVED, RETIRED, REGISTERED], DAY, State.REGISTERED),
    ],
)
def test_states(records: list[Record], on: date, state: State) -> None:
    assert entry_of(PART, records).state(on) is state


def test_records_of_another_part_do_not_count() -> None:
    other = Record("b" * 64, Act.RETIRED, "Ann", START, {"reason": "old"})
    assert entry_of(PART, [REGISTERED, APPROVED, other]).state(DAY) is State.APPROVED


def test_what_was_said_later_is_left_out() -> None:
    assert entry_of(PART, [REGISTERED, APPROVED, RETIRED], until=APPROVED.at).state(DAY) is State.APPROVED


def test_the_approval_of_its_own_room_counts_from_when_it_was_given() -> None:
    given = Approval("Bo", START + timedelta(days=3), START.date())
    part = Part(PartKind.POLICY, "p", "c" * 64, registered_by="Ann", approval=given)
    assert entry_of(part, []).state(DAY) is State.APPROVED
    assert entry_of(part, [], until=START).state(DAY) is State.REGISTERED


def test_a_warning_names_part_and_reason() -> None:
    assert warning(entry_of(PART, [REGISTERED, APPROVED]), DAY) == ""
    assert warning(entry_of(PART, [REGISTERED, RETIRED]), DAY) == (
        "Model small 1 (aaaaaaaaaaaa) is retired: a better one came."
    )
    assert warning(entry_of(PART, []), DAY).endswith("is not registered.")


def test_a_package_tells_states_of_the_day_and_no_counts() -> None:
    told = told_in_package([entry_of(PART, [REGISTERED], Use(3, 1))], DAY)
    assert told["on"] == "2026-10-15"
    (part,) = told["parts"]
    assert (part["state"], part["owner"], "cases" in part) == ("registered", "Risk", False)
    assert len(told["warnings"]) == 1
