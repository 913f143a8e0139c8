"""SWIFT MT940 statements and MT942 interim reports, as banks really send them.

The fields of a message are divided here, line by line; the contents of each are read by ``mt940`` with its later fixes
switched on. So a damaged entry costs that entry only, and no file can make a pattern run over more than one field.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Any

from mt940.models import Transactions
from mt940.options import Options
from mt940.tags import StatementASNB

from app.domain.reading import Check, Entry, Problem
from app.errors import InputError
from data.readers.feeds import checked_bytes, closing_on_last
from data.readers.statements import LARGEST_AMOUNT, Statement, account_name, in_cents, joined, oldest_first

MOST_ENTRIES = 100_000  # of a message
_LONGEST_LINE = 600  # characters of a :61:
_LONGEST_TEXT = 4_000  # characters of a :86: that are kept
_FIELD = re.compile(r"^:\s*(?P<tag>\d{2}|NS)(?P<letter>[A-Z])?:", re.M)
_OPTIONS = Options.all()
_CODE = re.compile(
    r"/(TRTP|CNTP|IBAN|BIC|NAME|NAAM|REMI|EREF|MARF|MREF|CSID|CRED|ORDP|BENM|ID|PURP|RTRN|ULTC|ULTD|SVCL)/"
)
_NAMED = re.compile(r"\b(?:NAAM|NAME)\s*:\s*([^/;]{2,70})")
_IBAN = re.compile(r"\b([A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?)\b")
_UNREADABLE = (RuntimeError, ValueError, DecimalException, KeyError, TypeError, IndexError, AttributeError)

_log = logging.getLogger("mt940")
_log.addHandler(logging.NullHandler())
_log.propagate = False  # its messages would quote statement lines


def read_mt940(path: Path) -> list[Statement]:
    """Read every message of the file; those of one account that follow one another are one statement.

    Raises ``InputError``.
    """
    statements = statements_of(_decoded(checked_bytes(path)))
    if not statements:
        text = "The SWIFT file holds no statement that can be read: no :61: entries and no balances."
        raise InputError("file", text, remedy="Ask the bank for the statement again.", file=path.name)
    return statements


def statements_of(text: str) -> list[Statement]:
    """Statements of the text of an MT940 or MT942 file."""
    found = [each for message in _messages(_fields(text)) if (each := _statement(message)) is not None]
    return joined(found)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


@dataclass(frozen=True, slots=True)
class _Field:
    tag: str  # "61", "60F"
    value: str
    line: int  # in the file, from 1


def _fields(text: str) -> Iterator[_Field]:
    """Fields in the order of the file; a line that starts like no field goes on with the one before."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    line, at = 1, 0
    last: re.Match[str] | None = None
    for match in _FIELD.finditer(text):
        if last is not None:
            if last["tag"] == "86" and not _known(match["tag"]):
                continue  # part of a time or a number that was broken over lines: ":12:11"
            yield _Field(last["tag"] + (last["letter"] or ""), _ended(text[last.end() : match.start()]), line)
        line += text.count("\n", at, match.start())
        at, last = match.start(), match
    if last is not None:
        yield _Field(last["tag"] + (last["letter"] or ""), _ended(text[last.end() :]), line)


def _known(tag: str) -> bool:
    return tag in {"13", "20", "21", "25", "28", "34", "60", "61", "62", "64", "65", "86", "90", "NS"}


def _ended(value: str) -> str:
    """The value without what closes a message: a line of ``-``, ``-}`` and the blocks of the next."""
    value = re.split(r"^-(?:XXX|\}.*)?\s*$|^-?\{\d:", value[:20_000], maxsplit=1, flags=re.M)[0]
    return "\n".join(line.rstrip() for line in value.split("\n") if line.strip())


def _messages(fields: Iterable[_Field]) -> Iterator[list[_Field]]:
    """A message begins with :20:; one without it is taken as one message."""
    message: list[_Field] = []
    for field in fields:
        if field.tag == "20" and message:
            yield message
            message = []
        message.append(field)
    if message:
        yield message


def _statement(message: list[_Field]) -> Statement | None:
    head: dict[str, Any] = {}
    groups: list[list[_Field]] = []
    problems: list[Problem] = []
    for field in message:
        if field.tag == "61":
            groups.append([field])
        elif field.tag in ("86", "NS") and groups and not _closed(head):
            groups[-1].append(field)
        elif field.tag not in ("86", "NS"):
            _take_head(head, field, problems)
    opening = _first(head, "final_opening_balance", "opening_balance", "intermediate_opening_balance")
    closing = _first(head, "final_closing_balance", "closing_balance", "intermediate_closing_balance")
    account, currency = _account(head, opening or closing)
    entries = list(_entries(groups[:MOST_ENTRIES], head, account, currency, problems))
    if len(groups) > MOST_ENTRIES:
        reason = f"Only the first {MOST_ENTRIES} entries of a message are read."
        problems.append(Problem(groups[MOST_ENTRIES][0].line, "61", reason, "Ask the bank for a shorter period."))
    if not (groups or opening or closing or account):
        return None
    start, end = (None if each is None else in_cents(each.amount.amount) for each in (opening, closing))
    ordered = closing_on_last(oldest_first(entries), start, end)
    period = (None if opening is None else _day(opening.date), None if closing is None else _day(closing.date))
    return Statement(
        ordered, start, end, account or None, currency, None, tuple(problems), period, _sums(head, ordered)
    )


def _closed(head: Mapping[str, Any]) -> bool:
    """After the closing balance :86: and :NS: are about the statement."""
    return any(name in head for name in ("final_closing_balance", "closing_balance", "intermediate_closing_balance"))


def _take_head(head: dict[str, Any], field: _Field, problems: list[Problem]) -> None:
    try:
        made = Transactions(options=_OPTIONS)
        made.parse(f":{field.tag}:{field.value[:_LONGEST_LINE]}")
    except _UNREADABLE:
        if field.tag not in ("28", "28C", "13", "13D", "34F"):
            reason = f"The field :{field.tag}: cannot be read."
            problems.append(Problem(field.line, field.tag, reason, "Ask the bank again.", field.value[:200]))
        return
    for name, value in made.data.items():
        head[name if field.tag[:2] != "90" else f"sum_{field.tag}"] = value


def _first(head: Mapping[str, Any], *names: str) -> Any:
    """The first balance of these that the message has, with an amount that a statement can have."""
    balances = (head[name] for name in names if name in head)
    return next((each for each in balances if abs(each.amount.amount) < LARGEST_AMOUNT), None)


def _account(head: Mapping[str, Any], balance: Any) -> tuple[str, str]:
    """The account without blanks, and the currency: of a balance, a floor limit, or behind the account."""
    account = account_name(str(head.get("account_identification") or ""))
    limit = head.get("d_floor_limit") or head.get("c_floor_limit")
    currency = (balance.amount.currency if balance is not None else getattr(limit, "currency", None)) or ""
    if (match := re.search(r"(?<=\d)([A-Z]{3})$", account)) and match[1] == (currency or match[1]):
        return account[:-3], match[1]
    return account, currency.upper()


def _day(day: Any) -> date:
    return date(day.year, day.month, day.day)


def _entries(
    groups: Iterable[list[_Field]], head: Mapping[str, Any], account: str, currency: str, problems: list[Problem]
) -> Iterator[Entry]:
    for group in groups:
        try:
            yield _entry(group, head, account, currency)
        except _UNREADABLE:
            reason = "The entry has no readable date or amount."
            problems.append(Problem(group[0].line, "61", reason, "Ask the bank again.", group[0].value[:200]))


def _entry(group: list[_Field], head: Mapping[str, Any], account: str, currency: str) -> Entry:
    first = group[0]
    if len(first.value) > _LONGEST_LINE:
        raise ValueError(first.value[:40])
    told = _read(group, head)
    amount = in_cents(told["amount"].amount)
    if not amount.is_finite() or abs(amount) >= LARGEST_AMOUNT:
        raise ValueError(str(amount))
    valued, booked = told["date"], told.get("entry_date")
    party, other, text = _told(told, group)
    return Entry(
        booked_on=_day(booked if isinstance(booked, date) else valued),
        amount=amount,
        currency=currency or (told["amount"].currency or ""),
        text=text,
        balance=None,
        row=first.line,
        value_on=_day(valued),
        account=account,
        counterparty=party,
        other_account=other,
    )


def _read(group: list[_Field], head: Mapping[str, Any]) -> dict[str, Any]:
    """The entry's fields; where they break the standard's lengths, as ASN Bank's do, by its longer pattern."""
    text = "\n".join(f":{field.tag}:{_questioned(field)}" for field in group)
    known = {name: value for name, value in head.items() if name.endswith(("balance", "limit"))}
    try:
        return _parsed(text, known, None)
    except RuntimeError:
        return _parsed(text, known, {61: StatementASNB()})


def _parsed(text: str, known: Mapping[str, Any], tags: dict[int | str, Any] | None) -> dict[str, Any]:
    made = Transactions(tags=tags, options=_OPTIONS)
    made.data = dict(known)
    made.parse(text)
    return made.transactions[0].data


def _questioned(field: _Field) -> str:
    """The value with the sub-fields of Triodos and others, ``>20``, as everybody else's ``?20``."""
    value = field.value[:_LONGEST_TEXT]
    if field.tag == "86" and re.match(r"\d{3}\s?>\d{2}", value):
        joined_lines = value.replace("\n", "")
        return re.sub(r"\s?>(?=\d{2})", "?", joined_lines)
    return value


def _told(told: Mapping[str, Any], group: list[_Field]) -> tuple[str, str, str]:
    """Counterparty, its account, and the text of an entry: structured by ``?20``, by ``/NAME/`` or not at all."""
    if told.get("transaction_code"):
        party = _plain(told.get("applicant_name") or told.get("recipient_name"))
        other = account_name(str(told.get("applicant_iban") or told.get("gvc_applicant_iban") or ""))
        parts = [
            party,
            *(
                _plain(told.get(name))
                for name in ("posting_text", "purpose", "additional_purpose", "transaction_details")
            ),
        ]
        return party, other, _joined(parts)
    details = _plain(told.get("transaction_details") or told.get("non_swift_text") or told.get("non_swift"))
    party, other, details = _slashed(details)
    extra = _plain(told.get("extra_details"))
    reference = _plain(told.get("customer_reference"))
    parts = [party, details, extra] if details else [party, extra, "" if reference == "NONREF" else reference]
    return party, other, _joined(parts) or _plain(told.get("id"))


def _slashed(details: str) -> tuple[str, str, str]:
    """Dutch and Belgian details: ``/TRTP/SEPA OVERBOEKING/IBAN/NL91.../NAME/A. Jansen/REMI/rent``."""
    pieces = _CODE.split(details)
    if len(pieces) < 3:
        named = _NAMED.search(details)
        numbered = _IBAN.search(details)
        return named[1].strip() if named else "", account_name(numbered[1]) if numbered else "", details
    coded: dict[str, str] = {}
    for code, value in zip(pieces[1::2], pieces[2::2], strict=True):
        coded.setdefault(code, value.strip(" /"))
    party, account = coded.get("NAME") or coded.get("NAAM") or "", coded.get("IBAN", "")
    if "CNTP" in coded:
        pieces = [*coded["CNTP"].split("/"), "", ""]
        account, party = pieces[0], pieces[2] or party
    remittance = coded.get("REMI", "").removeprefix("USTD//").removeprefix("STRD/")
    return (
        party,
        account_name(account),
        _joined([pieces[0] if pieces[0] != account else "", coded.get("TRTP", ""), remittance]),
    )


def _plain(value: object) -> str:
    return " ".join(str(value).split()) if value else ""


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _sums(head: Mapping[str, Any], entries: Iterable[Entry]) -> tuple[Check, ...]:
    """An MT942 says how many debits and credits it reports and what they come to."""
    checks = []
    signed = [entry.amount for entry in entries]
    for tag, word, sums in (
        ("90D", "debits", [-a for a in signed if a < 0]),
        ("90C", "credits", [a for a in signed if a > 0]),
    ):
        told = next((value for name, value in head.items() if name == f"sum_{tag}"), None)
        if told is None:
            continue
        number, total = int(told.number or 0), abs(told.amount)
        passed = (number, total) == (len(sums), sum(sums, Decimal(0)))
        detail = (
            f"the message reports {number} {word} of {total}, its entries are {len(sums)} of {sum(sums, Decimal(0))}"
        )
        checks.append(Check("entries complete", passed, detail))
    return tuple(checks)
