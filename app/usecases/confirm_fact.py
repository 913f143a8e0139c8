"""Confirm a fact, or correct it: the older fact is superseded, never edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.domain.case import Case
from app.domain.changes import Changes
from app.domain.derivation import FOLLOWS, by_name
from app.domain.facts import Catalogue, Fact, FactDefinition, FactValue, Kind, Source, SourceKind, new_fact
from app.domain.facts import value_to_text as as_text
from app.domain.values import ValueRefusedError, parse_value
from app.errors import InputError
from app.ports import Clock, Stores, Workspace
from app.usecases.assess_case import closed

STALE = Changes.FACTS | Changes.FINDINGS | Changes.SCORE | Changes.POLICY
"""What a changed fact may change once the case is assessed again."""


@dataclass(frozen=True, slots=True)
class ConfirmFact:
    case_id: str
    fact_id: str


@dataclass(frozen=True, slots=True)
class CorrectFact:
    """A person's value for a fact, as typed; ``reason`` says how they know.

    Where several documents give a fact of the name, ``fact_id`` tells which is meant.
    """

    case_id: str
    name: str  # catalogue name; the case need not have had the fact
    value: str
    reason: str
    unit: str | None = None  # ISO 4217 code of money; the case's currency by default
    fact_id: str | None = None


def confirm_fact(cmd: ConfirmFact, workspace: Workspace, *, person: str, clock: Clock) -> Changes:
    """Keep that a person checked the fact against its source.

    Raises ``InputError`` when the fact is not current, or the case is decided for good.
    """
    who = named_person(person)
    with workspace.transaction() as stores:
        case = open_case(cmd.case_id, stores)
        fact = next((each for each in stores.facts.current(case.id) if each.id == cmd.fact_id), None)
        if fact is None:
            raise InputError("fact", f"{cmd.fact_id} is no current fact of {case.id}.", remedy="Reload the case.")
        if fact.confirmed_by is not None:
            return Changes.NOTHING
        confirmed = _confirmed(fact, who)
        stores.facts.add([confirmed])
        detail = {"name": fact.name, "fact": confirmed.id, "supersedes": fact.id}
        stores.events.append(who, case.id, "fact.confirmed", detail)
    return STALE


def _confirmed(fact: Fact, person: str) -> Fact:
    return new_fact(
        fact.case_id,
        fact.name,
        fact.value,
        fact.unit,
        fact.source,
        confidence=fact.confidence,
        confirmed_by=person,
        supersedes=fact.id,
    )


def correct_fact(cmd: CorrectFact, workspace: Workspace, *, person: str, clock: Clock) -> Changes:
    """Put a person's value in place of the fact's, or add a fact the documents do not give.

    Raises ``InputError`` for an unknown name, a value of the wrong kind or out of range, a fact that only follows from
    others, a blank reason, or a case decided for good.
    """
    who, definition = named_person(person), _correctable(cmd, workspace.catalogue)
    with workspace.transaction() as stores:
        case = open_case(cmd.case_id, stores)
        value, unit = _value(cmd, definition, case), _unit(cmd, definition, case)
        older = _older(cmd, stores.facts.current(case.id), workspace.catalogue)
        if older is not None and (older.value, older.unit) == (value, unit) and older.source.person == who:
            return Changes.NOTHING
        fact = _persons_fact(case.id, cmd, value, unit, who, older)
        stores.facts.add([fact])
        detail = {
            "name": cmd.name,
            "fact": fact.id,
            "supersedes": fact.supersedes,
            "from": as_text(older.value) if older else None,
            "to": as_text(value),
            "reason": cmd.reason.strip(),
        }
        stores.events.append(who, case.id, "fact.corrected", detail)
        return STALE | update_head(case, cmd.name, value, stores)


def _older(cmd: CorrectFact, current: Sequence[Fact], catalogue: Catalogue) -> Fact | None:
    """The fact whose place the value takes."""
    if cmd.fact_id is None:
        return by_name(current, catalogue).get(cmd.name)
    found = next((fact for fact in current if fact.id == cmd.fact_id and fact.name == cmd.name), None)
    if found is None:
        raise InputError("fact", f"{cmd.fact_id} is no current fact of {cmd.case_id}.", remedy="Reload the case.")
    return found


def named_person(person: str) -> str:
    """The name without blanks around it. Raises ``InputError`` where there is none."""
    if not person.strip():
        raise InputError("person", "A name is needed of the person who says so.")
    return person.strip()


def open_case(case_id: str, stores: Stores) -> Case:
    """The case, as long as its facts may still change. Raises ``InputError``."""
    case = stores.cases.get(case_id)
    if closed(case, stores):
        raise InputError("case", f"{case.id} is decided; its facts stand as they were judged.")
    return case


def _correctable(cmd: CorrectFact, catalogue: Catalogue) -> FactDefinition:
    definition = catalogue.get(cmd.name)
    if definition is None:
        raise InputError("name", f"{cmd.name} is no fact of the catalogue.")
    if cmd.name.startswith(FOLLOWS):
        raise InputError(
            "name", f"{cmd.name} only follows from other facts.", remedy="Correct what it is computed from."
        )
    if not cmd.reason.strip():
        raise InputError(
            "reason", "A correction needs a reason.", remedy="Say how you know, such as a letter or a call."
        )
    return definition


def _value(cmd: CorrectFact, definition: FactDefinition, case: Case) -> FactValue:
    try:
        return parse_value(definition, cmd.value, currency=cmd.unit or case.currency)
    except ValueRefusedError as exc:
        raise InputError("value", f"{definition.label['en']}: {exc.reason}", remedy=exc.remedy) from exc


def _unit(cmd: CorrectFact, definition: FactDefinition, case: Case) -> str:
    return cmd.unit or case.currency if definition.kind is Kind.MONEY else definition.kind.value


def _persons_fact(case_id: str, cmd: CorrectFact, value: FactValue, unit: str, who: str, older: Fact | None) -> Fact:
    """It keeps the place of the value before it, which it supersedes."""
    place = Source(SourceKind.PERSON) if older is None else older.source
    source = Source(
        SourceKind.PERSON,
        document=place.document,
        page=place.page,
        box=place.box,
        row=place.row,
        column=place.column,
        path=place.path,
        raw=cmd.value.strip(),
        method=f"correction: {cmd.reason.strip()}",
        person=who,
    )
    return new_fact(
        case_id,
        cmd.name,
        value,
        unit,
        source,
        confirmed_by=who,
        supersedes=older.id if older else None,
    )


def update_head(case: Case, name: str, value: FactValue, stores: Stores) -> Changes:
    """Keep the queue's columns in step with the facts they show."""
    if name == "request.amount" and isinstance(value, Decimal):
        case = replace(case, amount=value)
    elif name == "request.term_months" and isinstance(value, int):
        case = replace(case, term_months=value)
    elif name == "applicant.name":
        case = replace(case, applicant=str(value))
    elif name == "request.date" and isinstance(value, date):
        case = replace(case, received_on=value)
    else:
        return Changes.NOTHING
    stores.cases.update_head(case)
    return Changes.CASES
