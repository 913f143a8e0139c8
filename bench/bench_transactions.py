"""Recognising 100,000 entries of a case: each booking once, balances, class and counterparty, sums by month and class.

    python bench/bench_transactions.py [--rows 100000]

Two statements overlap by a year; a fifth of the texts carry a reference of their own. pandas does the same grouping
(drop the bookings that came twice, sum by month and class) on classes that are given to it, once with them ready and
once with one regular expression a class over the distinct texts. Prints seconds and their ratio.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pandas as pd  # noqa: E402 (the path is set above)

from app.domain.case import Transaction  # noqa: E402
from app.domain.transactions.ledger import Ledger, recognise  # noqa: E402
from app.domain.transactions.rules import Rules  # noqa: E402
from data.transaction_rules import load_rules  # noqa: E402

SHOPS = (
    "Kartenzahlung REWE {}",
    "EDEKA Markt {}",
    "Shell {}",
    "AMZN Mktp {}",
    "Netflix",
    "Apotheke am Ring",
    "Cafe {}",
)
OTHERS = ("Miete Wohnbau", "Gehalt ACME GmbH", "Kreditrate Bank {}", "Anna Holm", "Strom Stadtwerke", "取款 ATM {}")
Sums = dict[tuple[int, int, str], Decimal]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    entries = made(parser.parse_args().rows)
    rules = load_rules()
    seconds, (ledger, ours) = timed(lambda: grouped(entries, rules))
    print(f"{len(entries)} entries, {len(ledger.lines)} bookings: recognised and summed in {seconds:.2f} s")
    frame = pd.DataFrame(
        [(e.booked_on, e.amount, e.currency, e.text, e.document, e.account) for e in entries],
        columns=["day", "amount", "currency", "text", "document", "account"],
    )
    purposes = {(e.text, e.amount > 0): rules.purpose(e.text, e.amount) for e in entries}
    ready, theirs = timed(lambda: by_pandas(frame, purposes))
    searched, _ = timed(lambda: by_pandas(frame, by_patterns(frame, rules)))
    print(f"pandas, classes given: {ready:.2f} s (ratio {seconds / ready:.1f})")
    print(f"pandas, a regular expression a class: {searched:.2f} s (ratio {seconds / searched:.1f})")
    same = ours == theirs
    print("the sums are the same" if same else "the sums differ")
    return 0 if same else 1


def made(rows: int) -> list[Transaction]:
    """Entries of one account in two statements; the second begins a year before the first ends."""
    chance = random.Random(4)
    whole = []
    for number in range(rows * 9 // 10):
        text = chance.choice(SHOPS + OTHERS).format(chance.randint(1, 60))
        text += f" ref {number:08}" if chance.random() < 0.2 else ""
        amount = Decimal(chance.randint(-20_000, 20_000)).scaleb(-2)
        whole.append(
            Transaction(date(2016, 1, 1) + timedelta(number // 25), amount, "EUR", text, None, "a", number, "DE1")
        )
    cut = whole[rows // 2].booked_on
    again = [e for e in whole if e.booked_on >= cut]
    first = [e for e in whole if e.booked_on < cut + timedelta(365)]
    return first + [Transaction(e.booked_on, e.amount, "EUR", e.text, None, "b", e.row, "DE1") for e in again]


def grouped(entries: list[Transaction], rules: Rules) -> tuple[Ledger, Sums]:
    ledger = recognise(entries, rules)
    sums: Sums = defaultdict(Decimal)
    for line in ledger.lines:
        sums[line.entry.booked_on.year, line.entry.booked_on.month, line.purpose] += line.entry.amount
    return ledger, dict(sums)


def by_patterns(frame: pd.DataFrame, rules: Rules) -> dict[tuple[str, bool], str]:
    """Classes of the distinct texts by one alternation a class, as one would write it with pandas."""
    texts = pd.Series(frame["text"].unique())
    found: dict[tuple[str, bool], str] = {}
    for each in rules.classes:
        pattern = "|".join(re.escape(word.strip("*")) for word in each.words)
        for text in texts[texts.str.contains(pattern, case=False, regex=True)]:
            for positive in (True, False):
                if each.takes(Decimal(1 if positive else -1)):
                    found.setdefault((text, positive), each.id)
    return {
        (text, up): found.get((text, up), "other_in" if up else "other_out") for text in texts for up in (True, False)
    }


def by_pandas(frame: pd.DataFrame, purposes: dict[tuple[str, bool], str]) -> Sums:
    """The same bookings and sums: the n-th booking of a key in a document is the n-th in every other."""
    key = ["account", "day", "amount", "currency"]
    counted = frame.assign(nth=frame.groupby(["document", *key]).cumcount())
    once = counted.drop_duplicates([*key, "nth"])
    pairs = zip(once["text"], once["amount"] > 0, strict=True)
    days = pd.to_datetime(once["day"])
    once = once.assign(purpose=[purposes[pair] for pair in pairs], year=days.dt.year, month=days.dt.month)
    return {tuple(name): total for name, total in once.groupby(["year", "month", "purpose"])["amount"].sum().items()}  # type: ignore[arg-type,misc]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    sys.exit(main())
