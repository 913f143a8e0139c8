"""The SQL of a scorecard: one generator for one case or a million. It equals ``app.domain.score.score_inputs``.

The relation scored has a column per fact (money, percent, years and numbers as DECIMAL(18,2) or narrower, counts,
months and days as INTEGER, categories as VARCHAR, booleans as BOOLEAN); null is missing.
"""

# ruff: noqa: S608 (every name passes `quoted`, every text `literal`; all else is a number of the scorecard)
from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from app.domain.facts import Kind
from app.domain.ratios import (
    INCOME_SOURCES,
    INCOME_USED,
    LARGEST,
    LARGEST_COUNT,
    RATIO_BY_NAME,
    Ratio,
    with_sources,
)
from app.domain.scorecard import MAX_REASONS, Bin, Characteristic, CharacteristicKind, Scorecard, plain
from data.database import literal, quoted


def column_type(kind: Kind) -> str:
    """SQL type that holds any value of a fact of this kind as it is scored: numbers at two decimals."""
    if kind is Kind.BOOLEAN:
        return "BOOLEAN"
    return "VARCHAR" if kind in {Kind.CATEGORY, Kind.TEXT, Kind.DATE} else "DECIMAL(18, 2)"


def score_columns(scorecard: Scorecard) -> tuple[str, ...]:
    """Every column the scorecard can use: its facts and all they are derived from."""
    return with_sources(scorecard.names)


def total_sql(scorecard: Scorecard, relation: str, columns: Collection[str], *, keys: Sequence[str] = ()) -> str:
    """SELECT of ``keys`` and the total ``points`` of each row of ``relation`` (a table or a query in brackets)."""
    terms = [_case_sql(row, [str(entry.points) for entry in row.bins]) for row in scorecard.characteristics]
    head = "".join(f"{quoted(key)}, " for key in keys)
    return f"SELECT {head}{' + '.join(terms)} AS points FROM {_relation_sql(scorecard, relation, columns, keys)}"


def score_sql(scorecard: Scorecard, relation: str, columns: Collection[str], *, keys: Sequence[str] = ()) -> str:
    """SELECT of everything the scorecard says of each row of ``relation`` (a table or a query in brackets).

    ``columns`` names the relation's columns; facts without one are derived or missing. The answer has ``keys``, then
    ``points``, ``pd``, ``grade``, ``reason_1`` to ``reason_4`` (fact names, null beyond the last reason), ``bins``
    (positions from 0) and one column ``points:<fact name>`` per characteristic.
    """
    rows = scorecard.characteristics
    head = "".join(f"{quoted(key)}, " for key in keys)
    bins = ", ".join(f"{_case_sql(row, [str(n) for n in range(len(row.bins))])} AS b{i}" for i, row in enumerate(rows))
    earned = ", ".join(
        f"{_pick_sql([entry.points for entry in row.bins], f'b{i}')} AS p{i}" for i, row in enumerate(rows)
    )
    stages = [
        f"binned AS (SELECT {head}{bins} FROM {_relation_sql(scorecard, relation, columns, keys)})",
        f"earned AS (SELECT *, {earned}, {_keys_sql(rows)} FROM binned)",
        f"summed AS (SELECT *, {' + '.join(f'p{i}' for i in range(len(rows)))} AS points FROM earned)",
        *_ranking_sql(len(_codes(rows))),
    ]
    return f"WITH {', '.join(stages)} SELECT {head}{_answer_sql(scorecard)} FROM ranked{MAX_REASONS}"


def ratios_sql(
    ratios: Sequence[Ratio], relation: str, *, keep: Sequence[str] = (), stored: Collection[str] = ()
) -> str:
    """Query in brackets: the columns ``keep`` of ``relation``, and each ratio in whole hundredths (BIGINT) by its name.

    Null where the ratio has no value. Ratios in ``stored`` have a column of the relation, which counts before the
    formula. Inputs and ratios each are a stage of their own: DuckDB computes twice what stands twice in a CASE.
    """
    kept = [quoted(name) for name in keep]
    amounts = dict.fromkeys(name for ratio in ratios for name in (*ratio.plus, *ratio.minus, ratio.over))
    counts = dict.fromkeys(ratio.times for ratio in ratios if ratio.times)
    scaled = [f"{_hundredths_sql(name)} AS {_scaled(name)}" for name in (*amounts, *stored)]
    scaled += [f"{_whole_sql(name)} AS {_counted(name)}" for name in counts]
    values = [f"{_above_sql(ratio)} AS {_above(ratio)}" for ratio in ratios]
    found = [f"{_quotient_sql(ratio, ratio.name in stored)} AS {quoted(ratio.name)}" for ratio in ratios]
    inputs = f"(SELECT {', '.join((*kept, *scaled))} FROM {relation})"
    return f"(SELECT {', '.join((*kept, *found))} FROM (SELECT *, {', '.join(values)} FROM {inputs}))"


def _scaled(name: str) -> str:
    return quoted(f"{name} in hundredths")


def _counted(name: str) -> str:
    return quoted(f"{name} as a count")


def _above(ratio: Ratio) -> str:
    return quoted(f"{ratio.name} before division")


def _above_sql(ratio: Ratio) -> str:
    above = " + ".join(_scaled(name) for name in ratio.plus) + "".join(f" - {_scaled(name)}" for name in ratio.minus)
    return f"({above}) * {_counted(ratio.times) + ' * ' if ratio.times else ''}{ratio.factor * 200}"


def _quotient_sql(ratio: Ratio, stored: bool) -> str:
    """Twice the numerator in hundredths, over twice the divisor, rounded half away from zero: `//` cuts towards it."""
    above, over = _above(ratio), _scaled(ratio.over)
    value = (
        f"CASE WHEN {over} > 0 THEN ({above} + CASE WHEN {above} < 0 THEN -{over} ELSE {over} END) // (2 * {over}) END"
    )
    return f"coalesce({_scaled(ratio.name)}, {value})" if stored else value


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


def _relation_sql(scorecard: Scorecard, relation: str, columns: Collection[str], keys: Sequence[str]) -> str:
    """The relation with everything the scorecard looks at as a column; ratios in whole hundredths."""
    filled = _filled_sql(scorecard, relation, columns, keys)
    ratios = [RATIO_BY_NAME[name] for name in scorecard.names if name in RATIO_BY_NAME]
    if not ratios:
        return filled
    keep = (*keys, *(name for name in scorecard.names if name not in RATIO_BY_NAME))
    return ratios_sql(ratios, filled, keep=keep, stored=[ratio.name for ratio in ratios if ratio.name in columns])


def _filled_sql(scorecard: Scorecard, relation: str, columns: Collection[str], keys: Iterable[str]) -> str:
    """The relation with the income used filled in; columns it lacks stand as nulls, so that formulas can name them."""
    parts = [quoted(key) for key in keys]
    types = {row.name: row.kind for row in scorecard.characteristics}
    for name in score_columns(scorecard):
        if name == INCOME_USED:
            known = [quoted(source) for source in (INCOME_USED, *INCOME_SOURCES) if source in columns]
            parts.append(f"coalesce({', '.join((*known, _null_sql(None)))}) AS {quoted(name)}")
        elif name in columns:
            parts.append(quoted(name))
        elif name not in RATIO_BY_NAME:
            parts.append(f"{_null_sql(types.get(name))} AS {quoted(name)}")
    return f"(SELECT {', '.join(parts)} FROM {relation})"


def _null_sql(kind: CharacteristicKind | None) -> str:
    texts = {CharacteristicKind.CATEGORY: "VARCHAR", CharacteristicKind.BOOLEAN: "BOOLEAN"}
    return f"CAST(NULL AS {texts.get(kind or CharacteristicKind.NUMERIC, 'DECIMAL(18,2)')})"


def _case_sql(row: Characteristic, results: Sequence[str]) -> str:
    """CASE that gives the result of the bin the fact falls in."""
    if row.kind is CharacteristicKind.NUMERIC:
        return _numeric_sql(row.bins, quoted(row.name), 100 if row.name in RATIO_BY_NAME else 1, results)
    return _category_sql(row, results)


def _numeric_sql(bins: Sequence[Bin], value: str, unit: int, results: Sequence[str]) -> str:
    whens = [_special_when(entry, value, unit, result) for entry, result in zip(bins, results, strict=True)]
    intervals = [(entry, result) for entry, result in zip(bins, results, strict=True) if entry.interval]
    for entry, result in intervals[:-1]:
        assert entry.upper is not None, "only the last interval is open above"
        whens.append(f" WHEN {value} < {_number(entry.upper, unit)} THEN {result}")
    missing = next(result for entry, result in zip(bins, results, strict=True) if entry.missing)
    return f"CASE WHEN {value} IS NULL THEN {missing}{''.join(whens)} ELSE {intervals[-1][1]} END"


def _special_when(entry: Bin, value: str, unit: int, result: str) -> str:
    if not entry.special:
        return ""
    return f" WHEN {value} IN ({', '.join(_number(number, unit) for number in entry.special)}) THEN {result}"


def _category_sql(row: Characteristic, results: Sequence[str]) -> str:
    value = quoted(row.name)
    whens = ""
    for entry, result in zip(row.bins, results, strict=True):
        if entry.missing:
            whens += f" WHEN {value} IS NULL THEN {result}"
        if entry.categories:
            boolean = row.kind is CharacteristicKind.BOOLEAN
            names = ", ".join(name if boolean else literal(name) for name in entry.categories)
            whens += f" WHEN {value} IN ({names}) THEN {result}"
    unseen = [result for entry, result in zip(row.bins, results, strict=True) if entry.unseen]
    return f"CASE{whens} ELSE {unseen[0] if unseen else 'NULL'} END"


def _number(number: Decimal, unit: int) -> str:
    return plain(number * unit)


def _pick_sql(values: Sequence[object], position: str) -> str:
    return f"[{', '.join(str(value) for value in values)}][{position} + 1]"


def _codes(rows: Sequence[Characteristic]) -> list[str]:
    return list(dict.fromkeys(row.reason_code for row in rows))


def _keys_sql(rows: Sequence[Characteristic]) -> str:
    """A number per reason code that ranks it: points lost, then place in the scorecard; zero where nothing is lost."""
    by_code: dict[str, list[str]] = {code: [] for code in _codes(rows)}
    for i, row in enumerate(rows):
        lost = [max(0, row.neutral_points - entry.points) for entry in row.bins]
        ranks = [points * 64 + 63 - i if points else 0 for points in lost]
        by_code[row.reason_code].append(_pick_sql(ranks, f"b{i}"))
    return ", ".join(f"greatest({', '.join(terms)}) AS k{i}" for i, terms in enumerate(by_code.values()))


def _ranking_sql(count: int) -> list[str]:
    """Stages that find the greatest key, then the greatest below it, and so on; keys differ unless they are zero."""
    stages = []
    for place in range(1, MAX_REASONS + 1):
        before = "summed" if place == 1 else f"ranked{place - 1}"
        below = [f"k{i}" if place == 1 else f"CASE WHEN k{i} < r{place - 1} THEN k{i} ELSE 0 END" for i in range(count)]
        stages.append(f"ranked{place} AS (SELECT *, greatest({', '.join(below)}) AS r{place} FROM {before})")
    return stages


def _answer_sql(scorecard: Scorecard) -> str:
    rows = scorecard.characteristics
    names = " ".join(f"WHEN {63 - i} THEN {literal(row.name)}" for i, row in enumerate(rows))
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
        *(f"CASE WHEN r{n} > 0 THEN CASE r{n} & 63 {names} END END AS reason_{n}" for n in range(1, MAX_REASONS + 1)),
        f"CAST([{', '.join(f'b{i}' for i in range(len(rows)))}] AS UTINYINT[]) AS bins",
        *(f"p{i} AS {quoted('points:' + row.name)}" for i, row in enumerate(rows)),
    ]
    return ", ".join(parts)
