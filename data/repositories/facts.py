"""Facts: those stored a row each, and those that stand in the row of a table of applications."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from app.domain.facts import (
    Catalogue,
    Fact,
    FactDefinition,
    FactValue,
    Kind,
    Source,
    SourceKind,
    new_fact,
    value_from_text,
    value_to_text,
)
from app.errors import InputError
from data.database import Row
from data.repositories.cases import CASE_TABLES, case_id_of, case_no_of, head_row
from data.repositories.tables import OWN_COLUMNS, ApplicationTables, fact_columns
from data.transaction import Tx

_CELLS_HELD = 512  # cases


class FactRepository:
    """``ports.FactStore`` over ``facts``, ``fact_marks`` and ``application_rows``."""

    def __init__(self, tx: Tx, catalogue: Catalogue) -> None:
        self._tx = tx
        self._catalogue = catalogue
        self._tables = ApplicationTables(tx)
        self._cells: dict[int, tuple[list[Row], str, list[Fact]]] = {}  # by case: its rows, its currency, their facts

    def add(self, facts: Sequence[Fact]) -> None:
        """Append; a fact of an id already there is left as it is, but is current again if it had been retired."""
        by_case: dict[str, list[Fact]] = {}
        for fact in facts:
            by_case.setdefault(fact.case_id, []).append(fact)
        for case_id, of_case in by_case.items():
            case_no = case_no_of(case_id)
            present = {row[1] for row in self._tx.case_rows("facts", case_no)}
            fresh = {fact.id: fact for fact in of_case if fact.id not in present}
            self._tx.insert("facts", [_row(case_no, fact) for fact in fresh.values()])
            retired = self._retired(case_no)
            self._mark(case_no, [fact.id for fact in of_case if fact.id in retired], retired=False)

    def current(self, case_id: str) -> list[Fact]:
        """Facts nothing supersedes, rows of application tables included, by name then id.

        A person's fact of a name takes the place of the table row's of that name.
        """
        case_no = case_no_of(case_id)
        retired = self._retired(case_no)
        live = [fact for fact in self._all(case_id, case_no) if fact.id not in retired]
        superseded = {fact.supersedes for fact in live}
        by_person = {fact.name for fact in live if fact.source.kind is SourceKind.PERSON}
        current = [
            fact
            for fact in live
            if fact.id not in superseded and not (fact.source.kind is SourceKind.ROW and fact.name in by_person)
        ]
        return sorted(current, key=lambda fact: (fact.name, fact.id))

    def history(self, case_id: str) -> list[Fact]:
        """Every fact the case ever had: those of its table row, then the stored ones in order of arrival."""
        return self._all(case_id, case_no_of(case_id))

    def get(self, fact_id: str, case_id: str | None = None) -> Fact:
        """Return a fact; one that stands in a table row is found only with its case.

        Raises ``InputError("fact")`` when there is none of that id.
        """
        if case_id is not None:
            found = next((fact for fact in self.history(case_id) if fact.id == fact_id), None)
        else:
            found = self._stored_anywhere(fact_id)
        if found is None:
            raise InputError("fact", f"There is no fact {fact_id}.")
        return found

    def retire(self, case_id: str, fact_ids: Sequence[str]) -> None:
        """Mark computed facts as no longer current (their inputs changed); they stay in the history."""
        case_no = case_no_of(case_id)
        retired = self._retired(case_no)
        self._mark(case_no, [fact_id for fact_id in fact_ids if fact_id not in retired], retired=True)

    def _all(self, case_id: str, case_no: int) -> list[Fact]:
        """Facts by id; a stored one hides the same one of a table row."""
        virtual = self._of_table_rows(case_id, case_no)
        stored = [_fact(case_id, row) for row in self._tx.case_rows("facts", case_no)]
        return list({fact.id: fact for fact in (*virtual, *stored)}.values())

    def _retired(self, case_no: int) -> set[str]:
        marks = sorted(self._tx.case_rows("fact_marks", case_no), key=lambda mark: mark[2])
        last = {fact: retired for _, fact, _, retired in marks}
        return {fact for fact, retired in last.items() if retired}

    def _mark(self, case_no: int, fact_ids: Sequence[str], *, retired: bool) -> None:
        if fact_ids:
            count = len(self._tx.case_rows("fact_marks", case_no))
            unique = dict.fromkeys(fact_ids)
            rows = [(case_no, fact, count + number, retired) for number, fact in enumerate(unique, start=1)]
            self._tx.insert("fact_marks", rows)

    def _stored_anywhere(self, fact_id: str) -> Fact | None:
        sql = "SELECT f.*, c.year FROM facts f JOIN cases c ON c.case_no = f.case_no WHERE f.id = ?"
        row = self._tx.row(sql, [fact_id], reads=("facts", *CASE_TABLES))
        return None if row is None else _fact(case_id_of(row[0], row[-1]), row[:-1])

    def _of_table_rows(self, case_id: str, case_no: int) -> list[Fact]:
        rows = self._tx.case_rows("application_rows", case_no)
        if not rows:
            return []
        head = head_row(self._tx, case_no)
        assert head is not None, "a row of a table makes a case"
        currency = head[6]
        names = fact_columns(self._tx)
        held = self._cells.get(case_no)
        if held is None or held[:2] != (rows, currency):
            self._cells = self._cells if len(self._cells) < _CELLS_HELD else {}
            facts = [
                self._of_cell(case_id, definition, value, row, currency)
                for row in rows
                for name, value in sorted(zip(names, row[OWN_COLUMNS:], strict=True), key=itemgetter(0))
                if value is not None and (definition := self._catalogue.get(name)) is not None
            ]
            self._cells[case_no] = held = rows, currency, facts
        return held[2]

    def _of_cell(self, case_id: str, definition: FactDefinition, value: Any, row: Row, currency: str) -> Fact:
        table_no, line = row[1:3]
        heading, unit = self._tables.headings(table_no).get(definition.name, (None, None))
        source = Source(SourceKind.ROW, document=self._tables.document(table_no), row=line, column=heading)
        shown_unit = (unit or currency) if definition.kind is Kind.MONEY else definition.kind.value
        return new_fact(case_id, definition.name, value, shown_unit, source)


def _row(case_no: int, fact: Fact) -> Row:
    return (
        case_no,
        fact.id,
        fact.name,
        _kind_of(fact.value).value,
        value_to_text(fact.value),
        fact.unit,
        json.dumps(fact.source.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":")),
        str(fact.confidence),
        fact.confirmed_by,
        fact.supersedes,
    )


def _fact(case_id: str, row: Row) -> Fact:
    _, fact_id, name, kind, value, unit, source, confidence, confirmed_by, supersedes = row
    return Fact(
        id=fact_id,
        case_id=case_id,
        name=name,
        value=value_from_text(Kind(kind), value),
        unit=unit,
        source=Source.from_json(json.loads(source)),
        confidence=Decimal(confidence),
        confirmed_by=confirmed_by,
        supersedes=supersedes,
    )


def _kind_of(value: FactValue) -> Kind:
    """The kind that reads the value back as the Python type it has."""
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int):
        return Kind.COUNT
    if isinstance(value, Decimal):
        return Kind.NUMBER
    return Kind.TEXT if isinstance(value, str) else Kind.DATE
