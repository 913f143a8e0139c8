"""The lines of a case's statements through the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from app.cli import run

Ask = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def lines(ask: Ask) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask("transactions", "good")["transactions"]
    return found


def test_every_line_has_its_place_class_and_rule(lines: list[dict[str, Any]], ask: Ask) -> None:
    assert len(lines) > 20
    days = [date.fromisoformat(line["date"]) for line in lines]
    assert days == sorted(days)
    assert {line["statement"] for line in lines} == {"statement.xml"}
    assert all(line["account"] and line["currency"] == "EUR" and line["balance"] for line in lines)
    for before, after in pairwise(lines):
        if before["account"] == after["account"] and before["row"] + 1 == after["row"]:
            assert Decimal(after["balance"]) == Decimal(before["balance"]) + Decimal(after["amount"])
    salary = next(line for line in lines if line["category"] == "salary")
    assert Decimal(salary["amount"]) > 0
    assert salary["rule"] == "employer" or salary["rule"].startswith("word: ")
    assert all(not line["rule"] for line in lines if line["category"].startswith("other_"))
    worded = [line for line in lines if line["rule"].startswith("word: ")]
    assert worded
    plain = [line for line in worded if "*" not in line["rule"]]
    assert all(line["rule"].removeprefix("word: ").split()[0] in line["text"].casefold() for line in plain)


def test_filters_take_a_class_a_group_and_days(lines: list[dict[str, Any]], ask: Ask) -> None:
    salaries = ask("transactions", "good", "--category", "salary")
    assert salaries["transactions"] == [line for line in lines if line["category"] == "salary"]
    assert salaries["of"] == len(lines)
    income = ask("transactions", "good", "--category", "income")["transactions"]
    assert {line["category"] for line in income} >= {"salary"}
    day = lines[len(lines) // 2]["date"]
    upto, since = (ask("transactions", "good", option, day)["transactions"] for option in ("--to", "--from"))
    assert [line for line in upto if line["date"] < day] + since == lines
    assert ask("transactions", "good", "--from", day, "--to", day)["transactions"] == [
        line for line in lines if line["date"] == day
    ]


def test_what_cannot_be_asked_for_is_refused(workspace: object, refused: Refused) -> None:
    assert "Give one of:" in refused("transactions", "good", "--category", "wages")
    assert "earlier day" in refused("transactions", "good", "--from", "2026-02-01", "--to", "2026-01-01")


def test_people_get_a_table_and_cases_without_statements_none(
    workspace: object, capsys: pytest.CaptureFixture[str], ask: Ask
) -> None:
    row = ask("cases", "--limit", "20")["cases"][-1]["id"]
    assert ask("transactions", row)["transactions"] == []
    assert run(["transactions", "good", "--category", "salary"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split()[:3] == ["date", "amount", "currency"]
    assert printed[-1].endswith("lines")
