"""Mappings: their TOML form, what is refused, and how names match."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.mapping import (
    ColumnMapping,
    TableMapping,
    mapping_from_json,
    mapping_from_toml,
    name_confidence,
    recode_seen,
    recoding,
    reference_column,
    shape_of,
)
from app.errors import InputError
from tests.doubles import load_catalogue

CATALOGUE = load_catalogue()
names = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12)
scales = st.none() | st.decimals("0.001", 1000, places=3).filter(lambda n: n != 0)
facts = st.lists(st.sampled_from(["request.amount", "assets.total", "debt.outstanding"]), min_size=1, unique=True)


@given(facts=facts, sources=st.lists(names, min_size=3, max_size=3, unique=True), scale=scales, missing=st.lists(names))
def test_toml_is_read_back_as_it_was(
    facts: list[str], sources: list[str], scale: Decimal | None, missing: list[str]
) -> None:
    columns = tuple(ColumnMapping(fact, source, scale) for fact, source in zip(facts, sources, strict=False))
    mapping = TableMapping(
        columns, currency="CZK", reference="Id", missing=tuple(dict.fromkeys(["", *missing])), decimal=","
    )
    assert mapping_from_toml(mapping.to_toml(), CATALOGUE) == mapping
    assert mapping_from_json(mapping.to_json(), CATALOGUE) == mapping


def test_the_documented_form(root: object) -> None:
    text = """
currency = "EUR"
reference = "rownames"
applicant = "Name"
missing = ["NA", ""]
date_format = "%d/%m/%Y"
[columns."income.net_monthly_stated"]
from = "Income"
scale = 10
[columns."employment.type"]
from = "Job"
values = { partime = "parttime" }
"""
    mapping = mapping_from_toml(text, CATALOGUE)
    assert mapping.column("income.net_monthly_stated") == ColumnMapping(
        "income.net_monthly_stated", "Income", Decimal(10)
    )
    assert mapping.column("applicant.name") == ColumnMapping("applicant.name", "Name")
    assert mapping.sources() == ("rownames", "Income", "Job", "Name")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "columns"),
        ('colums = "x"', "colums"),
        ('[columns."request.amount"]\nfrm = "A"', 'columns."request.amount".frm'),
        ('[columns."request.amount"]\nscale = 2', 'columns."request.amount".from'),
        ('[columns."request.amount"]\nfrom = "A"\nscale = "ten"', 'columns."request.amount".scale'),
        ('[columns."request.amount"]\nfrom = "A"\nscale = 0', 'columns."request.amount".scale'),
        ('[columns."request.amount"]\nfrom = "A"\nvalues = { a = "b" }', 'columns."request.amount".values'),
        ('[columns."applicant.housing"]\nfrom = "A"\nvalues = { a = "hut" }', 'columns."applicant.housing".values.a'),
        ('[columns."score.points"]\nfrom = "A"', 'columns."score.points"'),
        ('decimal = "x"\n[columns."request.amount"]\nfrom = "A"', "decimal"),
        ('missing = "NA"\n[columns."request.amount"]\nfrom = "A"', "missing"),
        ('[columns."request.amount"]\nfrom = "A"\n[columns."assets.total"]\nfrom = "A"', "columns"),
        ('applicant = "A"\n[columns."applicant.name"]\nfrom = "B"', "columns"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(text: str, key: str) -> None:
    with pytest.raises(InputError) as caught:
        mapping_from_toml(text, CATALOGUE, "m.toml")
    assert caught.value.message.startswith(f"{key}: ")
    assert (caught.value.file, caught.value.field) == ("m.toml", "mapping")


def test_the_header_must_hold_each_column_once() -> None:
    mapping = TableMapping((ColumnMapping("request.amount", "A"),))
    mapping.check_header(["A", "B", "B"], "t.csv")
    with pytest.raises(InputError, match=r"t\.csv, column A: .*is not in the file.*columns are: B"):
        mapping.check_header(["B"], "t.csv")
    with pytest.raises(InputError, match="stands 2 times"):
        mapping.check_header(["A", "A"], "t.csv")


def test_recoding_takes_labels_and_the_mapping_first() -> None:
    words = recoding(CATALOGUE["applicant.housing"], ColumnMapping("applicant.housing", "H", values={"Other": "rent"}))
    assert (words["other"], words["租房"], words["owner"]) == ("rent", "rent", "owner")
    assert "priv" not in words
    assert recode_seen(CATALOGUE["applicant.housing"], ["priv", "rent", "?"]) == {"priv": "private"}


@pytest.mark.parametrize(
    ("heading", "fact", "least"),
    [
        ("request.amount", "request.amount", "1"),
        ("Loan_Amount", "request.amount", "0.95"),
        ("贷款金额", "request.amount", "0.95"),
        ("Amount (EUR)", "request.amount", "0.95"),
        ("first loan amount asked", "request.amount", "0.60"),
        ("colour", "request.amount", "0"),
    ],
)
def test_names(heading: str, fact: str, least: str) -> None:
    assert name_confidence(CATALOGUE[fact], heading) == Decimal(least)


def test_shapes_and_references() -> None:
    assert shape_of(["a", " b"]) == shape_of(["a", "b"]) != shape_of(["b", "a"])
    assert reference_column(["Amount", "Application ID"]) == "Application ID"
    assert reference_column(["Amount"]) is None


@pytest.mark.parametrize(
    ("heading", "fact", "least"),
    [
        ("Net Monthly Income", "income.net_monthly_stated", "0.85"),
        ("Loan Amount Requested", "request.amount", "0.85"),
        ("Term (months)", "request.term_months", "0.95"),
        ("贷款期限(月)", "request.term_months", "0.95"),
        ("贷款金额（元）", "request.amount", "0.95"),
        ("Employment Status", "employment.type", "0.95"),
        ("Years at Current Job", "employment.seniority_years", "0.95"),
    ],
)
def test_natural_headings_name_their_fact(heading: str, fact: str, least: str) -> None:
    assert name_confidence(load_catalogue()[fact], heading) >= Decimal(least)


@pytest.mark.parametrize("heading", ["Gross Annual Income", "Amount paid back", "Income of the spouse", "Job title"])
def test_a_heading_with_a_word_of_its_own_is_no_sure_match(heading: str) -> None:
    found = [name_confidence(fact, heading) for fact in load_catalogue() if fact.table_column]
    assert max(found) < Decimal("0.80")
