"""All the entries of a case as one table: each booking once, what it was for and with whom."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from app.domain.balances import account_of, same_accounts, with_balances, without_repeats
from app.domain.case import Transaction
from app.domain.transactions.parties import party_of
from app.domain.transactions.rules import OTHER_IN, OTHER_OUT, Rules
from app.domain.transactions.words import name_tokens, names, without_references

OWN, SALARY, INSTALMENT = "own_transfer", "salary", "instalment"
TRANSFER_DAYS = timedelta(days=3)
"""So long a transfer between two own accounts may be under way."""


@dataclass(frozen=True, slots=True)
class Line:
    """One booking and what it is."""

    entry: Transaction
    purpose: str  # class of the rules, "other_in" or "other_out"
    party: str  # counterparty's name


@dataclass(frozen=True, slots=True)
class Parties:
    """Names that a case knows beside the statements."""

    holders: tuple[str, ...] = ()  # the applicant
    employers: tuple[str, ...] = ()
    lenders: tuple[str, ...] = ()  # of the bureau report: accounts and enquiries


@dataclass(frozen=True)
class Ledger:
    """Lines by date, document and row."""

    lines: tuple[Line, ...]
    rules: Rules
    left_out: int = 0  # bookings that a second statement showed again

    @cached_property
    def entries(self) -> tuple[Transaction, ...]:
        return tuple(line.entry for line in self.lines)

    @cached_property
    def _by_purpose(self) -> Mapping[str, tuple[Line, ...]]:
        groups: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            groups[line.purpose].append(line)
        return {purpose: tuple(lines) for purpose, lines in groups.items()}

    def of(self, *purposes: str) -> tuple[Line, ...]:
        """Lines of these classes, in the ledger's order."""
        if len(purposes) == 1:
            return self._by_purpose.get(purposes[0], ())
        wanted = set(purposes)
        return tuple(line for line in self.lines if line.purpose in wanted)

    def of_group(self, *groups: str) -> tuple[Line, ...]:
        """Lines of the classes of these groups."""
        return self.of(*self.rules.of_group(*groups))

    @cached_property
    def span(self) -> tuple[date, date] | None:
        """First and last booking day."""
        days = [line.entry.booked_on for line in self.lines]
        return (min(days), max(days)) if days else None

    def party_of(self, entry: Transaction) -> str:
        return self._parties.get((entry.document, entry.row), "")

    @cached_property
    def _parties(self) -> Mapping[tuple[str, int], str]:
        return {(line.entry.document, line.entry.row): line.party for line in self.lines}


def recognise(entries: Iterable[Transaction], rules: Rules, known: Parties | None = None) -> Ledger:
    """Take each booking once, fill in its balance, and say what it is.

    Pure and linear in the number of entries but for sorting; the same entries give the same ledger in any order.
    """
    known = known or Parties()
    given = tuple(entries)
    once = with_balances(without_repeats(given))
    purposes = [_purpose(entry, rules, known) for entry in once]
    _net_transfers(once, purposes)
    named: dict[tuple[str, str], str] = {}
    lines = []
    for entry, purpose in zip(once, purposes, strict=True):
        key = (entry.counterparty, without_references(entry.text))
        name = named.get(key)
        if name is None:
            name = party_of(entry, rules)
            if name == without_references(name):
                named[key] = name
        lines.append(Line(entry, purpose, name))
    return Ledger(tuple(_monthly_only(lines, rules)), rules, len(given) - len(once))


def _purpose(entry: Transaction, rules: Rules, known: Parties) -> str:
    purpose = rules.purpose(entry.text, entry.amount)
    if purpose == OTHER_IN and any(names(entry.text, firm) for firm in known.employers):
        return SALARY
    if purpose == OTHER_OUT and any(names(entry.text, firm) for firm in known.lenders):
        return INSTALMENT
    if purpose in (OTHER_IN, OTHER_OUT) and any(_is(entry, holder) for holder in known.holders):
        return OWN
    return purpose


def _is(entry: Transaction, holder: str) -> bool:
    """Whether the counterparty is the account holder: every word of the name, and no other word that tells."""
    wanted = name_tokens(holder)
    if wanted and entry.counterparty:
        return len(wanted) > 1 and wanted == name_tokens(entry.counterparty)
    if not wanted:
        return len(holder) >= 2 and holder == entry.counterparty
    return False


def _net_transfers(entries: Sequence[Transaction], purposes: list[str]) -> None:
    """Mark money that only went from one own account to another, here by its numbers or by a debit and a credit that
    match; so that it counts neither as income nor as spending."""
    names_of = same_accounts(entries)
    own = {account_of(entry, names_of) for entry in entries}
    if len(own) < 2:
        return
    numbers = {names_of[entry.account] for entry in entries if entry.account}
    open_to = {OTHER_IN, OTHER_OUT, OWN, "cash"}
    received: dict[tuple[Decimal, str], list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        other = names_of.get(entry.other_account)
        if other in numbers and other != names_of.get(entry.account) and purposes[place] in open_to:
            purposes[place] = OWN
        elif entry.amount > 0 and purposes[place] in open_to:
            received[entry.amount, entry.currency].append(place)
    days = {key: [entries[place].booked_on for place in places] for key, places in received.items()}
    taken: set[int] = set()
    for place, entry in enumerate(entries):
        if entry.amount >= 0 or purposes[place] not in open_to:
            continue
        key = (-entry.amount, entry.currency)
        first = bisect_left(days.get(key, []), entry.booked_on - TRANSFER_DAYS)
        last = bisect_right(days.get(key, []), entry.booked_on + TRANSFER_DAYS)
        for credit in received.get(key, [])[first:last]:
            if credit not in taken and account_of(entries[credit], names_of) != account_of(entry, names_of):
                taken.add(credit)
                purposes[place] = purposes[credit] = OWN
                break


def _monthly_only(lines: Sequence[Line], rules: Rules) -> Sequence[Line]:
    """Classes that ask for regularity lose the lines that do not recur."""
    wanted = {each.id for each in rules.classes if each.monthly}
    if not wanted:
        return lines
    from app.domain.transactions.regularity import recurring

    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        if line.purpose in wanted:
            groups[line.purpose, line.party].append(line)
    kept = {id(line) for group in groups.values() if recurring([each.entry for each in group]) for line in group}
    other = {True: OTHER_IN, False: OTHER_OUT}
    return [
        line if line.purpose not in wanted or id(line) in kept else replace(line, purpose=other[line.entry.amount > 0])
        for line in lines
    ]
