"""The register of scorecards in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from app.domain.register import Approval
from app.domain.scorecard_format import read_scorecard
from tests.scorecards import small_document

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_versions_approvals_and_uses_outlive_the_program(open_folder: Callable[..., StoredWorkspace]) -> None:
    cards = [read_scorecard(small_document() | {"version": version}) for version in ("1.0.0", "1.1.0")]
    workspace = open_folder()
    with workspace.transaction() as stores:
        for card in cards:
            stores.scorecards.add(card.sha256, card.document, "Ada Lund", AT)
            stores.scorecards.add(card.sha256, card.document, "Bo Ek", AT)  # it stays as it was
        stores.scorecards.approve(cards[1].sha256, Approval("Bo Ek", AT, date(2026, 12, 1), "Checked"))
        stores.scorecards.use(cards[0].sha256, "Bo Ek", AT)
        stores.scorecards.use(cards[1].sha256, "Bo Ek", AT)
    workspace.close()
    with open_folder().read() as stores:
        entries = {entry.sha256: entry for entry in stores.scorecards.entries()}
        assert stores.scorecards.in_use() == cards[1].sha256
    assert set(entries) == {card.sha256 for card in cards}
    first, second = (entries[card.sha256] for card in cards)
    assert (first.person, first.added_at, first.approval, first.in_use) == ("Ada Lund", AT, None, False)
    assert second.approval == Approval("Bo Ek", AT, date(2026, 12, 1), "Checked")
    assert second.in_use
    assert second.document == small_document() | {"version": "1.1.0"}


def test_scoring_all_cases_leaves_the_register_alone(workspace: StoredWorkspace) -> None:
    kept, other = (read_scorecard(small_document() | {"version": version}) for version in ("1.0.0", "2.0.0"))
    with workspace.transaction() as stores:
        stores.scorecards.add(kept.sha256, kept.document, "Ada Lund", AT)
    with workspace.transaction() as stores:
        stores.scores.score_all(other.document, lambda *_: None)
    with workspace.read() as stores:
        assert [entry.sha256 for entry in stores.scorecards.entries()] == [kept.sha256]
        assert stores.scorecards.cases(kept.sha256) == 0
