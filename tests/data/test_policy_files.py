"""Policies and products: loading, and what is refused with its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from app.domain.credentials import credential_rules
from app.errors import InputError
from data.catalogue import load_catalogue
from data.policy_files import (
    OWN_INPUTS,
    POLICIES,
    list_policies,
    list_products,
    load_policy,
    load_product,
    policy_from_json,
)
from tests.underwriting import CATALOGUE

SHIPPED = (POLICIES / "instalment-loan.json").read_bytes()


def changed(change: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(SHIPPED)
    change({node["id"]: node.get("content", {}) for node in document["nodes"]} | {"": document})
    return json.dumps(document).encode()


def digest(content: bytes) -> str:
    return hashlib.sha256(rfc8785.dumps(json.loads(content))).hexdigest()


def refused(content: bytes) -> str:
    with pytest.raises(InputError) as error:
        policy_from_json(content, "p", CATALOGUE, file="p.json")
    assert error.value.file == "p.json"
    return str(error.value)


def test_the_shipped_policy_loads_with_its_digest_words_and_labels() -> None:
    policy = load_policy("instalment-loan")
    assert (policy.name, policy.version) == ("instalment-loan", "2026.1")
    assert policy.sha256 == digest(SHIPPED)
    assert policy.reasons["C1-09"]["en"] == "Excessive obligations in relation to income"
    assert policy.labels["request.amount"]["zh"] == "申请金额"
    assert "instalment-loan" in list_policies()


def test_a_policy_without_a_version_is_known_by_its_digest() -> None:
    content = changed(lambda nodes: nodes[""].pop("version"))
    assert policy_from_json(content, "p", CATALOGUE).version == digest(content)[:12]


def test_every_shipped_product_has_its_policy() -> None:
    for name in list_products():
        product = load_product(name)
        assert product.policy in list_policies()
        assert set(product.label) == {"en", "zh"}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b'{"nodes": {}}', b'{"nodes": [5]}', b"[" * 100_000]
)
def test_what_is_no_policy_is_refused(content: bytes) -> None:
    assert "p.json: The policy is no" in refused(content)


def test_a_prohibited_basis_is_refused() -> None:
    content = changed(lambda nodes: nodes["eligibility"]["inputs"][0].update(field="applicant.age"))
    assert "Table eligibility, row 1: applicant.age is a prohibited basis" in refused(content)


def test_a_prohibited_basis_inside_a_cell_is_refused() -> None:
    content = changed(lambda nodes: nodes["referral"]["rules"][0].update({"referral-in-1": "> applicant.age * 2"}))
    assert "applicant.age is a prohibited basis" in refused(content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cap": "much"}, "Table credentials: The policy's table of credentials cannot be used"),
        ({"steps": [{"kind": "selfie", "amount": "1"}]}, "row 1: there is no kind of document selfie"),
        ({"steps": [{"kind": "diploma", "amount": "1", "needs": ["vin"]}]}, "kind diploma has no field vin"),
        ({"steps": [{"kind": "diploma", "amount": "1", "per": "birth_date"}]}, "birth_date is a prohibited basis"),
    ],
)
def test_a_table_of_credentials_is_checked(change: dict[str, Any], message: str) -> None:
    content = changed(lambda nodes: nodes[""]["credentials"].update(change))
    with pytest.raises(InputError) as error:
        policy_from_json(content, "p", load_catalogue(), file="p.json")
    assert message in str(error.value)


def test_a_policy_without_credentials_loads() -> None:
    content = changed(lambda nodes: nodes[""].pop("credentials"))
    assert credential_rules(policy_from_json(content, "p", load_catalogue()).document) is None


def test_an_unknown_name_is_refused() -> None:
    content = changed(lambda nodes: nodes["limits"]["inputs"][1].update(field="income.gross"))
    assert "Table limits, row 1: income.gross is no fact of the catalogue" in refused(content)


def _drop(table: str, output: str) -> Callable[[dict[str, Any]], None]:
    def change(nodes: dict[str, Any]) -> None:
        nodes[table]["outputs"] = [column for column in nodes[table]["outputs"] if column["field"] != output]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_drop("affordability", "text_zh"), "Table affordability: the output column text_zh is missing"),
        (_drop("authority", "override_limit"), "the output column override_limit is missing"),
        (lambda n: n["pricing"].update(hitPolicy="collect"), "Table pricing: its hit policy is 'collect'"),
        (lambda n: n["referral"].update(outputPath="ref"), "Table referral: its output path is 'ref'"),
        (lambda n: n["referral"]["rules"][0].update({"referral-out-1": "3.1"}), "the clause '3.1' is no number"),
        (lambda n: n["referral"]["rules"][0].update({"referral-out-2": '"maybe"'}), "the outcome is '\"maybe\"'"),
        (lambda n: n["referral"]["rules"][0].update({"referral-out-3": '"C9-99"'}), "C9-99 is no reason code"),
        (lambda n: n["referral"]["rules"][0].update({"referral-out-4": '""'}), "text_en is empty"),
        (lambda n: n["pricing"]["rules"][0].update({"pricing-out-4": " "}), "the rate is empty"),
        (lambda n: n["authority"]["rules"][0].update({"authority-out-2": '""'}), "the role is empty"),
        (lambda n: n[""]["nodes"].pop(), ""),
    ],
)
def test_a_table_that_lacks_something_is_refused_with_its_place(
    change: Callable[[dict[str, Any]], None], message: str
) -> None:
    if not message:  # the response node is the engine's concern, not a table
        assert policy_from_json(changed(change), "p", CATALOGUE).name == "instalment-loan"
        return
    assert message in refused(changed(change))


def test_a_table_that_is_missing_is_named() -> None:
    def change(nodes: dict[str, Any]) -> None:
        nodes[""]["nodes"] = [node for node in nodes[""]["nodes"] if node["id"] != "authority"]

    assert "needs one table named authority; it has 0" in refused(changed(change))


def test_an_unknown_policy_or_product_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no policy nothing\. There are: instalment-loan"):
        load_policy("nothing")
    with pytest.raises(InputError, match=r"no product nothing\. There are: instalment-loan"):
        load_product("nothing")
    (tmp_path / "half.toml").write_text('policy = "p"\n')
    with pytest.raises(InputError, match="needs label, policy and scorecard"):
        load_product("half", tmp_path)


def test_the_guide_names_every_table_output_and_own_input(root: Path) -> None:
    from data.policy_files import OUTPUTS

    guide = (root / "docs" / "policy.md").read_text(encoding="utf-8")
    for name in {*OUTPUTS, *(output for outputs in OUTPUTS.values() for output in outputs), *OWN_INPUTS}:
        assert f"`{name}`" in guide, name


def test_the_guide_names_every_clause_of_the_shipped_policy(root: Path) -> None:
    from app.domain.policy_tables import tables

    guide = (root / "docs" / "policy.md").read_text(encoding="utf-8")
    for table in tables(json.loads(SHIPPED)):
        for row in table.rows:
            if row.text("clause"):
                assert f"| {table.name} {row.text('clause')} |" in guide


def test_a_cell_that_is_no_text_is_refused() -> None:
    content = changed(lambda nodes: nodes["referral"]["rules"][0].update({"referral-in-1": 5}))
    assert "the cell 5 is no text" in refused(content)


def test_the_tests_of_a_policy_are_read_with_it() -> None:
    content = changed(lambda nodes: nodes[""].update(tests=[{"name": "x"}]))
    assert "Test 1: 'x' needs inputs" in refused(content)


def test_a_number_that_canonical_json_cannot_hold_is_refused() -> None:
    assert "cannot be kept" in refused(changed(lambda nodes: nodes[""].update(more=2**60)))
