"""SQL that types and checks the cells of a table of applications; Python explains what it refuses (``explain``)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from app.domain.facts import Catalogue, FactDefinition, Kind
from app.domain.mapping import ColumnMapping, TableMapping, recoding
from app.domain.values import ValueRefusedError, parse_value, shown
from data.database import literal, quoted
from data.repositories.tables import column_type

Spelling = Literal["typed", "plain", "any"]
_WHOLE = (Kind.COUNT, Kind.MONTHS, Kind.DAYS)
_NO_NUMBER = (Kind.DATE, Kind.BOOLEAN, Kind.CATEGORY, Kind.TEXT)
_WIDEST = Decimal(10) ** 11  # what fits the working type, DECIMAL(18, 6)


def checked_sql(
    mapping: TableMapping, catalogue: Catalogue, source: str, line: str | None, spelling: Spelling = "any"
) -> str:
    """SELECT of typed columns named as the facts, ``reference``, ``bad`` and, where ``line`` is given, ``line``.

    ``source`` is a relation whose columns are named as in the file: text, or of the types of ``csv_types`` for
    "typed". ``bad`` is true for a row with a cell that is not of its fact, or without any value. "plain" and "typed"
    leave out the rarer spellings (blanks around a cell, groups of thousands, capitals): what they accept they read the
    same, but they call some good rows bad.
    """
    columns = [(column, catalogue[column.fact]) for column in mapping.columns]
    cells = [f"{_present_sql(column.source, mapping, spelling)} AS v{at}" for at, (column, _) in enumerate(columns)]
    read = [
        f"{_read_sql(f'v{at}', column, fact, mapping, spelling)} AS n{at}" for at, (column, fact) in enumerate(columns)
    ]
    typed = [f"{_typed_sql(f'n{at}', column, fact)} AS t{at}" for at, (column, fact) in enumerate(columns)]
    named = [f"t{at} AS {quoted(column.fact)}" for at, (column, _) in enumerate(columns)]
    bad = _bad_sql(len(columns), _words_sql(mapping) if spelling == "any" else None)
    reference = _present_sql(mapping.reference, mapping, spelling) if mapping.reference else "NULL::VARCHAR"
    own = [f"trim({reference}) AS reference"] + ([f"{line} AS line"] if line else [])
    kept = ["reference", "line"] if line else ["reference"]
    texts = [f"v{at}" for at in range(len(columns))]
    return (
        f"SELECT {', '.join(named + kept)}, {bad} AS bad FROM ("  # noqa: S608 - built from our own names
        f"SELECT {', '.join(texts + kept + typed)} FROM (SELECT *, {', '.join(read)} FROM ("
        f"SELECT {', '.join(cells + own)} FROM {source})))"
    )


def _bad_sql(count: int, missing: str | None) -> str:
    """Whether a cell v is there but not its value t, or no value is; ``missing``: also look behind blanks."""
    sure = "" if missing is None else " AND trim(v{at}) NOT IN ({missing})"
    wrong = " OR ".join(
        f"(t{at} IS NULL AND v{at} IS NOT NULL{sure.format(at=at, missing=missing)})" for at in range(count)
    )
    some = " OR ".join(f"t{at} IS NULL" for at in range(count))
    empty = " AND ".join(f"t{at} IS NULL" for at in range(count))
    return f"CASE WHEN {some} THEN {wrong} OR ({empty}) ELSE false END"


def csv_types(mapping: TableMapping, catalogue: Catalogue) -> dict[str, str] | None:
    """SQL types, by heading, by which DuckDB's own CSV reader may read the numbers: half the work of reading text.

    None where it may not: with a decimal comma, or when a number is also the reference.
    """
    numbers = {column.source: column for column in mapping.columns if catalogue[column.fact].kind not in _NO_NUMBER}
    if mapping.decimal != "." or mapping.reference in numbers:
        return None
    return {source: _working_type(column, catalogue[column.fact]) for source, column in numbers.items()}


def _working_type(column: ColumnMapping, fact: FactDefinition) -> str:
    """The narrowest type that holds what the fact allows: arithmetic on more than 18 digits is slow."""
    low, high = _limits(column, fact)
    digits = len(str(int(max(abs(low), abs(high)))))
    return f"DECIMAL({min(18, digits + 6)}, 6)"


def _words_sql(mapping: TableMapping) -> str:
    return ", ".join(literal(word.strip()) for word in dict.fromkeys(("", *mapping.missing)))


def _present_sql(source: str, mapping: TableMapping, spelling: Spelling) -> str:
    """The cell, or null for the words that mean missing. Blanks around it stay: trimming every cell costs more than
    all the rest, so it is done only where the untrimmed cell is not understood."""
    if spelling == "typed":  # the CSV reader has left the missing ones out
        return quoted(source)
    return f"CASE WHEN {quoted(source)} NOT IN ({_words_sql(mapping)}) THEN {quoted(source)} END"


def _read_sql(cell: str, column: ColumnMapping, fact: FactDefinition, mapping: TableMapping, spelling: Spelling) -> str:
    """The cell as its type, not yet scaled and checked; null where it is none."""
    quick = spelling != "any"
    match fact.kind:
        case Kind.DATE:
            return _date_sql(cell, column.date_format or mapping.date_format)
        case Kind.BOOLEAN:
            return f"({_recoded_sql(cell, column, fact, quick)})::BOOLEAN"
        case Kind.CATEGORY if fact.categories:
            listed = ", ".join(literal(category) for category in fact.categories)
            return f"({_recoded_sql(cell, column, fact, quick)})::ENUM({listed})"
        case Kind.CATEGORY | Kind.TEXT:
            text = f"CASE WHEN trim({cell}) NOT IN ({_words_sql(mapping)}) THEN trim({cell}) END"
            return f"coalesce({_recoded_sql(cell, column, fact, quick=False)}, {text})" if column.values else text
    if spelling == "typed":
        return cell
    if spelling == "plain":
        return _plainly_parsed_sql(cell, mapping.decimal)
    return _parsed_sql(cell, mapping.decimal, column.currency or mapping.currency)


def _plainly_parsed_sql(cell: str, decimal: str) -> str:
    if decimal == ".":
        return f"try_cast({cell} AS DECIMAL(18, 6))"
    return f"CASE WHEN NOT contains({cell}, '.') THEN try_cast(replace({cell}, ',', '.') AS DECIMAL(18, 6)) END"


def _recoded_sql(cell: str, column: ColumnMapping, fact: FactDefinition, quick: bool) -> str:
    words = recoding(fact, column)
    if quick:
        usual = ("yes", "no", "true", "false", "1", "0", "是", "否") if fact.kind is Kind.BOOLEAN else fact.categories
        words = {word: value for word, value in words.items() if word in usual or word in column.values}
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(value)}" for word, value in words.items())
    return f"CASE {cell if quick else f'lower(trim({cell}))'} {cases} END"


def _date_sql(cell: str, date_format: str | None) -> str:
    if date_format:
        return f"try_strptime({cell}, {literal(date_format)})::DATE"
    return (
        f"CASE WHEN regexp_full_match({cell}, '\\d{{4}}-\\d{{2}}-\\d{{2}}([T ].*)?') THEN try_cast({cell} AS DATE) END"
    )


def _typed_sql(number: str, column: ColumnMapping, fact: FactDefinition) -> str:
    """Numbers scaled and within the catalogue's bounds, else null; what is no number stays as it is."""
    if fact.kind in _NO_NUMBER:
        return number
    scale = column.scale if column.scale is not None else Decimal(1)
    low, high = _limits(column, fact)
    scaled = number if scale == 1 else f"{number} * {_decimal(scale)}"
    inside = f"{number} BETWEEN {_decimal(low)} AND {_decimal(high)}"
    if fact.kind in _WHOLE:
        inside += f" AND {scaled} = floor({scaled})"
    return f"CASE WHEN {inside} THEN CAST({scaled} AS {column_type(fact.kind)}) END"


def _limits(column: ColumnMapping, fact: FactDefinition) -> tuple[Decimal, Decimal]:
    """Least and greatest number that may stand in the file."""
    scale = column.scale if column.scale is not None else Decimal(1)
    ends = (_bound(fact.minimum, -_WIDEST) / scale, _bound(fact.maximum, _WIDEST) / scale)
    return min(ends), max(ends)


def _bound(limit: Decimal | None, widest: Decimal) -> Decimal:
    if limit is None:
        return widest
    return max(-_WIDEST, min(_WIDEST, limit))


def _decimal(number: Decimal) -> str:
    """A number as an SQL literal of no more digits than it needs (a wide literal makes the arithmetic slow)."""
    return format(number.quantize(Decimal("0.000001")).normalize(), "f")


def _parsed_sql(cell: str, decimal: str, currency: str) -> str:
    """The plain cast first; groups of thousands and the currency's code or sign only where it fails."""
    group = ", '’" if decimal == "." else ". '’"
    group = group.replace("'", "''")
    bare = f"trim(replace({cell}, {literal(currency)}, ''))"
    for sign in {"EUR": "€", "GBP": "£", "USD": "$", "CNY": "¥", "JPY": "¥"}.get(currency, ""):
        bare = f"trim(replace({bare}, {literal(sign)}, ''))"
    mark = "\\" + decimal
    grouped = f"regexp_full_match({bare}, '[-+]?\\d{{1,3}}([{group}]\\d{{3}})+({mark}\\d*)?')"
    joined = f"regexp_replace({bare}, '[{group}]', '', 'g')"
    plain = f"regexp_full_match({bare}, '[-+]?\\d*{mark}?\\d*')"
    text = f"CASE WHEN {grouped} THEN {joined} WHEN {plain} THEN {bare} END"
    if decimal == ",":
        text = f"replace({text}, ',', '.')"
        first = f"CASE WHEN NOT contains({cell}, '.') AND NOT contains({cell}, ',') THEN {cell} END"
    else:
        first = cell
    return f"coalesce(try_cast({first} AS DECIMAL(18, 6)), try_cast({text} AS DECIMAL(18, 6)))"


def explain(cells: Mapping[str, str], mapping: TableMapping, catalogue: Catalogue) -> tuple[str | None, str, str]:
    """Say of a refused row which column is wrong, why, and what to do; several columns are joined in the reason."""
    found: list[tuple[str, str, str]] = []
    present: list[tuple[str, str]] = []
    for column in mapping.columns:
        text = cells.get(column.source, "").strip()
        if text in mapping.missing or not text:
            continue
        present.append((column.source, text))
        if refusal := _refusal(column, catalogue[column.fact], text, mapping):
            found.append((column.source, refusal.reason, refusal.remedy))
    if not found and present:
        name, text = present[0]
        remedy = "Write plain numbers, ISO dates and the words of the mapping."
        return name, f"{shown(text)} is not written as tables write it.", remedy
    if not found:
        return None, "No mapped column of the row has a value.", "Fill the row in, or leave it out."
    first = found[0]
    reason = first[1] + "".join(f" Also {name}: {why}" for name, why, _ in found[1:])
    return first[0], reason, first[2]


def _refusal(column: ColumnMapping, fact: FactDefinition, text: str, mapping: TableMapping) -> ValueRefusedError | None:
    words = recoding(fact, column)
    if text.casefold() in words:
        return None
    try:
        parse_value(
            fact,
            text,
            decimal=mapping.decimal,
            date_format=_explained_format(text, column, mapping),
            scale=column.scale,
            currency=column.currency or mapping.currency,
        )
    except ValueRefusedError as refusal:
        return refusal
    return _stricter(fact, text) if fact.kind is Kind.CATEGORY and fact.categories else None


def _explained_format(text: str, column: ColumnMapping, mapping: TableMapping) -> str | None:
    chosen = column.date_format or mapping.date_format
    return chosen or (None if len(text) > 10 and text[4:5] == "-" else "%Y-%m-%d")


def _stricter(fact: FactDefinition, text: str) -> ValueRefusedError | None:
    """A table takes only categories, their labels and the mapping's recoding; synonyms are proposed, not assumed."""
    named = {label.casefold() for labels in fact.category_labels.values() for label in labels.values()}
    if text.casefold() in named or text.casefold() in {category.casefold() for category in fact.categories}:
        return None
    listed = ", ".join(fact.categories)
    return ValueRefusedError(
        f"{shown(text)} is none of {listed}.", "Map it under values in the mapping, or correct it."
    )
