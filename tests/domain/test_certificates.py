"""Certificates whose words stand in sentences or on lines of their own, in the languages read."""

from __future__ import annotations

import pytest

from app.domain.extraction import fields_of
from app.domain.extraction.certificates import is_person, issuer_in
from app.domain.kind_words import paper_of
from data.kinds import kind_words, load_kinds
from tests.domain.pages_of_words import form

CASES = [
    (
        "diploma",
        [
            "Fernhill University",
            "The Senate, on the recommendation of the Faculty of Law, has conferred upon",
            "Ottilie Marchbanks",
            "the degree of",
            "Bachelor of Laws",
            "on the ninth day of July two thousand and eighteen",
        ],
        {"holder": "Ottilie Marchbanks", "degree": "Bachelor of Laws", "graduation_date": "2018-07-09"},
    ),
    (
        "diploma",
        [
            "Die Universität Seehausen verleiht",
            "Herrn Anton Rübsam",
            "den akademischen Grad",
            "Master of Science",
            "im Studiengang Werkstofftechnik",
        ],
        {"institution": "Universität Seehausen", "holder": "Anton Rübsam", "degree": "Master of Science",
         "major": "Werkstofftechnik"},
    ),
    (
        "diploma",
        [
            "Universidad de la Vega",
            "certifica que doña Inés Robledo Cruz ha superado los estudios y obtenido el título de",
            "Grado en Economía",
        ],
        {"holder": "Inés Robledo Cruz", "degree": "Grado", "major": "Economía"},
    ),
    (
        "award_certificate",
        ["The Harrow Trust", "is proud to present this certificate to", "Leonard Pym", "who was awarded the",
         "Harrow Medal for Engineering", "on 4 May 2022"],
        {"holder": "Leonard Pym", "award": "Harrow Medal for Engineering", "award_date": "2022-05-04"},
    ),
    (
        "award_certificate",
        ["Le jury de l'Académie du Midi décerne à", "Madame Claire Vautrin", "le Prix de la recherche",
         "Fait à Nîmes, le 3 mars 2021"],
        {"holder": "Claire Vautrin", "award": "Prix de la recherche", "award_date": "2021-03-03"},
    ),
    (
        "professional_certificate",
        ["Si certifica che la dott.ssa Giulia Ferrante è iscritta all'albo in qualità di Psicologa dal 2 aprile 2019"],
        {"holder": "Giulia Ferrante", "qualification": "Psicologa"},
    ),
    (
        "professional_certificate",
        ["This is to certify that", "Mr Owen Tranter", "has been admitted as a", "Chartered Surveyor"],
        {"holder": "Owen Tranter", "qualification": "Chartered Surveyor"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "lines", "expected"), CASES)
def test_sentences_and_lines(kind: str, lines: list[str], expected: dict[str, str]) -> None:
    read = {field.name: field for field in fields_of(paper_of(form(*lines), kind_words()), load_kinds()[kind])}
    assert {name: read[name].value for name in expected if name in read} == expected
    assert all(field.fact is None or field.method != "pattern" or field.confidence < 0.9 for field in read.values())


@pytest.mark.parametrize(
    "text", ["Board of Accountancy", "Founders Medal", "Bachelor of Arts", "Vice Chancellor", "Leonard"]
)
def test_offices_awards_and_degrees_are_no_persons(text: str) -> None:
    assert not is_person(text)


@pytest.mark.parametrize("text", ["Ana de la Cruz", "J. R. O'Neill", "ÅSA ÖBERG", "王小明", "Marie-Claire Lefèvre"])
def test_persons(text: str) -> None:
    assert is_person(text)


def test_the_issuer_of_a_sentence() -> None:
    assert issuer_in("The Council of Brackley College hereby certifies") == "Brackley College"
    assert issuer_in("Der Präsident der Universität Seehausen") == "Universität Seehausen"
    assert issuer_in("Brackley College") == "Brackley College"


def test_a_whole_name_is_no_surname_and_a_surname_no_whole_name() -> None:
    def names(*lines: str) -> dict[str, object]:
        paper = paper_of(form("RESIDENCE PERMIT", *lines), kind_words())
        found = fields_of(paper, load_kinds()["residence_permit"])
        return {field.name: field.value for field in found if field.name in ("holder", "surname", "given_names")}

    assert names("Name: Maeve Donnelly", "Valid until: 04/05/2029") == {"holder": "Maeve Donnelly"}
    assert names("Surname: Donnelly", "Given names: Maeve Ann") == {"surname": "Donnelly", "given_names": "Maeve Ann"}
    assert names("Nom: Donnelly", "Prénoms: Maeve") == {"surname": "Donnelly", "given_names": "Maeve"}


def test_a_day_of_birth_in_a_sentence_is_none_of_issue() -> None:
    lines = ("Certificate of Registration", "Ada Finch, born on 4 May 1981, is registered as a Registered Nurse")
    paper = paper_of(form(*lines), kind_words())
    found = {field.name: field.value for field in fields_of(paper, load_kinds()["professional_certificate"])}
    assert found["birth_date"] == "1981-05-04"
    assert "issue_date" not in found
