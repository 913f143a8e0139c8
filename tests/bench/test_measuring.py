"""The figures of a measurement, on cases small enough to work out by hand; and what counts as exact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.layout import Layout, Page, Word
from bench.reading.at_hand import at_hand, day_of
from bench.reading.compare import same
from bench.reading.metrics import (
    FieldCase,
    KindCase,
    accuracy,
    calibration_error,
    confusion,
    field_cases,
    field_rates,
    kind_rates,
    rates_of,
    reliability,
    transaction_rates,
)
from bench.reading.reader import keeping, kept_cost, recognition_version
from bench.reading.report import Outcome, markdown, misses, summary

KINDS = [
    KindCase(("payslip",), "payslip", 0.9),
    KindCase(("payslip",), "invoice", 0.6),
    KindCase(("invoice",), "invoice", 0.8),
    KindCase(("unknown", "invoice"), "invoice", 0.7),
]


def test_kinds() -> None:
    assert accuracy(KINDS) == 0.75
    rates = kind_rates(KINDS)
    assert rates["payslip"].precision == 1
    assert rates["payslip"].recall == 0.5
    assert rates["invoice"].precision == pytest.approx(2 / 3)
    assert rates["invoice"].recall == 1
    assert confusion(KINDS) == [("payslip", "invoice", 1)]
    assert accuracy([]) is None


def test_calibration_error_is_the_weighted_distance() -> None:
    bins = reliability([(0.95, True), (0.95, False), (0.2, False), (1.0, True)], edges=(0, 0.5, 0.97, 1))
    assert [(each.count, each.accuracy) for each in bins] == [(1, 0), (2, 0.5), (1, 1)]
    assert calibration_error(bins) == pytest.approx((1 * 0.2 + 2 * 0.45 + 0) / 4)
    assert calibration_error([]) is None


def reading(name: str, value: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "confidence": "0.9", "method": "label", "page": 1, "box": None} | more


TRUTH = {
    "kind": "payslip",
    "text_layer": True,
    "variant": "clean",
    "locale": "en-GB",
    "fields": [
        {"name": "net_pay", "type": "money", "value": "2100.50", "places": [{"page": 1, "box": [10, 10, 60, 20]}]},
        {"name": "pay_date", "type": "date", "value": "2026-10-25", "places": []},
        {"name": "employer", "type": "name", "value": "Acme Ltd", "or": ["company"], "places": []},
    ],
    "also": {"period": ["2026-10"]},
    "transactions": None,
}


def result(*fields: dict[str, Any], kind: str = "payslip") -> dict[str, Any]:
    return {
        "kind": kind,
        "kind_confidence": 0.9,
        "fields": list(fields),
        "transactions": [],
        "pages": 1,
        "measured": {"seconds": 0.5, "peak_mb": 100.0},
    }


def test_hits_misses_and_inventions() -> None:
    cases = field_cases(
        TRUTH,
        result(
            reading("net_pay", "2100.5", box=["12.0", "11.0", "58.0", "19.0"]),
            reading("pay_date", "2026-10-24"),
            reading("company", "ACME LTD."),
            reading("period", "2026-10"),
            reading("tax", "13.00"),
        ),
    )
    by_name = {case.name: case for case in cases}
    assert by_name["net_pay"].hit
    assert by_name["net_pay"].placed
    assert by_name["pay_date"].read
    assert not by_name["pay_date"].hit
    assert by_name["employer"].hit
    assert "period" not in by_name
    assert not by_name["tax"].expected
    rates = rates_of(cases)
    assert (rates.expected, rates.read, rates.hits) == (3, 4, 2)
    assert (rates.precision, rates.recall, rates.f1) == (0.5, 2 / 3, pytest.approx(4 / 7))


def test_the_surest_of_two_readings_counts() -> None:
    cases = field_cases(TRUTH, result(reading("net_pay", "2100.50"), reading("net_pay", "9.00", confidence="0.95")))
    assert not next(case for case in cases if case.name == "net_pay").hit


def test_a_box_elsewhere_is_told() -> None:
    cases = field_cases(TRUTH, result(reading("net_pay", "2100.50", box=["200", "11", "258", "19"])))
    assert next(case for case in cases if case.name == "net_pay").placed is False


def test_under_a_wrong_kind_fields_are_missed_not_invented() -> None:
    cases = field_cases(TRUTH, result(reading("total", "5.00"), kind="invoice"))
    assert rates_of(cases) == rates_of([FieldCase("payslip", "", "", True, False, False)] * 3)


def test_rates_by_any_key() -> None:
    cases = field_cases(TRUTH, result(reading("net_pay", "2100.50"), reading("pay_date", "2026-10-25", method="table")))
    found = field_rates([case for case in cases if case.read], lambda case: case.method)
    assert {name: rates.hits for name, rates in found.items()} == {"label": 1, "table": 1}


def test_transactions_count_each_once() -> None:
    truth = [{"on": "2026-01-02", "amount": "-5.00"}, {"on": "2026-01-02", "amount": "-5.00"}]
    rates = transaction_rates(truth, [{"date": "2026-01-02", "amount": "-5"}, {"date": "2026-01-03", "amount": "-5"}])
    assert (rates.expected, rates.read, rates.hits) == (2, 2, 1)


@pytest.mark.parametrize(
    ("type_", "expected", "read", "right"),
    [
        ("money", "1234.50", "1234.5", True),
        ("money", "1234.50", "1234.51", False),
        ("money", "1234.50", "many", False),
        ("date", "2026-10-25", "2026-10-25", True),
        ("date", "2026-10-05", "2026-05-10", False),
        ("period", "2026-02", "2026-02-01/2026-02-28", True),
        ("period", "2026-02", "2026-02-01/2026-02-27", False),
        ("period", "2026-02", "February", False),
        ("name", "Aoife Ó Dálaigh", "MS O DALAIGH, AOIFE", True),
        ("name", "Aoife Ó Dálaigh", "Aoife", False),
        ("name", "Acme Ltd", "ACME LTD.", True),
        ("name", "王志强", "王 志 强", True),
        ("name", "王志强", "王志", False),
        ("address", "1 High St, Ely, CB7 4LF", "1 High St\nEly CB7 4LF", True),
        ("address", "1 High St, Ely", "High St 1, Ely", False),
        ("identifier", "DE89 3704 0044", "de8937040044", True),
        ("identifier", "DE89 3704 0044", "DE8937040045", False),
        ("identifier", "P<GBRA<<B, 123<<4", "P<GBRA<<B\n123<<4", True),
        ("count", "24", "24", True),
        ("text", "", "", True),
    ],
)
def test_what_is_exact(type_: str, expected: str, read: str, right: bool) -> None:
    assert same(type_, expected, read) is right


def test_tables_name_every_aim() -> None:
    outcomes = {
        "authored, tuning": [Outcome(TRUTH, result(reading("net_pay", "2100.50")), {"pages": 1.0, "seconds": 1.5})]
    }
    figures = summary(outcomes)["authored, tuning"]
    assert figures["kind_accuracy"] == 1
    assert figures["amounts_text"] == 1
    assert figures["dates_text"] == 0
    assert figures["amounts_pictures"] is None
    tables = markdown(outcomes)
    for words in ("amounts, text", "Expected calibration error", "| method |", "| payslip | 1 | 1.000 | 1.000 |"):
        assert words in tables
    assert "| field | on the documents |" in tables
    assert "| field | on the documents |" not in markdown(outcomes, brief=True)


def test_mistakes_are_listed_with_what_stands_there() -> None:
    truth = TRUTH | {"file": "a.pdf", "maker": "m"}
    listed = misses([Outcome(truth, result(reading("net_pay", "2.00"))), Outcome(truth, result(kind="invoice"))])
    assert "payslip m clean a.pdf: net_pay '2100.50', read '2.00' by label" in listed
    assert "pay_date '2026-10-25', read nothing" in listed
    assert "called invoice (0.90)" in listed


def test_files_without_a_kind_are_unknown() -> None:
    outcome = Outcome(TRUTH | {"kind": "unknown", "fields": []}, result(kind="document"))
    assert outcome.kind.hit


@pytest.mark.parametrize(
    ("text", "day"),
    [("9/3/2018", "2018-03-09"), ("28 MAR 18", "2018-03-28"), ("20-02-18", "2018-02-20"), ("soon", None)],
)
def test_days_of_receipts(text: str, day: str | None) -> None:
    assert day_of(text) == day


def test_files_at_hand_are_found_and_absent_ones_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "sroie"
    folder.mkdir()
    known = {"company": "KEDAI", "date": "25/12/2018", "address": "1 JALAN", "total": "RM9.00"}
    (folder / "000.key.json").write_text(json.dumps(known))
    found = at_hand(tmp_path)
    assert list(found) == ["sroie"]
    fields = {field["name"]: field["value"] for field in found["sroie"][0].truth["fields"]}
    assert fields == {"company": "KEDAI", "date": "2018-12-25", "address": "1 JALAN", "total": "9.00"}
    assert found["sroie"][0].path == folder / "000.img.jpg"


def test_pages_are_recognised_once(tmp_path: Path) -> None:
    asked = []

    def layout_of(path: Path, *_: object) -> Layout:
        asked.append(path)
        return Layout((Page(1, 100, 100, (Word("a", (1, 2, 3, 4), 1),)),), 1)

    file = tmp_path / "file"
    file.write_bytes(b"x")
    cache = tmp_path / "cache"
    kept = keeping(layout_of, cache)
    assert kept_cost(cache, file) is None
    assert kept(file).text == kept(file).text == "a"
    assert len(asked) == 1
    cost = kept_cost(cache, file)
    assert cost is not None
    assert cost["pages"] == 1
    (cache / recognition_version()).rename(cache / "older")
    assert keeping(layout_of, cache, any_version=True)(file).text == "a"
    assert len(asked) == 1
    keeping(layout_of, cache)(file)
    assert len(asked) == 2
    file.write_bytes(b"y")
    kept(file)
    assert len(asked) == 3


def test_another_right_form_is_a_hit_and_an_unasked_right_value_no_mistake() -> None:
    field = {"name": "nationality", "type": "text", "value": "Irish", "alternatives": ["IRL"], "places": []}
    truth = TRUTH | {"fields": [field], "also": {"issue_date": ["2026-01-02", "2026-01-03"]}}
    cases = field_cases(truth, result(reading("nationality", "IRL"), reading("issue_date", "2026-01-03")))
    assert [(case.name, case.hit) for case in cases] == [("nationality", True)]
    cases = field_cases(truth, result(reading("nationality", "IRN"), reading("issue_date", "2026-01-04")))
    assert [(case.name, case.hit) for case in cases] == [("nationality", False), ("issue_date", False)]
