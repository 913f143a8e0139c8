"""Columns of facts come with the first table that has them, and only then."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from app.domain.case import Case
from data.repositories.tables import ApplicationTable, ApplicationTables, add_fact_columns, column_type, fact_columns
from tests.application_rows import put_application_rows

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace


HEAD = ["applicant.name", "request.product", "request.amount", "request.term_months", "request.date"]


def test_a_new_workspace_has_those_of_heads_alone(workspace: StoredWorkspace) -> None:
    with workspace._database.read() as tx:
        assert fact_columns(tx) == HEAD
        types = tx.columns["application_rows"]
        assert {types[name].replace(" ", "") for name in HEAD[2:]} == {
            column_type(workspace.catalogue[name].kind) for name in HEAD[2:]
        }


def test_each_fact_that_may_stand_in_a_table_gets_the_type_of_its_kind(workspace: StoredWorkspace) -> None:
    allowed = {d.name: column_type(d.kind) for d in workspace.catalogue if d.table_column}
    with workspace._database.transaction() as tx:
        add_fact_columns(tx, workspace.catalogue, [d.name for d in workspace.catalogue])
    with workspace._database.read() as tx:
        described = tx.rows("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'application_rows'")
        assert {name: kind for name, kind in described if name in allowed} == allowed
        assert set(fact_columns(tx)) == set(allowed)


def test_a_column_is_added_once(workspace: StoredWorkspace) -> None:
    for names in (
        ["income.net_monthly_stated"],
        ["income.net_monthly_stated", "request.amount", "employment.seniority_years", "nothing.known"],
    ):
        with workspace._database.transaction() as tx:
            add_fact_columns(tx, workspace.catalogue, names)
    with workspace._database.read() as tx:
        assert fact_columns(tx) == [*HEAD, "income.net_monthly_stated", "employment.seniority_years"]


def test_a_rollback_takes_the_column_back(workspace: StoredWorkspace) -> None:
    def fail() -> None:
        with workspace._database.transaction() as tx:
            add_fact_columns(tx, workspace.catalogue, ["income.net_monthly_stated"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with workspace._database.read() as tx:
        assert fact_columns(tx) == HEAD


def test_a_reading_open_before_a_column_came_still_reads(
    workspace: StoredWorkspace, add_case: Callable[..., Case]
) -> None:
    with workspace.transaction() as stores:
        case = add_case(stores)
        put_application_rows(
            stores._tx, workspace.catalogue, {1: {"request.amount": Decimal("5.00")}}, document="a" * 64
        )
    with workspace.read() as before:
        with workspace.transaction() as stores:
            add_fact_columns(stores._tx, workspace.catalogue, ["request.term_months"])
        assert [fact.name for fact in before.facts.current(case.id)] == ["request.amount"]


def test_facts_of_a_row_stand_in_one_order_whatever_table_came_first(
    workspace: StoredWorkspace, add_case: Callable[..., Case]
) -> None:
    with workspace.transaction() as stores:
        first, second = add_case(stores), add_case(stores, reference="A-2")
        put_application_rows(stores._tx, workspace.catalogue, {1: {"request.term_months": 12}}, document="a" * 64)
        cells = {"income.net_monthly_stated": Decimal("1.00"), "request.term_months": 24}
        put_application_rows(stores._tx, workspace.catalogue, {2: cells}, document="b" * 64)
    with workspace.read() as stores:
        names = [fact.name for fact in stores.facts.history(second.id)]
        assert names == ["income.net_monthly_stated", "request.term_months"]
        assert [fact.source.document for fact in stores.facts.history(first.id)] == ["a" * 64]


def test_tables_are_numbered_and_told_apart(workspace: StoredWorkspace) -> None:
    with workspace._database.transaction() as tx:
        tables = ApplicationTables(tx)
        euros, crowns = (ApplicationTable("a" * 64, "t", "car", unit, 2026) for unit in ("EUR", "SEK"))
        assert tables.known(euros) is None
        assert tables.add(euros, [("request.amount", "Amount", None)]) == 1
        assert tables.known(crowns) is None, "the same file under another currency"
        assert tables.add(crowns, [("request.amount", "Summe", "SEK")]) == 2
        assert (tables.known(euros), tables.known(crowns)) == (1, 2)
        assert tables.document(1) == "a" * 64
        assert tables.headings(2) == {"request.amount": ("Summe", "SEK")}
