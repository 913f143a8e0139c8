"""Tests of the files of report kinds and tones: the lender's own over those that ship, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import InputError
from data.phrases import load_phrases
from data.report_kinds import load_kinds, phrases_in_tone
from tests.doubles import load_catalogue

CATALOGUE = load_catalogue()
GOOD = """version = "2"
title = { en = "Branch note", zh = "网点说明" }
length = 2
least = "notable"

[[section]]
name = "recommendation"

[[section]]
name = "character"
heading = { en = "Character", zh = "品行" }
takes = ["history.*"]
"""
PHRASES = """version = "7"

[finding."debt.undisclosed"]
subject = "a debt"
[[finding."debt.undisclosed".phrases]]
text = "The form is silent on {debt.undisclosed_instalment} a month."
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_the_kinds_that_ship() -> None:
    assert set(load_kinds()) == {"full", "memo", "committee", "counter-offer", "decline"}
    assert len({kind.sha256 for kind in load_kinds().values()}) == 5


def test_a_lender_adds_a_kind_and_overrides_one(tmp_path: Path) -> None:
    written(tmp_path, "branch.toml", GOOD)
    written(tmp_path, "memo.toml", GOOD.replace("Branch note", "House memo"))
    kinds = load_kinds(tmp_path)
    assert (kinds["branch"].version, kinds["branch"].length) == ("2", 2)
    assert kinds["branch"].heading("character", "zh") == "品行"
    assert kinds["memo"].title["en"] == "House memo"
    assert kinds["full"] == load_kinds()["full"]


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ('least = "notable"', 'least = "some"', 4, "least is one of"),
        ("length = 2", "length = 0", 3, "length is a number"),
        ("length = 2", "lenght = 2", 3, "unknown key lenght"),
        ('zh = "网点说明"', 'de = "Notiz"', 2, "no words in zh"),
        ('name = "character"', 'name = "recommendation"', 10, "comes twice"),
        ('heading = { en = "Character", zh = "品行" }\n', "", 10, "no heading"),
        ('takes = ["history.*"]', "takes = [", 12, ""),
    ],
)
def test_a_kind_that_is_wrong_is_refused_with_its_line(old: str, new: str, line: int, why: str, tmp_path: Path) -> None:
    written(tmp_path, "branch.toml", GOOD.replace(old, new))
    with pytest.raises(InputError) as refused:
        load_kinds(tmp_path)
    assert "branch.toml, line" in refused.value.message
    assert f"line {line}:" in refused.value.message or not why
    assert why in refused.value.message


def test_phrases_of_the_lenders_own_come_before_those_that_ship(tmp_path: Path) -> None:
    base = load_phrases()
    book = phrases_in_tone(base, "plain", CATALOGUE, written(tmp_path, "phrases/plain.en.toml", PHRASES))
    texts = [phrase.text for phrase in book.entries["debt.undisclosed"].phrases["en"]]
    assert texts == [
        "The form is silent on {debt.undisclosed_instalment} a month.",
        *(phrase.text for phrase in base.entries["debt.undisclosed"].phrases["en"]),
    ]
    assert book.entries["debt.undisclosed"].phrases["zh"] == base.entries["debt.undisclosed"].phrases["zh"]
    assert [(file.name, file.version) for file in book.files][-1] == ("phrases/plain.en.toml", "7")
    assert book.sha256 != base.sha256


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("{debt.undisclosed_instalment}", "250", "unsupported_figure"),
        ("{debt.undisclosed_instalment}", "{debt.unheard_of}", "debt.unheard_of"),
        ("{debt.undisclosed_instalment}", "{applicant.marital_status}", "prohibited"),
        ("The form is silent on", "The married applicant hides", "prohibited_basis"),
    ],
)
def test_a_phrase_that_may_not_be_said_is_refused_with_its_line(old: str, new: str, why: str, tmp_path: Path) -> None:
    written(tmp_path, "phrases/plain.en.toml", PHRASES.replace(old, new))
    with pytest.raises(InputError) as refused:
        phrases_in_tone(load_phrases(), "plain", CATALOGUE, tmp_path)
    assert "plain.en.toml, line 6" in refused.value.message
    assert why in refused.value.message


def test_a_tone_without_phrases_is_refused() -> None:
    with pytest.raises(InputError, match="no phrases of the tone"):
        phrases_in_tone(load_phrases(), "florid", CATALOGUE)
