"""The catalogue of kinds: complete, and named where it is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data.catalogue import FOLDER, load_catalogue
from data.kinds import load_kinds, load_scales

IDENTIFIERS = [
    "payslip",
    "bank_statement",
    "bank_account_details",
    "employment_letter",
    "income_tax",
    "annual_wage_statement",
    "social_insurance",
    "housing_fund",
    "utility_bill",
    "lease",
    "property_deed",
    "vehicle_registration",
    "driving_licence",
    "national_id",
    "passport",
    "residence_permit",
    "household_register",
    "marriage_certificate",
    "diploma",
    "professional_certificate",
    "language_test",
    "award_certificate",
    "business_licence",
    "invoice",
    "insurance_policy",
    "credit_report",
    "loan_statement",
    "handwritten_note",
    "call_transcript",
    "cv",
    "application_form",
]


def test_every_kind_is_there() -> None:
    assert sorted(load_kinds()) == sorted(IDENTIFIERS)


@pytest.mark.parametrize("kind", IDENTIFIERS)
def test_a_kind_is_complete(kind: str) -> None:
    found = load_kinds()[kind]
    assert found.label["en"]
    assert found.proves["zh"]
    assert max(found.cues.values()) >= 3
    names = [spec.name for spec in found.fields]
    assert len(names) == len(set(names))
    for spec in found.fields:
        assert spec.label["en"]
        assert spec.label["zh"]
        assert spec.labels or spec.check == "mrz", spec.name
        assert spec.fact is None or spec.fact in load_catalogue()


def test_a_form_asks_for_facts_by_every_name_they_have() -> None:
    amount = load_kinds()["application_form"].field("amount")
    assert {"申请金额", *load_catalogue()["request.amount"].aliases} <= set(amount.labels)


def test_the_patterns_that_the_program_brings_are_right(tmp_path: Path) -> None:
    copied = shutil.copytree(FOLDER, tmp_path / "catalogue")
    assert load_kinds(copied) == load_kinds()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kinds").mkdir()
    for name in ("fields.toml", "kinds/lease.toml", "reading_scale.toml"):
        shutil.copy(FOLDER / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[cues]", "[clues]", r"lease\.toml has unknown keys: clues"),
        ("[field.rent]", "[field.rant]", r"lease\.toml: rant is not among its fields"),
        ("'landlord'", "'lord'", r"lease\.toml: landlord is not among|lord.* type and label"),
        ("[field.rent]", '[field.rent]\ntype = "gold"', r"\[field\.rent\]: there is no type 'gold'"),
        ("[field.rent]", '[field.rent]\ncheck = "sum"', r"\[field\.rent\]: there is no check 'sum'"),
        ("[field.rent]", '[field.rent]\nfact = "rent.due"', r"the catalogue has no fact 'rent\.due'"),
        ("[field.rent]", "[field.rent]\nshapes = ['(']", r"\[field\.rent\]: the pattern '\(' is wrong"),
        ("label = {", "lable = {", r"lease\.toml has unknown keys: lable"),
        ("title = [", "title = [[", r"lease\.toml: "),
    ],
)
def test_what_is_wrong_is_named(folder: Path, old: str, new: str, message: str) -> None:
    path = folder / "kinds" / "lease.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_kinds(folder)


@pytest.mark.parametrize(
    ("old", "new"), [("slope", "slant"), ("[0.0, 0.05]", "[0.0, 0.9]"), ("ceiling = 0.995", 'ceiling = "high"')]
)
def test_a_wrong_scale_is_named(folder: Path, old: str, new: str) -> None:
    path = folder / "reading_scale.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"reading_scale\.toml"):
        load_scales(folder)
