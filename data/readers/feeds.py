"""Bank feeds: OFX 1 (SGML) and 2 (XML) with QFX, and camt.052, .053 and .054 with any namespace or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from app.domain.reading import Entry, Problem
from app.errors import InputError
from data.readers.statements import Statement, account_name, in_cents, joined, oldest_first

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST = 64 * 2**20  # bytes


def checked_bytes(path: Path) -> bytes:
    """The file's bytes. Raises ``InputError`` above the limit."""
    size = path.stat().st_size
    if size > LARGEST:
        text = f"The file has {size / 2**20:.0f} MB; at most {LARGEST // 2**20} MB of this kind are read."
        raise InputError("file", text, remedy="Ask the bank for a shorter period.", file=path.name)
    return path.read_bytes()


# --- OFX ---


def read_ofx(path: Path) -> list[Statement]:
    """Read every bank and card statement of an OFX or QFX file. Raises ``InputError``."""
    data = checked_bytes(path)
    text = data.decode(_ofx_encoding(data), "replace")
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        raise _bomb(path)
    blocks = re.findall(
        r"<(STMTRS|CCSTMTRS|INVSTMTRS)>(.*?)(?=</\1>|<(?:STMTRS|CCSTMTRS|INVSTMTRS)>|\Z)", text, re.I | re.S
    )
    bank = _tag(text, "ORG")
    if not blocks:
        remedy = "Ask the bank for a statement download in OFX."
        raise InputError("file", "The OFX file holds no statement.", remedy=remedy, file=path.name)
    statements: list[Statement] = []
    for kind, body in blocks:
        statements.append(_ofx_statement(body, kind.upper() == "CCSTMTRS", bank, _count(statements)))
    return statements


def _count(statements: Sequence[Statement]) -> int:
    """Entries so far, read or not: a document's entries are numbered through."""
    return sum(len(statement.entries) + len(statement.problems) for statement in statements)


def _ofx_encoding(data: bytes) -> str:
    head = data[:500].upper()
    if b"UTF-8" in head or data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _ofx_statement(body: str, card: bool, bank: str | None, before: int) -> Statement:
    currency = _tag(body, "CURDEF") or ""
    account = account_name(_tag(body, "ACCTID") or "")
    entries: list[Entry] = []
    problems: list[Problem] = []
    for number, block in enumerate(
        re.findall(r"<STMTTRN>(.*?)(?=</STMTTRN>|<STMTTRN>|</BANKTRANLIST>|\Z)", body, re.I | re.S), before + 1
    ):
        try:
            entries.append(_ofx_entry(block, currency, account, number))
        except (ValueError, InvalidOperation):
            raw = " ".join(block.split())
            problems.append(
                Problem(number, None, "The entry has no readable date or amount.", "Ask the bank again.", raw)
            )
    ledger = re.search(r"<LEDGERBAL>(.*?)(?:</LEDGERBAL>|<AVAILBAL>|\Z)", body, re.I | re.S)
    closing = _amount(_tag(ledger.group(1), "BALAMT")) if ledger else None
    ordered = closing_on_last(oldest_first(entries), None, closing)
    period = (_ofx_day(_tag(body, "DTSTART")), _ofx_day(_tag(body, "DTEND")))
    kind = "card" if card else "account"
    return Statement(ordered, None, closing, account or None, currency, None, tuple(problems), period, (), bank, kind)


def _ofx_day(stamp: str | None) -> date | None:
    try:
        return date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8])) if stamp else None
    except ValueError:
        return None


def _ofx_entry(block: str, currency: str, account: str, number: int) -> Entry:
    booked = _ofx_day(_tag(block, "DTPOSTED"))
    if booked is None:
        raise ValueError("no date")
    amount = _amount(_tag(block, "TRNAMT"))
    if amount is None:
        raise ValueError("no amount")
    parts = [_tag(block, tag) for tag in ("NAME", "PAYEE", "MEMO")]
    text = " · ".join(dict.fromkeys(part for part in parts if part)) or _tag(block, "TRNTYPE") or ""
    valued = _ofx_day(_tag(block, "DTUSER"))
    other = account_name(_tag(block, "ACCTID") or "")
    party = _tag(block, "NAME") or ""
    return Entry(booked, amount, currency, text, None, number, valued, account, party, other)


def _tag(body: str, tag: str) -> str | None:
    found = re.search(rf"<{tag}>([^<\r\n]*)", body, re.I)
    return _unescaped(found.group(1).strip()) or None if found else None


def _unescaped(text: str) -> str:
    for mark, sign in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(mark, sign)
    return text


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    plain = text.replace(" ", "")
    if "," in plain and "." in plain:
        plain = plain.replace("." if plain.rindex(",") > plain.rindex(".") else ",", "")
    return in_cents(Decimal(plain.replace(",", ".")))


# --- camt.053 ---


def read_xml(path: Path) -> list[Statement]:
    """Read every statement of a camt.053 message (052 and 054 alike). Raises ``InputError``."""
    root = _parsed(path)
    found = [node for node in root.iter() if _name(node) in ("Stmt", "Rpt", "Ntfctn") and _name(root) == "Document"]
    if not found:
        kind = next((_name(node) for node in root), _name(root))
        text = f"The XML file is no camt.053 bank statement (its content is {kind})."
        remedy = "Give the statement as camt.053, OFX or CSV."
        raise InputError("file", text, remedy=remedy, file=path.name)
    bank = None
    statements: list[Statement] = []
    for node in found:
        bank = _text(node, "Acct", "Svcr", "FinInstnId", "Nm") or bank
        statements.append(_camt_statement(node, bank, _count(statements)))
    return joined(statements)


def _parsed(path: Path) -> Element:
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root: Element = ElementTree.fromstring(checked_bytes(path), forbid_dtd=True)
    except DefusedXmlException as exc:
        raise _bomb(path) from exc
    except (ParseError, ValueError, LookupError) as exc:
        line = exc.position[0] if isinstance(exc, ParseError) else None
        text = f"This is no well-formed XML: {exc}."
        raise InputError(
            "file", text, remedy="Ask the bank again; it may be cut off.", file=path.name, line=line
        ) from exc
    return root


def _bomb(path: Path) -> InputError:
    text = "The file declares XML entities, as no bank statement does and damaging files do."
    return InputError("file", text, remedy="Do not trust its sender; ask the bank for the statement.", file=path.name)


def _name(node: Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _children(node: Element, name: str) -> Iterator[Element]:
    return (child for child in node if _name(child) == name)


def _at(node: Element, *path: str) -> Element | None:
    current: Element | None = node
    for name in path:
        current = next(_children(current, name), None) if current is not None else None
    return current


def _text(node: Element, *path: str) -> str | None:
    found = _at(node, *path)
    return found.text.strip() if found is not None and found.text and found.text.strip() else None


def _camt_statement(node: Element, bank: str | None, before: int) -> Statement:
    account = account_name(_text(node, "Acct", "Id", "IBAN") or _text(node, "Acct", "Id", "Othr", "Id") or "")
    balances = {code: amount for balance in _children(node, "Bal") for code, amount in _balance(balance)}
    entries: list[Entry] = []
    problems: list[Problem] = []
    for number, entry in enumerate(_children(node, "Ntry"), before + 1):
        if _status(entry) in ("PDNG", "INFO"):
            problems.append(
                Problem(number, "Sts", "The entry is not booked yet.", "Nothing need be done.", _entry_text(entry))
            )
            continue
        try:
            entries.append(_camt_entry(entry, account, number))
        except (ValueError, InvalidOperation):
            raw = _entry_text(entry)
            problems.append(
                Problem(number, None, "The entry has no readable date or amount.", "Ask the bank again.", raw)
            )
    opening = balances.get("OPBD", balances.get("PRCD", balances.get("OPAV")))
    currency = _text(node, "Acct", "Ccy") or (entries[0].currency if entries else "")
    holder = _text(node, "Acct", "Ownr", "Nm")
    closing = balances.get("CLBD", balances.get("ITBD") if _name(node) == "Rpt" else None)
    ordered = closing_on_last(oldest_first(entries), opening, closing)
    period = (_day(_text(node, "FrToDt", "FrDtTm")), _day(_text(node, "FrToDt", "ToDtTm")))
    return Statement(ordered, opening, closing, account or None, currency, holder, tuple(problems), period, (), bank)


def _day(stamp: str | None) -> date | None:
    try:
        return date.fromisoformat(stamp[:10]) if stamp else None
    except ValueError:
        return None


def closing_on_last(entries: tuple[Entry, ...], opening: Decimal | None, closing: Decimal | None) -> tuple[Entry, ...]:
    """The closing balance as the balance after the last entry, so that the days before can be told from it.

    Feeds give no running balances. Left as they are where opening and entries do not come to the closing balance.
    """
    if closing is None or not entries or any(entry.balance is not None for entry in entries):
        return entries
    if opening is not None and opening + sum(entry.amount for entry in entries) != closing:
        return entries
    return (*entries[:-1], replace(entries[-1], balance=closing))


def _status(entry: Element) -> str | None:
    return _text(entry, "Sts", "Cd") or _text(entry, "Sts")


def _balance(node: Element) -> Iterator[tuple[str, Decimal]]:
    code = _text(node, "Tp", "CdOrPrtry", "Cd")
    try:
        if code:
            yield code, _signed(node)
    except (ValueError, InvalidOperation):
        return


def _signed(node: Element) -> Decimal:
    amount = _amount(_text(node, "Amt"))
    if amount is None:
        raise ValueError("no amount")
    return -amount if _text(node, "CdtDbtInd") == "DBIT" else amount


def _camt_entry(node: Element, account: str, number: int) -> Entry:
    stamp = next(
        (
            found
            for path in (("BookgDt", "Dt"), ("BookgDt", "DtTm"), ("ValDt", "Dt"), ("ValDt", "DtTm"))
            if (found := _text(node, *path))
        ),
        "",
    )
    amount = _signed(node)
    money = _at(node, "Amt")
    currency = money.get("Ccy", "") if money is not None else ""
    party, other = _party(node)
    valued = _day(_text(node, "ValDt", "Dt") or _text(node, "ValDt", "DtTm"))
    booked = date.fromisoformat(stamp[:10])
    return Entry(booked, amount, currency, _entry_text(node), None, number, valued, account, party, other)


def _party(node: Element) -> tuple[str, str]:
    """The one other party of an entry and its account; empty for a batch of several."""
    debit = _text(node, "CdtDbtInd") == "DBIT"
    names = dict.fromkeys(name for path in _parties(debit)[:1] for name in _deep(node, path))
    accounts = dict.fromkeys(_accounts(node, "CdtrAcct" if debit else "DbtrAcct"))
    return next(iter(names), "") if len(names) == 1 else "", next(iter(accounts), "") if len(accounts) == 1 else ""


def _accounts(node: Element, name: str) -> Iterator[str]:
    for found in node.iter():
        if _name(found) == name and (number := _text(found, "Id", "IBAN") or _text(found, "Id", "Othr", "Id")):
            yield account_name(number)


def _entry_text(node: Element) -> str:
    """Counterparty and remittance text, each part once."""
    wanted = ("Ustrd", "AddtlNtryInf", "AddtlTxInf")
    debit = _text(node, "CdtDbtInd") == "DBIT"
    parts = [text for path in _parties(debit) for party in _deep(node, path) if (text := party)]
    parts += [
        child.text.strip() for child in node.iter() if _name(child) in wanted and child.text and child.text.strip()
    ]
    return " · ".join(dict.fromkeys(parts))


def _parties(debit: bool) -> tuple[str, ...]:
    return ("Cdtr", "UltmtCdtr") if debit else ("Dbtr", "UltmtDbtr")


def _deep(node: Element, party: str) -> Iterator[str]:
    for found in node.iter():
        if _name(found) == party:
            name = _text(found, "Nm") or _text(found, "Pty", "Nm")
            if name:
                yield name
