"""What comes back: entries of one party at a like amount, about once a month."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median

from app.domain.case import Transaction
from app.domain.money import to_cents

Month = tuple[int, int]  # year, month

LIKE_SALARY_PCT = Decimal(15)  # how far recurring credits may lie from their median and still be one salary
LIKE_INSTALMENT_PCT = Decimal(10)  # the same for instalments
LEAST_MONTHS = 3  # what recurs without a word for it must be seen in so many months
REGULAR_PCT = Decimal(75)  # of the months covered in which a source of income must be seen to be regular
HALF_MONTH = 15  # days of a month that statements must cover for it to count without a pay day


def month_of(day: date) -> Month:
    return day.year, day.month


def day_in(month: Month, day: int) -> date:
    """That day of the month, or its last."""
    return date(*month, min(day, monthrange(*month)[1]))


def alike(group: Sequence[Transaction], within_pct: Decimal) -> list[Transaction]:
    """The entries whose amount lies near the group's median."""
    middle = median(abs(line.amount) for line in group)
    return [line for line in group if abs(abs(line.amount) - middle) * 100 <= middle * within_pct]


def monthly(group: Sequence[Transaction]) -> bool:
    """Whether the entries come about once a month in at least ``LEAST_MONTHS`` months."""
    days = sorted(line.booked_on for line in group)
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return len({month_of(day) for day in days}) >= LEAST_MONTHS and all(20 <= gap <= 40 for gap in gaps)


def recurring(group: Sequence[Transaction], within_pct: Decimal = LIKE_SALARY_PCT) -> bool:
    """Whether most of the group comes monthly at a like amount."""
    kept = alike(group, within_pct)
    return len(kept) * 4 >= len(group) * 3 and monthly(kept)


def by_month(lines: Iterable[Transaction]) -> dict[Month, Decimal]:
    """Sums without sign by calendar month, in order."""
    sums: dict[Month, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[month_of(line.booked_on)] += abs(line.amount)
    return dict(sorted(sums.items()))


def median_month(lines: Iterable[Transaction]) -> Decimal:
    """Median of the monthly sums, to cents; lines must not be empty."""
    return to_cents(median(by_month(lines).values()))


def lines_span(lines: Iterable[Transaction]) -> tuple[date, date]:
    """First and last booking day."""
    days = [line.booked_on for line in lines]
    return min(days), max(days)


def months_between(first: date, last: date) -> list[Month]:
    """Calendar months from the one of ``first`` to the one of ``last``."""
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [(index // 12, index % 12 + 1) for index in range(start, end + 1)]


def months_covered(lines: Sequence[Transaction]) -> int:
    """Calendar months of which the statements cover at least half a month; never below one."""
    first, last = lines_span(lines)
    covered = 0
    for month in months_between(first, last):
        begin, end = max(first, day_in(month, 1)), min(last, day_in(month, 31))
        covered += (end - begin).days + 1 >= HALF_MONTH
    return max(1, covered)
