"""The queue answers as sorting and filtering in Python would, page by page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.case import Case, Status
from app.ports import QueueQuery
from data.repositories.queue import SORTS

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

NAMES = ["Åsa Öberg", "王芳", "zoë", "Adam O'Neil", "100%_sure", "Müller", "bo"]
STATUSES = list(Status)


@pytest.fixture
def filled(workspace: StoredWorkspace, add_case: Callable[..., Case]) -> tuple[StoredWorkspace, list[Case]]:
    """A hundred cases of every kind; the second gives them as the queue must."""
    cases: list[Case] = []
    with workspace.transaction() as stores:
        for number in range(100):
            case = add_case(
                stores,
                reference=f"Ref-{number * 37 % 100:03d}",
                applicant=NAMES[number % 7],
                amount=None if number % 11 == 0 else Decimal(number * 7919 % 1000) + Decimal("0.50"),
                term_months=None if number % 13 == 0 else number % 5 * 12,
                received_on=None if number % 17 == 0 else date(2026, 1, 1) + timedelta(days=number * 31 % 300),
                currency=["EUR", "SEK"][number % 2],
            )
            status = STATUSES[number % 5]
            stores.cases.set_status(case.id, status)
            cases.append(replace(case, status=status))
    cases = _scored(workspace, cases)
    return workspace, cases


def _scored(workspace: StoredWorkspace, cases: list[Case]) -> list[Case]:
    """Score every third case and judge every fourth, as the stores of scores and policy results would."""
    out: list[Case] = []
    with workspace._database.transaction() as tx:
        columns = tx.columns["scores"]
        for number, case in enumerate(cases, start=1):
            if number % 3 == 0:
                points, pd, grade = 400 + number, Decimal(number) / 1000, "ABC"[number % 3 - 1]
                row = dict.fromkeys(columns) | {"case_no": number, "scorecard": "s", "version": "1", "sha256": "x"}
                tx.insert("scores", [tuple((row | {"points": points, "pd": pd, "grade": grade}).values())])
                status = Status.SCORED if case.status is Status.NEW else case.status
                case = replace(case, points=points, pd=pd.quantize(Decimal("0.000001")), grade=grade, status=status)
            if number % 4 == 0:
                tx.insert("policy_results", [(number, "p", "1", "refer", "{}", "x")])
                case = replace(case, policy_outcome="refer")
            out.append(case)
    return out


def everything(workspace: StoredWorkspace, **query: Any) -> list[Case]:
    """The whole queue, read in uneven pages."""
    queue = workspace.queue(QueueQuery(**query))
    try:
        pages = [queue.page(offset, 7) for offset in range(0, queue.count + 7, 7)]
    finally:
        queue.close()
    return [case for page in pages for case in page]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", SORTS)
def test_it_sorts_by_every_field_with_blanks_last_and_ties_by_number(
    filled: tuple[StoredWorkspace, list[Case]], sort: str, descending: bool
) -> None:
    workspace, cases = filled

    def key(case: Case) -> Any:
        value = getattr(case, sort)
        if sort == "status":
            return STATUSES.index(value)
        return value.lower() if sort in ("reference", "applicant") else value

    present = sorted((case for case in cases if getattr(case, sort) is not None), key=key, reverse=descending)
    blank = [case for case in cases if getattr(case, sort) is None]
    assert everything(workspace, sort=sort, descending=descending) == present + blank


@pytest.mark.parametrize("text", ["öberg", "王", "ref-07", "c-2026-00000", "%", "_", "'", "nobody", "ZOË"])
def test_it_searches_id_reference_and_applicant(filled: tuple[StoredWorkspace, list[Case]], text: str) -> None:
    workspace, cases = filled
    wanted = [
        case
        for case in cases
        if any(text.lower() in part.lower() for part in (case.id, case.reference, case.applicant))
    ]
    assert everything(workspace, text=text) == wanted


def test_it_filters_and_searches_at_once(filled: tuple[StoredWorkspace, list[Case]]) -> None:
    workspace, cases = filled
    assert everything(workspace, grade="A") == [case for case in cases if case.grade == "A"]
    assert everything(workspace, policy_outcome="refer") == [case for case in cases if case.policy_outcome]
    for status in Status:
        assert everything(workspace, status=status) == [case for case in cases if case.status is status]
    narrow = everything(workspace, status=Status.SCORED, text="bo", policy_outcome="refer")
    wanted = [c for c in cases if c.status is Status.SCORED and c.applicant == "bo" and c.policy_outcome == "refer"]
    assert narrow == wanted


def test_a_case_is_found_at_its_place(filled: tuple[StoredWorkspace, list[Case]]) -> None:
    workspace, cases = filled
    queue = workspace.queue(QueueQuery(sort="amount", descending=True, status=Status.NEW))
    for place, case in enumerate(queue.page(0, 1000)):
        assert queue.index_of(case.id) == place
    outside = next(case for case in cases if case.status is Status.SIGNED)
    assert queue.index_of(outside.id) is None
    queue.close()
    queue.close()


def test_the_order_stands_still_until_it_is_asked_again(filled: tuple[StoredWorkspace, list[Case]]) -> None:
    workspace, _ = filled
    queue = workspace.queue(QueueQuery(sort="applicant"))
    first = queue.page(0, 1)[0]
    with workspace.transaction() as stores:
        stores.cases.update_head(replace(first, applicant="龿龿"))
    assert [case.id for case in queue.page(0, 1)] == [first.id]
    queue.close()
    again = workspace.queue(QueueQuery(sort="applicant"))
    assert again.page(again.count - 1, 1) == [replace(first, applicant="龿龿")]
    again.close()


def test_gaps_in_the_numbers_make_no_gaps_in_the_pages(filled: tuple[StoredWorkspace, list[Case]]) -> None:
    workspace, cases = filled
    with workspace._database.transaction() as tx:
        tx.execute("DELETE FROM opened_cases WHERE case_no BETWEEN 20 AND 60 OR case_no = 3")
    left = [case for number, case in enumerate(cases, start=1) if not (20 <= number <= 60 or number == 3)]
    assert everything(workspace) == left
    assert everything(workspace, descending=True) == left[::-1]


def test_pages_outside_are_empty(filled: tuple[StoredWorkspace, list[Case]]) -> None:
    workspace, _ = filled
    queue = workspace.queue(QueueQuery(text="nobody at all"))
    assert queue.count == 0
    assert queue.page(0, 50) == []
    queue.close()
    queue = workspace.queue(QueueQuery())
    assert queue.page(100, 50) == []
    assert len(queue.page(98, 50)) == 2
    queue.close()


def test_an_interrupt_of_other_work_does_not_end_the_queue(filled: tuple[StoredWorkspace, list[Case]]) -> None:
    workspace, cases = filled
    queue = workspace.queue(QueueQuery())
    workspace.interrupt()
    assert queue.page(0, 100) == cases
    queue.close()


def test_many_threads_may_ask_at_once(filled: tuple[StoredWorkspace, list[Case]]) -> None:
    workspace, cases = filled
    queue = workspace.queue(QueueQuery())
    found: dict[int, list[Case]] = {}

    def ask(offset: int) -> None:
        found[offset] = queue.page(offset, 10)

    threads = [threading.Thread(target=ask, args=(offset,)) for offset in range(0, 100, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [case for offset in sorted(found) for case in found[offset]] == cases
    queue.close()


def test_an_unknown_sort_is_our_own_fault(workspace: StoredWorkspace) -> None:
    with pytest.raises(KeyError):
        workspace.queue(QueueQuery(sort="applicant; DROP TABLE cases"))


@pytest.mark.parametrize("descending", [False, True])
def test_a_missing_number_leaves_no_hole(filled: tuple[StoredWorkspace, list[Case]], descending: bool) -> None:
    workspace, cases = filled
    with workspace._database.transaction() as tx:
        tx.run("DELETE FROM opened_cases WHERE case_no = 50")
    wanted = [case.id for case in cases if not case.id.endswith("000050")]
    queue = workspace.queue(QueueQuery(descending=descending))
    try:
        assert queue.count == 99
        shown = [case.id for start in range(0, 99, 10) for case in queue.page(start, 10)]
        assert shown == (wanted[::-1] if descending else wanted)
        assert queue.index_of(cases[49].id) is None
        assert queue.index_of(shown[60]) == 60
    finally:
        queue.close()
