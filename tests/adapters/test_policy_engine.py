"""The policy engine: exact numbers, and no expression that is passed over in silence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.policy_engine import ZenPolicyEngine, cells, to_json
from app.errors import InputError
from app.ports import PolicyEngine
from tests.underwriting import policy


def graph(condition: str, result: str = '"hit"', *, field: str = "request.amount") -> dict[str, Any]:
    """A JDM document of one table with one rule."""
    column = {"id": "c", "name": "Column", "field": field}
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "name": "Request", "type": "inputNode", "position": {"x": 0, "y": 0}, "content": {}},
            {
                "id": "t",
                "name": "Table",
                "type": "decisionTableNode",
                "position": {"x": 1, "y": 0},
                "content": {
                    "hitPolicy": "collect",
                    "inputs": [column],
                    "outputs": [{"id": "o", "name": "Out", "field": "out"}],
                    "rules": [{"_id": "1", "c": condition, "o": result}],
                    "passThrough": False,
                    "outputPath": "table",
                },
            },
            {"id": "out", "name": "Response", "type": "outputNode", "position": {"x": 2, "y": 0}, "content": {}},
        ],
        "edges": [
            {"id": "1", "type": "edge", "sourceId": "in", "targetId": "t"},
            {"id": "2", "type": "edge", "sourceId": "t", "targetId": "out"},
        ],
    }


def hit(document: dict[str, Any], amount: Any) -> bool:
    engine: PolicyEngine = ZenPolicyEngine()
    return bool(engine.evaluate(document, {"request": {"amount": amount}})["table"])


@given(st.decimals(0, 10**10, places=2))
def test_money_compares_exactly_at_two_decimals(limit: Decimal) -> None:
    document = graph(f"> {limit}")
    assert not hit(document, limit)
    assert hit(document, limit + Decimal("0.01"))


def test_a_missing_input_matches_only_where_null_is_asked_for() -> None:
    engine = ZenPolicyEngine()
    assert engine.evaluate(graph("> 4"), {})["table"] == []
    assert engine.evaluate(graph("null"), {})["table"] == [{"out": "hit"}]


@pytest.mark.parametrize("wrong", [">>> 40", "> (4", "nonsense blah", "'A' 'B'"])
def test_a_condition_that_does_not_compile_is_refused_with_its_place(wrong: str) -> None:
    with pytest.raises(InputError, match=r"Table Table, row 1, column Column: .* is not an expression"):
        hit(graph(wrong), 1)


def test_a_result_that_does_not_compile_is_refused() -> None:
    with pytest.raises(InputError, match="column Out"):
        hit(graph("> 4", '"open'), 1)


def test_a_free_condition_is_an_expression_of_its_own() -> None:
    assert hit(graph("request.amount * 2 > 9", field=""), 5)
    with pytest.raises(InputError, match="not an expression"):
        hit(graph("request.amount * > 9", field=""), 5)


@pytest.mark.parametrize("document", [{}, {"nodes": "x"}, {"nodes": [], "edges": 5}])
def test_what_is_no_graph_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        ZenPolicyEngine().evaluate(document, {})


def test_the_shipped_policy_compiles_cell_by_cell() -> None:
    document = policy().document
    assert sum(1 for _ in cells(document)) > 200
    assert ZenPolicyEngine().evaluate(document, {"case": {"currency": "EUR"}})["policy"]["unit"] == 1


def test_inputs_travel_as_json() -> None:
    value = {"a": {"b": Decimal("12345678901234.57")}, "c": [True, None, 3], "d": date(2026, 1, 2), "e": '名"'}
    assert to_json(value) == '{"a":{"b":12345678901234.57},"c":[true,null,3],"d":"2026-01-02","e":"名\\""}'
    assert to_json(Decimal("1E+3")) == "1000"
