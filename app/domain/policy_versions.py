"""Versions of a policy: who added them, which one is in force, and what changed from one to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

from app.domain.policy_tables import Row, Table, tables


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version as it was added to the workspace."""

    policy: str  # name
    version: str
    sha256: str
    person: str
    added_at: str  # ISO 8601 with offset
    note: str

    def to_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Activation:
    """A version put in force by a second person."""

    policy: str
    number: int  # from 1; the highest stands
    sha256: str
    person: str
    activated_at: str  # ISO 8601 with offset
    note: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A version that somebody is at work on: changed until it is added to the workspace, never in force."""

    id: str
    policy: str  # name
    document: Mapping[str, Any]
    base: str  # SHA-256 of the version it was made from
    person: str
    changed_at: str  # ISO 8601 with offset

    @property
    def version(self) -> str:
        return str(self.document.get("version") or "")


def next_label(labels: Sequence[str], base: str) -> str:
    """A version's name after ``base`` that none of ``labels`` is: the last number in it, counted on."""
    stem, number = base.rstrip("0123456789"), base[len(base.rstrip("0123456789")) :]
    if not number:
        stem, number = (f"{base}." if base else ""), "1"
    following = int(number) + 1
    while f"{stem}{following}" in labels:
        following += 1
    return f"{stem}{following}"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions; ``before`` is None for what was added, ``after`` for what was removed."""

    what: str  # "policy" | "table" | "column" | "row" | "cell" | "credential" | "test"
    table: str
    row: int | None  # from 1: of the newer version, of the older one for a row that was removed
    column: str | None
    before: str | None
    after: str | None

    @property
    def words(self) -> str:
        """``Table pricing, row 3, rate_pct: 7.4 → 7.9``."""
        place = f"Table {self.table}" if self.table else "Policy"
        place += f", row {self.row}" if self.row is not None else ""
        place += f", {self.column}" if self.column else ""
        if self.before is None:
            return f"{place}: added {self.what} {self.after}"
        if self.after is None:
            return f"{place}: removed {self.what} {self.before}"
        return f"{place}: {self.before or '(empty)'} → {self.after or '(empty)'}"

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "words": self.words}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """What differs from one JDM document to another: tables, rows, cells, credentials, tests, name and version.

    Where a node stands on the canvas, and what the editor calls rows and columns, does not count.
    """
    return (
        *_head_changes(old, new),
        *_table_changes(old, new),
        *_credential_changes(old, new),
        *_test_changes(old, new),
    )


def _head_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in ("name", "version"):
        before, after = str(old.get(name) or ""), str(new.get(name) or "")
        if before != after:
            yield Change("policy", "", None, name, before, after)


def _table_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before = {table.name: table for table in tables(old)}
    after = {table.name: table for table in tables(new)}
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield Change("table", name, None, None, f"of {len(before[name].rows)} rows", None)
        elif name not in before:
            yield Change("table", name, None, None, None, f"of {len(after[name].rows)} rows")
        else:
            yield from _inside(before[name], after[name])


def _inside(old: Table, new: Table) -> Iterator[Change]:
    if old.hit_policy != new.hit_policy:
        yield Change("table", new.name, None, "hit policy", old.hit_policy, new.hit_policy)
    if old.path != new.path:
        yield Change("table", new.name, None, "output path", old.path, new.path)
    for side in ("inputs", "outputs"):
        before, after = getattr(old, side), getattr(new, side)
        yield from (Change("column", new.name, None, None, name, None) for name in before if name not in after)
        yield from (Change("column", new.name, None, None, None, name) for name in after if name not in before)
    yield from _row_changes(old, new)


def _row_changes(old: Table, new: Table) -> Iterator[Change]:
    before, after = [_cells(row) for row in old.rows], [_cells(row) for row in new.rows]
    old_keys, new_keys = ([tuple(sorted(row.items())) for row in rows] for rows in (before, after))
    for kind, a, b, c, d in SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from _block(new.name, list(enumerate(before[a:b], a + 1)), list(enumerate(after[c:d], c + 1)))


def _cells(row: Row) -> dict[str, str]:
    """The cells that are not empty, conditions and results, without blanks around them."""
    listed = {**row.conditions, **row.results}
    return {name: cell.strip() for name, cell in listed.items() if cell.strip()}


Numbered = tuple[int, dict[str, str]]


def _block(table: str, before: Sequence[Numbered], after: Sequence[Numbered]) -> Iterator[Change]:
    """Rows that changed among themselves: each new one against the old one it shares most cells with."""
    left = list(before)
    for number, row in after:
        nearest = max(left, key=lambda each: (_shared(each[1], row), -abs(each[0] - number)), default=None)
        if nearest is None or _shared(nearest[1], row) * 2 < len(row):
            yield Change("row", table, number, None, None, _told(row))
            continue
        left.remove(nearest)
        names = dict.fromkeys((*nearest[1], *row))
        for name in names:
            old, new = nearest[1].get(name, ""), row.get(name, "")
            if old != new:
                yield Change("cell", table, number, name, old, new)
    yield from (Change("row", table, number, None, _told(row), None) for number, row in left)


def _shared(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    return len(one.items() & other.items())


def _told(row: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {cell}" for name, cell in row.items() if not name.startswith("text_"))


def _credential_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Of the table of credentials: its cap, its repeat, and each kind of document."""
    before, after = _credentials(old), _credentials(new)
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield Change("credential", "credentials", None, name, before.get(name), after.get(name))


def _credentials(document: Mapping[str, Any]) -> dict[str, str]:
    table = document.get("credentials")
    if not isinstance(table, Mapping):
        return {}
    named = {name: str(table[name]) for name in ("cap", "repeat") if name in table}
    steps = table.get("steps")
    rows = [row for row in steps if isinstance(row, Mapping)] if isinstance(steps, list) else []
    return named | {str(row.get("kind", at)): _step_words(row) for at, row in enumerate(rows, 1)}


def _step_words(row: Mapping[str, Any]) -> str:
    """``1000; group education; needs holder, institution``."""
    words = [str(row.get("amount", ""))]
    for name in ("per", "most", "group", "needs"):
        value = row.get(name)
        if value:
            words.append(f"{name} {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}")
    return "; ".join(words)


def _test_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = _tests(old), _tests(new)
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield Change("test", "", None, None, name, None)
        elif name not in before:
            yield Change("test", "", None, None, None, name)
        elif before[name] != after[name]:
            yield Change("test", "", None, f"test {name}", _short(before[name]), _short(after[name]))


def _tests(document: Mapping[str, Any]) -> dict[str, Any]:
    listed = document.get("tests")
    entries = listed if isinstance(listed, list) else []
    return {str(each.get("name", at)): each for at, each in enumerate(entries, 1) if isinstance(each, Mapping)}


def _short(test: Mapping[str, Any]) -> str:
    return f"inputs {test.get('inputs')}, expected {test.get('expected')}"
