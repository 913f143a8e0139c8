"""Booked lines of the bank statements of a case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from app.domain.case import Transaction
from app.domain.transactions.rules import Rules
from data.database import Row
from data.repositories.cases import case_no_of
from data.transaction import Tx
from data.transaction_rules import load_rules

_CENT = Decimal("0.01")  # as the columns hold it, whether the row was read back or still waits to be stored


class TransactionRepository:
    """``ports.TransactionStore`` over ``transactions``."""

    def __init__(self, tx: Tx, own_rules: Path | None = None) -> None:
        self._tx = tx
        self._own_rules = own_rules

    def rules(self) -> Rules:
        """The rules of the catalogue and of the lender's own file; raises ``InputError`` where that is broken."""
        return load_rules(self._own_rules)

    def replace(self, case_id: str, document: str, transactions: Sequence[Transaction]) -> None:
        """Make these the lines of that document in the case; lines of its other documents stay."""
        case_no = case_no_of(case_id)
        stored = self._tx.case_rows("transactions", case_no)
        fresh = [_row(case_no, line) for line in transactions]
        if any(row[1] == document for row in stored):
            self._tx.replace("transactions", case_no, [row for row in stored if row[1] != document] + fresh)
        else:
            self._tx.insert("transactions", fresh)

    def of_case(self, case_id: str) -> list[Transaction]:
        """Lines by date, then document, then row."""
        lines = [_transaction(row) for row in self._tx.case_rows("transactions", case_no_of(case_id))]
        return sorted(lines, key=lambda line: (line.booked_on, line.document, line.row))


def _row(case_no: int, line: Transaction) -> Row:
    box = None if line.box is None else json.dumps(line.box)
    return (
        case_no,
        line.document,
        line.row,
        line.booked_on,
        line.amount,
        line.currency,
        line.text,
        line.balance,
        line.account,
        line.counterparty,
        line.other_account,
        line.page,
        box,
    )


def _transaction(row: Row) -> Transaction:
    _, document, number, booked_on, amount, currency, text, balance, account, party, other, page, box = row
    after = None if balance is None else balance.quantize(_CENT)
    place = tuple(json.loads(box)) if box else None
    return Transaction(
        booked_on, amount.quantize(_CENT), currency, text, after, document, number, account, party, other, page, place
    )
