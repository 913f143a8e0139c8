"""The entries of a case as one table: each booking once, with class and counterparty, as its facts were derived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.cash_flow import find_salary, with_salary
from app.domain.derivation import by_name
from app.domain.derive import Assumptions
from app.domain.transactions.grounds import Grounds
from app.domain.transactions.ledger import Ledger, Line
from app.domain.transactions.rules import GROUPS, OTHERS
from app.errors import InputError
from app.ports import Workspace
from app.usecases.derive_facts import evidence


def list_transactions(case_id: str, workspace: Workspace) -> Ledger:
    """Recognise the lines of the case's statements in its currency.

    Raises ``InputError`` when there is no such case, or the lender's own rules cannot be read.
    """
    with workspace.read() as stores:
        case = stores.cases.get(case_id)
        facts = by_name(stores.facts.current(case.id), workspace.catalogue)
        known = evidence(case, stores, facts.get("request.date"), Assumptions())
    values = {name: fact.value for name, fact in facts.items()}
    ledger = known.ledger(values.get("employment.employer"), values.get("applicant.name"))
    return with_salary(ledger, find_salary(ledger))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of a case are asked for; both days belong to them."""

    category: str | None = None  # class or group of the rules
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class ListedLine:
    """A line with the statement it stands in and the rule that gave it its class."""

    line: Line
    statement: str  # file name
    rule: str

    def to_json(self) -> dict[str, Any]:
        entry = self.line.entry
        return {
            "statement": self.statement,
            "document": entry.document,
            "row": entry.row,
            "page": entry.page,
            "account": entry.account,
            "date": entry.booked_on.isoformat(),
            "amount": format(entry.amount, "f"),
            "currency": entry.currency,
            "balance": None if entry.balance is None else format(entry.balance, "f"),
            "counterparty": self.line.party,
            "text": entry.text,
            "category": self.line.purpose,
            "rule": self.rule,
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines asked for, of all that the case has."""

    lines: tuple[ListedLine, ...]
    of: int
    repeated: int  # bookings that a second statement showed again, counted once


def list_lines(case_id: str, wanted: Wanted, workspace: Workspace) -> Listing:
    """The lines of a case's statements by date. Raises ``InputError`` as ``list_transactions``, and for what is
    no category and days in the wrong order."""
    if wanted.first and wanted.last and wanted.first > wanted.last:
        raise InputError("from", f"{wanted.first} is after {wanted.last}.", remedy="Give the earlier day as --from.")
    ledger = list_transactions(case_id, workspace)
    with workspace.read() as stores:
        files = {each.sha256: each.name for each in stores.documents.of_case(case_id)}
        facts = by_name(stores.facts.current(case_id), workspace.catalogue)
    employer = facts["employment.employer"].value if "employment.employer" in facts else ""
    grounds = Grounds(ledger.rules, str(employer or ""))
    found = (ListedLine(line, files.get(line.entry.document, ""), grounds.of(line)) for line in _taken(ledger, wanted))
    return Listing(tuple(found), len(ledger.lines), ledger.left_out)


def _taken(ledger: Ledger, wanted: Wanted) -> Iterator[Line]:
    purposes = None if wanted.category is None else _purposes(ledger, wanted.category)
    for line in ledger.lines:
        day = line.entry.booked_on
        within = (wanted.first is None or wanted.first <= day) and (wanted.last is None or day <= wanted.last)
        if within and (purposes is None or line.purpose in purposes):
            yield line


def _purposes(ledger: Ledger, category: str) -> frozenset[str]:
    """The classes that a category names: one, or those of a group."""
    rules = ledger.rules
    if category in rules or category in OTHERS:
        return frozenset((category,))
    if category in GROUPS:
        return rules.of_group(category) | (frozenset(OTHERS) if category == "other" else frozenset())
    known = ", ".join(sorted({*GROUPS, *OTHERS, *(each.id for each in rules.classes)}))
    raise InputError("category", f"There is no category {category}.", remedy=f"Give one of: {known}.")
