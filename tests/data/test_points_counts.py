"""Cases by points for one applicant's standing: of one scorecard, by the decision that stands, a million at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from app.domain.case import Case, Decision, Outcome
from app.domain.score import Score
from app.domain.standing import PointsCount

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

SCORE = Score("card", "1", "a" * 64, 600, Decimal("0.05"), "B", (), (), 400, 700)
APPROVED = Decision(
    Outcome.APPROVE, Decimal("1000.00"), "EUR", 12, Decimal("9.90"), (), "It fits.", (), "A. Lind", "underwriter",
    "authority 5.1", None, datetime(2026, 11, 21, 11, 0, tzinfo=UTC),
)  # fmt: skip


def test_cases_count_by_points_and_the_decision_that_stands(
    workspace: StoredWorkspace, add_case: Callable[..., Case]
) -> None:
    referred = replace(APPROVED, outcome=Outcome.REFER, amount=None, term_months=None, rate_pct=None)
    declined = replace(referred, outcome=Outcome.DECLINE)
    plan: list[tuple[int, str, tuple[Decision, ...]]] = [
        (600, "a", (APPROVED,)),
        (600, "a", (referred, APPROVED)),
        (600, "a", (declined,)),
        (580, "a", ()),
        (620, "b", (APPROVED,)),  # by another scorecard
        (600, "a", (APPROVED,)),  # the applicant
    ]
    with workspace.transaction() as stores:
        for points, card, decisions in plan:
            case = add_case(stores)
            stores.scores.put(case.id, replace(SCORE, points=points, sha256=card * 64))
            for decision in decisions:
                stores.decisions.put(case.id, decision)
        own = case.id
        assert stores.monitoring.points("a" * 64, own) == [PointsCount(580, 1, 0), PointsCount(600, 3, 2)]
    with workspace.read() as stores:
        assert stores.monitoring.points("a" * 64, own) == [PointsCount(580, 1, 0), PointsCount(600, 3, 2)]
        assert stores.monitoring.points("b" * 64, own) == [PointsCount(620, 1, 1)]
        assert stores.monitoring.points("c" * 64, own) == []


def test_a_million_cases_are_counted_in_well_under_a_second(workspace: StoredWorkspace) -> None:
    with workspace.transaction() as stores:
        run = stores.monitoring._tx.execute  # type: ignore[attr-defined]
        run(
            "INSERT INTO scores SELECT i, 'card', '1', repeat('a', 64), 450 + i % 200, 0.05, 'B', NULL, NULL "
            "FROM range(1, 1000001) t(i)"
        )
        run(
            "INSERT INTO decisions SELECT i, 1, CASE WHEN i % 3 = 0 THEN 'decline' ELSE 'approve' END, 'A', "
            "TIMESTAMP '2026-11-21 11:00:00', '{}' FROM range(1, 300001) t(i)"
        )
    with workspace.read() as stores:
        found = stores.monitoring.points("a" * 64, "C-2026-000001")
    assert (sum(each.scored for each in found), len(found)) == (999_999, 200)
    assert sum(each.approved for each in found) == 199_999
