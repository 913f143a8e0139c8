"""Changes of a policy's tables: each gives a new JDM document and leaves the old one as it was.

Tables go by their names in small letters, columns by their ids in the document, rows by their position from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

INPUT, OUTPUT = "input", "output"
Document = Mapping[str, Any]
Place = tuple[int, str]
"""Row from 0 and column id."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    id: str
    side: str  # INPUT | OUTPUT
    field: str  # the fact that a condition reads, the name of a result
    name: str  # its heading in the document


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it is edited: columns from left to right, cells by row."""

    name: str
    hit_policy: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, str], ...]  # cell by column id

    def column(self, field: str, side: str = "") -> Column | None:
        """The column of that field; None where there is none."""
        return next((each for each in self.columns if each.field == field and side in ("", each.side)), None)


def grid_of(document: Document, table: str) -> Grid:
    """The table of that name. Raises ``KeyError`` where there is none."""
    content = _node(document, table)["content"]
    columns = tuple(
        Column(str(each["id"]), side, str(each.get("field") or ""), str(each.get("name") or ""))
        for side in (INPUT, OUTPUT)
        for each in content.get(f"{side}s", ())
    )
    rows = tuple({each.id: str(rule.get(each.id) or "") for each in columns} for rule in content.get("rules", ()))
    return Grid(table, str(content.get("hitPolicy", "first")), columns, rows)


def table_names(document: Document) -> tuple[str, ...]:
    """The decision tables, in file order."""
    return tuple(_named(node) for node in document.get("nodes", ()) if node.get("type") == "decisionTableNode")


def set_cells(document: Document, table: str, cells: Mapping[Place, str]) -> Document:
    """Put texts into cells. Raises ``IndexError`` for a row there is not."""

    def change(content: Document) -> Document:
        rules = [dict(rule) for rule in content["rules"]]
        for (row, column), text in cells.items():
            rules[row][column] = text
        return {**content, "rules": rules}

    return _changed(document, table, change)


def insert_rows(document: Document, table: str, at: int, rows: Sequence[Mapping[str, str]]) -> Document:
    """Put rows before the one at ``at``; cells that a row leaves out are empty."""

    def change(content: Document) -> Document:
        rules = list(content["rules"])
        taken = {str(rule.get("_id")) for rule in rules}
        columns = [str(each["id"]) for side in (INPUT, OUTPUT) for each in content.get(f"{side}s", ())]
        for place, row in enumerate(rows):
            named = {"_id": _free(table, taken), **{column: row.get(column, "") for column in columns}}
            rules.insert(at + place, named)
        return {**content, "rules": rules}

    return _changed(document, table, change)


def remove_rows(document: Document, table: str, rows: Iterable[int]) -> Document:
    gone = set(rows)

    def change(content: Document) -> Document:
        return {**content, "rules": [rule for at, rule in enumerate(content["rules"]) if at not in gone]}

    return _changed(document, table, change)


def move_rows(document: Document, table: str, first: int, last: int, by: int) -> Document:
    """Move the rows ``first`` to ``last`` up (negative) or down; as far as there is room."""

    def change(content: Document) -> Document:
        rules = list(content["rules"])
        block = rules[first : last + 1]
        rest = rules[:first] + rules[last + 1 :]
        to = min(max(first + by, 0), len(rest))
        return {**content, "rules": rest[:to] + block + rest[to:]}

    return _changed(document, table, change)


def add_column(document: Document, table: str, side: str, field: str, name: str) -> Document:
    """Add a column at the end of its side, its cells empty."""

    def change(content: Document) -> Document:
        listed = list(content.get(f"{side}s", ()))
        taken = {str(each["id"]) for other in (INPUT, OUTPUT) for each in content.get(f"{other}s", ())}
        column = _free(f"{table}-{'in' if side == INPUT else 'out'}", taken)
        listed.append({"id": column, "name": name, "field": field})
        rules = [{**rule, column: ""} for rule in content["rules"]]
        return {**content, f"{side}s": listed, "rules": rules}

    return _changed(document, table, change)


def remove_column(document: Document, table: str, column: str) -> Document:
    def change(content: Document) -> Document:
        sides = {
            f"{side}s": [each for each in content.get(f"{side}s", ()) if each["id"] != column]
            for side in (INPUT, OUTPUT)
        }
        rules = [{key: cell for key, cell in rule.items() if key != column} for rule in content["rules"]]
        return {**content, **sides, "rules": rules}

    return _changed(document, table, change)


def move_column(document: Document, table: str, column: str, by: int) -> Document:
    """Move a column among those of its side; as far as there is room."""

    def change(content: Document) -> Document:
        sides = {}
        for side in (INPUT, OUTPUT):
            listed = list(content.get(f"{side}s", ()))
            at = next((at for at, each in enumerate(listed) if each["id"] == column), None)
            if at is not None:
                moved = listed.pop(at)
                listed.insert(min(max(at + by, 0), len(listed)), moved)
            sides[f"{side}s"] = listed
        return {**content, **sides}

    return _changed(document, table, change)


def set_hit_policy(document: Document, table: str, hit_policy: str) -> Document:
    return _changed(document, table, lambda content: {**content, "hitPolicy": hit_policy})


def set_tests(document: Document, tests: Sequence[Mapping[str, Any]]) -> Document:
    """Put the examples beside the tables."""
    return {**document, "tests": list(tests)}


def set_version(document: Document, version: str) -> Document:
    return {**document, "version": version}


def _named(node: Mapping[str, Any]) -> str:
    return str(node.get("name", "")).strip().casefold()


def _node(document: Document, table: str) -> Mapping[str, Any]:
    for node in document.get("nodes", ()):
        if node.get("type") == "decisionTableNode" and _named(node) == table:
            found: Mapping[str, Any] = node
            return found
    raise KeyError(table)


def _changed(document: Document, table: str, change: Callable[[Document], Document]) -> Document:
    wanted = _node(document, table)
    nodes = [{**node, "content": change(node["content"])} if node is wanted else node for node in document["nodes"]]
    return {**document, "nodes": nodes}


def _free(stem: str, taken: set[str]) -> str:
    number = len(taken) + 1
    while f"{stem}-{number}" in taken:
        number += 1
    taken.add(f"{stem}-{number}")
    return f"{stem}-{number}"
