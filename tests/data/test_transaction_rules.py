"""The rules as they ship, and a lender's own file over them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.transactions.rules import DIRECTIONS, GROUPS
from app.errors import InputError
from data.transaction_rules import load_rules

OUT, IN = Decimal(-10), Decimal(10)


def test_every_shipped_class_is_whole_and_named_in_both_languages() -> None:
    rules = load_rules()
    assert len(rules.classes) >= 25
    for each in rules.classes:
        assert {"en", "zh"} <= set(each.label), each.id
        assert rules.marked(each.words[0]) or each.against, each.id
    wanted = "salary rent instalment tax benefits cash gambling own_transfer fees pension refund returned groceries"
    assert set(wanted.split()) <= {each.id for each in rules.classes}


@pytest.mark.parametrize(
    ("text", "amount", "purpose"),
    [
        ("Finanzamt Steuer 2026", OUT, "tax"),
        ("HMRC self assessment", OUT, "tax"),
        ("缴税", OUT, "tax"),
        ("Familienkasse Kindergeld", IN, "benefits"),
        ("Försäkringskassan barnbidrag", IN, "benefits"),
        ("DWP UC universal credit", IN, "benefits"),
        ("Retrait DAB Paris", OUT, "cash"),
        ("výběr hotovosti", OUT, "cash"),
        ("ATM取款", OUT, "cash"),
        ("Kontoführung", OUT, "fees"),
        ("poplatek za vedení účtu", OUT, "fees"),
        ("Umbuchung Tagesgeldkonto", OUT, "own_transfer"),
        ("splátka úvěru", OUT, "instalment"),
        ("tele2 faktura", OUT, "telecom"),
        ("something else", OUT, "other_out"),
        ("something else", IN, "other_in"),
    ],
)
def test_classes_in_many_languages(text: str, amount: Decimal, purpose: str) -> None:
    assert load_rules().purpose(text, amount) == purpose


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "transactions.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_lender_adds_words_to_a_class(tmp_path: Path) -> None:
    rules = load_rules(own(tmp_path, '[classes.gambling]\nwords = { en = ["golden nugget"] }\n'))
    assert rules.purpose("GOLDEN NUGGET 12", OUT) == "gambling"
    assert rules.purpose("Casino Royal", OUT) == "gambling"
    assert load_rules().purpose("GOLDEN NUGGET 12", OUT) == "other_out"


def test_a_lender_replaces_the_words_of_a_class_or_switches_it_off(tmp_path: Path) -> None:
    text = '[classes.gambling]\nreplace = true\nwords = { en = ["roulette"] }\n[classes.leisure]\noff = true\n'
    rules = load_rules(own(tmp_path, text))
    assert rules.purpose("Casino Royal", OUT) == "other_out"
    assert "leisure" not in rules


def test_a_lender_adds_a_class_with_a_condition_on_the_amount(tmp_path: Path) -> None:
    text = """[classes.crypto]
label = { en = "Crypto exchange", zh = "加密货币" }
direction = "out"
group = "living"
least = 50
before = "investment"
words = { en = ["binance", "kraken"] }
"""
    rules = load_rules(own(tmp_path, text))
    assert rules.purpose("BINANCE", Decimal(-60)) == "crypto"
    assert rules.purpose("BINANCE", Decimal(-40)) == "investment"
    assert rules.label("crypto", "zh") == "加密货币"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[classes.x]\nwords = { en = ['a'] }\n", "needs a direction"),
        ("[classes.rent]\ndirection = 'up'\n", "needs a direction"),
        ("[classes.rent]\ncolour = 'red'\n", "unknown keys: colour"),
        ("[classes.rent]\nbefore = 'nothing'\n", "which there is not"),
        ("[other]\n", "is no part of the rules"),
        ("not toml", "is no TOML"),
        ("[classes.rent]\nleast = 'ten'\n", "no number"),
    ],
)
def test_a_broken_file_is_refused_with_its_entry(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_rules(own(tmp_path, text))


def test_the_guide_tells_every_key_and_group(root: Path) -> None:
    guide = (root / "docs" / "transactions.md").read_text(encoding="utf-8")
    for name in (
        *GROUPS,
        *DIRECTIONS,
        "label",
        "words",
        "against",
        "least",
        "most",
        "monthly",
        "replace",
        "before",
        "off",
    ):
        assert name in guide, name
