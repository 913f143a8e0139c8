"""A scorecard as one SQL statement for the engine a lender has: DuckDB, PostgreSQL, Spark.

The statement is written in DuckDB's words and turned into the others by ``sqlglot``. It keeps to what all three take
to mean the same: comparisons of doubles, CASE, greatest and mod of whole numbers; no logarithm, no rounding, no cast to
whole numbers, no division, no substring, which are turned silently into something else. NaN sorts above infinity in all
three.
"""

# ruff: noqa: S608 (every name passes `quoted`, every text `text_sql`; all else is a number of the scorecard)
from __future__ import annotations

from app.domain.scorecard import MAX_REASONS, Scorecard
from app.errors import EnvironmentFault, InputError
from data.database import quoted
from data.scoring_sql import COLUMN_TYPES, Relation, case_sql, reason_keys, text_sql

DIALECTS = ("duckdb", "postgres", "spark")
TABLE = "applications"
_STAGED = ("postgres",)
"""Engines that would write each stage out in the next, which doubles and doubles again, unless told to keep it."""

_PICKED = {"duckdb": "[{}][{}]", "postgres": "(ARRAY[{}])[{}]", "spark": "element_at(array({}), {})"}


def scorecard_sql(scorecard: Scorecard, dialect: str, *, table: str = TABLE, keys: tuple[str, ...] = ()) -> str:
    """SELECT of ``keys``, ``score``, ``pd``, ``grade`` and ``reason_1`` to ``reason_4`` of each row of ``table``.

    The table has a column of its name for each characteristic: null and NaN are missing. ``table`` may name its schema
    (``risk.applications``). Raises ``InputError`` for an unknown dialect or a table that is no name,
    ``EnvironmentFault`` without ``sqlglot``.
    """
    if dialect not in DIALECTS:
        raise InputError("dialect", f"There is no dialect {dialect!r}.", remedy=f"Known: {', '.join(DIALECTS)}.")
    try:
        import sqlglot
    except ImportError as exc:
        raise EnvironmentFault("sqlglot is not installed.", remedy="pip install sqlglot") from exc
    statement = sqlglot.parse_one(portable_sql(scorecard, _table_sql(table), keys), read="duckdb")
    for call in list(statement.find_all(sqlglot.exp.Anonymous)):
        call.replace(sqlglot.parse_one(_pd_sql(scorecard, dialect), read=dialect))
    for stage in statement.find_all(sqlglot.exp.CTE) if dialect in _STAGED else ():
        stage.set("materialized", True)
    return f"{statement.sql(dialect, pretty=True, unsupported_level=sqlglot.ErrorLevel.RAISE)}\n"


def _pd_sql(scorecard: Scorecard, dialect: str) -> str:
    """The PD of each total, picked from a list; each engine counts its lists in its own way."""
    low, high = scorecard.minimum_points, scorecard.maximum_points
    pds = ", ".join(format(scorecard.calibration.pd(total), "f") for total in range(low, high + 1))
    return _PICKED[dialect].format(pds, f"points - {low} + 1" if low >= 0 else f"points + {1 - low}")


def _table_sql(table: str) -> str:
    parts = table.split(".")
    if not all(parts) or len(parts) > 3 or "\0" in table:
        raise InputError("table", f"{table!r} is no name of a table.", remedy="Give NAME or SCHEMA.NAME.")
    return ".".join(map(quoted, parts))


def portable_sql(scorecard: Scorecard, table: str, keys: tuple[str, ...] = ()) -> str:
    """The statement in DuckDB's words."""
    rows = scorecard.characteristics
    kept = [f"k{i}" for i in range(len(keys))]
    typed = [f"{quoted(key)} AS {name}" for key, name in zip(keys, kept, strict=True)]
    typed += [f"CAST({quoted(row.name)} AS {COLUMN_TYPES[row.kind]}) AS v{i}" for i, row in enumerate(rows)]
    bins = [f"{case_sql(row, Relation(''), range(len(row.bins)), f'v{i}')} AS b{i}" for i, row in enumerate(rows)]
    points = [_pick_sql(f"b{i}", [entry.points for entry in row.bins]) for i, row in enumerate(rows)]
    lost = [
        f"{_greatest_sql([_pick_sql(f'b{i}', ranks) for i, ranks in of_code])} AS l{at}"
        for at, of_code in enumerate(reason_keys(scorecard).values())
    ]
    stages = [
        f"caseworth_values AS (SELECT {', '.join(typed)} FROM {table})",
        f"caseworth_bins AS (SELECT {', '.join((*kept, *bins))} FROM caseworth_values)",
        f"caseworth_points AS (SELECT {', '.join((*kept, *lost))}, {' + '.join(points)} AS points FROM caseworth_bins)",
        *_ranking(len(lost)),
    ]
    named = [f"{name} AS {quoted(key)}" for key, name in zip(keys, kept, strict=True)]
    answer = ", ".join((*named, *_answer(scorecard)))
    return f"WITH {', '.join(stages)} SELECT {answer} FROM caseworth_rank_{MAX_REASONS}"


def _pick_sql(value: str, results: list[int]) -> str:
    whens = "".join(f" WHEN {place} THEN {result}" for place, result in enumerate(results))
    return f"CASE {value}{whens} END"


def _greatest_sql(terms: list[str]) -> str:
    return f"greatest({', '.join(terms)})" if len(terms) > 1 else terms[0]


def _ranking(count: int) -> list[str]:
    stages = []
    for place in range(1, MAX_REASONS + 1):
        before = "caseworth_points" if place == 1 else f"caseworth_rank_{place - 1}"
        below = [f"l{i}" if place == 1 else f"CASE WHEN l{i} < r{place - 1} THEN l{i} ELSE 0 END" for i in range(count)]
        stages.append(f"caseworth_rank_{place} AS (SELECT *, {_greatest_sql(below)} AS r{place} FROM {before})")
    return stages


def _answer(scorecard: Scorecard) -> list[str]:
    grades = "".join(
        f" WHEN points >= {grade.minimum_points} THEN {text_sql(grade.name)}" for grade in scorecard.grades[:-1]
    )
    last = text_sql(scorecard.grades[-1].name)
    codes = "".join(
        f" WHEN {63 - i} THEN {text_sql(row.reason_code)}" for i, row in enumerate(scorecard.characteristics)
    )
    reasons = (
        f"CASE WHEN r{n} > 0 THEN CASE mod(r{n}, 64){codes} END END AS reason_{n}" for n in range(1, MAX_REASONS + 1)
    )
    return [
        "points AS score",
        "caseworth_pd(points) AS pd",
        f"CASE{grades} ELSE {last} END AS grade" if grades else f"{last} AS grade",
        *reasons,
    ]
