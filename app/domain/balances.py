"""Balances day by day: days overdrawn, the mean balance, and whether a statement's balances add up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

from app.domain.case import Transaction
from app.domain.money import to_cents

DAY = timedelta(days=1)
_LONGEST_DAYS = 366 * 30
"""A statement that claims to span more than this has a wrong date in it; its days are not walked one by one."""

_LEAST_DIGITS = 6
"""An account's number of fewer signs is not looked for in another."""

_SILENT_DAYS = 62
"""Days without an entry between two statements beyond which one is missing between them."""

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


def same_accounts(transactions: Iterable[Transaction]) -> dict[str, str]:
    """One name for each way an account is written: an IBAN and the number in it are the same account."""
    written = {name for line in transactions for name in (line.account, line.other_account) if name}
    cores = {name: name.rpartition("/")[2].lstrip("0") for name in written}
    ordered = sorted(written, key=lambda name: (-len(cores[name]), name))
    out: dict[str, str] = {}
    ends: dict[str, str] = {}
    for name in ordered:
        core = cores[name]
        known = ends.get(core) if len(core) >= _LEAST_DIGITS else None
        out[name] = out[known] if known is not None else name
        if known is None:
            for length in range(_LEAST_DIGITS, len(core) + 1):
                ends.setdefault(core[-length:], name)
    return out


def account_of(line: Transaction, same: Mapping[str, str]) -> str:
    """The account an entry stands on; the document's SHA-256 where the statement names none."""
    return same.get(line.account, line.account) or line.document


def without_repeats(transactions: Iterable[Transaction]) -> tuple[Transaction, ...]:
    """Each booked entry once, where statements overlap, ordered by date, document and row.

    Of one account, the same date and amount in two documents is one entry, however its text is written; where a
    statement names no account, the text and balance or the balance alone must be the same too. Twice in one document it
    is two entries.
    """
    by_document: dict[str, list[Transaction]] = defaultdict(list)
    for line in transactions:
        by_document[line.document].append(line)
    if len(by_document) < 2:
        return tuple(sorted((line for lines in by_document.values() for line in lines), key=_order))
    same = same_accounts(line for lines in by_document.values() for line in lines)
    kept: Counter[tuple[object, ...]] = Counter()
    out: list[Transaction] = []
    for document in sorted(by_document, key=lambda sha: (min(line.booked_on for line in by_document[sha]), sha)):
        seen: Counter[tuple[object, ...]] = Counter()
        fresh: Counter[tuple[object, ...]] = Counter()
        for line in sorted(by_document[document], key=_order):
            asked, told = _keys(line, same.get(line.account, ""))
            seen.update(asked)
            if not any(seen[key] <= kept[key] for key in asked):
                fresh.update(told)
                out.append(line)
        kept.update(fresh)
    return tuple(sorted(out, key=_order))


def _order(line: Transaction) -> tuple[date, str, int]:
    return line.booked_on, line.document, line.row


def _keys(line: Transaction, account: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """By what an entry may be known from an earlier document, and by what later ones may know it."""
    base = (line.booked_on, line.amount, line.currency)
    loose: list[tuple[object, ...]] = [("text", *base, line.text, line.balance)]
    if line.balance is not None:
        loose.append(("balance", *base, line.balance))
    without = [("without account", *key) for key in loose]
    if account:
        return [(account, *base), *without], [(account, *base), *loose]
    return loose, [*loose, *without]


def with_balances(transactions: Sequence[Transaction]) -> tuple[Transaction, ...]:
    """The entries in their order, with the balance after each, worked out from those that are given.

    Forward from a balance that is given, backward before the first; an account without any stays without. A balance
    that a statement gives is never changed.
    """
    same = same_accounts(transactions)
    if all(line.balance is not None for line in transactions):
        return tuple(transactions)
    found: dict[tuple[str, int], Decimal] = {}
    for lines in accounts(transactions, same):
        known = _opening(lines)
        for line in lines:
            if known is None:
                break
            known = known + line.amount if line.balance is None else line.balance
            found[line.document, line.row] = known
    return tuple(
        line if line.balance is not None else replace(line, balance=found.get((line.document, line.row)))
        for line in transactions
    )


def accounts(transactions: Iterable[Transaction], same: Mapping[str, str] | None = None) -> list[list[Transaction]]:
    """Entries by account and currency, oldest first as they were booked; ``same`` as of ``same_accounts``."""
    given = list(transactions)
    same = same_accounts(given) if same is None else same
    groups: dict[tuple[str, str], dict[str, list[Transaction]]] = defaultdict(lambda: defaultdict(list))
    for line in given:
        groups[account_of(line, same), line.currency][line.document].append(line)
    out = []
    for key in sorted(groups):
        parts = [_oldest_first(lines) for lines in groups[key].values()]
        parts.sort(key=lambda lines: (lines[0].booked_on, lines[-1].booked_on, lines[0].document))
        whole = [line for lines in parts for line in lines]
        out.append(whole if len(parts) == 1 else sorted(whole, key=lambda line: line.booked_on))
    return out


def _statements(transactions: Iterable[Transaction]) -> list[list[Transaction]]:
    """Entries by document, account and currency, oldest first."""
    groups: dict[tuple[str, str, str], list[Transaction]] = defaultdict(list)
    for line in transactions:
        groups[line.document, line.account, line.currency].append(line)
    return [_oldest_first(groups[key]) for key in sorted(groups)]


@dataclass(frozen=True, slots=True)
class Gap:
    """Two statements of one account between which something is missing."""

    account: str
    after: date  # last day of the earlier one
    before: date  # first day of the later one
    difference: Decimal | None  # by which the later one's opening balance differs; None where it is not known

    @property
    def detail(self) -> str:
        moved = "" if self.difference is None else f", {self.difference:+.2f} unexplained"
        return f"{self.account[-8:]}: {self.after.isoformat()} to {self.before.isoformat()}{moved}"


def gaps(transactions: Sequence[Transaction]) -> tuple[Gap, ...]:
    """Where statements of one account do not follow one another: the balance moved, or two months have no entry."""
    same = same_accounts(transactions)
    by_account: dict[tuple[str, str], list[list[Transaction]]] = defaultdict(list)
    for lines in _statements(transactions):
        by_account[account_of(lines[0], same), lines[0].currency].append(lines)
    out: list[Gap] = []
    for (account, _), parts in sorted(by_account.items()):
        parts.sort(key=lambda lines: (lines[0].booked_on, lines[-1].booked_on))
        for earlier, later in pairwise(parts):
            if (gap := _gap(account, earlier, later)) is not None:
                out.append(gap)
    return tuple(out)


def _gap(account: str, earlier: Sequence[Transaction], later: Sequence[Transaction]) -> Gap | None:
    after, before = earlier[-1].booked_on, later[0].booked_on
    if before <= after:
        return None
    ended = next((line for line in reversed(earlier) if line.balance is not None), None)
    begins = _opening(later)
    if ended is not None and begins is not None and ended.balance is not None:
        rest = earlier[list(earlier).index(ended) + 1 :]
        ends = ended.balance + sum((line.amount for line in rest), Decimal(0))
        return None if ends == begins else Gap(account, after, before, begins - ends)
    return Gap(account, after, before, None) if (before - after).days > _SILENT_DAYS else None


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
    for lines in _statements(transactions):
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
