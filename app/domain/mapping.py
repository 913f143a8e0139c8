"""The mapping from a table's columns to the fact catalogue: its TOML form, its checks, and what a proposal is."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.facts import Catalogue, FactDefinition, Kind
from app.domain.values import CURRENCIES, FALSE_WORDS, TRUE_WORDS, category_of, normalise
from app.errors import InputError

DEFAULT_MISSING = ("", "NA", "N/A", "n/a", "NULL", "null", "NaN", "nan")
_TOP_KEYS = frozenset({"currency", "product", "reference", "applicant", "missing", "date_format", "decimal", "columns"})
_COLUMN_KEYS = frozenset({"from", "scale", "values", "date_format", "currency"})
_NUMERIC = (Kind.MONEY, Kind.PERCENT, Kind.COUNT, Kind.MONTHS, Kind.YEARS, Kind.DAYS, Kind.NUMBER)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """One column of the file and the fact it holds."""

    fact: str
    source: str  # heading in the file
    scale: Decimal | None = None  # factor of a number
    values: Mapping[str, str] = field(default_factory=dict)  # word in the file -> category, "true" or "false"
    date_format: str | None = None  # strptime
    currency: str | None = None  # of this money column where it is not the table's


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How the rows of a table become cases."""

    columns: tuple[ColumnMapping, ...]
    currency: str = "EUR"  # ISO 4217, of every money column without its own
    product: str = "instalment-loan"
    reference: str | None = None  # heading of the lender's own number
    missing: tuple[str, ...] = DEFAULT_MISSING
    date_format: str | None = None  # strptime; ISO else
    decimal: str = "."

    def column(self, fact: str) -> ColumnMapping | None:
        return next((column for column in self.columns if column.fact == fact), None)

    def sources(self) -> tuple[str, ...]:
        """Every heading the mapping needs, the reference first."""
        named = (self.reference,) if self.reference else ()
        return named + tuple(column.source for column in self.columns)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; ``mapping_from_json`` reads it back."""
        top = {
            "currency": self.currency,
            "product": self.product,
            "missing": list(self.missing),
            "decimal": self.decimal,
        }
        named = {"reference": self.reference, "date_format": self.date_format}
        columns = {column.fact: _column_json(column) for column in self.columns}
        return top | {key: value for key, value in named.items() if value} | {"columns": columns}

    def to_toml(self) -> str:
        """The documented TOML form."""
        data = self.to_json()
        columns = data.pop("columns")
        lines = [f"{key} = {_toml(value)}" for key, value in data.items()]
        for fact, column in columns.items():
            lines += ["", f"[columns.{_toml(fact)}]"] + [f"{key} = {_toml(value)}" for key, value in column.items()]
        return "\n".join(lines) + "\n"

    def check_header(self, header: Sequence[str], file: str) -> None:
        """Raise ``InputError`` unless every heading the mapping needs stands in the file exactly once."""
        for name in dict.fromkeys(self.sources()):
            times = list(header).count(name)
            if times == 1:
                continue
            how = "is not in the file" if times == 0 else f"stands {times} times in the header"
            rename = "" if times == 0 else "Rename one of them. "
            raise InputError(
                "mapping",
                f"The mapping reads the column {name!r}, which {how}.",
                remedy=f"{rename}Its columns are: {', '.join(header)}.",
                file=file,
                column=name,
            )


def _column_json(column: ColumnMapping) -> dict[str, Any]:
    out: dict[str, Any] = {"from": column.source}
    if column.scale is not None:
        out["scale"] = (
            int(column.scale) if column.scale == column.scale.to_integral_value() else format(column.scale, "f")
        )
    out |= {key: value for key in ("date_format", "currency") if (value := getattr(column, key))}
    return out | ({"values": dict(column.values)} if column.values else {})


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def mapping_from_toml(text: str, catalogue: Catalogue, file: str = "mapping") -> TableMapping:
    """Read the documented TOML form. Raises ``InputError`` with the file and the key that is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise InputError(
            "mapping", f"This is no valid TOML: {exc}.", remedy="Correct it at that place.", file=file
        ) from exc
    return mapping_from_json(data, catalogue, file)


def mapping_from_json(data: Mapping[str, Any], catalogue: Catalogue, file: str = "mapping") -> TableMapping:
    """The same from its parsed form."""
    check = _Checker(catalogue, file)
    check.keys(data, _TOP_KEYS, "")
    columns = [check.column(fact, entry) for fact, entry in check.table(data, "columns").items()]
    if applicant := check.text(data, "applicant", ""):
        columns.append(ColumnMapping("applicant.name", applicant))
    check.once([column.fact for column in columns], "The fact {!r} is mapped twice.")
    check.once([column.source for column in columns], "The column {!r} is mapped twice.")
    if not columns:
        raise check.error("columns", "The mapping names no column.", 'Add a table such as [columns."request.amount"].')
    return TableMapping(
        columns=tuple(columns),
        currency=check.currency(data, "currency", "") or "EUR",
        product=check.text(data, "product", "") or "instalment-loan",
        reference=check.text(data, "reference", "") or None,
        missing=check.missing(data),
        date_format=check.text(data, "date_format", "") or None,
        decimal=check.decimal(data),
    )


@dataclass(frozen=True, slots=True)
class _Checker:
    """Checks one mapping file; every error names the file and the key."""

    catalogue: Catalogue
    file: str

    def error(self, key: str, message: str, remedy: str = "See docs/import.md for the form.") -> InputError:
        return InputError("mapping", f"{key}: {message}" if key else message, remedy=remedy, file=self.file)

    def keys(self, data: Mapping[str, Any], known: frozenset[str], where: str) -> None:
        for key in data:
            if key not in known:
                raise self.error(f"{where}{key}", "This key is not known.", f"Known are: {', '.join(sorted(known))}.")

    def table(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = data.get(key, {})
        if not isinstance(value, Mapping):
            raise self.error(key, "This must be a table.")
        return value

    def text(self, data: Mapping[str, Any], key: str, where: str) -> str:
        value = data.get(key, "")
        if not isinstance(value, str):
            raise self.error(f"{where}{key}", "This must be a text in quotes.")
        return value

    def currency(self, data: Mapping[str, Any], key: str, where: str) -> str:
        value = self.text(data, key, where)
        if value and value not in CURRENCIES:
            raise self.error(f"{where}{key}", f"{value!r} is no ISO 4217 code.", 'Write one such as "EUR" or "CNY".')
        return value

    def decimal(self, data: Mapping[str, Any]) -> str:
        value = self.text(data, "decimal", "") or "."
        if value not in (".", ","):
            raise self.error("decimal", f"{value!r} is no decimal mark.", 'Write "." or ",".')
        return value

    def missing(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        value = data.get("missing", list(DEFAULT_MISSING))
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.error("missing", "This must be a list of texts.", 'Write it as missing = ["NA", ""].')
        return tuple(dict.fromkeys(["", *value]))

    def column(self, fact: str, entry: Any) -> ColumnMapping:
        where = f'columns."{fact}".'
        definition = self.catalogue.get(fact)
        if definition is None or not definition.table_column:
            known = ", ".join(sorted(d.name for d in self.catalogue if d.table_column))
            raise self.error(where[:-1], "This is no fact a table can hold.", f"Known are: {known}.")
        entry = {"from": entry} if isinstance(entry, str) else entry
        if not isinstance(entry, Mapping):
            raise self.error(where[:-1], "This must be a table with the key from.")
        self.keys(entry, _COLUMN_KEYS, where)
        source = self.text(entry, "from", where)
        if not source:
            raise self.error(f"{where}from", "The column of the file is not named.", 'Write it as from = "Income".')
        return ColumnMapping(
            fact=fact,
            source=source,
            scale=self.scale(entry, definition, where),
            values=self.values(entry, definition, where),
            date_format=self.text(entry, "date_format", where) or None,
            currency=self.currency(entry, "currency", where) or None,
        )

    def scale(self, entry: Mapping[str, Any], definition: FactDefinition, where: str) -> Decimal | None:
        if "scale" not in entry:
            return None
        try:
            scale = Decimal(str(entry["scale"]))
        except InvalidOperation:
            scale = Decimal("NaN")
        if not scale.is_finite() or scale == 0 or definition.kind not in _NUMERIC:
            raise self.error(f"{where}scale", "This must be a number other than 0, of a fact that is a number.")
        return scale

    def values(self, entry: Mapping[str, Any], definition: FactDefinition, where: str) -> Mapping[str, str]:
        table = self.table(entry, "values")
        if table and definition.kind not in (Kind.CATEGORY, Kind.BOOLEAN, Kind.TEXT):
            raise self.error(f"{where}values", f"The fact is a {definition.kind}, which takes no recoding.")
        return {word: self.recoded(value, definition, f"{where}values.{word}") for word, value in table.items()}

    def recoded(self, value: Any, definition: FactDefinition, key: str) -> str:
        text = str(value).lower() if isinstance(value, bool) else value
        if not isinstance(text, str):
            raise self.error(key, "The new value must be a text or true or false.")
        allowed = ("true", "false") if definition.kind is Kind.BOOLEAN else definition.categories
        if allowed and text not in allowed:
            raise self.error(key, f"{text!r} is none of the fact's values.", f"These are: {', '.join(allowed)}.")
        return text

    def once(self, names: Sequence[str], message: str) -> None:
        for name in names:
            if names.count(name) > 1:
                raise self.error("columns", message.format(name), "Keep one of them.")


def shape_of(header: Sequence[str]) -> str:
    """Name of a table's shape: hash of its headings in their order."""
    return hashlib.sha256("\x1f".join(name.strip() for name in header).encode()).hexdigest()


def recoding(definition: FactDefinition, column: ColumnMapping) -> dict[str, str]:
    """Word as it may stand in the file (folded case) → stored value, the mapping's own recoding first."""
    words = {word.strip().casefold(): value for word, value in column.values.items()}
    if definition.kind is Kind.BOOLEAN:
        usual = dict.fromkeys(TRUE_WORDS, "true") | dict.fromkeys(FALSE_WORDS, "false")
        return usual | words
    named: dict[str, str] = {}
    for category in definition.categories:
        named |= {label.casefold(): category for label in definition.category_labels.get(category, {}).values()}
    return named | {category.casefold(): category for category in definition.categories} | words


# --- proposing ---


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What one column of the file may be."""

    column: str
    fact: str | None
    confidence: Decimal  # 0..1, by name and by how many sampled values fit
    why: str
    samples: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)  # recoding of the words seen

    def to_json(self) -> dict[str, Any]:
        return {
            "column": self.column,
            "fact": self.fact,
            "confidence": str(self.confidence),
            "why": self.why,
            "samples": list(self.samples),
            "values": dict(self.values),
        }


@dataclass(frozen=True, slots=True)
class MappingProposal:
    """A mapping to confirm: found by names and values, or remembered from the last file of that shape."""

    shape: str
    columns: tuple[ColumnProposal, ...]  # in the order of the file
    mapping: TableMapping | None  # None when nothing matched
    remembered: bool = False

    @property
    def confident(self) -> bool:
        """Whether it may be used unasked: the amount is there, and no match is a guess."""
        if self.mapping is None or self.mapping.column("request.amount") is None:
            return False
        return self.remembered or all(c.confidence >= CONFIDENT for c in self.columns if c.fact)

    def to_toml(self) -> str:
        """The proposed mapping as a file, each column that is not taken named in a comment."""
        left = [f"# not mapped: {column.column} ({column.why})" for column in self.columns if column.fact is None]
        body = self.mapping.to_toml() if self.mapping else ""
        return body + "".join(f"\n{line}" for line in left) + ("\n" if left else "")

    def to_json(self) -> dict[str, Any]:
        return {
            "shape": self.shape,
            "remembered": self.remembered,
            "confident": self.confident,
            "columns": [column.to_json() for column in self.columns],
            "mapping": self.mapping and self.mapping.to_toml(),
        }


CONFIDENT = Decimal("0.80")


_UNITS = frozenset({"months", "mths", "years", "yrs", "in", "月", "元", "年", "人民币"})
_SAYS_NOTHING = frozenset({"applicant", "applied", "borrower", "current", "customer", "requested", "stated", "the"})


def name_confidence(definition: FactDefinition, heading: str) -> Decimal:
    """How well a heading names a fact: 1 by its name, 0.95 by an alias or label (units and currencies aside), 0.85 when
    all its words are of the fact's names and it holds one of them, 0.6 when it holds one of two words, else 0."""
    word = normalise(heading)
    if word == normalise(definition.name):
        return Decimal(1)
    names = {normalise(name) for name in (*definition.aliases, *definition.label.values())}
    parts = [part for part in word.split() if part.upper() not in CURRENCIES]
    bare = {" ".join(parts), " ".join(part for part in parts if part not in _UNITS)}
    if word in names or names & bare:
        return Decimal("0.95")
    own = {part for name in (*names, normalise(definition.name)) for part in name.split()}
    holds = [name for name in names if f" {name} " in f" {word} "]
    if holds and set(parts) <= own | _UNITS | _SAYS_NOTHING:
        return Decimal("0.85")
    return Decimal("0.60") if any(len(name.split()) > 1 for name in holds) else Decimal(0)


def recode_seen(definition: FactDefinition, words: Sequence[str]) -> dict[str, str]:
    """Recoding of the words that are no category by themselves but mean one."""
    if definition.kind is not Kind.CATEGORY or not definition.categories:
        return {}
    own = {category.casefold() for category in definition.categories}
    return {
        word: category
        for word in words
        if word.casefold() not in own and (category := category_of(definition, word)) is not None
    }


def reference_column(header: Sequence[str]) -> str | None:
    """The heading that looks like the lender's own number of an application."""
    names = {
        "id", "rownames", "reference", "application id", "case id", "loan id", "loan number", "application no",
        "sk id curr", "customer id", "number", "reference number", "application number", "编号", "申请编号", "案件编号",
    }  # fmt: skip
    return next((heading for heading in header if normalise(heading) in names), None)
