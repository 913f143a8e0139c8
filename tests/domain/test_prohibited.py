"""Names that speak of a prohibited basis, and names that only sound so."""

from __future__ import annotations

import pytest

from app.domain.prohibited import basis_of, words_of


@pytest.mark.parametrize(
    ("name", "basis"),
    [
        ("SEX", "sex"),
        ("CODE_GENDER", "sex"),
        ("applicantGender", "sex"),
        ("personal_status_sex", "sex"),
        ("性别", "sex"),
        ("Marital", "marital_status"),
        ("NAME_FAMILY_STATUS", "marital_status"),
        ("MARRIAGE", "marital_status"),
        ("single", "marital_status"),
        ("Age", "age"),
        ("applicant_age", "age"),
        ("age_years", "age"),
        ("DAYS_BIRTH", "age"),
        ("date_of_birth", "age"),
        ("applicant_race-1", "race"),
        ("afam", "race"),
        ("ethnicity", "race"),
        ("religion", "religion"),
        ("foreign_worker", "national_origin"),
        ("Nationality", "national_origin"),
        ("own_car_age", None),
        ("age_of_oldest_account", None),
        ("Sextant", None),
        ("percentage", None),
        ("mortgage", None),
        ("usage", None),
        ("single_payment", None),
        ("EXT_SOURCE_1", None),
        ("income", None),
        ("", None),
    ],
)
def test_basis(name: str, basis: str | None) -> None:
    assert basis_of(name) == basis


def test_names_of_the_catalogue_count_whole() -> None:
    assert basis_of("Umur", {"age": ("umur",)}) == "age"
    assert basis_of("umur rekening", {"age": ("umur",)}) is None


def test_words() -> None:
    assert words_of("CODE_GENDER") == ["code", "gender"]
    assert words_of("codeGender2") == ["code", "gender"]
