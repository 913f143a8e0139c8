"""The entries of a case as one table: each booking once, with class and counterparty, as its facts were derived."""

from __future__ import annotations

from app.domain.cash_flow import find_salary, with_salary
from app.domain.derivation import by_name
from app.domain.derive import Assumptions
from app.domain.transactions.ledger import Ledger
from app.ports import Workspace
from app.usecases.derive_facts import evidence


def list_transactions(case_id: str, workspace: Workspace) -> Ledger:
    """Recognise the lines of the case's statements in its currency.

    Raises ``InputError`` when there is no such case, or the lender's own rules cannot be read.
    """
    with workspace.read() as stores:
        case = stores.cases.get(case_id)
        facts = by_name(stores.facts.current(case.id), workspace.catalogue)
        known = evidence(case, stores, facts.get("request.date"), Assumptions())
    values = {name: fact.value for name, fact in facts.items()}
    ledger = known.ledger(values.get("employment.employer"), values.get("applicant.name"))
    return with_salary(ledger, find_salary(ledger))
