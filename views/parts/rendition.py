"""Where in a document to look, how it is shown, and the rows of its table that count."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.facts import Source
from app.domain.pages import Excerpt
from app.domain.shapes import shape_of as shape_of
from views.parts.formulas import rows_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a document to look."""

    page: int = 1
    box: tuple[float, float, float, float] | None = None  # points from the page's top left
    row: int | None = None  # line of a table, entry of a statement, from 1
    path: str | None = None
    column: str | None = None
    raw: str | None = None
    rows: tuple[int, ...] = ()  # every row a computed fact rests on

    @classmethod
    def of(cls, source: Source) -> Place:
        """The place a fact's source names."""
        return cls(
            source.page or 1, source.box, source.row, source.path, source.column, source.raw, rows_of(source.method)
        )

    def numbers(self) -> tuple[int, ...]:
        """Rows to mark, in order."""
        return tuple(sorted({*self.rows, *((self.row,) if self.row is not None else ())}))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a table around the marked one; numbers are lines of the file, or rows of a sheet."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = field(default_factory=tuple)
    marked: int | None = None  # index into rows
    marks: tuple[int, ...] = ()  # all rows that count
    column: int | None = None


def marked_table(excerpt: Excerpt, place: Place) -> Table:
    """The rows of an excerpt with those that ``place`` names marked."""
    numbers = excerpt.numbers
    marked = numbers.index(place.row) if place.row in numbers else _row_with(excerpt.rows, place.raw)
    wanted = set(place.numbers())
    marks = tuple(at for at, number in enumerate(numbers) if number in wanted)
    if not marks and marked is not None:
        marks = (marked,)
    column = excerpt.header.index(place.column) if place.column in excerpt.header else None
    return Table(excerpt.header, excerpt.rows, numbers, marked, marks, column)


def _row_with(rows: tuple[tuple[str, ...], ...], raw: str | None) -> int | None:
    return next((i for i, row in enumerate(rows) if raw and raw in row), None)
