"""Several documents in one file are parted where a page begins another one for sure, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.layout import Layout
from app.domain.recognise import Scale
from app.domain.segments import segments
from data.kinds import kind_words, load_scales
from data.readers.recognised import documents_in
from tests.domain.pages_of_words import form

PASSPORT = ("PASSPORT", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
PAYSLIP = ("Payslip", "Orion Logistics Ltd", "Employee: Anna Lind", "Pay period: October 2026", "Pay date: 28/10/2026",
           "Gross pay | 4,620.00", "Income tax | 900.00", "Net pay | 3,450.00")  # fmt: skip
SEPTEMBER = tuple(line.replace("October", "September").replace("28/10", "28/09") for line in PAYSLIP)
LEASE = (
    "Tenancy agreement",
    "Landlord: Karl Berg",
    "Tenant: Anna Lind",
    "Monthly rent: 900.00 EUR",
    "Deposit: 1,800.00 EUR",
)
STATEMENT = ("Bank statement", "Account number: 12345678", "Statement period: 01/10/2026 - 31/10/2026",
             "Opening balance | 100.00", "01/10/2026 Rent | -50.00", "03/10/2026 Salary | 900.00",
             "05/10/2026 Card | -20.00", "07/10/2026 Card | -30.00", "Closing balance | 900.00")  # fmt: skip


def file_of(*pages: tuple[str, ...]) -> Layout:
    made = [form(*lines).pages[0] for lines in pages]
    numbered = [
        replace(page, number=at, words=tuple(replace(word, page=at) for word in page.words))
        for at, page in enumerate(made, start=1)
    ]
    return Layout(tuple(numbered), len(numbered))


def parted(*pages: tuple[str, ...]) -> list[tuple[int, int]]:
    return [(part.pages[0].number, part.pages[-1].number) for part in documents_in(file_of(*pages))]


def test_each_document_has_its_own_pages() -> None:
    terms = ("The tenant keeps the interior in good repair.", "The landlord insures the building.")
    assert parted(PASSPORT, PAYSLIP, LEASE, terms) == [(1, 1), (2, 2), (3, 4)]


def test_one_document_stays_whole() -> None:
    layout = file_of(LEASE, ("Schedule of condition", "Kitchen: two chairs"))
    assert documents_in(layout) == (layout,)


def test_two_of_one_kind_are_told_apart_by_what_names_them() -> None:
    assert parted(PAYSLIP, SEPTEMBER) == [(1, 1), (2, 2)]
    assert parted(PAYSLIP, PAYSLIP) == [(1, 2)]


@pytest.mark.parametrize("mark", ["Page 2 of 2", "Seite 2 von 2", "第 2 页 共 2 页", "sida 2 (2)"])
def test_a_page_that_is_numbered_on_belongs_to_the_one_before(mark: str) -> None:
    assert parted(LEASE, (mark, *PAYSLIP)) == [(1, 2)]
    assert parted(LEASE, ("Page 1 of 2", *PAYSLIP)) == [(1, 1), (2, 2)]


def test_a_shared_letterhead_holds_pages_together_but_for_the_words_of_a_scanner() -> None:
    head, scanner = "Harbour Bank Group plc", "Scanned with PhoneScanner"
    assert parted((head, *STATEMENT), (head, *PAYSLIP)) == [(1, 2)]
    assert parted((scanner, *STATEMENT), (scanner, *PAYSLIP)) == [(1, 1), (2, 2)]


def test_pages_of_no_kind_begin_nothing() -> None:
    note = ("Dinner on Friday", "Bring the blue umbrella")
    assert parted(PAYSLIP, note) == [(1, 2)]
    assert parted(note, PAYSLIP) == [(1, 2)]


def test_parts_keep_which_pages_were_given_up() -> None:
    layout = replace(file_of(PASSPORT, PAYSLIP), unread=((2, "too large"),))
    found = segments(layout, kind_words(), load_scales()[0], lambda *_: {})
    assert [part.unread for part in found] == [(), ((2, "too large"),)]
    assert segments(layout, kind_words(), Scale(slope=0.0), lambda *_: {}) == (layout,)  # nothing is sure
