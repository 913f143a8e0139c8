"""The register of scorecards through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.conftest import PERSON, SAMPLES

Ask = Callable[..., Any]
SHIPPED = SAMPLES.parent / "scorecards" / "credit-data.json"


def test_from_a_file_to_the_scores_of_the_cases(ask: Ask, tmp_path: Path) -> None:
    document = json.loads(SHIPPED.read_text(encoding="utf-8")) | {"version": "1.0.1"}
    file = tmp_path / "card.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    added = ask("scorecard", "add", str(file))
    assert (added["state"], added["added_by"], added["in_use"]) == ("draft", PERSON, False)
    approved = ask("scorecard", "approve", "credit-data@1.0.1", "--person", "Bo Ek", "--note", "Checked")
    assert approved["approval"]["person"] == "Bo Ek"
    assert ask("scorecard", "use", added["sha256"][:10])["in_use"]
    ask("score", "--all")
    listed = {one["version"]: one for one in ask("scorecard", "list")["scorecards"]}
    assert listed["1.0.1"]["cases"] == len(ask("cases")["cases"])
    assert (listed["1.0.0"]["in_use"], listed["1.0.0"]["cases"], listed["1.0.0"]["shipped"]) == (False, 0, True)


def test_until_another_is_used_the_shipped_one_is(ask: Ask) -> None:
    (shipped,) = ask("scorecard", "list")["scorecards"]
    assert (shipped["name"], shipped["in_use"], shipped["state"]) == ("credit-data", True, "draft")
