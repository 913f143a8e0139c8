"""Decision tables by zen-engine (JDM). Numbers reach the engine as decimals, so money compares exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.errors import InputError


class ZenPolicyEngine:
    """Evaluates JDM documents; compiles each once, and refuses one with an expression that does not compile.

    The engine itself passes over a cell it cannot compile as if its row never matched, hence the check.
    """

    def __init__(self) -> None:
        self._compiled: dict[int, tuple[Mapping[str, Any], Any]] = {}

    def evaluate(self, policy: Mapping[str, Any], inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The graph's answer. Raises ``InputError("policy", ...)`` for a document or a table that cannot be used."""
        decision = self._decision(policy)
        try:
            result = decision.evaluate(to_json(inputs))["result"]
        except RuntimeError as exc:
            raise InputError(
                "policy",
                f"The policy could not be evaluated: {_first_line(exc)}.",
                remedy="Open it in the table editor and run it on an example.",
            ) from exc
        return result if isinstance(result, Mapping) else {}

    def _decision(self, policy: Mapping[str, Any]) -> Any:
        held = self._compiled.get(id(policy))
        if held is None:
            held = policy, compile_policy(policy)
            self._compiled[id(policy)] = held  # the document is kept, so that its id is not given to another
        return held[1]


def compile_policy(policy: Mapping[str, Any]) -> Any:
    """Compile a JDM document. Raises ``InputError`` naming table, row and column of an expression that is wrong."""
    import zen

    try:
        listed = list(cells(policy))
    except (AttributeError, KeyError, TypeError) as exc:
        raise _no_graph(exc) from exc
    for table, row, column, cell, unary in listed:
        try:
            (zen.compile_unary_expression if unary else zen.compile_expression)(cell)
        except Exception as exc:
            raise InputError(
                "policy",
                f"Table {table}, row {row}, column {column}: {cell!r} is not an expression ({_first_line(exc)}).",
                remedy="Correct the cell; docs/policy.md lists what a cell may hold.",
                column=column,
            ) from exc
    try:
        content = zen.ZenDecisionContent(json.dumps(policy, ensure_ascii=False))  # compiled once, not at every call
        decision = zen.ZenEngine().create_decision(content)
        decision.validate()
    except Exception as exc:
        raise _no_graph(exc) from exc
    return decision


def cells(policy: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, bool]]:
    """Every cell with an expression: table, row, column, text, and whether it is a condition on its column."""
    for node in policy.get("nodes", ()):
        content = node.get("content") or {}
        if node.get("type") != "decisionTableNode":
            continue
        for index, rule in enumerate(content.get("rules", ()), 1):
            for side in ("inputs", "outputs"):
                for column in content.get(side, ()):
                    text = str(rule.get(column["id"]) or "").strip()
                    unary = side == "inputs" and bool(column.get("field"))
                    if text:
                        yield str(node.get("name")), str(index), column.get("name") or column["id"], text, unary


def to_json(value: Any) -> str:
    """JSON text with decimals as plain numbers of all their digits."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_key(str(key))}:{to_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(to_json(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """The same names are asked for in every case."""
    return json.dumps(name)


def _no_graph(exc: BaseException) -> InputError:
    return InputError(
        "policy",
        f"The policy is no JDM graph: {_first_line(exc)}.",
        remedy="Export it again from the table editor.",
    )


def _first_line(exc: BaseException) -> str:
    return (str(exc).splitlines() or [type(exc).__name__])[0].rstrip(".")
