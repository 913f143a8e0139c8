"""Cases: their heads, numbers and states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.domain.case import Case, Status
from app.errors import InputError
from app.ports import Clock
from data.database import Row
from data.transaction import Tx

HEAD_COLUMNS = (
    "case_no, year, reference, applicant, product, amount, currency, term_months, received_on, language, status, "
    "points, pd, grade, policy_outcome"
)
CASE_TABLES = ("opened_cases", "application_rows", "application_tables")
"""What the view ``cases`` reads."""

_HEAD_TABLES = (*CASE_TABLES, "scores", "policy_results")
_ID = re.compile(r"C-(\d{4})-(\d{6,})")
_PAGE = 10_000


def case_id_of(case_no: int, year: int) -> str:
    """The id that people see, ``C-2026-000418``."""
    return f"C-{year}-{case_no:06d}"


def case_no_of(case_id: str) -> int:
    """Number of a case id; raises ``InputError("case")`` when the text is none."""
    found = _ID.fullmatch(case_id)
    if found is None:
        raise no_such_case(case_id)
    return int(found.group(2))


def no_such_case(case_id: str) -> InputError:
    return InputError(
        "case", f"There is no case {case_id!r}.", remedy="See the ids and references with 'caseworth cases'."
    )


def case_of(row: Row) -> Case:
    """A row of ``HEAD_COLUMNS`` as a ``Case``."""
    case_no, year, reference, applicant, product, amount, currency, term, received_on, language, status, *scored = row
    points, pd, grade, outcome = scored
    return Case(
        id=case_id_of(case_no, year),
        reference=reference,
        applicant=applicant or "",
        product=product,
        amount=amount,
        currency=currency,
        term_months=term,
        received_on=received_on,
        language=language,
        status=Status(status),
        points=points,
        pd=pd,
        grade=grade,
        policy_outcome=outcome,
    )


def head_row(tx: Tx, case_no: int) -> Row | None:
    """The case's row of the view ``cases``, as it will be after commit; None when there is none."""
    found = tx.case_rows("opened_cases", case_no) or tx.case_rows("table_cases", case_no)
    return found[0] if found else None


class CaseRepository:
    """``ports.CaseStore`` over the view ``cases`` and the tables ``scores`` and ``policy_results``."""

    def __init__(self, tx: Tx, clock: Clock) -> None:
        self._tx = tx
        self._clock = clock

    def add(
        self,
        *,
        reference: str,
        applicant: str,
        product: str,
        amount: Decimal | None,
        currency: str,
        term_months: int | None,
        received_on: date | None,
        language: str = "en",
    ) -> Case:
        """Open a new case under the next number."""
        case_no = self._tx.take_case_nos()
        amount = _cents(amount)
        received_on = received_on.date() if isinstance(received_on, datetime) else received_on
        year = (received_on or self._clock.now()).year
        head = (reference, applicant, product, amount, currency, term_months, received_on, language)
        case = Case(case_id_of(case_no, year), *head)
        self._tx.insert("opened_cases", [(case_no, year, *head, Status.NEW.value)])
        return case

    def get(self, case_id: str) -> Case:
        """Return the case of that id, or of that reference where only one has it.

        Raises ``InputError("case")`` when there is none, or the reference is not unique.
        """
        case = self._of_id(case_id) if _ID.fullmatch(case_id) else None
        if case is not None:
            return case
        found = self._of_reference(case_id)
        if len(found) > 1:
            raise InputError(
                "case", f"More than one case has the reference {case_id!r}.", remedy="Give the case's id instead."
            )
        if not found:
            raise no_such_case(case_id)
        return found[0]

    def find_by_reference(self, reference: str) -> Case | None:
        """The one case of that reference; None when there is none, or more than one."""
        found = self._of_reference(reference)
        return found[0] if len(found) == 1 else None

    def update_head(self, case: Case) -> None:
        """Store applicant, product, amount, currency, term, date and language of an existing case."""
        self._update(
            case_no_of(case.id),
            reference=case.reference,
            applicant=case.applicant,
            product=case.product,
            amount=_cents(case.amount),
            currency=case.currency,
            term_months=case.term_months,
            received_on=case.received_on,
            language=case.language,
        )

    def set_status(self, case_id: str, status: Status) -> None:
        self._update(case_no_of(case_id), status=status.value)

    def count(self) -> int:
        return int(self._tx.rows("SELECT count(*) FROM cases", reads=CASE_TABLES)[0][0])

    def ids(self) -> Iterator[str]:
        """Yield every id in order of arrival, a page of them in memory."""
        last = 0
        while True:
            sql = "SELECT case_no, year FROM cases WHERE case_no > ? ORDER BY case_no LIMIT ?"
            rows = self._tx.rows(sql, [last, _PAGE], reads=CASE_TABLES)
            yield from (case_id_of(case_no, year) for case_no, year in rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    def _of_id(self, case_id: str) -> Case | None:
        case_no = case_no_of(case_id)
        head = head_row(self._tx, case_no)
        if head is None or case_id_of(case_no, head[1]) != case_id:
            return None
        scores = self._tx.case_rows("scores", case_no)
        results = self._tx.case_rows("policy_results", case_no)
        *named, status = head
        if scores and status == Status.NEW.value:
            status = Status.SCORED.value
        scored = scores[0][4:7] if scores else (None, None, None)
        return case_of((*named, status, *scored, results[0][3] if results else None))

    def _of_reference(self, reference: str) -> list[Case]:
        """At most two cases of that reference."""
        sql = f"SELECT {HEAD_COLUMNS} FROM case_heads WHERE reference = ? ORDER BY case_no LIMIT 2"  # noqa: S608
        return [case_of(row) for row in self._tx.rows(sql, [reference], reads=_HEAD_TABLES)]

    def _update(self, case_no: int, **values: Any) -> None:
        """Set columns of the case's head; a case of a table is opened first."""
        if not self._tx.case_rows("opened_cases", case_no):
            self._tx.insert("opened_cases", self._tx.case_rows("table_cases", case_no))
            self._tx.update("application_rows", case_no, opened=True)
        self._tx.update("opened_cases", case_no, **values)


def _cents(amount: Decimal | None) -> Decimal | None:
    """As the column holds it, so that a case looks the same before and after it is stored."""
    return None if amount is None else amount.quantize(Decimal("0.01"))
