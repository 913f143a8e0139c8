"""The real applications under the shipped mapping, written out by hand as a second opinion on it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "data" / "samples" / "credit_data.csv"
_MONEY = {
    "Income": "income.net_monthly_stated",
    "Expenses": "expenses.monthly_living",
    "Assets": "assets.total",
    "Amount": "request.amount",
    "Price": "request.goods_price",
}


def lines() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def facts_of(line: Mapping[str, str]) -> dict[str, Any]:
    """The facts a scorecard may look at; money times ten."""
    known: dict[str, Any] = {
        name: Decimal(line[column]) * 10 if line[column] else None for column, name in _MONEY.items()
    }
    known["employment.seniority_years"] = Decimal(line["Seniority"])
    known["request.term_months"] = int(line["Time"])
    known["history.adverse_records"] = line["Records"] == "yes"
    known["employment.type"] = {"partime": "parttime", "": None}.get(line["Job"], line["Job"])
    return known
