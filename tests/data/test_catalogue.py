"""The shipped catalogue is complete, and a mistake in one is named."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.facts import Kind, Stance
from data.catalogue import load_catalogue, load_reason_codes

ENTRY = '["a.b"]\nkind = "money"\nlabel = {{ en = "A", zh = "甲" }}\n{}\n'


def folder_with(tmp_path: Path, text: str) -> Path:
    (tmp_path / "facts.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_fact_can_be_shown_in_both_languages() -> None:
    for definition in load_catalogue():
        assert set(definition.label) == {"en", "zh"}, definition.name
        assert all(definition.label.values()), definition.name
        for category in definition.category_labels.values():
            assert set(category) == {"en", "zh"}, definition.name
        if definition.category_labels:
            assert set(definition.category_labels) == set(definition.categories), definition.name


def test_every_reason_code_named_by_a_fact_exists_in_both_languages() -> None:
    codes = load_reason_codes()
    named = {definition.reason_code for definition in load_catalogue() if definition.reason_code}
    assert named <= set(codes)
    for reason in codes.values():
        assert set(reason.text) == {"en", "zh"}, reason.code
        assert reason.source, reason.code


def test_no_prohibited_basis_carries_a_reason_code() -> None:
    wrong = [d.name for d in load_catalogue() if d.prohibited_basis and d.reason_code]
    assert wrong == []


def test_no_two_facts_share_an_alias() -> None:
    owner: dict[str, str] = {}
    for definition in load_catalogue():
        for alias in definition.aliases:
            assert owner.setdefault(alias, definition.name) == definition.name, alias
            assert alias == alias.lower(), alias


def test_limits_are_in_order() -> None:
    for definition in load_catalogue():
        if definition.minimum is not None and definition.maximum is not None:
            assert definition.minimum < definition.maximum, definition.name


def test_an_entry_is_read_whole(tmp_path: Path) -> None:
    text = ENTRY.format(
        'more_is = "favourable"\nminimum = "0.01"\nbenchmark = 12\ntable_column = true\naliases = ["x"]'
    )
    definition = load_catalogue(folder_with(tmp_path, text))["a.b"]
    assert (definition.kind, definition.more_is, definition.table_column) == (Kind.MONEY, Stance.FAVOURABLE, True)
    assert (definition.minimum, definition.maximum, definition.benchmark) == (Decimal("0.01"), None, Decimal(12))
    assert definition.aliases == ("x",)


@pytest.mark.parametrize("line", ['minimum = "much"', 'more_is = "good"', "colour = 3"])
def test_a_wrong_entry_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"\[a\.b\]"):
        load_catalogue(folder_with(tmp_path, ENTRY.format(line)))


def test_an_entry_without_a_label_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="label"):
        load_catalogue(folder_with(tmp_path, '["a.b"]\nkind = "money"\n'))


def test_it_is_read_once() -> None:
    assert load_catalogue() is load_catalogue()
