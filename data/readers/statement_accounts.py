"""Several accounts in one document: which lines of its pages belong to which account.

An account begins where a line names its number and a table of entries, or an opening balance, follows before any
entry. The number of a counterparty in the text of an entry begins none: to count, a number must open with a balance of
its own or have been listed above the first entry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.identifiers import is_iban
from app.domain.layout import Layout, Line, line_text
from app.domain.reading import DocumentField
from data.readers.statement_headings import MOST_LINES, headings_of, stacked
from data.readers.statement_parts import date_at, money_on, says
from data.readers.statement_tables import statement_in, statement_of
from data.readers.statements import Statement, account_name, head_of

_TYPED = re.compile(
    r"(?:checking|chequing|savings?|current|deposit|money market|giro(?:konto)?|sparkonto|tagesgeld(?:konto)?"
    r"|festgeld(?:konto)?|kreditkarte|livret(?: \w)?|compte(?: courant| chèques?| épargne)?|ldd|pel"
    r"|cuenta(?: corriente| de ahorro)?|conto(?: corrente| deposito)?|(?:spaar|betaal)rekening"
    r"|(?:spar|löne|privat)konto|conta(?: à ordem| poupança)?|活期|定期|储蓄|借记卡|信用卡)(?: account)?\W{0,4}"
    r"(?:n[o°r]?\.?|number|nr\.?)?\W{0,3}(?P<number>[\dxX*•]{2,}(?:[ -]?[\dxX*•]{2,})*\d)\W*$",
    re.I,
)
_LEAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line that names an account."""

    at: int
    account: str


def statements_in(layout: Layout, details: Sequence[DocumentField] = ()) -> list[Statement]:
    """The statements on these pages, one for each account that has entries, in their order; empty where there is none.

    ``details`` are fields of the document that were found already; with several accounts they tell holder and bank.
    """
    lines = layout.lines[:MOST_LINES]
    parts = _parts(lines)
    if len(parts) > 1:
        shared = [each for each in details if each.name in ("holder", "bank")]
        found = [statement_of(part, lines, shared, account) for account, part in parts]
        several = [each for each in found if each is not None]
        if len(several) > 1:
            return several
    whole = statement_in(layout, details)
    return [whole] if whole is not None else []


def _parts(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """Accounts with their lines; what stands above the first mark goes with the first account."""
    marks = _openings(lines)
    parts: dict[str, list[Line]] = {}
    for place, mark in enumerate(marks):
        start = mark.at if place else 0
        end = marks[place + 1].at if place + 1 < len(marks) else len(lines)
        parts.setdefault(mark.account, []).extend(lines[start:end])
    return list(parts.items())


def _openings(lines: Sequence[Line]) -> list[_Mark]:
    """The lines at which an account begins, or is named again on a further page."""
    marks = _marks(lines)
    first = next((at for at, line in enumerate(lines) if _is_entry(line)), len(lines))
    above = re.sub(r"\W", "", "".join(line_text(line) for line in lines[:first])).upper()
    out: list[_Mark] = []
    known: set[str] = set()
    for place, mark in enumerate(marks):
        until = next((other.at for other in marks[place + 1 :] if other.account != mark.account), len(lines))
        opened, headed = _opens(lines, mark.at, until)
        if (mark.account in known and (opened or headed)) or opened or (headed and mark.account in above):
            known.add(mark.account)
            out.append(mark)
    return out


def _opens(lines: Sequence[Line], at: int, until: int) -> tuple[bool, bool]:
    """Whether an opening balance follows, and a heading of a table, before any entry."""
    headed = False
    for place in range(at, until):
        line = lines[place]
        if says(line_text(line), "opening") and money_on(line):
            return True, headed
        if headings_of(line) or (place > at and headings_of(stacked(lines[place - 1], line))):
            headed = True
        elif _is_entry(line):
            return False, headed
    return False, headed


def _marks(lines: Sequence[Line]) -> list[_Mark]:
    """Each line that names an account; one account goes by its first name, whether masked or whole."""
    out: list[_Mark] = []
    for at, line in enumerate(lines):
        if (named := _named(line)) is None:
            continue
        same = next((mark.account for mark in out if _alike(mark.account, named)), named)
        out.append(_Mark(at, same))
    return out


def _named(line: Line) -> str | None:
    text = line_text(line)
    if _is_entry(line) or money_on(line):
        return None
    number, _ = head_of(text)
    if not number and (typed := _TYPED.search(text)) is not None:
        number = account_name(typed["number"])
    return number if sum(map(str.isdigit, number)) >= _LEAST_DIGITS else None


def _alike(one: str, other: str) -> bool:
    """Whether two names may be of one account: the same last signs, where one is short, masked or an IBAN."""
    if is_iban(one) and is_iban(other):
        return one == other
    a, b = (re.sub(r"\W", "", each).lstrip("X").upper() for each in (one, other))
    short, long = sorted((a, b), key=len)
    return long.endswith(short) if len(short) >= _LEAST_DIGITS else False


def _is_entry(line: Line) -> bool:
    return bool(money_on(line)) and any(date_at(line, at) is not None for at in range(min(2, len(line))))
