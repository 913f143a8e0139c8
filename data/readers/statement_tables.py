"""Statements on pages, from a text layer or character recognition: the table of entries by its headings or its columns.

The table is found by heading words of many languages, else by rows that begin with a date and end with amounts. What a
column means is told by its heading, else by arithmetic: a balance is the one before plus or minus the amount. Opening
balance plus entries giving the closing balance says that nothing was overlooked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise, product
from statistics import median

from app.domain.layout import Layout, Line, Word, box_around, line_text
from app.domain.reading import DocumentField, Entry, Problem
from app.domain.values import CURRENCIES, currency_in, normalise
from data.readers.csv_statements import statement_words
from data.readers.statement_headings import MONEY_ROLES, MOST_LINES, Columns, headings_of, stacked
from data.readers.statement_parts import (
    Calendar,
    Money,
    RawDate,
    calendar_of,
    date_at,
    money_on,
    says,
    told_balance,
    whole_money_on,
)
from data.readers.statements import Statement, account_name, head_of

_LEAST_ROWS = 2  # of a table without headings
_UNDER = 22.0  # points from a heading within which a number without decimals is an amount
_FAR = 90.0  # points between a heading and an amount of its column
_CARD = re.compile(
    r"credit card|minimum payment|credit limit|payment due|kreditkarte|carte de crédit|tarjeta de crédito|信用卡",
    re.I,
)
_SURE, _DOUBTFUL = Decimal(1), Decimal("0.5")  # confidence where the sign of an amount is known, or only likely
_LIKELY_IN = 2  # sign of an amount without a mark where others are marked as debits: in, unless balances say otherwise
_MOST_SIGNS = 10  # unsigned amounts between two balances whose signs are tried
_MOST_TEXT = 200_000  # signs that are searched for currency, account and holder
_MOST_MORE = 6  # further lines of one entry's text


def entries_in(layout: Layout) -> tuple[Entry, ...]:
    """The entries of the statement on these pages; empty where there is no table of entries."""
    found = statement_in(layout)
    return found.entries if found is not None else ()


def statement_in(layout: Layout, details: Sequence[DocumentField] = ()) -> Statement | None:
    """The statement on these pages, oldest entry first; None where there is no table of entries.

    ``details`` are fields of the document that were found already: holder, account number, balances, currency.
    """
    lines = layout.lines[:MOST_LINES]
    return _read(lines, lines, {each.name: each for each in details}, layout.text[:_MOST_TEXT])


def statement_of(
    part: Sequence[Line], lines: Sequence[Line], details: Sequence[DocumentField], account: str
) -> Statement | None:
    """The statement of one of several accounts: ``part`` of the ``lines`` of a document, whose dates tell the year."""
    text = "\n".join(line_text(line) for line in part)[:_MOST_TEXT]
    found = _read(part, lines, {each.name: each for each in details}, text)
    if found is None:
        return None
    currency = found.currency or currency_in("\n".join(line_text(line) for line in lines)[:_MOST_TEXT]) or ""
    entries = tuple(replace(entry, account=account, currency=currency) for entry in found.entries)
    return replace(found, entries=entries, account=account, currency=currency)


def _read(
    lines: Sequence[Line], every: Sequence[Line], told: Mapping[str, DocumentField], text: str
) -> Statement | None:
    table = _Table()
    for line in lines:
        table.take(line)
    rows = table.rows()
    if not rows:
        return None
    currency = _currency(told, text)
    calendar = calendar_of(every, [row.raw for row in rows if row.raw is not None], currency)
    card = bool(_CARD.search(text)) and "balance" not in table.meanings().values()
    opening, closing = _balances(lines, told, card=card)
    return _statement(rows, table, calendar, _Head(told, currency, card, opening, closing, text))


@dataclass(frozen=True, slots=True)
class _Head:
    told: Mapping[str, DocumentField]
    currency: str
    card: bool
    opening: Decimal | None
    closing: Decimal | None
    text: str  # of the pages


@dataclass
class _Row:
    """One entry while it is put together."""

    raw: RawDate | None
    valued: RawDate | None
    words: list[Word]
    money: list[Money]
    line: Line
    columns: Columns = field(default_factory=dict)
    section: int = 0
    more: int = 0
    last: Line = field(default=())


class _Table:
    """Takes lines from top to bottom and keeps those of the table."""

    def __init__(self) -> None:
        self.columns: Columns = {}
        self._beside: list[Columns] = []  # tables that stand beside one another
        self.headed = False
        self._rows: list[_Row] = []
        self._before: Line | None = None
        self._section = 0
        self._date: tuple[RawDate, RawDate | None] | None = None
        self._meanings: dict[int, str] | None = None
        self._edges: list[float] | None = None

    def take(self, line: Line) -> None:
        beside = headings_of(line) or (headings_of(stacked(self._before, line)) if self._before else [])
        if beside:
            if not self.headed:
                self._rows = []  # what stands above the first heading is no part of the table
            self._beside, self.headed = beside, True
            self.columns = beside[0]
            self._before = None
            return
        self._before = line
        if len(self._beside) < 2:
            self._take(line)
            return
        starts = [min(span[0] for span in columns.values()) - 6 for columns in self._beside]
        for columns, start, end in zip(self._beside, starts, [*starts[1:], 1e9], strict=True):
            if part := tuple(word for word in line if start <= word.box[0] < end):
                self.columns = columns
                self._take(part)

    def _take(self, line: Line) -> None:
        money = self._of_columns(money_on(line), line)
        text = line_text(line)
        dated = _leading_dates(line)
        if money and (says(text, "opening") or says(text, "closing")):
            return
        if dated is None and says(_words_only(text), "total") and money:
            return
        if not money and dated is None:
            self._heading_or_more(line, text)
        elif dated is not None:
            self._dated(line, dated, money)
        elif self.headed and self._rows and self._rows[-1].money and self._date and self._further(line, money):
            self._new(self._date, [w for w in line if not _in(w, money)], money, line)
        elif self._rows and not self._rows[-1].money:
            self._rows[-1].money = money
            self._rows[-1].words += [word for word in line if not _in(word, money)]

    def _of_columns(self, money: list[Money], line: Line) -> list[Money]:
        """Amounts that stand in a column of amounts; others are part of the text (the amount in another currency)."""
        known = [self.columns[role] for role in MONEY_ROLES if role in self.columns]
        if not known:
            return money
        money = [each for each in money if min(_apart(each, span) for span in known) <= _FAR]
        plain = [
            each
            for each in whole_money_on(line)
            if not any(_in(word, money) for word in each.words) and min(_apart(each, span) for span in known) <= _UNDER
        ]
        return sorted([*money, *plain], key=lambda each: each.box[0])

    def _heading_or_more(self, line: Line, text: str) -> None:
        words = normalise(text)
        for name, sign in (("section_in", 1), ("section_out", -1)):
            if words in {normalise(word) for word in statement_words()[name]}:
                self._section = sign
                return
        if self._rows and self._goes_on(line):
            row = self._rows[-1]
            row.words += list(line)
            row.more += 1
            row.last = line

    def _further(self, line: Line, money: Sequence[Money]) -> bool:
        """Whether a line without a date is one more entry of the same day: described, and close below the last."""
        above = self._rows[-1].last or self._rows[-1].line
        gap = line[0].box[1] - above[0].box[3]
        if line[0].page != above[0].page:
            return _described(line, money) and all(re.search(r"[.,]\d\d", line_text(each.words)) for each in money)
        return _described(line, money) and gap <= 2.5 * above[0].height

    def _goes_on(self, line: Line) -> bool:
        """Whether the line stands close below the last entry, under its text."""
        row = self._rows[-1]
        above = row.last or row.line
        if not row.words or line[0].page != above[0].page or row.more >= _MOST_MORE:
            return False
        gap = line[0].box[1] - above[0].box[3]
        left = min(word.box[0] for word in row.words)
        right = min((each.box[0] for each in row.money), default=1e9)
        return -2 < gap <= 1.1 * above[0].height and line[0].box[0] >= left - 4 and line[0].box[0] < right

    def _dated(self, line: Line, dated: tuple[int, RawDate, RawDate | None], money: list[Money]) -> None:
        taken, raw, valued = dated
        used = {id(word) for each in (raw, valued) if each is not None for word in each.words}
        money = [each for each in money if not any(id(word) in used for word in each.words)]
        words = [word for word in line[taken:] if not _in(word, money) and id(word) not in used]
        self._date = raw, valued
        if words or money:
            self._new((raw, valued), words, money, line)

    def _new(self, dates: tuple[RawDate, RawDate | None], words: list[Word], money: list[Money], line: Line) -> None:
        self._rows.append(_Row(dates[0], dates[1], words, money, line, self.columns, self._section))

    def rows(self) -> list[_Row]:
        """The entries; where there were no headings, only if they look like a table."""
        found = [row for row in self._rows if row.money and (row.words or self.headed)]
        if self.headed:
            return found
        if not found:
            return []
        left = median(each.line[0].box[0] for each in found) + 20
        edge = [row for row in found if row.line[0].box[0] <= left]
        return edge if len(edge) >= _LEAST_ROWS else []

    def meanings(self) -> dict[int, str]:
        """What each column of amounts is, by its number from the left."""
        if self._meanings is None:
            self._meanings = dict(enumerate(self.columns if self.headed else self._named()))
        return self._meanings

    def _named(self) -> list[str]:
        edges = self.edges()
        if len(edges) == 1:
            return ["amount"]
        if len(edges) == 2:
            return ["amount", "balance"] if self._chained() else ["debit", "credit"]
        return ["debit", "credit", "balance"] if len(edges) == 3 else ["amount"] * len(edges)

    def edges(self) -> list[float]:
        """Right edges of the columns of amounts, from left to right; found from the rows."""
        found = sorted(each.box[2] for row in self.rows() for each in row.money)
        groups: list[list[float]] = []
        for edge in found:
            if groups and edge - groups[-1][-1] <= 9:
                groups[-1].append(edge)
            else:
                groups.append([edge])
        least = max(1, len(self.rows()) // 12)
        return [median(group) for group in groups if len(group) >= least]

    def _chained(self) -> bool:
        """Whether the last amount of a row is the one of the row before plus or minus the first."""
        pairs = [(row.money[0].value, _signed(row.money[-1])) for row in self.rows() if len(row.money) > 1]
        follows = [after - before in (moved, -moved) for (_, before), (moved, after) in pairwise(pairs)]
        back = [before - after in (moved, -moved) for (moved, before), (_, after) in pairwise(pairs)]
        return len(pairs) == 1 or max(sum(follows), sum(back)) * 2 > len(follows)

    def roles(self, row: _Row) -> list[str]:
        """What each amount of a row is, by the headings or columns under which they stand from left to right."""
        if not self.headed:
            edges = self.edges_kept()
            near = [min(range(len(edges)), key=lambda at: abs(edges[at] - each.box[2])) for each in row.money]
            return [self.meanings()[place] for place in near]
        spans = sorted((span, role) for role, span in row.columns.items() if role in MONEY_ROLES)
        if not spans or len(row.money) > len(spans):
            known = {role: span for span, role in spans}
            return [min(known, key=lambda r: _apart(each, known[r])) if known else "amount" for each in row.money]
        best = min(
            combinations(spans, len(row.money)),
            key=lambda chosen: sum(_apart(each, span) for each, (span, _) in zip(row.money, chosen, strict=True)),
        )
        return [role for _, role in best]

    def party_words(self, row: _Row) -> list[Word]:
        """Those of an entry's words that stand under the heading of the counterparty."""
        words, text, party = row.words, row.columns.get("text"), row.columns.get("party")
        if party is None:
            return []
        if text is None:
            return list(words)
        if party[0] > text[0]:
            return [word for word in words if word.box[0] >= party[0] - 8]
        return [word for word in words if word.box[0] < text[0] - 8]

    def edges_kept(self) -> list[float]:
        if self._edges is None:
            self._edges = self.edges()
        return self._edges


def _in(word: Word, money: Iterable[Money]) -> bool:
    return any(word is each for found in money for each in found.words)


def _on(word: Word, line: Line) -> bool:
    return any(word is each for each in line)


def _described(line: Line, money: Sequence[Money]) -> bool:
    return any(not _in(word, money) and re.search(r"[^\W\d]", word.text) for word in line)


def _words_only(text: str) -> str:
    return " ".join(re.findall(r"[^\W\d]+", text)[:3])


def _apart(money: Money, span: tuple[float, float]) -> float:
    """How far an amount stands from a heading: by right edges, left edges or middles, whichever is nearest."""
    x0, _, x1, _ = money.box
    return min(abs(x1 - span[1]), abs(x0 - span[0]), abs((x0 + x1) / 2 - (span[0] + span[1]) / 2))


def _leading_dates(line: Line) -> tuple[int, RawDate, RawDate | None] | None:
    """The date that begins a line, perhaps behind a number of the row, and a second one right behind it."""
    for start in range(min(2, len(line))):
        if start and not re.fullmatch(r"\d{1,5}\.?|[*•·]", line[0].text):
            break
        first = date_at(line, start)
        if first is None:
            continue
        after = start + first[0]
        second = date_at(line, after) if after < len(line) else None
        if second is not None and second[1].words[0].box[0] - line[after - 1].box[2] < 60:
            return after + second[0], first[1], second[1]
        return after, first[1], None
    return None


def _currency(told: Mapping[str, DocumentField], text: str) -> str:
    stated = told.get("currency")
    if stated is not None and str(stated.value).upper() in CURRENCIES:
        return str(stated.value).upper()
    named = re.search(
        r"(?:currency|währung|waehrung|devise|moneda|valuta|币种|měna)\s*[:：]?\s*([A-Z]{3})\b", text, re.I
    )
    if named and named[1].upper() in CURRENCIES:
        return named[1].upper()
    return currency_in(text) or ""


def _balances(
    lines: Sequence[Line], told: Mapping[str, DocumentField], *, card: bool
) -> tuple[Decimal | None, Decimal | None]:
    """Opening and closing balance as a line names them, else as the fields do; what a card owes is negative."""
    out: list[Decimal | None] = []
    for name, last in (("opening", False), ("closing", True)):
        found = told_balance(lines, name, last=last)
        stated = told.get(f"{name}_balance")
        if found is not None:
            value = _signed(found[0])
            out.append(-value if card and found[0].sign != 1 else value)
        else:
            out.append(Decimal(str(stated.value)) if stated is not None else None)
    return out[0], out[1]


def _signed(money: Money) -> Decimal:
    return -money.value if money.sign < 0 else money.value


def _statement(rows: Sequence[_Row], table: _Table, calendar: Calendar, head: _Head) -> Statement | None:
    made: list[tuple[Entry, int]] = []  # with its sign: 0 where it is still open
    problems: list[Problem] = []
    moved = [(row, _amount(row, table)) for row in rows]
    marked = any(found is not None and found[0].sign < 0 for _, found in moved)
    for row, money in moved:
        day = calendar.day(row.raw) if row.raw is not None else None
        raw = line_text(row.line)
        if money is None:
            continue
        if day is None:
            reason = "The date of the entry has no year, and the statement names none, or it is no date."
            problems.append(Problem(None, None, reason, "Look at the entry in the original.", raw))
            continue
        made.append(_entry(row, money, day, len(made) + 1, calendar, table, head, marked=marked))
    if not made:
        return None
    made = _turned(made, head)
    entries = _with_signs(made, head)
    account, holder, bank = (head.told.get(name) for name in ("iban", "holder", "bank"))
    account = account or head.told.get("account_number")
    named = ("", "") if head.told else head_of(head.text)
    number = account_name(str(account.value)) if account is not None else named[0]
    return Statement(
        tuple(replace(entry, account=number) for entry in entries),
        head.opening,
        head.closing,
        number or None,
        head.currency,
        str(holder.value) if holder is not None else named[1] or None,
        tuple(problems),
        (None, None),
        (),
        str(bank.value) if bank is not None else None,
        "card" if head.card else "account",
    )


def _amount(row: _Row, table: _Table) -> tuple[Money, str] | None:
    """The amount of a row and its role: not the balance, and not a zero beside another one."""
    parts = list(zip(row.money, table.roles(row), strict=True))
    moved = [part for part in parts if part[1] != "balance" and part[0].value] or [
        p for p in parts if p[1] != "balance"
    ]
    if moved:
        return moved[-1] if moved[-1][1] == "amount" else moved[0]
    return None


def _entry(
    row: _Row,
    found: tuple[Money, str],
    day: date,
    number: int,
    calendar: Calendar,
    table: _Table,
    head: _Head,
    *,
    marked: bool,
) -> tuple[Entry, int]:
    money, role = found
    sign = {"debit": -1, "credit": 1}.get(role, 0)
    if sign and money.bracketed and money.sign < 0 and role == "credit":
        sign = -1
    if not sign:
        sign = _marked_sign(money, row, head, marked=marked)
    balances = [each for each, named in zip(row.money, table.roles(row), strict=True) if named == "balance"]
    words = [*(w for w in row.line if any(w is each for each in row.words)), *money.words]
    sure = min((word.confidence for word in [*(row.raw.words if row.raw else ()), *money.words]), default=1.0)
    text = " ".join(word.text for word in row.words).strip(" |")
    entry = Entry(
        booked_on=day,
        amount=money.value,
        currency=head.currency,
        text=text,
        balance=_signed(balances[-1]) if balances else None,
        row=number,
        value_on=calendar.day(row.valued) if row.valued is not None else None,
        page=row.line[0].page,
        box=box_around([word for word in (*(row.raw.words if row.raw else ()), *words) if _on(word, row.line)]),
        confidence=Decimal(str(round(sure, 3))),
        counterparty=" ".join(word.text for word in table.party_words(row)),
    )
    return entry, sign


def _marked_sign(money: Money, row: _Row, head: _Head, *, marked: bool) -> int:
    """By its mark; else by the section it stands in; else, where others are marked as debits, a credit."""
    if head.card:
        return 1 if money.sign > 0 or money.bracketed else row.section or -1
    if money.sign:
        return money.sign
    return row.section or (_LIKELY_IN if marked else 0)


def _turned(made: list[tuple[Entry, int]], head: _Head) -> list[tuple[Entry, int]]:
    """Oldest first, where a statement runs from new to old."""
    days = [entry.booked_on for entry, _ in made]
    falls = sum(b < a for a, b in pairwise(days))
    rises = sum(b > a for a, b in pairwise(days))
    return made[::-1] if falls > rises else made


def _with_signs(made: Sequence[tuple[Entry, int]], head: _Head) -> list[Entry]:
    """Open signs by the balances: those under which each balance follows; the closing balance is the last one."""
    out: list[Entry] = []
    waiting: list[tuple[Entry, int]] = []
    known = head.opening
    for entry, sign in made:
        waiting.append((entry, sign))
        if entry.balance is not None:
            out += _solved(waiting, known, entry.balance)
            known, waiting = entry.balance, []
    if waiting:
        out += _solved(waiting, known, head.closing if not head.card else None)
    return out


def _solved(waiting: Sequence[tuple[Entry, int]], before: Decimal | None, after: Decimal | None) -> list[Entry]:
    open_at = [place for place, (_, sign) in enumerate(waiting) if sign in (0, _LIKELY_IN)]
    signs = [1 if sign == _LIKELY_IN else sign or -1 for _, sign in waiting]
    if open_at and before is not None and after is not None and len(open_at) <= _MOST_SIGNS:
        for choice in product((1, -1), repeat=len(open_at)):
            tried = list(signs)
            for place, sign in zip(open_at, choice, strict=True):
                tried[place] = sign
            if before + sum((e.amount * s for (e, _), s in zip(waiting, tried, strict=True)), Decimal(0)) == after:
                signs, open_at = tried, []
                break
    return [
        replace(
            entry,
            amount=entry.amount * sign,
            confidence=min(entry.confidence, _DOUBTFUL if place in open_at and not waiting[place][1] else _SURE),
        )
        for place, ((entry, _), sign) in enumerate(zip(waiting, signs, strict=True))
    ]
