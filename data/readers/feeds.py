"""Bank feeds: OFX 1 (SGML) and 2 (XML) with QFX, and camt.053 with any namespace or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from app.domain.reading import Entry, Problem
from app.errors import InputError
from data.readers.statements import Statement, oldest_first

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
    if not blocks:
        remedy = "Ask the bank for a statement download in OFX."
        raise InputError("file", "The OFX file holds no statement.", remedy=remedy, file=path.name)
    return [_ofx_statement(body) for _, body in blocks]


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


def _ofx_statement(body: str) -> Statement:
    currency = _tag(body, "CURDEF") or ""
    entries: list[Entry] = []
    problems: list[Problem] = []
    for number, block in enumerate(
        re.findall(r"<STMTTRN>(.*?)(?=</STMTTRN>|<STMTTRN>|</BANKTRANLIST>|\Z)", body, re.I | re.S), 1
    ):
        try:
            entries.append(_ofx_entry(block, currency, number))
        except (ValueError, InvalidOperation):
            raw = " ".join(block.split())
            problems.append(
                Problem(number, None, "The entry has no readable date or amount.", "Ask the bank again.", raw)
            )
    ledger = re.search(r"<LEDGERBAL>(.*?)(?:</LEDGERBAL>|<AVAILBAL>|\Z)", body, re.I | re.S)
    closing = _amount(_tag(ledger.group(1), "BALAMT")) if ledger else None
    account = _tag(body, "ACCTID")
    ordered = closing_on_last(oldest_first(entries), None, closing)
    return Statement(ordered, None, closing, account, currency, problems=tuple(problems))


def _ofx_entry(block: str, currency: str, number: int) -> Entry:
    stamp = _tag(block, "DTPOSTED") or ""
    booked = date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8]))
    amount = _amount(_tag(block, "TRNAMT"))
    if amount is None:
        raise ValueError("no amount")
    parts = [_tag(block, tag) for tag in ("NAME", "PAYEE", "MEMO")]
    text = " · ".join(dict.fromkeys(part for part in parts if part)) or _tag(block, "TRNTYPE") or ""
    return Entry(booked, amount, currency, text, None, number)


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
    number = Decimal(plain.replace(",", "."))
    if not number.is_finite():
        raise ValueError(text)
    return number


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
    return [_camt_statement(node) for node in found]


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


def _camt_statement(node: Element) -> Statement:
    account = _text(node, "Acct", "Id", "IBAN") or _text(node, "Acct", "Id", "Othr", "Id")
    balances = {code: amount for balance in _children(node, "Bal") for code, amount in _balance(balance)}
    entries: list[Entry] = []
    problems: list[Problem] = []
    for number, entry in enumerate(_children(node, "Ntry"), 1):
        if _status(entry) in ("PDNG", "INFO"):
            problems.append(
                Problem(number, "Sts", "The entry is not booked yet.", "Nothing need be done.", _entry_text(entry))
            )
            continue
        try:
            entries.append(_camt_entry(entry, number))
        except (ValueError, InvalidOperation):
            raw = _entry_text(entry)
            problems.append(
                Problem(number, None, "The entry has no readable date or amount.", "Ask the bank again.", raw)
            )
    opening = balances.get("OPBD", balances.get("PRCD", balances.get("OPAV")))
    currency = _text(node, "Acct", "Ccy") or (entries[0].currency if entries else "")
    holder = _text(node, "Acct", "Ownr", "Nm")
    closing = balances.get("CLBD")
    ordered = closing_on_last(oldest_first(entries), opening, closing)
    return Statement(ordered, opening, closing, account, currency, holder, tuple(problems))


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


def _camt_entry(node: Element, number: int) -> Entry:
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
    return Entry(date.fromisoformat(stamp[:10]), amount, currency, _entry_text(node), None, number)


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
