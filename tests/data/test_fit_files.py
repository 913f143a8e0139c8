"""Files beside a fit: trends and bins by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.fitting import BinSpec, Trend
from app.errors import InputError
from data.fit_files import read_bins, read_trends


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_trends_in_both_forms(tmp_path: Path) -> None:
    wanted = {"income": Trend.DESCENDING, "age of car": Trend.NONE}
    assert read_trends(written(tmp_path, "a.json", '{"income": "descending", "age of car": "none"}')) == wanted
    assert read_trends(written(tmp_path, "a.toml", 'income = "descending"\n"age of car" = "none"\n')) == wanted


def test_bins_in_both_forms(tmp_path: Path) -> None:
    text = (
        '{"income": {"edges": [1, 2.5], "special": [-9], "points": {"0": 12}}, "home": {"groups": [["a"], ["b", "c"]]}}'
    )
    found = read_bins(written(tmp_path, "b.json", text))
    assert found["income"] == BinSpec(edges=(1.0, 2.5), special=(-9.0,), points={0: 12})
    assert found["home"] == BinSpec(groups=(("a",), ("b", "c")))
    toml = "[income]\nedges = [1, 2.5]\nspecial = [-9]\npoints = { 0 = 12 }\n"
    assert read_bins(written(tmp_path, "b.toml", toml))["income"] == found["income"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "neither JSON nor TOML"),
        ("[1]", "(?i)an object from"),
        ('{"x": {"edges": [2, 1]}}', "edges rise"),
        ('{"x": {"edges": [true]}}', "list of numbers"),
        ('{"x": {"edges": [1], "groups": [["a"]]}}', "edges and groups"),
        ('{"x": {"groups": [["a"], ["a"]]}}', "stands in one group"),
        ('{"x": {"points": {"a": 1}}}', "position"),
        ('{"x": {"points": {"0": 1.5}}}', "whole numbers"),
        ('{"x": {"colour": 1}}', "needs an object"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        read_bins(written(tmp_path, "b.json", text))
    assert caught.value.file == "b.json"


def test_an_unknown_trend_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="upward"):
        read_trends(written(tmp_path, "a.json", '{"x": "upward"}'))
    with pytest.raises(InputError, match="cannot be read"):
        read_trends(tmp_path / "none.json")
