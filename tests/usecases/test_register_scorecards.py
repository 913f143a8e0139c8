"""The register of scorecards: added once, approved by a second person, used only when approved and valid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.domain.changes import Changes
from app.domain.register import ScorecardEntry, State, same_person
from app.errors import InputError
from app.usecases.add_scorecard import AddScorecard, add_scorecard, entry_of, next_version
from app.usecases.approve_scorecard import ApproveScorecard, approve_scorecard
from app.usecases.use_scorecard import UseScorecard, use_scorecard
from tests.doubles import FixedClock, MemoryWorkspace
from tests.scorecards import small_document

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CLOCK = FixedClock(NOW)


def added(workspace: MemoryWorkspace, person: str = "Ada Lund", **changes: Any) -> ScorecardEntry:
    card = add_scorecard(AddScorecard(small_document() | changes, person), workspace, clock=CLOCK)
    return entry(workspace, card.sha256)


def entry(workspace: MemoryWorkspace, sha256: str) -> ScorecardEntry:
    with workspace.read() as stores:
        return next(one for one in stores.scorecards.entries() if one.sha256 == sha256)


def events(workspace: MemoryWorkspace) -> list[str]:
    return [event.what for event in workspace._state.events]


def test_the_same_document_is_added_once() -> None:
    workspace = MemoryWorkspace()
    first, again = added(workspace), added(workspace, "Bo Ek")
    assert (again.sha256, again.person) == (first.sha256, "Ada Lund")
    assert events(workspace) == ["scorecard.added"]
    assert first.state(NOW.date()) is State.DRAFT


def test_other_contents_under_the_same_version_are_refused_with_the_next_one() -> None:
    workspace = MemoryWorkspace()
    added(workspace)
    with pytest.raises(InputError, match=r"small 1\.0\.0 is there already") as refused:
        added(workspace, author="Another")
    assert "1.1.0" in refused.value.remedy
    assert added(workspace, author="Another", version="1.1.0").version == "1.1.0"


@pytest.mark.parametrize(
    ("versions", "following"),
    [([], "1.0.0"), (["1.0.0"], "1.1.0"), (["1.9.0", "1.10.0"], "1.11.0"), (["2", "draft"], "2.1.0")],
)
def test_the_next_version(versions: list[str], following: str) -> None:
    assert next_version(versions) == following


def test_a_second_person_approves_and_it_is_recorded() -> None:
    workspace = MemoryWorkspace()
    kept = added(workspace)
    changes = approve_scorecard(ApproveScorecard(kept, "Bo Ek", date(2026, 12, 1), "Checked"), workspace, clock=CLOCK)
    assert Changes.SCORE in changes
    approval = entry(workspace, kept.sha256).approval
    assert approval is not None
    assert (approval.person, approval.valid_from, approval.note) == ("Bo Ek", date(2026, 12, 1), "Checked")
    assert events(workspace)[-1] == "scorecard.approved"
    assert entry(workspace, kept.sha256).state(NOW.date()) is State.WAITING
    assert entry(workspace, kept.sha256).state(date(2026, 12, 1)) is State.APPROVED


@pytest.mark.parametrize(
    ("person", "why"),
    [("Test", "author"), (" test ", "author"), ("ada  LUND", "added it"), ("  ", "needs a name")],
)
def test_nobody_approves_what_is_their_own(person: str, why: str) -> None:
    workspace = MemoryWorkspace()
    kept = added(workspace)
    with pytest.raises(InputError, match=why):
        approve_scorecard(ApproveScorecard(kept, person), workspace, clock=CLOCK)
    assert entry(workspace, kept.sha256).approval is None
    assert events(workspace) == ["scorecard.added"]


def test_an_approval_is_given_once() -> None:
    workspace = MemoryWorkspace()
    kept = added(workspace)
    approve_scorecard(ApproveScorecard(kept, "Bo Ek"), workspace, clock=CLOCK)
    with pytest.raises(InputError, match="approved already, by Bo Ek"):
        approve_scorecard(ApproveScorecard(kept, "Chen Wei"), workspace, clock=CLOCK)


def test_only_an_approved_and_valid_version_is_put_in_use() -> None:
    workspace = MemoryWorkspace()
    kept = added(workspace)
    with pytest.raises(InputError, match="draft that nobody approved"):
        use_scorecard(UseScorecard(kept, "Bo Ek"), workspace, clock=CLOCK)
    tomorrow = NOW.date() + timedelta(days=1)
    approve_scorecard(ApproveScorecard(kept, "Bo Ek", tomorrow), workspace, clock=CLOCK)
    with pytest.raises(InputError, match="valid from 2026-11-23"):
        use_scorecard(UseScorecard(kept, "Bo Ek"), workspace, clock=CLOCK)
    assert not entry(workspace, kept.sha256).in_use
    use_scorecard(UseScorecard(kept, "Bo Ek"), workspace, clock=FixedClock(NOW + timedelta(days=1)))
    assert entry(workspace, kept.sha256).in_use


def test_one_that_looks_at_foreign_columns_is_not_used_for_cases() -> None:
    workspace = MemoryWorkspace()
    document = small_document()
    document["characteristics"][0]["name"] = "LIMIT_BAL"
    kept = added(workspace, characteristics=document["characteristics"])
    approve_scorecard(ApproveScorecard(kept, "Bo Ek"), workspace, clock=CLOCK)
    with pytest.raises(InputError, match="LIMIT_BAL is no fact"):
        use_scorecard(UseScorecard(kept, "Bo Ek"), workspace, clock=CLOCK)
    assert "scorecard.used" not in events(workspace)


def test_a_shipped_scorecard_enters_the_register_when_it_is_approved() -> None:
    workspace = MemoryWorkspace()
    shipped = ScorecardEntry("", small_document())
    assert shipped.shipped
    approve_scorecard(ApproveScorecard(shipped, "Bo Ek"), workspace, clock=CLOCK)
    with workspace.read() as stores:
        (kept,) = stores.scorecards.entries()
    assert (kept.person, kept.approval is not None) == ("Test", True)


def test_a_name_means_the_version_in_use_then_the_approved_then_the_last() -> None:
    workspace = MemoryWorkspace()
    first, second = added(workspace), added(workspace, version="1.1.0")
    third = added(workspace, version="1.2.0")

    def meant(wanted: str) -> str:
        with workspace.read() as stores:
            return entry_of(stores.scorecards.entries(), wanted).version

    assert meant("small") == "1.2.0"
    approve_scorecard(ApproveScorecard(second, "Bo Ek"), workspace, clock=CLOCK)
    assert meant("small") == "1.1.0"
    approve_scorecard(ApproveScorecard(first, "Bo Ek"), workspace, clock=CLOCK)
    use_scorecard(UseScorecard(first, "Bo Ek"), workspace, clock=CLOCK)
    assert (meant("small"), meant("small@1.2.0"), meant(third.sha256[:8])) == ("1.0.0", "1.2.0", "1.2.0")
    with pytest.raises(InputError, match="no scorecard large"):
        meant("large")


def test_names_differ_by_more_than_spaces_and_capitals() -> None:
    assert same_person(" Ada  Lund", "ada lund")
    assert not same_person("Ada Lund", "Ada Lunde")
