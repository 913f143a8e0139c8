"""Policies through the command line: checked, tested, activated by a second person, simulated, offered by."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap
from app.errors import Cancelled
from data.policy_files import POLICIES
from tests.cli.conftest import PERSON, ROWS
from tests.domain.test_policy_audit import put

Ask = Callable[..., Any]
Refused = Callable[..., str]
SHIPPED = POLICIES / "instalment-loan.json"
OTHER = "Second Person"


def write(path: Path, change: Callable[[dict[str, Any]], None], version: str = "2026.2") -> Path:
    """The shipped policy with its tables (by name) changed, under another version."""
    document = json.loads(SHIPPED.read_bytes())
    document["version"] = version
    tables = {node["id"]: node.get("content", {}) for node in document["nodes"]}
    change(tables | {"": document})
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def tighter(tables: dict[str, Any]) -> None:
    put(tables["referral"], 1, pd_pct=">= 15")
    put(tables["limits"], 2, dsr_pct="36")
    put(tables["pricing"], 3, rate_pct="7.9")


@pytest.fixture
def version(tmp_path: Path) -> Path:
    return write(tmp_path / "tighter.json", tighter)


def test_the_shipped_policy_is_in_order_and_its_tests_pass(ask: Ask) -> None:
    found = ask("policy", "check", "instalment-loan")
    assert (found["ok"], found["findings"], found["version"]) == (True, [], "2026.1")
    tests = ask("policy", "test", SHIPPED)
    assert tests["ok"]
    assert tests["passed"] == len(tests["tests"]) >= 5


def test_a_file_is_checked_without_a_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import run

    monkeypatch.setenv("CASEWORTH_WORKSPACE", str(tmp_path / "none"))
    path = write(tmp_path / "gap.json", lambda t: t["pricing"]["rules"].pop(8))
    assert run(["policy", "check", str(path), "--json"]) == 0
    [gap] = json.loads(capsys.readouterr().out)["findings"]
    assert (gap["kind"], gap["table"], gap["example"]["score.grade"]) == ("gap", "pricing", "C")
    assert gap["example"]["request.term_months"] == "49"
    assert run(["policy", "diff", str(SHIPPED), str(path)]) == 0
    assert "Table pricing, row 9: removed row" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "kind", "place"),
    [
        (lambda t: put(t["pricing"], 1, term_months=""), "unreachable", ("pricing", 2, "request.term_months")),
        (lambda t: put(t["referral"], 7, enquiries_3m=">>> 5"), "cell", ("referral", 7, "Enquiries, 3 months")),
        (lambda t: t["pricing"].update(hitPolicy="collect"), "hit-policy", ("pricing", None, None)),
        (lambda t: put(t["eligibility"], 1, amount="'x'"), "type", ("eligibility", 1, "request.amount")),
    ],
)
def test_what_is_wrong_is_named_by_its_place(
    ask: Ask, tmp_path: Path, change: Callable[[dict[str, Any]], None], kind: str, place: tuple[Any, ...]
) -> None:
    found = ask("policy", "check", write(tmp_path / "wrong.json", change), status=1)
    assert not found["ok"]
    first = next(each for each in found["findings"] if each["level"] == "error")
    assert first["kind"] == kind
    assert (first["table"], first["row"]) == place[:2]
    if kind != "cell":
        assert first["column"] == place[2]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"nodes": 1}', '{"nodes": [{"type": "decisionTableNode", "content": 5}]}']
)
def test_what_is_no_policy_is_refused(refused: Refused, tmp_path: Path, content: str) -> None:
    (tmp_path / "p.json").write_text(content)
    assert (
        "The policy is no JDM graph" in (said := refused("policy", "check", tmp_path / "p.json")) or "no JSON" in said
    )
    assert "no such file" in refused("policy", "check", tmp_path / "q.json")
    assert "There is no policy nothing" in refused("policy", "test", "nothing")


def test_a_version_is_activated_by_a_second_person_only(
    ask: Ask, refused: Refused, workspace: Path, version: Path
) -> None:
    assert "has not been added" in refused("policy", "activate", version)
    added = ask("policy", "add", version, "--note", "tighter limits")
    assert (added["version"], added["person"], added["note"]) == ("2026.2", PERSON, "tighter limits")
    assert ask("policy", "add", version) == added
    assert "added this version" in refused("policy", "activate", "instalment-loan@2026.2")
    assert "added this version" in refused("policy", "activate", version, "--by", f" {PERSON.upper()} ")
    done = ask("policy", "activate", added["sha256"][:10], "--by", OTHER, "--note", "seen")
    assert (done["version"], done["activated_by"]) == ("2026.2", OTHER)
    assert "in force already" in refused("policy", "activate", version, "--by", OTHER)
    listed = {each["version"]: each for each in ask("policy", "list")["policies"]}
    assert [listed[name]["in_force"] for name in ("2026.1", "2026.2")] == [False, True]
    assert listed["2026.2"]["activated"]["person"] == OTHER
    assert ask("score", "good")["policy"]["version"] == "2026.2"
    with bootstrap.open_desk(workspace) as desk, desk.workspace.read() as stores:
        assert stores.events.verify() is None
        assert stores.policies.policy(added["sha256"]) == json.loads(version.read_bytes())


def test_the_shipped_policy_can_be_put_in_force_again(ask: Ask, version: Path) -> None:
    ask("policy", "add", version)
    ask("policy", "activate", version, "--by", OTHER)
    ask("policy", "add", SHIPPED, "--by", OTHER)
    ask("policy", "activate", SHIPPED)
    assert [each["version"] for each in ask("policy", "list")["policies"] if each["in_force"]] == ["2026.1"]
    assert ask("score", "good")["policy"]["version"] == "2026.1"


def test_a_version_whose_tests_fail_or_are_missing_is_not_activated(ask: Ask, refused: Refused, tmp_path: Path) -> None:
    failing = write(tmp_path / "a.json", lambda t: put(t["pricing"], 5, rate_pct="9.9"), "2026.3")
    ask("policy", "add", failing)
    result = ask("policy", "test", failing, status=1)
    assert result["passed"] == len(result["tests"]) - 1
    [problem] = [problem for each in result["tests"] for problem in each["problems"]]
    assert problem == "rate_pct is 9.90, expected 8.40"
    assert "1 of 10 tests fail" in refused("policy", "activate", failing, "--by", OTHER)
    without = write(tmp_path / "b.json", lambda t: t[""].pop("tests"), "2026.4")
    ask("policy", "add", without)
    assert not ask("policy", "test", without, status=1)["ok"]
    assert "has no tests" in refused("policy", "activate", without, "--by", OTHER)
    wrong = write(tmp_path / "c.json", lambda t: put(t["pricing"], 1, term_months=""), "2026.5")
    ask("policy", "add", wrong)
    assert "never reached" in refused("policy", "activate", wrong, "--by", OTHER)
    assert "another version 2026.5 already" in refused("policy", "add", write(tmp_path / "d.json", tighter, "2026.5"))


def test_a_simulation_says_what_assessing_every_case_says(ask: Ask, workspace: Path, version: Path) -> None:
    """Over table rows, corrected rows and folders with documents; outcomes known of some."""
    ask("score", "--all")
    ask("confirm", "17", "income.net_monthly_stated", "--value", "900.00", "--note", "a slip")
    with bootstrap.open_desk(workspace) as desk:
        ids = list(_ids(desk))
        with desk.workspace._database.transaction() as tx:
            days = [(at, date(2026, 11, 1), at % 3 == 0, None, 1, at, False) for at in range(1, 40)]
            tx.insert("outcomes", days)
        found = desk.policies.simulate(str(version))
        before = _assessed(desk, ids)
        desk.policies.add(str(version))
        desk.policies.activate(str(version), person=OTHER)
        after = _assessed(desk, ids)
    data = found.to_json()
    assert data["cases"] == len(ids) == ROWS + 6
    assert data["verified"] > 1
    for side, outcomes in (("active", before), ("candidate", after)):
        told = data[side]
        counted = [list(outcomes.values()).count(each) for each in ("approve", "refer", "decline")]
        assert [told["approvals"], told["referrals"], told["declines"]] == counted
        approved = [case for case, outcome in outcomes.items() if outcome == "approve" and int(case[-6:]) < 40]
        assert told["observed"] == len(approved)
        assert told["bad"] == sum(int(case[-6:]) % 3 == 0 for case in approved)
    moved = {case: (each["from"], each["to"]) for each in data["changes"] for case in each["cases"]}
    assert moved == {case: (before[case], after[case]) for case in ids if before[case] != after[case]}
    assert moved, "the version changes something"
    assert (data["lgd_pct"], data["lgd_assumed"]) == ("45", False)


def _ids(desk: Any) -> list[str]:
    with desk.workspace.read() as stores:
        return list(stores.cases.ids())


def _assessed(desk: Any, ids: list[str]) -> dict[str, str]:
    desk.assess_many(ids)
    with desk.workspace.read() as stores:
        return {case: stores.policies.get(case).outcome for case in ids}


def test_a_simulation_knows_expected_loss_and_can_be_cancelled(
    ask: Ask, refused: Refused, workspace: Path, tmp_path: Path
) -> None:
    ask("score", "--all")

    def with_loss(tables: dict[str, Any]) -> None:
        lgd = next(column["id"] for column in tables["terms"]["outputs"] if column["field"] == "lgd_pct")
        for rule in tables["terms"]["rules"]:
            rule[lgd] = "50"

    path = write(tmp_path / "loss.json", with_loss)
    half, full = ask("policy", "simulate", path), ask("policy", "simulate", path, "--lgd-pct", "100")
    assert (half["lgd_pct"], half["lgd_assumed"], half["changes"]) == ("50", False, [])
    losses = [Decimal(each["candidate"]["expected_loss"]["EUR"]) for each in (half, full)]
    assert abs(losses[0] * 2 - losses[1]) <= Decimal("0.01") * half["candidate"]["approvals"]
    assert half["active"]["expected_loss"] == half["candidate"]["expected_loss"]

    none = ask("policy", "simulate", path, "--until", "1990-12-31")
    assert (none["cases"], none["period"]) == (0, {"since": None, "until": "1990-12-31"})
    dated = ask("policy", "simulate", path, "--since", "1990-01-01")
    assert 0 < dated["cases"] <= half["cases"]
    assert "--since is no date" in refused("policy", "simulate", path, "--since", "soon")

    def stop(done: int, total: int | None, what: str) -> None:
        if done:
            raise Cancelled

    with bootstrap.open_desk(workspace) as desk, pytest.raises(Cancelled):
        desk.policies.simulate(str(path), progress=stop)


def test_offers_lay_out_what_fits(ask: Ask, refused: Refused) -> None:
    found = ask("offers", "over-indebted")
    assert len(found["cells"]) == len(found["amounts"]) * len(found["terms"])
    assert found["seconds"] < 1
    wanted = ask("score", "good")["policy"]
    grid = ask("offers", "good", "--amount", "12000", "--amount", "3000.50", "--term-months", "36")
    assert (grid["amounts"], grid["terms"], len(grid["cells"])) == (["3000.50", "12000"], [36], 2)
    assert grid["cells"][1]["rate_pct"] == wanted["rate_pct"]
    assert grid["limits"][0]["offer"]["amount"] == wanted["fits"]["amount"]
    assert Decimal(grid["cells"][1]["apr_pct"]) > Decimal(grid["cells"][1]["nominal_apr_pct"]) > 0
    assert "no amount of a loan" in refused("offers", "good", "--amount", "-3")
    assert "not a number" in refused("offers", "good", "--amount", "much")
    assert "no term" in refused("offers", "good", "--term-months", "0")
