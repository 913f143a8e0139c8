"""How a scorecard's characteristics are read from the columns of a table's file, or derived from them.

A characteristic without a column of its name is derived as ``app.domain.ratios`` does for a case, where it is a ratio
(or the income used) and the table has the columns that the formula needs.
"""

# ruff: noqa: S608 (every name passes `quoted`, every text `literal`)
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.headings import columns_words
from app.domain.ratios import INCOME_SOURCES, INCOME_USED, LARGEST, RATIO_BY_NAME, Ratio
from app.domain.scorecard import CharacteristicKind, Scorecard
from app.errors import InputError
from data.database import literal, quoted
from data.scoring_sql import COLUMN_TYPES, Relation, ratios_sql
from data.table_files import TableFile, bad_cell

if TYPE_CHECKING:
    import duckdb

KEY = ": identifier"
"""Name of the identifier's column in the relation that is scored."""

_SCORED = "scored: "  # before a name: the column as it is scored, beside the same one as an input of a ratio
_NUMBERS = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))")
_FRACTIONS = re.compile(r"(FLOAT|DOUBLE|DECIMAL\(.*\))")


@dataclass(frozen=True, slots=True)
class Columns:
    """A scorecard's characteristics over a table's columns; ``words`` are those that mean a missing value."""

    scorecard: Scorecard
    table: TableFile
    words: Sequence[str]

    def needed(self) -> dict[str, CharacteristicKind]:
        """Columns to read, each with its kind: those of characteristics, and those that others are derived from.

        Raises ``InputError`` where one is not there, or is there twice.
        """
        held = {row.name: row.kind for row in self.scorecard.characteristics if row.name in self.table.header}
        lacking = [name for name in self._absent() if not self._inputs(name)]
        if lacking:
            raise self._lacks(lacking)
        for name in self._absent():
            held |= dict.fromkeys(self._inputs(name), CharacteristicKind.NUMERIC)
        for name in held:
            self.table.place(name, purpose="which the scorecard looks at")
        return held

    def _absent(self) -> list[str]:
        return [name for name in self.scorecard.names if name not in self.table.header]

    def _inputs(self, name: str) -> tuple[str, ...]:
        """The columns that a characteristic without one is derived from; none where it cannot be."""
        if name in self.table.header:
            return (name,) if self._is_number(name) else ()
        if name == INCOME_USED:
            return tuple(source for source in INCOME_SOURCES if source in self.table.header and self._is_number(source))
        ratio = RATIO_BY_NAME.get(name)
        found = [self._inputs(each) for each in ratio.inputs] if ratio else []
        return tuple(dict.fromkeys(column for each in found for column in each)) if all(found) else ()

    def _is_number(self, name: str) -> bool:
        kinds = {row.name: row.kind for row in self.scorecard.characteristics}
        return kinds.get(name, CharacteristicKind.NUMERIC) is CharacteristicKind.NUMERIC

    def _lacks(self, names: Sequence[str]) -> InputError:
        there = f"{len(names)} columns" if len(names) > 1 else "the column"
        wanted = [name + _derived_words(name) for name in names[:20]]
        return InputError(
            "columns",
            f"The table lacks {there} of the scorecard: {', '.join(wanted)}.",
            remedy=columns_words(names[0], self.table.header),
            file=self.table.path.name,
        )

    # -- SQL

    def source_sql(self, *, as_text: bool = False) -> str:
        """The table as ``c0``, ``c1``, ...; of a CSV each column needed has its type, unless it is wanted as text."""
        kinds = {} if as_text else {self._at(name): COLUMN_TYPES[kind] for name, kind in self.needed().items()}
        return self.table.source_sql(kinds, self.words)

    def relation(self, key: int | None) -> Relation:
        """The columns to score under the characteristics' names, and the identifier."""
        cells = {name: self._cell_sql(name, kind) for name, kind in self.needed().items()}
        ratios = [RATIO_BY_NAME[name] for name in self._absent() if name in RATIO_BY_NAME]
        derived = [ratio.name for ratio in ratios]
        scored = {name: self._value_sql(name, cells) for name in self.scorecard.names if name not in derived}
        keys = {} if key is None else {KEY: f"c{key}"}
        if not ratios:
            return Relation(f"(SELECT {_listed(keys | scored)} FROM {self.source_sql()})")
        sql = self._ratios_sql(ratios, keys, scored, cells)
        return Relation(sql, dict.fromkeys(derived, 0), dict.fromkeys(derived, 100))

    def _ratios_sql(
        self, ratios: Sequence[Ratio], keys: Mapping[str, str], scored: Mapping[str, str], cells: Mapping[str, str]
    ) -> str:
        """What is scored as it stands passes by under names of its own: an input of a ratio is money."""
        aside = {f"{_SCORED}{name}": cell for name, cell in scored.items()}
        inputs = dict.fromkeys(name for ratio in ratios for name in ratio.inputs)
        money = {name: _money_sql(self._value_sql(name, cells)) for name in inputs}
        source = f"(SELECT {_listed({**keys, **aside, **money})} FROM {self.source_sql()})"
        worked_out = ratios_sql(ratios, source, keep=(*keys, *aside))
        answer = {key: quoted(key) for key in keys} | {name: quoted(f"{_SCORED}{name}") for name in scored}
        answer |= {ratio.name: quoted(ratio.name) for ratio in ratios}
        return f"(SELECT {_listed(answer)} FROM {worked_out})"

    def _value_sql(self, name: str, cells: Mapping[str, str]) -> str:
        """A column; of an income used that is none, the first source that is known."""
        sources = [name] if name in cells else self._inputs(name)
        return cells[name] if name in cells else f"coalesce({', '.join(cells[source] for source in sources)})"

    def _at(self, name: str) -> int:
        return self.table.header.index(name)

    def _cell_sql(self, name: str, kind: CharacteristicKind) -> str:
        known = f"c{self._at(name)}" if self.table.types is None else self._known_sql(name, kind)
        return f"CAST({known} AS {COLUMN_TYPES[kind]})"

    def _known_sql(self, name: str, kind: CharacteristicKind) -> str:
        """A Parquet column as text or number, the missing words left out of text."""
        at = self._at(name)
        column_type = (self.table.types or ())[at]
        number, text = _NUMBERS.fullmatch(column_type), column_type == "VARCHAR" or column_type.startswith("ENUM")
        if not (number or text or column_type == "BOOLEAN" or kind is CharacteristicKind.CATEGORY):
            raise InputError(
                name,
                f"The column {name!r} holds {column_type}, and the scorecard wants {kind.value} values.",
                remedy="Write the column as numbers or text.",
                file=self.table.path.name,
                column=name,
            )
        if kind is CharacteristicKind.NUMERIC and not text:
            return f"CAST(c{at} AS DOUBLE)"
        cell = f"CAST(c{at} AS DOUBLE)" if _FRACTIONS.fullmatch(column_type) else f"c{at}"
        words = ", ".join(map(literal, (*self.words, "nan")))
        return f"CASE WHEN CAST({cell} AS VARCHAR) NOT IN ({words}) THEN CAST({cell} AS VARCHAR) END"

    # -- what is wrong

    @contextmanager
    def checked(self, db: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Name row and column of a Parquet cell that is not of its kind; of a CSV DuckDB itself says the line."""
        import duckdb

        try:
            yield
        except duckdb.ConversionException as exc:
            if self.table.types is None:
                raise
            fault = self._bad_cell(db)
            raise fault or exc from exc

    def _bad_cell(self, db: duckdb.DuckDBPyConnection) -> InputError | None:
        """The first cell that does not convert, by its row from 1."""
        source = f"(SELECT *, row_number() OVER () AS n FROM {self.source_sql()})"
        for name, kind in self.needed().items():
            wanted, known = COLUMN_TYPES[kind], self._known_sql(name, kind)
            test = f"{known} IS NOT NULL AND try_cast({known} AS {wanted}) IS NULL"
            found = db.execute(f"SELECT n, {known} FROM {source} WHERE {test} ORDER BY n LIMIT 1").fetchall()
            if found:
                return bad_cell(self.table, name, str(found[0][1]), wanted, int(found[0][0]))
        return None


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{cell} AS {quoted(name)}" for name, cell in columns.items())


def _money_sql(cell: str) -> str:
    """A number at two decimals, half away from zero by its shortest decimal form, which is how people wrote it."""
    within = f"CAST(CAST({cell} AS VARCHAR) AS DECIMAL(18,2))"
    beyond = f"CASE WHEN {cell} > 0 THEN {LARGEST} ELSE -{LARGEST} END"
    known = f"{cell} IS NOT NULL AND NOT isnan({cell})"
    return f"CASE WHEN {known} THEN CASE WHEN abs({cell}) <= {LARGEST} THEN {within} ELSE {beyond} END END"


def _derived_words(name: str) -> str:
    """What a column may be derived from."""
    ratio = RATIO_BY_NAME.get(name)
    inputs: Iterable[str] = INCOME_SOURCES if name == INCOME_USED else ratio.inputs if ratio else ()
    return f" (or, to derive it, {', '.join(inputs)})" if inputs else ""
