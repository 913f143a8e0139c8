"""What changed from one version of a policy to another, told by table, row and column."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from app.domain.policy_versions import Activation, Change, PolicyVersion, changes
from tests.domain.test_policy_audit import POLICY, changed, put


def words(change: Callable[[dict[str, Any]], None]) -> list[str]:
    return [each.words for each in changes(POLICY.document, changed(change))]


def test_nothing_changed_is_nothing_told() -> None:
    assert changes(POLICY.document, copy.deepcopy(dict(POLICY.document))) == ()


def test_where_a_table_stands_on_the_canvas_does_not_count() -> None:
    document = copy.deepcopy(dict(POLICY.document))
    for node in document["nodes"]:
        node["position"] = {"x": 0, "y": 0}
    assert changes(POLICY.document, document) == ()


def test_a_changed_cell_is_told_with_both_values() -> None:
    assert words(lambda t: put(t["pricing"], 3, rate_pct="7.9")) == ["Table pricing, row 3, rate_pct: 7.4 → 7.9"]
    assert words(lambda t: put(t["pricing"], 13, term_months="")) == [
        "Table pricing, row 13, request.term_months: <= 84 → (empty)"
    ]


def test_a_row_in_between_is_one_addition() -> None:
    def change(t: dict[str, Any]) -> None:
        rules = t["pricing"]["rules"]
        rules.insert(3, {**rules[12], "_id": "new"})
        put(t["pricing"], 4, grade="'F'", clause='"6.9"', rate_pct="19.9", text_en='"x"', text_zh='"y"')

    [told] = words(change)
    assert told.startswith("Table pricing, row 4: added row")
    assert "score.grade 'F'" in told


def test_removed_rows_columns_and_tables_are_told() -> None:
    assert words(lambda t: t["referral"]["rules"].pop(4))[0].startswith("Table referral, row 5: removed row")
    column = {"id": "x", "name": "Floor", "field": "floor_pct"}
    assert words(lambda t: t["terms"]["outputs"].append(column)) == ["Table terms: added column floor_pct"]
    assert words(lambda t: t["pricing"].update(hitPolicy="collect")) == ["Table pricing, hit policy: first → collect"]
    document = changed(lambda t: None)
    document["nodes"] = [node for node in document["nodes"] if node["id"] != "authority"]
    assert [each.words for each in changes(POLICY.document, document)] == ["Table authority: removed table of 3 rows"]
    assert [each.words for each in changes(document, POLICY.document)] == ["Table authority: added table of 3 rows"]


def test_credentials_are_told_by_kind() -> None:
    def change(document: dict[str, Any]) -> dict[str, Any]:
        document["credentials"]["cap"] = "4000"
        document["credentials"]["steps"][1]["amount"] = "900"
        del document["credentials"]["steps"][2]
        return document

    document = change(changed(lambda t: None))
    assert [each.words for each in changes(POLICY.document, document)] == [
        "Table credentials, cap: 5000 → 4000",
        (
            "Table credentials, diploma: 1000; group education; needs holder, institution → "
            "900; group education; needs holder, institution"
        ),
        "Table credentials, award_certificate: removed credential 300; group education; needs holder, award",
    ]
    del document["credentials"]
    found = changes(document, POLICY.document)
    assert {each.what for each in found} == {"credential"}
    assert len(found) == 2 + len(POLICY.document["credentials"]["steps"])


def test_name_version_and_tests_are_told() -> None:
    document = changed(lambda t: None)
    document["version"] = "2"
    gone, *_ = document["tests"]
    document["tests"] = document["tests"][1:]
    document["tests"][0]["expected"]["outcome"] = "decline"
    found = changes(POLICY.document, document)
    assert [each.what for each in found] == ["policy", "test", "test"]
    assert found[0].words == "Policy, version: 2026.1 → 2"
    assert found[1].words == f"Policy: removed test {gone['name']}"
    assert found[2].to_json()["words"] == found[2].words


@pytest.mark.parametrize(("before", "after"), [(None, "x"), ("x", None), ("", "x")])
def test_a_change_is_told_in_words(before: str | None, after: str | None) -> None:
    told = Change("row", "limits", 2, None, before, after).words
    assert told.startswith("Table limits, row 2: ")


def test_versions_are_told_in_json() -> None:
    version = PolicyVersion("p", "1", "a", "Anna", "2026-11-22T00:00:00+00:00", "n")
    assert PolicyVersion(**version.to_json()) == version
    assert Activation("p", 1, "a", "Bo", "2026-11-22T00:00:00+00:00", "").to_json()["number"] == 1
