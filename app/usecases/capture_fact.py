"""Capture a value by hand from a place on a page of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from app.domain.captures import capturable
from app.domain.case import Case, Document
from app.domain.changes import Changes
from app.domain.derivation import by_name
from app.domain.document_facts import field_of
from app.domain.facts import Catalogue, Fact, FactDefinition, FactValue, Kind, Source, SourceKind, new_fact
from app.domain.facts import value_to_text as as_text
from app.domain.values import ValueRefusedError, parse_value
from app.errors import InputError
from app.ports import Clock, Stores, Workspace
from app.usecases.confirm_fact import STALE, named_person, open_case, update_head

REASON = "captured from the page"
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class CaptureFact:
    """A value that a person read off a page, as typed."""

    case_id: str
    document: str  # SHA-256
    name: str  # a field of the document's kind ("document.passport.expiry_date") or a fact of the catalogue
    value: str
    page: int  # from 1
    box: Box  # points from the upright page's top left
    reason: str = REASON
    unit: str | None = None  # ISO 4217 code of money; the case's currency by default
    raw: str = ""  # the words on the page inside the box, where any were read


def capture_fact(cmd: CaptureFact, workspace: Workspace, *, person: str, clock: Clock) -> Changes:
    """Keep a person's value with its place; it takes the place of what the document gave for that name before.

    Raises ``InputError`` for a document of another case, a place outside its pages, a name that is neither a field of
    the document's kind nor a fact a person may state (a prohibited basis is only ever a field of a document), a value
    of the wrong kind, a blank reason, or a case decided for good.
    """
    who = named_person(person)
    with workspace.transaction() as stores:
        case = open_case(cmd.case_id, stores)
        document = _document(cmd, stores)
        _check_place(cmd, document)
        definition = _definition(cmd, document, workspace.catalogue)
        value = _value(cmd, definition, case)
        unit = (cmd.unit or case.currency) if definition.kind is Kind.MONEY else definition.kind.value
        older = _older(cmd, stores.facts.current(case.id), workspace.catalogue)
        fact = new_fact(
            case.id, cmd.name, value, unit, _source(cmd, who), confirmed_by=who, supersedes=older.id if older else None
        )
        if older is not None and (older.value, older.unit, older.source) == (value, unit, fact.source):
            return Changes.NOTHING
        stores.facts.add([fact])
        stores.events.append(who, case.id, "fact.captured", _detail(cmd, fact, older))
        return STALE | update_head(case, cmd.name, value, stores)


def _detail(cmd: CaptureFact, fact: Fact, older: Fact | None) -> dict[str, str | int | None]:
    return {
        "name": cmd.name,
        "fact": fact.id,
        "supersedes": fact.supersedes,
        "document": cmd.document,
        "page": cmd.page,
        "from": as_text(older.value) if older else None,
        "to": as_text(fact.value),
        "reason": cmd.reason.strip(),
    }


def _document(cmd: CaptureFact, stores: Stores) -> Document:
    found = next((each for each in stores.documents.of_case(cmd.case_id) if each.sha256 == cmd.document), None)
    if found is None:
        raise InputError("document", f"{cmd.document[:12]} is no document of {cmd.case_id}.", remedy="Reload the case.")
    return found


def _check_place(cmd: CaptureFact, document: Document) -> None:
    x0, y0, x1, y1 = cmd.box
    if not all(map(isfinite, cmd.box)) or x1 <= x0 or y1 <= y0:
        raise InputError("box", "The place on the page is empty.", remedy="Draw a rectangle around the value.")
    if cmd.page < 1 or (document.pages is not None and cmd.page > document.pages):
        raise InputError("page", f"{document.name} has no page {cmd.page}.", remedy="Choose one of its pages.")


def _definition(cmd: CaptureFact, document: Document, catalogue: Catalogue) -> FactDefinition:
    definition = catalogue.get(cmd.name)
    if definition is None:
        raise InputError("name", f"{cmd.name} is no fact of the catalogue.")
    if not cmd.reason.strip():
        raise InputError("reason", "A captured value needs a reason.", remedy="Say where it comes from.")
    kind = document.kind_at(cmd.page)
    if cmd.name in capturable(kind, catalogue):
        return definition
    found = field_of(cmd.name)
    if found is not None:
        text = f"{found[1]} is no field of a document of the kind {kind}."
        raise InputError("name", text, remedy="Change the document's kind first.")
    if definition.prohibited_basis is not None:
        text = f"{definition.label['en']} is a prohibited basis and is never stated as a fact of the case."
        raise InputError("name", text, remedy="Capture it as a field of the document, where its kind has one.")
    raise InputError("name", f"{cmd.name} only follows from other facts.", remedy="Capture what it is computed from.")


def _value(cmd: CaptureFact, definition: FactDefinition, case: Case) -> FactValue:
    try:
        return parse_value(definition, cmd.value, currency=cmd.unit or case.currency)
    except ValueRefusedError as exc:
        raise InputError("value", f"{definition.label['en']}: {exc.reason}", remedy=exc.remedy) from exc


def _older(cmd: CaptureFact, current: Sequence[Fact], catalogue: Catalogue) -> Fact | None:
    """What the same document gave for the name, the surest first; of the catalogue's own facts, else the one in use."""
    own = [fact for fact in current if fact.name == cmd.name and fact.source.document == cmd.document]
    if own:
        return max(own, key=lambda fact: (fact.source.kind is SourceKind.PERSON, fact.confidence, fact.id))
    return by_name(current, catalogue).get(cmd.name) if field_of(cmd.name) is None else None


def _source(cmd: CaptureFact, who: str) -> Source:
    x0, y0, x1, y1 = (float(Decimal(repr(edge)).quantize(Decimal("0.01"))) for edge in cmd.box)
    return Source(
        SourceKind.PERSON,
        document=cmd.document,
        page=cmd.page,
        box=(x0, y0, x1, y1),
        raw=(cmd.raw or cmd.value).strip(),
        method=f"capture: {cmd.reason.strip()}",
        person=who,
    )
