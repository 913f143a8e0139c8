"""The authored documents: the same bytes each time, truths that stand on their pages, numbers that hold."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from app.domain.identifiers import is_credit_code, is_iban, is_luhn, is_ssn, is_vin, resident_identity
from app.domain.mrz import read_zone
from app.domain.vat_numbers import is_vat
from bench.reading.authored import Made, made_in, make_set
from bench.reading.makers import Maker, makers_of
from bench.reading.people import World, pool
from bench.reading.records import record
from bench.reading.typeset import Typeset, typeset
from bench.reading.word_files import word_file
from data.kinds import load_kinds

SETS = ("tuning", "measuring")
MAKERS = {set_name: makers_of(set_name) for set_name in SETS}


PRINTED = {set_name: [maker for maker in makers if maker.form != "docx"] for set_name, makers in MAKERS.items()}


def typeset_by(maker: Maker, seed: str = "1") -> Typeset:
    return typeset(maker, record(maker.kind, World(maker.set_name, maker.locale, seed)))


def text_of(pdf: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def squeezed(text: str) -> str:
    return re.sub(r"\s|\ufffe|\u00ad", "", text)


@pytest.mark.parametrize("set_name", SETS)
def test_every_kind_has_two_makers_and_every_set_many_languages(set_name: str) -> None:
    kinds = Counter(maker.kind for maker in MAKERS[set_name])
    assert set(kinds) >= set(load_kinds())
    assert min(kinds.values()) >= 2
    assert kinds["unknown"] >= 6
    assert {maker.locale for maker in MAKERS[set_name]} >= {"en-GB", "en-US", "en-IE", "zh", "de", "fr", "es", "sv"} - (
        {"en-IE"} if set_name == "tuning" else set()
    )


def test_the_sets_share_no_name_and_no_layout() -> None:
    for locale, words in pool("tuning").items():
        for what, listed in words.items():
            assert not set(listed) & set(pool("measuring").get(locale, {}).get(what, ())), f"{locale} {what}"
    bodies = [{maker.blocks for maker in MAKERS[set_name]} for set_name in SETS]
    assert not bodies[0] & bodies[1]


def test_the_measuring_set_is_large_and_half_degraded() -> None:
    assert 2 * len(PRINTED["measuring"]) >= 150
    assert len({maker.kind for maker in MAKERS["measuring"]} - {"unknown"}) >= 25


@pytest.mark.parametrize("set_name", SETS)
def test_every_expected_value_stands_on_its_page(set_name: str) -> None:
    for maker in PRINTED[set_name][:: 3 if set_name == "tuning" else 4]:
        document = typeset_by(maker)
        text = squeezed(text_of(document.pdf))
        for name, (_, raws) in document.fields.items():
            for raw in raws:
                assert squeezed(raw) in text, f"{maker.kind} {maker.name}: {name} {raw!r}"


def test_word_files_hold_what_is_asked_of_them(tmp_path: Path) -> None:
    import docx

    made = [each for each in make_set("tuning", tmp_path, kinds=("cv",)) if each.path.suffix == ".docx"]
    assert len(made) == 1
    maker = next(maker for maker in MAKERS["tuning"] if maker.form == "docx")
    values = record(maker.kind, World(maker.set_name, maker.locale, "1"))
    assert word_file(maker, values).pdf == word_file(maker, values).pdf
    document = docx.Document(str(made[0].path))
    text = squeezed("".join(paragraph.text for paragraph in document.paragraphs))
    assert {field["name"] for field in made[0].truth["fields"]} >= {"holder", "email", "employer"}
    for field in made[0].truth["fields"]:
        assert squeezed(field["raw"][0]) in text
        assert not field["places"]


def test_no_mark_of_the_maker_is_left_in_the_file() -> None:
    document = typeset_by(MAKERS["tuning"][0])
    assert document.places
    assert b"f:" + next(iter(document.places)).encode() not in document.pdf
    assert b"/Link" not in document.pdf


def test_places_are_where_the_words_are() -> None:
    import pypdfium2

    document = typeset_by(next(maker for maker in MAKERS["tuning"] if maker.name == "gb-columns"))
    page = pypdfium2.PdfDocument(document.pdf)[0]
    x0, y0, x1, y1 = document.places["net_pay"][0].box
    height = page.get_height()
    inside = page.get_textpage().get_text_bounded(x0 - 1, height - y1 - 1, x1 + 1, height - y0 + 1)
    assert squeezed(document.fields["net_pay"][1][0]) == squeezed(inside)


def test_every_field_is_one_of_its_kind() -> None:
    kinds = {kind.id: {field.name for field in kind.fields} for kind in load_kinds().values()}
    for set_name in SETS:
        for maker in MAKERS[set_name]:
            for block in maker.blocks:
                for asked in re.findall(r"\{([^_}][^}|]*)", "\n".join(block.lines)):
                    name = asked.partition("=")[2] or asked
                    assert ("table" in block.kind and block.argument) or name in kinds[maker.kind], (
                        f"{maker.name} {name}"
                    )


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first = make_set("measuring", tmp_path / "1", kinds=("national_id", "invoice"))
    make_set("measuring", tmp_path / "2", kinds=("national_id", "invoice"))
    assert {made.truth["variant"] for made in first} > {"clean"}
    for path in sorted((tmp_path / "1").iterdir()):
        assert path.read_bytes() == (tmp_path / "2" / path.name).read_bytes(), path.name


def test_rounds_differ_and_what_is_there_stays(tmp_path: Path) -> None:
    make_set("measuring", tmp_path, kinds=("cv",))
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    made = make_set("measuring", tmp_path, rounds=2, kinds=("cv",))
    assert len(made) == len(stamps)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())
    assert {each.path for each in made_in(tmp_path)} == {each.path for each in made}


def test_truth_of_a_statement_adds_up(tmp_path: Path) -> None:
    statement = next(each for each in _clean(make_set("measuring", tmp_path, kinds=("bank_statement",))))
    from decimal import Decimal

    fields = {field["name"]: field["value"] for field in statement.truth["fields"]}
    rows = statement.truth["transactions"]
    moved = sum((Decimal(row["amount"]) for row in rows), Decimal(0))
    assert Decimal(fields["opening_balance"]) + moved == Decimal(fields["closing_balance"])
    assert rows[-1]["balance"] == fields["closing_balance"]


def test_a_degraded_file_has_the_fields_of_its_clean_one_and_no_places(tmp_path: Path) -> None:
    clean, worse = make_set("measuring", tmp_path, kinds=("payslip",))[:2]
    assert not worse.truth["text_layer"]
    assert [field["value"] for field in clean.truth["fields"]] == [field["value"] for field in worse.truth["fields"]]
    assert all(field["places"] for field in clean.truth["fields"])
    assert not any(field["places"] for field in worse.truth["fields"])
    assert json.loads(worse.path.with_suffix(".json").read_text(encoding="utf-8"))["kind"] == "payslip"


def _clean(made: list[Made]) -> list[Made]:
    return [each for each in made if each.truth["text_layer"]]


@pytest.mark.parametrize("locale", ["en-GB", "en-IE", "en-US", "de", "fr", "es", "sv", "zh"])
@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_check_digits_hold(locale: str, seed: str) -> None:
    def value(kind: str, name: str) -> str:
        return record(kind, World("measuring", locale, seed)).values[name].canonical

    if locale not in {"en-US", "zh"}:
        assert is_iban(value("bank_statement", "iban"))
        assert is_vat(value("invoice", "vat_number"))
    if locale == "zh":
        assert resident_identity(value("national_id", "id_number"))
        assert is_credit_code(value("business_licence", "credit_code"))
        assert is_luhn(value("bank_statement", "account_number"))
    if locale == "en-US":
        assert is_ssn(value("payslip", "id_number"))
    assert is_vin(value("vehicle_registration", "vin"))
    for name in ("mrz", "mrz_card", "mrz_permit"):
        lines = str(record("passport", World("measuring", locale, seed)).values[name].data).split("\n")
        zone = read_zone(lines)
        assert zone is not None
        assert {len(line) for line in lines} == {44 if name == "mrz" else 30}
