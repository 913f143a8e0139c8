"""Hold the limit of a case to the most that the applicant wishes for, or take that back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.changes import Changes
from app.domain.facts import Fact, Source, SourceKind, new_fact
from app.domain.facts import value_to_text as as_text
from app.domain.policy_tables import WISH
from app.domain.values import ValueRefusedError, parse_value
from app.errors import InputError
from app.ports import Workspace
from app.usecases.confirm_fact import STALE, named_person, open_case

REASON = "at the applicant's wish"


@dataclass(frozen=True, slots=True)
class WishLimit:
    """The most that the applicant wishes for, as typed; None takes the wish back."""

    case_id: str
    value: str | None
    reason: str = REASON


def wish_limit(cmd: WishLimit, workspace: Workspace, *, person: str) -> Changes:
    """Keep the wish as a person's fact, in the case's currency, or retire the one there is.

    Raises ``InputError`` for what is no amount, a blank reason, or a case decided for good.
    """
    who = named_person(person)
    if not cmd.reason.strip():
        raise InputError("reason", "A wish needs a reason.", remedy="Say how you know, such as a letter or a call.")
    with workspace.transaction() as stores:
        case = open_case(cmd.case_id, stores)
        held = [fact for fact in stores.facts.current(case.id) if fact.name == WISH]
        new = None if cmd.value is None else _fact(cmd, cmd.value, workspace, case.currency, who, held)
        if new is None and not held:
            return Changes.NOTHING
        if new is not None and [(fact.value, fact.unit, fact.source.person) for fact in held] == [
            (new.value, new.unit, who)
        ]:
            return Changes.NOTHING
        if new is None:  # with all that came before it, which would be current again
            stores.facts.retire(case.id, [fact.id for fact in stores.facts.history(case.id) if fact.name == WISH])
        else:
            stores.facts.add([new])
        detail = {
            "from": as_text(held[0].value) if held else None,
            "to": as_text(new.value) if new else None,
            "reason": cmd.reason.strip(),
        }
        stores.events.append(who, case.id, "limit.wished", detail)
    return STALE


def _fact(cmd: WishLimit, value: str, workspace: Workspace, currency: str, who: str, held: Sequence[Fact]) -> Fact:
    definition = workspace.catalogue[WISH]
    try:
        amount = parse_value(definition, value, currency=currency)
    except ValueRefusedError as exc:
        raise InputError("value", f"{definition.label['en']}: {exc.reason}", remedy=exc.remedy) from exc
    source = Source(SourceKind.PERSON, raw=value.strip(), method=f"correction: {cmd.reason.strip()}", person=who)
    older = held[0].id if held else None
    return new_fact(cmd.case_id, WISH, amount, currency, source, confirmed_by=who, supersedes=older)
