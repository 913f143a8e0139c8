"""``check --facts`` and ``draft --facts``: a case in a file, without a workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import run

CASE = {
    "id": "K-1",
    "facts": [
        {"id": "pay", "label": "Net pay per month", "value": "2450.00", "unit": "EUR", "stance": "neutral"},
        {
            "id": "burden",
            "label": "Debt service ratio",
            "value": "47",
            "unit": "%",
            "stance": "adverse",
            "benchmark": {"against": "policy limit", "value": "45", "relation": "above"},
        },
    ],
    "findings": [
        {
            "code": "affordability.exceeds_limit",
            "stance": "adverse",
            "fact_ids": ["burden"],
            "text": "The debt service ratio is above the policy limit.",
        }
    ],
}


@pytest.fixture
def case(tmp_path: Path) -> str:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE), encoding="utf-8")
    return str(path)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == 0
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


def test_a_text_is_checked_against_facts_in_a_file(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Net pay is 2,450 EUR a month.\nThe ratio stays within the policy limit.\n", encoding="utf-8")
    first, second = told(capsys, "check", "--facts", case, str(text))["sentences"]
    assert (first["verdict"], first["problems"], first["facts"]) == ("supported", [], ["pay"])
    assert second["verdict"] == "contradicted"
    assert {"kind", "span", "fact", "expected"} == set(second["problems"][0])


def test_a_report_is_drafted_of_facts_in_a_file(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = told(capsys, "draft", "--facts", case, "--model", "none")
    assert (data["case"], data["language"], data["model"]) == ("K-1", "en", None)
    said = [sentence for sentence in data["sentences"] if "affordability.exceeds_limit" in sentence["findings"]]
    assert [sentence["stance"] for sentence in said] == ["adverse"]
    assert all(sentence["author"] == "rule" and not sentence["problems"] for sentence in data["sentences"])


def test_either_a_case_or_facts_are_asked_for(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Words.", encoding="utf-8")
    assert run(["check", str(text)]) == 1
    assert run(["check", "C-1", str(text), "--facts", case]) == 1
    assert "--facts" in capsys.readouterr().err


def test_a_file_that_is_no_case_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "case.json"
    broken.write_text('{"facts": [{"id": "a"}]}', encoding="utf-8")
    assert run(["draft", "--facts", str(broken)]) == 1
    assert "Fact 1 has no label" in capsys.readouterr().err
