"""Scorecard files: found by name or path, and refused with file and place when they are damaged."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest

from app.domain.scorecard import Scorecard
from app.errors import InputError
from data.catalogue import load_catalogue, load_reason_codes
from data.scorecard_files import SHIPPED, load_scorecard, scorecard_from_json, scorecard_names
from tests.scorecards import small_document

CATALOGUE = load_catalogue()
CODES = load_reason_codes()


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "own.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def test_the_shipped_ones_load_by_name() -> None:
    assert "credit-data" in scorecard_names()
    cards = [load_scorecard(name, CATALOGUE) for name in scorecard_names(SHIPPED)]
    assert [card.name for card in cards] == scorecard_names()
    assert all(row.reason_code in CODES for card in cards for row in card.characteristics)


def test_a_file_of_the_lender_loads_by_path(tmp_path: Path) -> None:
    path = written(tmp_path, small_document())
    assert load_scorecard(path, CATALOGUE, reason_codes=CODES).name == "small"
    assert load_scorecard(str(path), CATALOGUE).sha256 == scorecard_from_json(small_document(), CATALOGUE).sha256


def test_another_folder_can_hold_them(tmp_path: Path) -> None:
    written(tmp_path, small_document())
    assert scorecard_names(tmp_path) == ["own"]
    assert load_scorecard("own", CATALOGUE, folder=tmp_path).name == "small"


@pytest.mark.parametrize("name", ["nobody", "", "../credit-data", "credit-data/../credit-data"])
def test_an_unknown_name_is_refused_with_those_known(name: str) -> None:
    with pytest.raises(InputError, match="credit-data") as caught:
        load_scorecard(name, CATALOGUE)
    assert caught.value.field == "scorecard"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no JSON"),
        (b"[]", "no JSON object"),
        (b'{"name": "a", "name": "b"}', '"name" stands twice'),
        (b'{"intercept": NaN}', "NaN is no number"),
        (b'{"a": "\xff"}', "no UTF-8"),
        (b'{"a": "\\ud800"}', "cannot be read"),
        (b"[" * 200_000, "cannot be read"),
        (b'{"a": ' + b"9" * 5000 + b"}", "cannot be read"),
        (b"{}", '"format" is missing'),
        (b" " * (4 * 1024 * 1024 + 1), "larger than 4 MB"),
        (b"\xef\xbb\xbf{}", "no JSON"),
    ],
)
def test_what_is_no_scorecard_is_refused_with_its_file(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        load_scorecard(path, CATALOGUE)
    assert caught.value.file == str(path)
    assert caught.value.remedy


def test_broken_json_names_line_and_column(tmp_path: Path) -> None:
    path = written(tmp_path, b'{\n  "format": "caseworth-scorecard/1",\n  "name" "x"\n}')
    with pytest.raises(InputError) as caught:
        load_scorecard(path, CATALOGUE)
    assert (caught.value.line, caught.value.column) == (3, "10")


def test_a_missing_file_a_folder_and_a_closed_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_scorecard(tmp_path / "none.json", CATALOGUE)
    with pytest.raises(InputError, match="cannot be read"):
        load_scorecard(tmp_path, CATALOGUE)
    closed = written(tmp_path, small_document())
    closed.chmod(0)
    if not os.access(closed, os.R_OK):  # root reads everything
        with pytest.raises(InputError, match="cannot be read"):
            load_scorecard(closed, CATALOGUE)


def test_a_prohibited_basis_is_refused_on_load(tmp_path: Path) -> None:
    document = small_document()
    document["characteristics"][0]["name"] = "applicant.age"
    path = written(tmp_path, document)
    with pytest.raises(InputError, match="prohibited basis") as caught:
        load_scorecard(path, CATALOGUE)
    assert caught.value.field == "characteristics[0].name"
    assert caught.value.file == str(path)


def test_a_reason_code_nobody_can_explain_is_refused(tmp_path: Path) -> None:
    document = small_document()
    document["characteristics"][1]["reason_code"] = "X-99"
    path = written(tmp_path, document)
    assert load_scorecard(path, CATALOGUE).characteristics[1].reason_code == "X-99"
    with pytest.raises(InputError, match="X-99") as caught:
        load_scorecard(path, CATALOGUE, reason_codes=CODES)
    assert caught.value.field == "characteristics[1].reason_code"


def test_a_shipped_file_with_any_byte_flipped_loads_or_is_refused(tmp_path: Path) -> None:
    content = (SHIPPED / "credit-data.json").read_bytes()
    rng, refused = random.Random(7), 0
    for _ in range(150):
        damaged = bytearray(content)
        damaged[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        try:
            assert isinstance(load_scorecard(written(tmp_path, bytes(damaged)), CATALOGUE), Scorecard)
        except InputError:
            refused += 1
    assert refused > 50


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    content = (SHIPPED / "credit-data.json").read_bytes()
    with pytest.raises(InputError):
        load_scorecard(written(tmp_path, content[: int(len(content) * share)]), CATALOGUE)


# The documentation


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "scorecard.md").read_text(encoding="utf-8")


def test_the_example_of_the_documentation_is_a_scorecard(page: str) -> None:
    example = json.loads(page.split("```json", 1)[1].split("```", 1)[0])
    card = scorecard_from_json(example, CATALOGUE)
    assert all(row.reason_code in CODES for row in card.characteristics)
    assert {kind.value for kind in (row.kind for row in card.characteristics)} == {"numeric", "category", "boolean"}


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for entry in value.values() for key in _keys(entry)}
    return {key for entry in value for key in _keys(entry)} if isinstance(value, list) else set()


def test_every_key_of_the_format_is_documented(page: str) -> None:
    shipped = json.loads((SHIPPED / "credit-data.json").read_text(encoding="utf-8"))
    missing = sorted(key for key in _keys(shipped) | _keys(small_document()) if f"`{key}`" not in page)
    assert missing == []


def test_the_figures_in_the_documentation_are_those_of_the_file(page: str) -> None:
    card = load_scorecard("credit-data", CATALOGUE)
    for figure in (card.performance.auc, card.performance.gini, card.performance.ks):
        assert f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})" in page
    for row in card.characteristics:
        assert f"`{row.name}`" in page
    for entry in (*card.excluded, *card.proxies):
        assert f"`{entry.name}`" in page
    for grade in card.grades[:-1]:
        assert f"| {grade.name} | {grade.minimum_points} " in page
