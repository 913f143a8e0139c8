"""``transactions``."""

from __future__ import annotations

from argparse import Namespace

from app.cli.output import emit, table
from app.cli.session import open_desk


def transactions(given: Namespace) -> None:
    """List the lines of a case's statements, each booking once, with class and rule."""
    from app.usecases.list_transactions import Wanted, list_lines

    with open_desk(given) as desk:
        case_id = desk.case_id(given.case)
        listing = list_lines(case_id, Wanted(given.category, given.first, given.last), desk.workspace)
    found = [each.to_json() for each in listing.lines]
    names = (
        "date",
        "amount",
        "currency",
        "balance",
        "category",
        "rule",
        "counterparty",
        "statement",
        "account",
        "text",
    )
    rows = [names, *(tuple(str(each[name] or "") for name in names) for each in found)]
    told = f"{len(found):,} of {listing.of:,} lines"
    told += f"; {listing.repeated:,} stood in two statements and count once" if listing.repeated else ""
    data = {"case": case_id, "of": listing.of, "repeated": listing.repeated, "transactions": found}
    emit(given, data, [*(table(rows) if found else []), told])
