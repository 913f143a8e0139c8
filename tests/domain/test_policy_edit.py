"""Edits of decision tables: each makes a new document, keeps the old, and is undone by its opposite."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import policy_edit as edit
from data.catalogue import load_reason_codes
from data.policy_files import POLICIES, problems
from tests.underwriting import CATALOGUE

DOCUMENT: dict[str, Any] = json.loads((POLICIES / "instalment-loan.json").read_bytes())
REASONS = load_reason_codes()


def fields(document: edit.Document, table: str, column: str) -> list[str]:
    grid = edit.grid_of(document, table)
    wanted = grid.column(column)
    assert wanted is not None
    return [row[wanted.id] for row in grid.rows]


def test_a_table_is_read_with_its_columns_from_left_to_right() -> None:
    grid = edit.grid_of(DOCUMENT, "pricing")
    assert [column.field for column in grid.columns][:3] == ["score.grade", "request.term_months", "clause"]
    assert grid.hit_policy == "first"
    assert len(grid.rows) == 13
    assert edit.table_names(DOCUMENT)[:2] == ("terms", "limits")
    with pytest.raises(KeyError):
        edit.grid_of(DOCUMENT, "nothing")


def test_the_table_of_credentials_survives_every_edit() -> None:
    column = edit.grid_of(DOCUMENT, "pricing").columns[0].id
    changed = edit.set_cells(DOCUMENT, "pricing", {(2, column): "'C'"})
    changed = edit.set_version(edit.set_tests(edit.remove_rows(changed, "referral", [0]), []), "3")
    assert changed["credentials"] == DOCUMENT["credentials"]


def test_a_cell_is_set_in_a_new_document() -> None:
    before = deepcopy(DOCUMENT)
    column = edit.grid_of(DOCUMENT, "pricing").column("rate_pct")
    assert column is not None
    changed = edit.set_cells(DOCUMENT, "pricing", {(2, column.id): "7.9", (3, column.id): "8"})
    assert fields(changed, "pricing", "rate_pct")[2:5] == ["7.9", "8", "8.4"]
    assert before == DOCUMENT
    assert edit.set_cells(changed, "pricing", {(2, column.id): "7.4", (3, column.id): "7.9"}) == DOCUMENT


def test_rows_are_added_with_ids_of_their_own_and_removed() -> None:
    added = edit.insert_rows(DOCUMENT, "referral", 2, [{}, {}])
    ids = [rule["_id"] for node in added["nodes"] if node["id"] == "referral" for rule in node["content"]["rules"]]
    assert len(set(ids)) == len(ids) == 15
    assert set(edit.grid_of(added, "referral").rows[2].values()) == {""}
    assert edit.remove_rows(added, "referral", (2, 3)) == DOCUMENT


@given(st.integers(0, 12), st.integers(0, 12), st.integers(-20, 20))
def test_moved_rows_keep_their_order_and_nothing_is_lost(one: int, other: int, by: int) -> None:
    first, last = sorted((one, other))
    before = fields(DOCUMENT, "pricing", "rate_pct")
    after = fields(edit.move_rows(DOCUMENT, "pricing", first, last, by), "pricing", "rate_pct")
    assert sorted(after) == sorted(before)
    block = before[first : last + 1]
    assert any(after[at : at + len(block)] == block for at in range(len(after)))


def test_columns_are_added_moved_and_removed() -> None:
    added = edit.add_column(DOCUMENT, "referral", edit.INPUT, "employment.seniority_years", "Time in employment")
    grid = edit.grid_of(added, "referral")
    column = grid.column("employment.seniority_years")
    assert column is not None
    assert column.side == edit.INPUT
    assert not list(problems(added, CATALOGUE, REASONS))
    moved = edit.grid_of(edit.move_column(added, "referral", column.id, -100), "referral")
    assert moved.columns[0].field == "employment.seniority_years"
    assert edit.remove_column(added, "referral", column.id) == DOCUMENT


def test_hit_policy_tests_and_version_are_set() -> None:
    assert edit.grid_of(edit.set_hit_policy(DOCUMENT, "referral", "first"), "referral").hit_policy == "first"
    assert edit.set_tests(DOCUMENT, [])["tests"] == []
    assert edit.set_version(DOCUMENT, "9")["version"] == "9"
