"""Which challenger runs beside a scorecard: kept with who and when, whichever way reasons are ranked."""

from __future__ import annotations

import pytest

from app.domain.challenger import KeptChallenger
from app.domain.changes import Changes
from app.domain.scorecard import ReasonsMethod
from app.domain.scorecard_format import with_reasons
from app.errors import InputError
from app.usecases.use_challenger import UseChallenger, challenger_named, in_shadow, use_challenger, uses_of
from tests.doubles import FixedClock, MemoryWorkspace
from tests.usecases.test_shadow_challenger import CARD

FIRST, SECOND = (
    KeptChallenger(sign * 64, name, "ann", "2026-10-28") for sign, name in (("a", "trees"), ("b", "steps"))
)


def use(workspace: MemoryWorkspace, challenger: KeptChallenger | None, person: str = "ann") -> Changes:
    return use_challenger(UseChallenger(challenger, CARD, person), workspace, clock=FixedClock())


def running(workspace: MemoryWorkspace, card: object = CARD) -> str | None:
    with workspace.read() as stores:
        found = in_shadow(card, stores)  # type: ignore[arg-type]
    return None if found is None else found.challenger


def events(workspace: MemoryWorkspace) -> list[tuple[str, str]]:
    with workspace.read() as stores:
        return [(each.what, each.person) for each in stores.events._state.events]  # type: ignore[attr-defined]


def test_one_a_scorecard_with_who_and_when() -> None:
    workspace = MemoryWorkspace()
    assert running(workspace) is None
    assert use(workspace, FIRST) == Changes.SETTINGS
    assert use(workspace, FIRST, "ben") == Changes.NOTHING, "it runs already, and since then"
    assert use(workspace, SECOND, "ben") == Changes.SETTINGS
    with workspace.read() as stores:
        (only,) = uses_of(stores).values()
    assert (only.challenger, only.person, only.scorecard) == (SECOND.sha256, "ben", f"{CARD.name} {CARD.version}")
    assert only.since == FixedClock().now().isoformat()
    use(workspace, None, "cy")
    assert running(workspace) is None
    told = [("challenger.used", "ann"), ("challenger.used", "ben"), ("challenger.withdrawn", "cy")]
    assert events(workspace) == told


def test_it_is_the_same_scorecard_whichever_way_its_reasons_are_ranked() -> None:
    workspace = MemoryWorkspace()
    other = with_reasons(CARD, next(each for each in ReasonsMethod if each is not CARD.reasons_method))
    assert other.sha256 != CARD.sha256
    use(workspace, FIRST)
    assert running(workspace, other) == FIRST.sha256


def test_none_is_taken_out_only_where_one_is_in() -> None:
    with pytest.raises(InputError, match="No challenger runs beside small"):
        use(MemoryWorkspace(), None)


def test_it_goes_by_name_or_by_the_beginning_of_its_digest() -> None:
    newer = KeptChallenger("c" * 64, "trees", "ann", "2026-10-29")
    kept = [FIRST, SECOND, newer]
    assert challenger_named("trees", kept) is newer
    assert challenger_named("BBBBBBBB", kept) is SECOND
    with pytest.raises(InputError, match="keeps no challenger 'bbb'") as refusal:
        challenger_named("bbb", kept)
    assert refusal.value.remedy == "It keeps: trees, steps."
