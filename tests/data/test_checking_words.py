"""The words of the checks: they load, they are whole, and a broken file is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.errors import EnvironmentFault
from data.checking_words import FOLDER, load_lexicon


def copy_of(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "checking"))


def test_the_shipped_words_load_in_both_languages() -> None:
    lexicon = load_lexicon()
    assert ("income", 1) in lexicon.english[("salary",)]
    assert ("stable", -1) in lexicon.chinese["不稳定"]
    assert lexicon.is_plain("describes")
    assert not lexicon.is_plain("yacht")


def test_a_lender_may_add_a_concept(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    with (folder / "concepts.toml").open("a", encoding="utf-8") as file:
        file.write('\n[solar]\nen = "solar panel, photovoltaics"\nzh = "光伏"\n')
    assert ("solar", 1) in load_lexicon(folder).english[("photovoltaic",)]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("concepts.toml", "[income\n", "cannot be used"),
        ("concepts.toml", '[income]\nwords = "x"\n', "unknown keys: words"),
        ("signs.toml", "[en]\n", "cannot be used"),
    ],
)
def test_a_broken_file_is_told(tmp_path: Path, name: str, text: str, message: str) -> None:
    folder = copy_of(tmp_path)
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(EnvironmentFault, match=message):
        load_lexicon(folder)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    (folder / "plain_zh.txt").unlink()
    with pytest.raises(EnvironmentFault, match=r"plain_zh\.txt"):
        load_lexicon(folder)
