"""Cells as people write them: what they mean, how they are shown again, what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.facts import Kind
from app.domain.policy_cells import read_condition
from app.domain.policy_edit import INPUT, OUTPUT, Column, grid_of, table_names
from app.domain.policy_entry import CellType, Use, cell_problem, cell_type, entered, shown
from data.catalogue import load_reason_codes
from data.policy_files import POLICIES
from tests.underwriting import CATALOGUE

DOCUMENT: dict[str, Any] = json.loads((POLICIES / "instalment-loan.json").read_bytes())
BASIS = next(each.name for each in CATALOGUE if each.prohibited_basis)
GRADES = ("A", "B", "C", "D", "E")
NUMBER = CellType("request.term_months", Use.CONDITION, Kind.MONTHS)
CATEGORY = CellType("score.grade", Use.CONDITION, Kind.CATEGORY, GRADES)
FLAG = CellType("history.adverse_records", Use.CONDITION, Kind.BOOLEAN)


@pytest.mark.parametrize(
    ("kind", "text", "cell"),
    [
        (NUMBER, "6-84", "[6..84]"),
        (NUMBER, " 6 至 84 ", "[6..84]"),
        (NUMBER, "0..35", "[0..35]"),
        (NUMBER, "≥ 600", ">= 600"),
        (NUMBER, "＞ 5", "> 5"),
        (NUMBER, "12，24", "12,24"),
        (NUMBER, "any", ""),
        (NUMBER, "任意", ""),
        (NUMBER, "missing", "null"),
        (NUMBER, "> limit.dsr_pct and $ <= 50", "> limit.dsr_pct and $ <= 50"),
        (CATEGORY, "A, B", "'A','B'"),
        (CATEGORY, "A、B", "'A','B'"),
        (CATEGORY, "not in ['E']", "not in ['E']"),
        (CATEGORY, "'A','B'", "'A','B'"),
        (FLAG, "Yes", "true"),
        (FLAG, "否", "false"),
        (CellType("clause", Use.CLAUSE), " 4.2 ", '"4.2"'),
        (CellType("clause", Use.CLAUSE), '"4.2"', '"4.2"'),
        (CellType("text_en", Use.TEXT), 'The "old" rule', "'The \"old\" rule'"),
        (CellType("reason", Use.REASON), "", '""'),
        (CellType("rate_pct", Use.NUMBER), "7.4", "7.4"),
    ],
)
def test_what_a_person_writes_becomes_an_expression(kind: CellType, text: str, cell: str) -> None:
    assert entered(kind, text) == cell
    assert entered(kind, shown(kind, cell)) == cell, "and what is shown of it means the same"


def test_every_shipped_cell_is_shown_so_that_writing_it_back_changes_nothing() -> None:
    reasons = load_reason_codes()
    for table in table_names(DOCUMENT):
        grid = grid_of(DOCUMENT, table)
        for column in grid.columns:
            kind = cell_type(column, CATALOGUE, GRADES)
            for row in grid.rows:
                cell = row[column.id]
                assert entered(kind, shown(kind, cell)) == cell, (table, column.field)
                assert cell_problem(kind, cell, CATALOGUE, reasons) is None, (table, column.field, cell)


@pytest.mark.parametrize(
    ("field", "side", "cell", "key"),
    [
        ("request.term_months", INPUT, "'A'", "number_wanted"),
        ("request.term_months", INPUT, "[84..6]", "range"),
        ("request.term_months", INPUT, "== 6.5", "step"),
        ("request.term_months", INPUT, ">>> 5", "condition"),
        ("request.term_months", INPUT, "> nothing.known", "unknown"),
        ("request.term_months", INPUT, f"> {BASIS}", "prohibited"),
        ("score.grade", INPUT, "> 'A'", "no_order"),
        ("score.grade", INPUT, "'F'", "category"),
        ("score.grade", INPUT, "5", "category_wanted"),
        ("history.adverse_records", INPUT, "5", "boolean_wanted"),
        ("clause", OUTPUT, '"four"', "clause"),
        ("clause", OUTPUT, "", "empty"),
        ("outcome", OUTPUT, '"maybe"', "outcome"),
        ("reason", OUTPUT, '"C9-99"', "reason"),
        ("text_en", OUTPUT, "bare", "unquoted"),
        ("rate_pct", OUTPUT, "'x'", "number"),
        ("rate_pct", OUTPUT, "7 +", "expression"),
    ],
)
def test_what_is_wrong_is_told_at_its_cell(field: str, side: str, cell: str, key: str) -> None:
    kind = cell_type(Column("c", side, field, ""), CATALOGUE, GRADES)
    found = cell_problem(kind, cell, CATALOGUE, load_reason_codes())
    assert found is not None
    assert found.key == key


def test_a_list_is_told_apart_from_an_expression() -> None:
    assert read_condition(entered(CATEGORY, "A, B")) is not None
    assert cell_problem(CATEGORY, entered(CATEGORY, "A, Q"), CATALOGUE) is not None
    assert cell_problem(NUMBER, "", CATALOGUE) is None
