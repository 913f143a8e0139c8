"""The decision tables of a policy as this program reads them: what goes in, what comes out, which facts a clause read.

The tables are described in ``docs/policy.md``; the engine that evaluates them is behind ``app.ports.PolicyEngine``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.facts import FactValue
from app.domain.policy import Policy, Signatory
from app.errors import InputError

TERMS = "terms"  # by currency: unit, step, tolerances
LIMITS = "limits"  # by grade and income: ratio, amount, what must be left
JUDGING = ("eligibility", "affordability", "referral")  # each matching row is a clause
PRICING = "pricing"
AUTHORITY = "authority"
TABLES = (TERMS, LIMITS, *JUDGING, PRICING, AUTHORITY)
PATHS = {TERMS: "policy", LIMITS: "limit"}
"""Where a table's answer stands, other than under its own name."""

FIRST, COLLECT = "first", "collect"
NEEDED = (LIMITS, "affordability", PRICING)
"""Tables whose every input must be known; what is missing refers the case."""

LIMIT = "limit.amount"
UPLIFT = "credential.uplift"
"""What verified documents add to the limit, which rows of ``limits`` may read: always known, 0 by default."""
WISH = "request.most"
"""Nothing above this fits, at the applicant's wish."""

FOLLOWED = (
    "request.amount",
    WISH,
    "request.term_months",
    "request.goods_price",
    "assets.total",
    "income.net_monthly",
    "expenses.monthly_living",
    "expenses.rent_seen",
    "debt.instalments_monthly",
)
"""Facts from which the figures of any terms follow; known to the check whether or not a table reads them."""

_NAME = re.compile(r"(?<![\w'\".])[a-z][a-z_]*(?:\.[a-z][a-z0-9_]*)+")


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of a table, its cells by field."""

    id: str
    conditions: Mapping[str, str]  # field -> unary expression, blank ones left out
    results: Mapping[str, str]  # output field -> expression

    def text(self, output: str) -> str:
        """A quoted output cell without its quotes; blank when it is an expression or empty."""
        cell = self.results.get(output, "").strip()
        return cell[1:-1] if len(cell) >= 2 and cell[0] == cell[-1] and cell[0] in "\"'" else ""

    def names(self) -> tuple[str, ...]:
        """Fields the row's conditions read, each once, in the order of its columns."""
        found: dict[str, None] = {}
        for name, cell in self.conditions.items():
            found.update(dict.fromkeys((name, *_NAME.findall(cell))))
        return tuple(found)

    def result_names(self) -> tuple[str, ...]:
        """Facts that the row's formulas read, quoted texts left out."""
        cells = (cell for cell in self.results.values() if cell.strip()[:1] not in ("'", '"'))
        return tuple(dict.fromkeys(name for cell in cells for name in _NAME.findall(cell)))


@dataclass(frozen=True, slots=True)
class Table:
    """One decision table of the JDM graph."""

    name: str  # the node's name in small letters
    path: str  # where its answer stands in the result
    hit_policy: str  # "first" | "collect"
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(document: Mapping[str, Any]) -> Iterator[Table]:
    """The decision tables of a JDM document, in file order."""
    for node in document.get("nodes", ()):
        if node.get("type") == "decisionTableNode":
            yield _table(node)


def _table(node: Mapping[str, Any]) -> Table:
    content = node.get("content") or {}
    inputs = {column["id"]: _text(column.get("field"), "field") for column in content.get("inputs", ())}
    outputs = {column["id"]: _text(column.get("field"), "field") for column in content.get("outputs", ())}
    rows = tuple(
        Row(
            id=str(rule.get("_id", index)),
            conditions={inputs[key]: rule[key] for key in inputs if _text(rule.get(key), "cell").strip()},
            results={outputs[key]: _text(rule.get(key), "cell") for key in outputs},
        )
        for index, rule in enumerate(content.get("rules", ()), 1)
    )
    return Table(
        name=str(node.get("name", "")).strip().casefold(),
        path=str(content.get("outputPath") or ""),
        hit_policy=str(content.get("hitPolicy", "first")),
        inputs=tuple(inputs.values()),
        outputs=tuple(outputs.values()),
        rows=rows,
    )


def _text(value: Any, what: str) -> str:
    """The text of a cell or field; blank where there is none. Raises ``TypeError`` for anything but text."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"the {what} {value!r} is no text; write it in quotes")
    return value or ""


class PolicyReading:
    """An index of a policy's clauses; make it once per policy.

    ``inputs`` are the names the tables read, ``needed`` those they must have, ``pricing_inputs`` those of the grid.
    """

    def __init__(self, policy: Policy) -> None:
        self._facts: dict[tuple[str, str], dict[str, None]] = {}
        self._reasons: dict[tuple[str, str], str] = {}
        needed: dict[str, None] = {}
        inputs = set(FOLLOWED)
        self.pricing_inputs: tuple[str, ...] = ()
        limiting: tuple[str, ...] = ()
        self.limited_by: frozenset[str] = frozenset()  # names that the formulas of the limits table read
        for table in tables(policy.document):
            inputs.update(name for row in table.rows for name in row.names())
            if table.name in NEEDED:
                needed.update(dict.fromkeys(name for name in table.inputs if name))
            if table.name == PRICING:
                self.pricing_inputs = tuple(dict.fromkeys(name for row in table.rows for name in row.names()))
            if table.name == LIMITS:
                self.limited_by = frozenset(name for row in table.rows for name in row.result_names())
                read = (name for row in table.rows for name in (*row.names(), *row.result_names()))
                limiting = tuple(dict.fromkeys(read))
            for row in table.rows:
                key = table.name, row.text("clause")
                self._facts.setdefault(key, {}).update(dict.fromkeys(row.names()))
                if row.text("reason"):
                    self._reasons.setdefault(key, row.text("reason"))
        if any(name.startswith(f"{PATHS[LIMITS]}.") for name in self.pricing_inputs):
            self.pricing_inputs += limiting
        self.needed = tuple(needed)
        self.inputs = frozenset(inputs)

    def facts(self, table: str, clause: str) -> tuple[str, ...]:
        """Names that the clause's rows read."""
        return tuple(self._facts.get((table, clause), ()))

    def reason(self, clause: str) -> str | None:
        """Principal reason that the table gives for a clause such as ``affordability 4.2``."""
        table, _, number = clause.partition(" ")
        return self._reasons.get((table, number))


def nested(values: Mapping[str, FactValue | None]) -> dict[str, Any]:
    """Dotted names as objects within objects, as the tables' expressions read them; missing values are left out."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        if value is None:
            continue
        *parents, leaf = name.split(".")
        place = out
        for parent in parents:
            place = place.setdefault(parent, {})
        place[leaf] = value
    return out


def number(answer: Mapping[str, Any], field: str) -> Decimal | None:
    """A number that the engine gave; None where there is none. Raises ``InputError`` for what is no number."""
    value = answer.get(field)
    if value is None or value == "":
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite():
        raise InputError(
            "policy",
            f"The policy's table gives {value!r} for {field}, where a number is needed.",
            remedy="Correct the output cell of that column.",
        )
    return found


def hit_policies(table: str) -> tuple[str, ...]:
    """The hit policies that a table may have, the usual one first."""
    if table in JUDGING:
        return (COLLECT, FIRST)
    return (COLLECT,) if table == AUTHORITY else (FIRST,)


def rows_of(answer: Mapping[str, Any], table: str) -> list[Mapping[str, Any]]:
    """What a judging table gave: each row that matches, or the first alone under the hit policy ``first``."""
    given = answer.get(table) or ()
    return [given] if isinstance(given, Mapping) else list(given)


def signatories(answer: Mapping[str, Any]) -> tuple[Signatory, ...]:
    """Who may sign up to what, in the table's order (lowest role first); a role's lowest limit counts."""
    roles: dict[str, Signatory] = {}
    for row in answer.get(AUTHORITY) or ():
        limit = number(row, "limit") or Decimal(0)
        signatory = Signatory(
            clause=f"{AUTHORITY} {row.get('clause', '')}".strip(),
            role=str(row.get("role", "")),
            limit=limit,
            override_limit=max(limit, number(row, "override_limit") or limit),
        )
        held = roles.get(signatory.role)
        if held is None or signatory.limit < held.limit:
            roles[signatory.role] = signatory
    return tuple(roles.values())
