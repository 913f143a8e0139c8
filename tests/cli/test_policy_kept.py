"""A decided case stays with the policy that judged it, whatever becomes of the file."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap
from data import policy_files
from data.policy_files import POLICIES

Ask = Callable[..., Any]


def changed_policies(folder: Path) -> Path:
    """The shipped policy with other words and another limit, under the same name and version."""
    document = json.loads((POLICIES / "instalment-loan.json").read_bytes())
    tables = {node["id"]: node.get("content", {}) for node in document["nodes"]}
    tables["affordability"]["rules"][0]["affordability-out-4"] = '"Words of another day."'
    tables["limits"]["rules"][0]["limits-out-2"] = "41"
    folder.mkdir()
    (folder / "instalment-loan.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_a_package_holds_the_policy_that_judged_the_case(
    ask: Ask, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("draft", "good", "--model", "none")
    before = ask("show", "good")["policy"]
    ask("decide", "good", "--outcome", "approve", "--reason", "Income documented, affordability in order.")
    monkeypatch.setattr(policy_files.load_policy, "__defaults__", (None, changed_policies(tmp_path / "changed")))
    ask("export", "good", "--out", tmp_path / "good.cwz")
    assert ask("verify", tmp_path / "good.cwz")["valid"]
    with zipfile.ZipFile(tmp_path / "good.cwz") as archive:
        record = json.loads(archive.read("policy.json"))
    assert record["policy"] == json.loads((POLICIES / "instalment-loan.json").read_bytes())
    assert record["result"] == before == ask("show", "good")["policy"]
    assert "Words of another day." not in json.dumps(record["policy"])
    with bootstrap.open_desk(workspace) as desk:
        case_id = desk.case_id("good")
        assert desk.policies.of_case(case_id).sha256 == before["sha256"]
        assert desk.policy.sha256 != before["sha256"]
        assert desk.policies.of_case(desk.case_id("17")).sha256 == desk.policy.sha256, "not judged yet"


def test_a_case_judged_after_the_change_is_told_from_one_before(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ask("score", "good")["policy"]
    monkeypatch.setattr(policy_files.load_policy, "__defaults__", (None, changed_policies(tmp_path / "changed")))
    after = ask("score", "good")["policy"]
    assert (after["policy"], after["version"]) == (before["policy"], before["version"])
    assert after["sha256"] != before["sha256"]
    assert "Words of another day." in {clause["text"] for clause in after["clauses"]}
