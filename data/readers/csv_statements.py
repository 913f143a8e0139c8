"""Bank statements as CSV of any bank: header found by its words, number and date style by all values together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

from app.domain.reading import Entry, Problem
from app.domain.values import CURRENCIES, ValueRefusedError, currency_in, normalise, parse_number, shown
from app.errors import InputError
from data.readers.records import Record, records
from data.readers.statements import Statement, account_name, head_of, oldest_first
from data.readers.text import DELIMITERS, Form, cells_of, numbered_lines

LARGEST = 64 * 2**20  # bytes
_FILE = Path(__file__).parent.parent / "catalogue" / "statement_words.toml"
_ROLES = (
    "date", "amount", "debit", "credit", "balance", "text", "party", "currency", "sign", "other_account", "account",
)  # fmt: skip
_APPLICATION = frozenset(
    "income age term duration job purpose housing seniority marital status employment loan tenure dependents".split()  # noqa: SIM905
)
_DEBIT_WORDS = re.compile(r"^(d|dr|db|dbit|debit|af|s|soll|支出?|借|out|withdrawal|cash_withdraw(al)?|-)$", re.I)
_CREDIT_WORDS = re.compile(r"^(c|cr|crdt|credit|bij|h|haben|收入?|贷|in|deposit|\+)$", re.I)


@cache
def statement_words() -> Mapping[str, tuple[str, ...]]:
    with _FILE.open("rb") as file:
        return {name: tuple(words) for name, words in tomllib.load(file).items()}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a statement stand."""

    delimiter: str
    header: tuple[str, ...]
    line: int  # of the header
    at: Mapping[str, int]  # "date", "amount", ... -> column
    before: tuple[str, ...]  # lines above the header


def layout_of(path: Path, form: Form) -> Layout | None:
    """Find the header of a bank statement in the first lines; None when the file has none."""
    lines = [(number, text) for number, text, _ in islice(numbered_lines(path, form), 60)]
    for position, (number, text) in enumerate(lines):
        for delimiter in DELIMITERS[:4]:
            rows = cells_of(text, delimiter) if delimiter in text else []
            if rows and (at := _columns(rows[0])):
                before = tuple(above for _, above in lines[:position])
                return Layout(delimiter, tuple(cell.strip() for cell in rows[0]), number, at, before)
    return None


def _columns(header: Sequence[str]) -> dict[str, int] | None:
    names = [" ".join(w for w in normalise(cell).split() if w.upper() not in CURRENCIES) for cell in header]
    at: dict[str, int] = {}
    for role in _ROLES:
        found = [names.index(normalise(word)) for word in statement_words()[role] if normalise(word) in names]
        if free := [column for column in found if column not in at.values()]:
            at[role] = free[0]
    spare = [names.index(normalise(word)) for word in statement_words()["text"] if normalise(word) in names]
    if more := [column for column in spare if column not in at.values()]:
        at["more"] = more[0]
    words = {word for name in names for word in name.split()}
    if len(words & _APPLICATION) >= 2 or "date" not in at:
        return None
    money = "amount" in at or "debit" in at or "credit" in at
    told = "text" in at or "balance" in at or "party" in at
    return at if money and told else None


def read_csv_statement(path: Path, form: Form, layout: Layout) -> list[Statement]:
    """Read the entries, one statement an account and currency. Raises ``InputError``."""
    if path.stat().st_size > LARGEST:
        text = f"A bank statement of more than {LARGEST // 2**20} MB is not read."
        raise InputError("file", text, remedy="Give a shorter period.", file=path.name)
    lines = (item for item in numbered_lines(path, form) if item[0] > layout.line)
    found = list(records(lines, layout.delimiter, len(layout.header)))
    found = [_padded(record, layout) for record in found]
    layout = _whose_account(layout, found)
    good = [record for record in found if record.problem is None and any(cell.strip() for cell in record.cells)]
    problems = [record.problem for record in found if record.problem is not None]
    style = _style(good, layout, path)
    groups: dict[tuple[str, str], _Account] = {}
    for record in good:
        _take(record, layout, style, groups, problems)
    if not groups:
        groups[("", style.currency)] = _Account()
    number, holder = head_of("\n".join(layout.before))
    statements = [account.statement(key, number if len(groups) == 1 else "", holder) for key, account in groups.items()]
    return [replace(statements[0], problems=tuple(problems)), *statements[1:]]


def _whose_account(layout: Layout, rows: Sequence[Record]) -> Layout:
    """A column of accounts that is empty in places or differs from row to row holds the other party's, as DKB's."""
    if "account" not in layout.at or "other_account" in layout.at:
        return layout
    cells = [row.cells[layout.at["account"]].strip() for row in rows if row.problem is None]
    if all(cells) and len(set(cells)) <= max(1, len(cells) / 3):
        return layout
    at = {role: column for role, column in layout.at.items() if role != "account"}
    return replace(layout, at=at | {"other_account": layout.at["account"]})


def _padded(record: Record, layout: Layout) -> Record:
    """A row that only has one empty cell more at its end, or blank ones too few, is as good as a full one."""
    if record.problem is None or '"' in record.raw or "\0" in record.raw:
        return record
    cells = [cell.strip() for cell in record.raw.split(layout.delimiter)]
    width = len(layout.header)
    while len(cells) > width and not cells[-1]:
        cells.pop()
    needed = max(column for role, column in layout.at.items() if role != "more")
    if len(cells) > width or len(cells) <= needed or "not valid" in record.problem.reason:
        return record
    return Record(record.line, record.raw, tuple(cells + [""] * (width - len(cells))))


@dataclass(frozen=True, slots=True)
class _Style:
    decimal: str
    date_format: str | None
    currency: str


class _Account:
    """Entries of one account while they are collected."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.opening: Decimal | None = None
        self.closing: Decimal | None = None

    def statement(self, key: tuple[str, str], above: str = "", holder: str = "") -> Statement:
        """``above`` and ``holder`` are the account and its holder as the lines above the table name them."""
        number = key[0] or above
        entries = oldest_first(self.entries)
        if number != key[0]:
            entries = tuple(replace(entry, account=number) for entry in entries)
        return Statement(entries, self.opening, self.closing, number or None, key[1], holder or None)


def _style(rows: Sequence[Record], layout: Layout, path: Path) -> _Style:
    money = [layout.at[role] for role in ("amount", "debit", "credit", "balance") if role in layout.at]
    numbers = [row.cells[at].strip() for row in rows for at in money if row.cells[at].strip()]
    dates = [row.cells[layout.at["date"]].strip() for row in rows if row.cells[layout.at["date"]].strip()]
    named = " ".join([*(layout.header[at] for at in money), *layout.before])
    return _Style(_decimal(numbers), _date_format(dates, path), currency_in(named) or "")


def _decimal(numbers: Sequence[str]) -> str:
    """The decimal mark by the last mark before one or two closing digits, over all numbers."""
    tails = [match.group(1) for number in numbers if (match := re.search(r"([.,])\d{1,2}\D*$", number))]
    if tails.count(",") != tails.count("."):
        return "," if tails.count(",") > tails.count(".") else "."
    return "," if any(re.search(r"\d\.\d{3}\.\d{3}", number) for number in numbers) else "."


def _date_format(dates: Sequence[str], path: Path) -> str | None:
    """The one form that reads most dates; day and month are told apart by days over 12, then by the order of rows."""
    shorts = [_day(text) for text in dates]
    scored: list[tuple[float, int, str]] = []
    for rank, pattern in enumerate(statement_words()["date_formats"]):
        read = [found for text in shorts if (found := _try(text, pattern)) is not None]
        if read and len(read) >= 0.5 * len(shorts):
            plausible = all(1950 <= day.year <= 2100 for day in read)
            jumps = sum(abs((b - a).days) for a, b in pairwise(read)) / 1e9
            scored.append((len(read) / len(shorts) - jumps - (not plausible), -rank, pattern))
    if not scored and shorts:
        text = f"The dates, such as {shown(dates[0])}, have no form that is known, or no year."
        raise InputError("file", text, remedy="Give the statement with full dates.", file=path.name)
    return max(scored)[2] if scored else None


def _day(text: str) -> str:
    return re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", text.strip())


def _try(text: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return None


def _take(
    record: Record,
    layout: Layout,
    style: _Style,
    groups: dict[tuple[str, str], _Account],
    problems: list[Problem],
) -> None:
    cell = {role: record.cells[at].strip() for role, at in layout.at.items()}
    currency = cell.get("currency", "").upper() if cell.get("currency", "").upper() in CURRENCIES else style.currency
    number = account_name(cell.get("account", ""))
    account = groups.setdefault((number, currency), _Account())
    text = " · ".join(dict.fromkeys(part for role in ("party", "text", "more") if (part := cell.get(role, ""))))
    try:
        balance = _number(cell, "balance", style)
        amount = _amount(cell, style)
        if not _marks(account, text, amount, balance):
            account.entries.append(_entry(cell, style, amount, currency, text, balance, record.line, number))
    except _Wrong as wrong:
        column = layout.header[layout.at[wrong.role]] if wrong.role in layout.at else None
        problems.append(Problem(record.line, column, wrong.reason, wrong.remedy, record.raw))


def _entry(
    cell: Mapping[str, str],
    style: _Style,
    amount: Decimal | None,
    currency: str,
    text: str,
    balance: Decimal | None,
    line: int,
    account: str,
) -> Entry:
    if amount is None:
        raise _Wrong("amount", "The row has no amount.", "Fill it in, or leave the row out.")
    booked = _try(_day(cell["date"]), style.date_format or "")
    if booked is None:
        raise _Wrong("date", f"{shown(cell['date'])} is not a date like the others.", "Write it like the others.")
    other = account_name(cell.get("other_account", ""))
    return Entry(booked, amount, currency, text, balance, line, None, account, cell.get("party", ""), other)


class _Wrong(Exception):
    def __init__(self, role: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.role, self.reason, self.remedy = role, reason, remedy


def _marks(account: _Account, text: str, amount: Decimal | None, balance: Decimal | None) -> bool:
    """Whether the row only states the opening or closing balance, which is then kept."""
    folded = text.casefold()
    opening, closing = (any(word in folded for word in statement_words()[name]) for name in ("opening", "closing"))
    if not (opening or closing) or (amount is None and balance is None):
        return False
    if opening and not account.entries:
        account.opening = balance if balance is not None else amount
    elif closing:
        account.closing = balance if balance is not None else amount
    elif opening:
        account.closing = None
        account.opening = balance if balance is not None else amount
    return True


def _amount(cell: Mapping[str, str], style: _Style) -> Decimal | None:
    debit, credit = _number(cell, "debit", style), _number(cell, "credit", style)
    if debit or credit:
        return (credit or Decimal(0)) - abs(debit or Decimal(0))
    amount = _number(cell, "amount", style)
    if amount is None:
        return Decimal(0) if debit is not None or credit is not None else None
    sign = cell.get("sign", "")
    if amount > 0 and _DEBIT_WORDS.match(sign):
        return -amount
    return amount


def _number(cell: Mapping[str, str], role: str, style: _Style) -> Decimal | None:
    text = cell.get(role, "")
    if not text or text in ("-", "–", "--"):
        return None
    try:
        return parse_number(text, style.decimal).quantize(Decimal("0.01"))
    except (ValueRefusedError, ArithmeticError) as exc:
        raise _Wrong(role, str(exc), "Correct the number, such as 1250.50.") from exc


def entries_of(statements: Sequence[Statement]) -> Iterator[Entry]:
    for statement in statements:
        yield from statement.entries
