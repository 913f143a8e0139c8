"""Gaps, overlaps and unreachable rows: found where counting every value finds them, each with an example."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.policy_audit import audit
from app.domain.policy_cells import read_condition
from app.domain.policy_findings import PolicyFinding
from app.domain.policy_tables import nested, tables
from app.errors import Cancelled
from tests.underwriting import CATALOGUE, engine, policy

POLICY, ENGINE = policy(), engine()
GRADES = ("A", "B", "C", "D", "E")


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The shipped policy with its tables (by name) changed."""
    document: dict[str, Any] = copy.deepcopy(dict(POLICY.document))
    change({node["id"]: node.get("content", {}) for node in document["nodes"]})
    return document


def put(table: Mapping[str, Any], row: int, **cells: str) -> None:
    """Set cells of a row (from 1) by the last part of their field's name."""
    for name, cell in cells.items():
        for column in (*table["inputs"], *table["outputs"]):
            if column["field"].split(".")[-1] == name:
                table["rules"][row - 1][column["id"]] = cell


def found(change: Callable[[dict[str, Any]], None], kind: str | None = None) -> list[PolicyFinding]:
    return [each for each in audit(changed(change), CATALOGUE) if kind in (None, each.kind)]


def answers(document: Mapping[str, Any], finding: PolicyFinding) -> Any:
    """What the engine says of the finding's example in its table."""
    assert finding.example is not None
    known = {"case.currency": "EUR", "credential.uplift": Decimal(0)}
    answer = ENGINE.evaluate(document, nested({**known, **finding.example}))
    table = next(each for each in tables(document) if each.name == finding.table)
    return answer.get(table.path)


def test_the_shipped_policy_is_clean() -> None:
    assert audit(POLICY.document, CATALOGUE) == ()


def test_credentials_that_no_row_of_limits_adds_are_told() -> None:
    def change(named: dict[str, Any]) -> None:
        for rule in named["limits"]["rules"]:
            rule["limits-out-3"] = rule["limits-out-3"].removesuffix(" + credential.uplift")

    [finding] = audit(changed(change), CATALOGUE)
    assert (finding.level, finding.kind, finding.table) == ("warning", "result", "limits")
    assert "documents move nothing" in finding.message


def test_a_grade_that_the_scorecard_does_not_give_is_named() -> None:
    document = changed(lambda t: put(t["pricing"], 5, grade="'Q'"))
    wrong = [each for each in audit(document, CATALOGUE, ("A", "B", "C", "D", "E")) if each.kind == "type"]
    assert [(each.row, each.column) for each in wrong] == [(5, "score.grade")]
    assert "one of A, B, C, D, E" in wrong[0].message


def test_a_missing_price_is_a_gap_with_an_input_that_has_none() -> None:
    document = changed(lambda t: t["pricing"]["rules"].pop(8))
    [gap] = audit(document, CATALOGUE)
    assert (gap.level, gap.kind, gap.table) == ("warning", "gap", "pricing")
    assert "score.grade C, request.term_months 49 to 84" in gap.message
    assert gap.example is not None
    assert gap.example["request.term_months"] == 49
    assert not answers(document, gap)


def test_a_gap_behind_a_limit_of_another_table_is_exact() -> None:
    document = changed(
        lambda t: put(t["affordability"], 2, dsr_after_pct="> limit.dsr_pct + 1 and $ <= limit.dsr_pct + 15")
    )
    [gap] = audit(document, CATALOGUE)
    assert (gap.level, gap.kind, gap.table, gap.rows) == ("error", "gap", "affordability", (1, 2, 3))
    clauses = {row["clause"] for row in answers(document, gap)}
    assert clauses.isdisjoint({"4.1", "4.2", "4.3"})


def test_a_clash_names_both_rows() -> None:
    document = changed(lambda t: put(t["affordability"], 1, dsr_after_pct="<= limit.dsr_pct + 2"))
    [clash] = audit(document, CATALOGUE)
    assert (clash.level, clash.kind, clash.row, clash.rows) == ("warning", "overlap", 2, (1,))
    assert {"4.1", "4.2"} <= {row["clause"] for row in answers(document, clash)}


def test_a_partial_overlap_under_first_is_named_and_an_exception_before_its_rule_is_not() -> None:
    def change(t: dict[str, Any]) -> None:
        put(t["pricing"], 1, term_months="[1..30]")
        put(t["pricing"], 2, term_months="[24..48]")

    [overlap] = found(change)
    assert (overlap.level, overlap.kind, overlap.row, overlap.rows) == ("warning", "overlap", 2, (1,))
    assert overlap.column == "request.term_months"
    assert "24 to 30" in overlap.message


def test_rows_that_are_never_reached_are_named_with_those_before() -> None:
    document = changed(lambda t: put(t["pricing"], 1, term_months=""))
    second, third = audit(document, CATALOGUE)
    assert [(each.kind, each.row, each.rows) for each in (second, third)] == [
        ("unreachable", 2, (1,)),
        ("unreachable", 3, (1, 2)),
    ]
    assert answers(document, second)["rate_pct"] == 6.4


def test_a_missing_limit_is_one_finding_and_no_cascade() -> None:
    [gap] = found(lambda t: t["limits"]["rules"].pop())
    assert (gap.level, gap.table) == ("error", "limits")
    assert "score.grade D, E" in gap.message


@pytest.mark.parametrize(
    ("table", "row", "cells", "kind", "column", "words"),
    [
        ("limits", 1, {"grade": "> 5"}, "type", "score.grade", "has no order"),
        ("referral", 4, {"adverse_records": "'yes'"}, "type", "history.adverse_records", "is a boolean"),
        ("referral", 13, {"type": "'unemploid'"}, "type", "employment.type", "one of fixed"),
        ("eligibility", 1, {"amount": "'small'"}, "type", "request.amount", "is a number"),
        ("eligibility", 4, {"term_months": "6.5"}, "type", "request.term_months", "steps of 1"),
        ("eligibility", 5, {"term_months": "> 600"}, "range", "request.term_months", "never holds"),
        ("eligibility", 4, {"term_months": "[9..6]"}, "range", "request.term_months", "never holds"),
        ("referral", 7, {"enquiries_3m": ">= 5 and $ < 5"}, "range", "history.enquiries_3m", "never holds"),
        ("referral", 7, {"enquiries_3m": ">= 0"}, "range", "history.enquiries_3m", "always holds"),
        ("pricing", 2, {"rate_pct": "-3"}, "result", "rate_pct", "between 0 and 1000"),
        ("pricing", 2, {"rate_pct": '"high"'}, "result", "rate_pct", "no number"),
        ("pricing", 2, {"rate_pct": "high"}, "result", "rate_pct", "a name needs its dot"),
        ("terms", 1, {"step": "100 * policy.unit"}, "result", "step", "no table before"),
        ("authority", 2, {"override_limit": "100 * policy.unit"}, "result", "override_limit", "may sign less"),
        ("authority", 2, {"limit": "300 * policy.unit"}, "result", "limit", "rows run upward"),
        ("referral", 7, {"enquiries_3m": "> 2 ^ 2"}, "cell", "history.enquiries_3m", "not taken apart"),
    ],
)
def test_a_wrong_cell_is_named_by_table_row_and_column(
    table: str, row: int, cells: dict[str, str], kind: str, column: str, words: str
) -> None:
    hits = [each for each in found(lambda t: put(t[table], row, **cells), kind) if each.column == column]
    assert [(each.table, each.row) for each in hits] == [(table, row)]
    assert words in hits[0].message
    assert hits[0].example is not None or kind == "cell"
    assert json.loads(json.dumps(hits[0].to_json()))["table"] == table


def test_the_same_row_twice_is_redundant() -> None:
    [twice] = found(lambda t: t["referral"]["rules"].append({**t["referral"]["rules"][6], "_id": "again"}))
    assert (twice.kind, twice.row, twice.rows) == ("redundant", 14, (7,))


def test_a_condition_on_another_column_is_shown_by_an_input_that_fulfils_it() -> None:
    def change(t: dict[str, Any]) -> None:
        rules = t["referral"]["rules"]
        rules.append({**rules[10], "_id": "again"})

    document = changed(change)
    [twice] = audit(document, CATALOGUE)
    assert [row["clause"] for row in answers(document, twice)].count("3.11") == 2


def test_problems_of_the_format_are_placed() -> None:
    problems = ["Table pricing, row 3: the rate is empty.", "Table terms: its hit policy is 'collect'.", "No tables."]
    placed = [(each.table, each.row, each.kind) for each in audit(POLICY.document, CATALOGUE, problems=problems)]
    assert placed == [("pricing", 3, "format"), ("terms", None, "hit-policy"), ("", None, "format")]
    finding = PolicyFinding("error", "gap", "limits", "x", 2, "score.grade")
    assert finding.place == "Table limits, row 2, column score.grade"


_GRADE_CELLS = st.sampled_from(["", "'A'", "'B'", "'A','B'", "'C','D','E'", "!= 'A'", "not in ['A','E']"])
_BOUNDS = st.integers(4, 12)
_TERM_CELLS = (
    st.just("")
    | st.tuples(st.sampled_from(["<", "<=", ">", ">=", "=="]), _BOUNDS).map(lambda p: f"{p[0]} {p[1]}")
    | st.tuples(st.sampled_from("[("), _BOUNDS, _BOUNDS, st.sampled_from("])")).map(
        lambda p: f"{p[0]}{p[1]}..{p[2]}{p[3]}"
    )
    | st.tuples(_BOUNDS, _BOUNDS).map(lambda p: f"< {p[0]} or > {p[1]}")
)


def brute(rows: Sequence[tuple[str, str]]) -> dict[tuple[str, int], list[int]]:
    """The rows (from 1) that match each grade and term, by trying every one."""
    tests = [(read_condition(grade), read_condition(term)) for grade, term in rows]
    return {
        (grade, term): [
            at
            for at, (of_grade, of_term) in enumerate(tests, 1)
            if (of_grade is None or of_grade.holds(grade, {})) and (of_term is None or of_term.holds(term, {}))
        ]
        for grade in GRADES
        for term in (*range(1, 86), 480)
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(_GRADE_CELLS, _TERM_CELLS), min_size=1, max_size=4))
def test_gaps_overlaps_and_unreachable_rows_are_those_that_counting_finds(rows: list[tuple[str, str]]) -> None:
    def change(t: dict[str, Any]) -> None:
        rules = t["pricing"]["rules"]
        t["pricing"]["rules"] = [{**rules[0], "_id": str(at)} for at in range(len(rows))]
        for at, (grade, term) in enumerate(rows, 1):
            put(t["pricing"], at, grade=grade, term_months=term, rate_pct=str(at))

    findings = [each for each in audit(changed(change), CATALOGUE, GRADES) if each.table == "pricing"]
    matching = brute(rows)
    empty = {key for key, hits in matching.items() if not hits and 6 <= key[1] <= 84}  # eligibility declines the others
    gaps = [each for each in findings if each.kind == "gap"]
    assert bool(gaps) == bool(empty)
    for gap in gaps:
        assert gap.example is not None
        term = gap.example.get("request.term_months", Decimal(6))
        assert isinstance(term, Decimal)
        assert (gap.example["score.grade"], int(term)) in empty
    reached = {hits[0] for hits in matching.values() if hits}
    dead = {each.row for each in findings if each.kind in ("unreachable", "range") and each.level == "error"}
    assert dead == set(range(1, len(rows) + 1)) - reached
    members = {at: {key for key, hits in matching.items() if at in hits} for at in range(1, len(rows) + 1)}
    partial = {
        (one, two)
        for two in members
        for one in range(1, two)
        if members[one] & members[two] and members[one] - members[two] and members[two] - members[one]
    }
    assert {(each.rows[0], each.row) for each in findings if each.kind == "overlap"} == partial


def test_a_table_of_another_name_over_names_of_no_catalogue_is_checked_too() -> None:
    def change(t: dict[str, Any]) -> None:
        table = t["pricing"]
        table["inputs"][1]["field"] = "loan.size"

    document = changed(change)
    for node in document["nodes"]:
        node["name"] = "Rates" if node["id"] == "pricing" else node["name"]
    put({node["id"]: node.get("content", {}) for node in document["nodes"]}["pricing"], 1, size="< 10")
    gaps = [each for each in audit(document, CATALOGUE) if each.kind == "gap"]
    assert {each.table for each in gaps} == {"rates"}
    assert any("loan.size" in each.message for each in gaps)


def test_a_gap_that_no_input_shows_is_a_note() -> None:
    """The two conditions cover all there is, which columns compared with each other do not tell."""

    def change(t: dict[str, Any]) -> None:
        t["affordability"]["rules"] = t["affordability"]["rules"][:2]
        put(t["affordability"], 1, dsr_after_pct=">= income.net_monthly * 0")
        put(t["affordability"], 2, dsr_after_pct="< income.net_monthly * 0")

    kinds = {(each.kind, each.level) for each in audit(changed(change), CATALOGUE)}
    assert ("gap", "note") in kinds
    assert not {("gap", "error"), ("gap", "warning"), ("overlap", "warning")} & kinds


def test_a_check_that_nobody_waits_for_ends() -> None:
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        audit(POLICY.document, CATALOGUE, step=step)
    assert steps == 5
