"""The SQL of a scorecard: one generator for one case or a million. It equals ``app.domain.score.score_inputs``.

Scored is a ``Relation`` with a column per characteristic, by its name: numbers as DOUBLE, categories as VARCHAR,
booleans as BOOLEAN; null and NaN are missing. Numbers of a fixed count of decimals may stay as they are: they are
compared with the least such number that is not below an end of the bins, which is what comparing doubles comes to.
``of_values`` makes the relation of values at hand, ``of_facts`` of columns of facts.
"""

# ruff: noqa: S608 (every name passes `quoted`, every text `text_sql`; all else is a number of the scorecard)
from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil, inf, isinf, nextafter

from app.domain.facts import FactValue
from app.domain.ratios import (
    INCOME_SOURCES,
    INCOME_USED,
    LARGEST,
    LARGEST_COUNT,
    RATIO_BY_NAME,
    Ratio,
    with_sources,
)
from app.domain.scorecard import MAX_REASONS, Bin, Characteristic, CharacteristicKind, Scorecard
from data.database import literal, quoted


@dataclass(frozen=True, slots=True)
class Relation:
    """What is scored: a table's name, or a query in brackets."""

    sql: str
    places: Mapping[str, int] = field(default_factory=dict)  # of columns that are DECIMAL or whole numbers, not DOUBLE
    units: Mapping[str, int] = field(default_factory=dict)  # of columns that count parts: 100 where in hundredths


COLUMN_TYPES = {
    CharacteristicKind.NUMERIC: "DOUBLE",
    CharacteristicKind.CATEGORY: "VARCHAR",
    CharacteristicKind.BOOLEAN: "BOOLEAN",
}
"""SQL type of a characteristic's column in the relation that is scored."""

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_DECIMAL = re.compile(r"DECIMAL\([0-9]+, ?([0-9]+)\)")
_BEYOND = 10**19  # no BIGINT and no DECIMAL(18, n) is as large


# What is scored


def of_values(
    scorecard: Scorecard, cases: Sequence[Mapping[str, FactValue | None]], keys: Sequence[int] = ()
) -> Relation:
    """The values of cases by name, and ``case_no`` of ``keys`` (default: their position).

    Nothing is derived: a name that is absent is missing. Raises ``InputError`` for a value of the wrong type.
    """
    rows = scorecard.characteristics
    lines = (
        f"({', '.join((str(key), *(_value_sql(row, case.get(row.name)) for row in rows)))})"
        for key, case in zip(keys or range(len(cases)), cases, strict=True)
    )
    names = [f"c{i}" for i in range(len(rows))]
    casts = (
        f"CAST({name} AS {COLUMN_TYPES[row.kind]}) AS {quoted(row.name)}" for name, row in zip(names, rows, strict=True)
    )
    values = f"(VALUES {', '.join(lines)}) AS given(case_no, {', '.join(names)})"
    return Relation(f"(SELECT case_no, {', '.join(casts)} FROM {values})")


def _value_sql(row: Characteristic, value: FactValue | None) -> str:
    scored = row.scored(value)
    if scored is None:
        return "NULL"
    return double_sql(scored) if isinstance(scored, float) else text_sql(scored)


def double_sql(number: float) -> str:
    """The double as a literal; without an exponent it would be a DECIMAL."""
    if isinf(number):
        return f"CAST('{'-' if number < 0 else ''}Infinity' AS DOUBLE)"
    text = repr(number)
    return text if "e" in text else f"{text}e0"


def text_sql(text: str) -> str:
    """The text as a literal, NUL included, which DuckDB takes in no literal."""
    return " || chr(0) || ".join(literal(part) for part in text.split("\0"))


def score_columns(scorecard: Scorecard) -> tuple[str, ...]:
    """Every fact the scorecard can use: those it looks at and all they are derived from."""
    return with_sources(scorecard.names)


def of_facts(scorecard: Scorecard, relation: str, columns: Mapping[str, str], *, keys: Sequence[str] = ()) -> Relation:
    """``keys`` and the columns to score, from ``relation`` (a table or a query in brackets) with a column per fact.

    ``columns`` gives the SQL types of the relation's columns by name. Facts without a column are derived, as
    ``app.domain.ratios`` does, or missing.
    """
    ratios = [RATIO_BY_NAME[name] for name in scorecard.names if name in RATIO_BY_NAME]
    plain = [row for row in scorecard.characteristics if row.name not in RATIO_BY_NAME]
    stored = [ratio.name for ratio in ratios if ratio.name in columns]
    found = [_ratio_sql(ratio.name, ratio.name in stored) for ratio in ratios]
    source = _filled_sql(scorecard, relation, columns, keys)
    if ratios:
        source = ratios_sql(ratios, source, keep=(*keys, *(row.name for row in plain)), given=stored)
    places = {row.name: number for row in plain if (number := _places(_type_of(row.name, columns))) is not None}
    typed = [quoted(row.name) if row.name in places else _typed_sql(row) for row in plain]
    derived = {ratio.name: 100 for ratio in ratios if ratio.name not in stored}
    sql = f"(SELECT {', '.join((*map(quoted, keys), *typed, *found))} FROM {source})"
    return Relation(sql, places | dict.fromkeys(derived, 0), derived)


def _type_of(name: str, columns: Mapping[str, str]) -> str:
    """SQL type of a fact's column after ``_filled_sql``."""
    if name == INCOME_USED:
        known = {columns[source] for source in (INCOME_USED, *INCOME_SOURCES) if source in columns}
        return _MONEY if known <= {_MONEY} else ""
    return columns.get(name, "")


def _places(column_type: str) -> int | None:
    """Decimals of an exact number type; None for any other."""
    if column_type in _WHOLE:
        return 0
    found = _DECIMAL.fullmatch(column_type)
    return int(found.group(1)) if found else None


def _typed_sql(row: Characteristic) -> str:
    return f"CAST({quoted(row.name)} AS {COLUMN_TYPES[row.kind]}) AS {quoted(row.name)}"


def _ratio_sql(name: str, stored: bool) -> str:
    """A ratio in hundredths, as derived; where one may be given, a double."""
    column = quoted(name)
    return f"coalesce(CAST({_given(name)} AS DOUBLE), {column} / 100e0) AS {column}" if stored else column


def ratios_sql(ratios: Sequence[Ratio], relation: str, *, keep: Sequence[str] = (), given: Collection[str] = ()) -> str:
    """Query in brackets: the columns ``keep`` of ``relation``, and each ratio in whole hundredths (BIGINT) by its name.

    Null where the ratio has no value. Ratios in ``given`` have a column of the relation, kept as ``given: <name>``.
    Inputs and ratios each are a stage of their own: DuckDB computes twice what stands twice in a CASE.
    """
    kept = [quoted(name) for name in keep]
    amounts = dict.fromkeys(name for ratio in ratios for name in (*ratio.plus, *ratio.minus, ratio.over))
    counts = dict.fromkeys(ratio.times for ratio in ratios if ratio.times)
    scaled = [f"{_hundredths_sql(name)} AS {_scaled(name)}" for name in amounts]
    scaled += [f"{_whole_sql(name)} AS {_counted(name)}" for name in counts]
    scaled += [f"{quoted(name)} AS {_given(name)}" for name in given]
    values = [f"{_above_sql(ratio)} AS {_above(ratio)}" for ratio in ratios]
    found = [f"{_quotient_sql(ratio)} AS {quoted(ratio.name)}" for ratio in ratios]
    inputs = f"(SELECT {', '.join((*kept, *scaled))} FROM {relation})"
    answer = (*kept, *map(_given, given), *found)
    return f"(SELECT {', '.join(answer)} FROM (SELECT *, {', '.join(values)} FROM {inputs}))"


def _given(name: str) -> str:
    return quoted(f"given: {name}")


def _scaled(name: str) -> str:
    return quoted(f"{name} in hundredths")


def _counted(name: str) -> str:
    return quoted(f"{name} as a count")


def _above(ratio: Ratio) -> str:
    return quoted(f"{ratio.name} before division")


def _above_sql(ratio: Ratio) -> str:
    above = " + ".join(_scaled(name) for name in ratio.plus) + "".join(f" - {_scaled(name)}" for name in ratio.minus)
    return f"({above}) * {_counted(ratio.times) + ' * ' if ratio.times else ''}{ratio.factor * 200}"


def _quotient_sql(ratio: Ratio) -> str:
    """Twice the numerator in hundredths, over twice the divisor, rounded half away from zero: `//` cuts towards it."""
    above, over = _above(ratio), _scaled(ratio.over)
    return (
        f"CASE WHEN {over} > 0 THEN ({above} + CASE WHEN {above} < 0 THEN -{over} ELSE {over} END) // (2 * {over}) END"
    )


def _hundredths_sql(name: str) -> str:
    column, bound = quoted(name), LARGEST
    return (
        f"(CASE WHEN {column} BETWEEN -{bound} AND {bound} THEN CAST({column} * 100 AS BIGINT)"
        f" WHEN {column} < 0 THEN -{bound * 100} WHEN {column} > 0 THEN {bound * 100} END)"
    )


def _whole_sql(name: str) -> str:
    column, bound = quoted(name), LARGEST_COUNT
    return (
        f"(CASE WHEN {column} BETWEEN -{bound} AND {bound} THEN CAST({column} AS BIGINT)"
        f" WHEN {column} < 0 THEN -{bound} WHEN {column} > 0 THEN {bound} END)"
    )


def _filled_sql(scorecard: Scorecard, relation: str, columns: Collection[str], keys: Iterable[str]) -> str:
    """The relation with the income used filled in; columns it lacks stand as nulls, so that formulas can name them."""
    parts = [quoted(key) for key in keys]
    for name in score_columns(scorecard):
        if name == INCOME_USED:
            known = [quoted(source) for source in (INCOME_USED, *INCOME_SOURCES) if source in columns]
            parts.append(f"coalesce({', '.join((*known, _NO_MONEY))}) AS {quoted(name)}")
        elif name in columns:
            parts.append(quoted(name))
        elif name not in RATIO_BY_NAME:
            parts.append(f"{_NO_MONEY} AS {quoted(name)}")
    return f"(SELECT {', '.join(parts)} FROM {relation})"


_MONEY = "DECIMAL(18,2)"
_NO_MONEY = f"CAST(NULL AS {_MONEY})"


# How it is scored


def bins_sql(scorecard: Scorecard, relation: Relation, *, keys: Sequence[str] = ()) -> str:
    """SELECT of ``keys`` and the bin (position from 0) of each characteristic, ``b0``, ``b1``, ... for each row."""
    rows = scorecard.characteristics
    head = "".join(f"{quoted(key)}, " for key in keys)
    bins = ", ".join(f"{case_sql(row, relation, range(len(row.bins)))} AS b{i}" for i, row in enumerate(rows))
    return f"SELECT {head}{bins} FROM {relation.sql}"


def total_sql(scorecard: Scorecard, relation: Relation, *, keys: Sequence[str] = ()) -> str:
    """SELECT of ``keys`` and the total ``points`` of each row."""
    terms = [case_sql(row, relation, [entry.points for entry in row.bins]) for row in scorecard.characteristics]
    head = "".join(f"{quoted(key)}, " for key in keys)
    return f"SELECT {head}{' + '.join(terms)} AS points FROM {relation.sql}"


def score_sql(scorecard: Scorecard, relation: Relation, *, keys: Sequence[str] = ()) -> str:
    """SELECT of everything the scorecard says of each row.

    The answer has ``keys``, then ``points``, ``pd``, ``grade``, ``reason_1`` to ``reason_4`` (codes, null beyond the
    last reason), ``lost_1`` to ``lost_4`` (their points), ``bins`` (positions from 0) and one column ``points:<name>``
    per characteristic. Rows stay in the relation's order where that has one.
    """
    rows = scorecard.characteristics
    head = "".join(f"{quoted(key)}, " for key in keys)
    earned = ", ".join(
        f"{_pick_sql([entry.points for entry in row.bins], f'b{i}')} AS p{i}" for i, row in enumerate(rows)
    )
    binned = bins_sql(scorecard, relation, keys=keys)
    scored = f"SELECT *, {earned}, {_keys_sql(scorecard)} FROM ({binned})"
    summed = f"SELECT *, {' + '.join(f'p{i}' for i in range(len(rows)))} AS points FROM ({scored})"
    return f"SELECT {head}{_answer_sql(scorecard)} FROM ({_ranked_sql(summed, len(reason_keys(scorecard)))})"


def case_sql(row: Characteristic, relation: Relation, results: Sequence[int], value: str = "") -> str:
    """CASE that gives the result of the bin that ``value`` falls in (default: the characteristic's column)."""
    value = value or quoted(row.name)
    if row.kind is not CharacteristicKind.NUMERIC:
        return f"CASE{_category_whens(row, value, results)} END"
    places = relation.places.get(row.name)
    if places is None:
        return f"CASE{_double_whens(row.bins, value, results)} END"
    return f"CASE{_exact_whens(row.bins, value, results, places, relation.units.get(row.name, 1))} END"


def _double_whens(bins: Sequence[Bin], value: str, results: Sequence[int]) -> str:
    """Specials, then the intervals by their upper ends. NaN sorts above infinity, and so ends as missing, like null."""
    each = list(zip(bins, results, strict=True))
    whens = [
        f" WHEN {value} IN ({', '.join(map(double_sql, entry.special))}) THEN {result}"
        for entry, result in each
        if entry.special
    ]
    intervals = [(entry.upper, result) for entry, result in each if entry.interval]
    whens += [f" WHEN {value} < {double_sql(upper)} THEN {result}" for upper, result in intervals if upper is not None]
    missing = next(result for entry, result in each if entry.missing)
    whens.append(f" WHEN {value} <= {double_sql(inf)} THEN {intervals[-1][1]} ELSE {missing}")
    return "".join(whens)


def _exact_whens(bins: Sequence[Bin], value: str, results: Sequence[int], places: int, unit: int) -> str:
    """The same for a column of numbers with that many decimals, which counts parts of the given ``unit``."""
    each = list(zip(bins, results, strict=True))
    whens = [f" WHEN {value} IS NULL THEN {result}" for entry, result in each if entry.missing]
    for entry, result in each:
        same = [
            number for special in entry.special if _as_double(number := least(special, places, unit), unit) == special
        ]
        if same:
            whens.append(f" WHEN {value} IN ({', '.join(format(number, 'f') for number in same)}) THEN {result}")
    intervals = [(entry.upper, result) for entry, result in each if entry.interval]
    for upper, result in intervals[:-1]:
        assert upper is not None, "only the last interval is open above"
        whens.append(f" WHEN {value} < {least(upper, places, unit):f} THEN {result}")
    return f"{''.join(whens)} ELSE {intervals[-1][1]}"


def least(end: float, places: int, unit: int = 1) -> Decimal:
    """The least number of so many decimals that, counting parts of ``unit``, is as a double not below ``end``.

    Ends beyond all such columns become the first number beyond them.
    """
    if abs(end) >= _BEYOND:
        return Decimal(_BEYOND if end > 0 else -_BEYOND)
    parts = unit * 10**places
    halfway = (Fraction(nextafter(end, -inf)) + Fraction(end)) / 2
    count = ceil(halfway * parts)
    if count / parts < end:  # halfway itself goes to the double below
        count += 1
    return Decimal(count).scaleb(-places)


def _as_double(number: Decimal, unit: int) -> float:
    return float(Fraction(number) / unit)


def _category_whens(row: Characteristic, value: str, results: Sequence[int]) -> str:
    whens = ""
    for entry, result in zip(row.bins, results, strict=True):
        if entry.missing:
            whens += f" WHEN {value} IS NULL THEN {result}"
        if entry.categories:
            boolean = row.kind is CharacteristicKind.BOOLEAN
            names = ", ".join(name if boolean else text_sql(name) for name in row.spellings(entry))
            whens += f" WHEN {value} IN ({names}) THEN {result}"
    unseen = [result for entry, result in zip(row.bins, results, strict=True) if entry.unseen]
    return f"{whens} ELSE {unseen[0] if unseen else 'NULL'}"


def _pick_sql(values: Sequence[object], position: str) -> str:
    return f"[{', '.join(str(value) for value in values)}][{position} + 1]"


def reason_keys(scorecard: Scorecard) -> dict[str, list[tuple[int, list[int]]]]:
    """By reason code, the positions of its characteristics with a number per bin that ranks it.

    The number is 64 times the points lost and what the place in the scorecard leaves of 63; zero where nothing is lost.
    """
    by_code: dict[str, list[tuple[int, list[int]]]] = {}
    for i, row in enumerate(scorecard.characteristics):
        lost = [row.lost(entry.points, scorecard.reasons_method) for entry in row.bins]
        ranks = [points * 64 + 63 - i if points else 0 for points in lost]
        by_code.setdefault(row.reason_code, []).append((i, ranks))
    return by_code


def _keys_sql(scorecard: Scorecard) -> str:
    """The greatest number of each reason code's characteristics."""
    terms = ([_pick_sql(ranks, f"b{i}") for i, ranks in of_code] for of_code in reason_keys(scorecard).values())
    return ", ".join(f"greatest({', '.join(each)}) AS k{i}" for i, each in enumerate(terms))


def _ranked_sql(query: str, count: int) -> str:
    """Stages that find the greatest key, then the greatest below it, and so on; keys differ unless they are zero."""
    for place in range(1, MAX_REASONS + 1):
        below = [f"k{i}" if place == 1 else f"CASE WHEN k{i} < r{place - 1} THEN k{i} ELSE 0 END" for i in range(count)]
        query = f"SELECT *, greatest({', '.join(below)}) AS r{place} FROM ({query})"
    return query


def _answer_sql(scorecard: Scorecard) -> str:
    rows = scorecard.characteristics
    codes = " ".join(f"WHEN {63 - i} THEN {literal(row.reason_code)}" for i, row in enumerate(rows))
    low, high = scorecard.minimum_points, scorecard.maximum_points
    pds = ", ".join(format(scorecard.calibration.pd(points), "f") for points in range(low, high + 1))
    grades = "".join(
        f" WHEN points >= {grade.minimum_points} THEN {literal(grade.name)}" for grade in scorecard.grades[:-1]
    )
    last = literal(scorecard.grades[-1].name)
    parts = [
        "CAST(points AS INTEGER) AS points",
        f"CAST([{pds}][points - ({low}) + 1] AS DECIMAL(7,6)) AS pd",
        f"CASE{grades} ELSE {last} END AS grade" if grades else f"{last} AS grade",
        *(f"CASE WHEN r{n} > 0 THEN CASE r{n} & 63 {codes} END END AS reason_{n}" for n in range(1, MAX_REASONS + 1)),
        *(f"CASE WHEN r{n} > 0 THEN CAST(r{n} // 64 AS INTEGER) END AS lost_{n}" for n in range(1, MAX_REASONS + 1)),
        f"CAST([{', '.join(f'b{i}' for i in range(len(rows)))}] AS UTINYINT[]) AS bins",
        *(f"p{i} AS {quoted('points:' + row.name)}" for i, row in enumerate(rows)),
    ]
    return ", ".join(parts)
