"""Names by which columns of any table carry a prohibited basis (Reg B, 12 CFR 1002.2(z); EU Charter, article 21)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# Words that name the basis wherever they stand in a column's name, as "sex" in "personal_status_sex".
WORDS: Mapping[str, tuple[str, ...]] = {
    "sex": ("sex", "gender", "male", "female", "性别", "geschlecht", "sexo", "kön", "sexe"),
    "marital_status": (
        "marital",
        "marriage",
        "married",
        "family status",
        "civil status",
        "personal status",
        "婚姻",
        "familienstand",
        "estado civil",
        "civilstånd",
        "divorced",
    ),
    "age": ("birth", "birthday", "birthdate", "dob", "geburtsdatum", "出生", "年龄"),
    "race": (
        "race",
        "racial",
        "ethnicity",
        "ethnic",
        "ethnie",
        "colour of skin",
        "skin",
        "民族",
        "种族",
        "tribe",
        "caste",
    ),
    "religion": ("religion", "religious", "creed", "faith", "church", "宗教"),
    "national_origin": (
        "nationality",
        "citizenship",
        "citizen",
        "national origin",
        "foreign worker",
        "国籍",
        "immigrant",
    ),
    "public_assistance": ("public assistance", "welfare", "social benefits"),
    "disability": ("disability", "disabled", "handicap"),
    "orientation": ("sexual orientation",),
    "politics": ("political", "party membership", "trade union", "union member"),
    "genetics": ("genetic", "pregnant", "pregnancy"),
}
# Words that name it only where the rest of the name says nothing else: "applicant_age", but not "own_car_age".
ALONE: Mapping[str, tuple[str, ...]] = {
    "age": ("age", "ages", "alter", "edad", "ålder", "years old", "yob"),
    "marital_status": ("single", "spouse", "widowed", "widow"),
    "race": ("afam", "black", "white", "hispanic", "asian", "latino", "african american", "minority"),
    "national_origin": ("foreign", "foreigner", "origin", "country of birth", "native"),
}
_NEUTRAL = frozenset(
    [
        "applicant",
        "applicants",
        "customer",
        "client",
        "borrower",
        "person",
        "personal",
        "owner",
        "co",
        "code",
        "cd",
        "name",
        "flag",
        "is",
        "has",
        "type",
        "cat",
        "category",
        "class",
        "desc",
        "description",
        "in",
        "at",
        "of",
        "the",
        "years",
        "year",
        "yrs",
        "yr",
        "group",
        "grp",
        "band",
        "bucket",
        "bin",
        "num",
        "cnt",
        "n",
        "days",
        "months",
        "current",
        "application",
        "x",
        "y",
    ]
)
_PARTS = re.compile(r"[a-zäöåéèñü]+|[\u4e00-\u9fff]+", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def basis_of(column: str, names: Mapping[str, Iterable[str]] | None = None) -> str | None:
    """The prohibited basis a column's name speaks of, or None. ``names`` are further whole names by basis."""
    parts = words_of(column)
    text = f" {' '.join(parts)} "
    for basis, given in (names or {}).items():
        if any(parts == words_of(name) for name in given):
            return basis
    for basis, words in WORDS.items():
        if any(f" {word} " in text or (not word.isascii() and word in text) for word in words):
            return basis
    rest = " ".join(part for part in parts if part not in _NEUTRAL)
    return next((basis for basis, words in ALONE.items() if rest in words), None)


def words_of(name: str) -> list[str]:
    """The words of a column's name, in lower case: of ``CODE_GENDER``, ``codeGender`` and ``code gender`` the same."""
    return [part.lower() for part in _PARTS.findall(_CAMEL.sub(" ", name))]
