"""Balances day by day: days overdrawn, the mean balance, and whether a statement's balances add up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

from app.domain.case import Transaction
from app.domain.money import to_cents

DAY = timedelta(days=1)
_LONGEST_DAYS = 366 * 30
"""A statement that claims to span more than this has a wrong date in it; its days are not walked one by one."""

_LARGEST_DAY = 100
"""A day of more entries is left in its order: trying others would take too long."""


@dataclass(frozen=True, slots=True)
class DailyBalances:
    """End-of-day balances: the sum over the accounts, and the days on which any one of them was below zero."""

    total: Mapping[date, Decimal]
    overdrawn: tuple[date, ...]
    below: tuple[Transaction, ...] = ()  # entries that left an account below zero at the end of their day

    @property
    def mean(self) -> Decimal | None:
        """Mean over the days, rounded to cents; None without balances."""
        return to_cents(sum(self.total.values(), Decimal(0)) / len(self.total)) if self.total else None


def without_repeats(transactions: Iterable[Transaction]) -> tuple[Transaction, ...]:
    """Each booked entry once, where statements overlap, ordered by date, document and row.

    The same entry (date, amount, currency, text, balance) in two documents is one entry; twice in one document it is
    two.
    """
    kept: dict[tuple[object, ...], int] = defaultdict(int)
    out: list[Transaction] = []
    by_document: dict[str, list[Transaction]] = defaultdict(list)
    for line in transactions:
        by_document[line.document].append(line)
    for document in sorted(by_document, key=lambda sha: (min(line.booked_on for line in by_document[sha]), sha)):
        seen: Counter[tuple[object, ...]] = Counter()
        for line in by_document[document]:
            key = (line.booked_on, line.amount, line.currency, line.text, line.balance)
            seen[key] += 1
            if seen[key] > kept[key]:
                kept[key] += 1
                out.append(line)
    return tuple(sorted(out, key=lambda line: (line.booked_on, line.document, line.row)))


def accounts(transactions: Iterable[Transaction]) -> list[list[Transaction]]:
    """Entries by statement and currency, oldest first as they were booked."""
    groups: dict[tuple[str, str], list[Transaction]] = defaultdict(list)
    for line in transactions:
        groups[line.document, line.currency].append(line)
    return [_oldest_first(groups[key]) for key in sorted(groups)]


def _oldest_first(lines: Sequence[Transaction]) -> list[Transaction]:
    """In booking order: a statement from new to old is turned round, a day's entries follow their balances."""
    ordered = sorted(lines, key=lambda line: line.row)
    forward = sorted(lines, key=lambda line: (line.booked_on, line.row))
    backward = sorted(lines, key=lambda line: (line.booked_on, -line.row))
    if forward == backward:
        return forward
    breaks_forward, breaks_backward = _breaks(forward), _breaks(backward)
    falling = sum(first.booked_on > second.booked_on for first, second in pairwise(ordered))
    turned = falling * 2 > len(ordered) if breaks_forward == breaks_backward else breaks_backward < breaks_forward
    best = backward if turned else forward
    return _following_balances(best) if min(breaks_forward, breaks_backward) else best


def _following_balances(lines: Sequence[Transaction]) -> list[Transaction]:
    """The same days, each day's entries in the order in which their balances follow, where there is one."""
    out: list[Transaction] = []
    for _, group in groupby(lines, key=lambda line: line.booked_on):
        day = list(group)
        known = out[-1].balance if out else None
        starts = [known] if known is not None else [_before(line) for line in day]
        if len(day) > _LARGEST_DAY:
            starts = []
        chains = (chain for start in starts if start is not None and (chain := _chain(day, start)))
        out.extend(next(chains, day))
    return out


def _before(line: Transaction) -> Decimal | None:
    return None if line.balance is None else line.balance - line.amount


def _chain(day: Sequence[Transaction], balance: Decimal) -> list[Transaction]:
    """The entries one after the other from that balance; empty when they do not follow from it."""
    waiting, chain = list(day), []
    while waiting:
        place = next((index for index, line in enumerate(waiting) if _before(line) == balance), None)
        if place is None:
            return []
        line = waiting.pop(place)
        assert line.balance is not None
        balance = line.balance
        chain.append(line)
    return chain


def _breaks(lines: Sequence[Transaction]) -> int:
    """How often a balance is not the one before plus the entries between."""
    known: Decimal | None = None
    broken = 0
    for line in lines:
        expected = None if known is None else known + line.amount
        if expected is not None and line.balance is not None and line.balance != expected:
            broken += 1
        known = expected if line.balance is None else line.balance
    return broken


def broken_balances(transactions: Iterable[Transaction]) -> dict[str, int]:
    """Documents whose balances do not add up, with how many entries break the chain."""
    out: dict[str, int] = {}
    for lines in accounts(transactions):
        broken = _breaks(lines)
        if broken:
            out[lines[0].document] = out.get(lines[0].document, 0) + broken
    return out


def daily_balances(transactions: Sequence[Transaction]) -> DailyBalances | None:
    """Balances at the end of each day from the first entry to the last, carried over days without entries.

    An entry without a balance takes the one before plus its amount. None when no entry gives a balance.
    """
    total: dict[date, Decimal] = defaultdict(Decimal)
    overdrawn: set[date] = set()
    below: list[Transaction] = []
    for lines in accounts(transactions):
        for day, balance, last in _end_of_days(lines):
            total[day] += balance
            if balance < 0:
                overdrawn.add(day)
                below.extend([last] if last.booked_on == day else [])
    return DailyBalances(dict(sorted(total.items())), tuple(sorted(overdrawn)), tuple(below)) if total else None


def _end_of_days(lines: Sequence[Transaction]) -> Iterable[tuple[date, Decimal, Transaction]]:
    """Each day with its balance and the last entry up to it."""
    ends: dict[date, tuple[Decimal, Transaction]] = {}
    known = _opening(lines)
    if known is None or (lines[-1].booked_on - lines[0].booked_on).days > _LONGEST_DAYS:
        return
    for line in lines:
        known = known + line.amount if line.balance is None else line.balance
        ends[line.booked_on] = known, line
    day = lines[0].booked_on
    end = ends[day]
    while day <= lines[-1].booked_on:
        end = ends.get(day, end)
        yield day, *end
        day += DAY


def _opening(lines: Sequence[Transaction]) -> Decimal | None:
    """Balance before the first entry, worked back from the first balance given."""
    moved = Decimal(0)
    for line in lines:
        moved += line.amount
        if line.balance is not None:
            return line.balance - moved
    return None
