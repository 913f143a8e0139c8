"""Deciding through the command line: within policy and authority, with reasons, once."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import open_desk
from tests.cli.conftest import PERSON

Ask = Callable[..., Any]
Refused = Callable[..., str]
PASSPHRASE = "correct horse battery staple"
WORDS = ("--reason", "The payslip carries the smaller instalment.")


def decide(case: str, outcome: str, *more: str) -> tuple[str, ...]:
    return ("decide", case, "--outcome", outcome, *WORDS, *more)


def test_outside_policy_needs_an_override(ask: Ask, refused: Refused) -> None:
    message = refused(*decide("over-indebted", "approve"))
    assert "outside policy: affordability 4.3" in message
    assert "override" in message
    decision = ask(*decide("over-indebted", "approve", "--override", "A guarantor has signed."))["decision"]
    assert (decision["override"], decision["person"]) == ("A guarantor has signed.", PERSON)


def test_above_authority_names_who_may_sign(ask: Ask, refused: Refused) -> None:
    listed = ask("cases", "--sort", "amount", "--descending")["cases"]
    above = [case for case in listed if float(case["amount"]) > 20_000 and case["reference"].isdigit()]
    message = refused(*decide(above[0]["id"], "approve", "--override", "A guarantor has signed."))
    assert "15000" in message
    assert "may be signed by" in message


def test_a_decline_takes_the_proposed_reasons_and_no_generic_one(ask: Ask, refused: Refused) -> None:
    generic = refused("decide", "over-indebted", "--outcome", "decline", "--reason", "Does not meet our standards")
    assert "no specific reason" in generic
    reasons = ask(*decide("over-indebted", "decline"))["decision"]["principal_reasons"]
    assert 1 <= len(reasons) <= 4
    assert len({reason["code"] for reason in reasons}) == len(reasons)
    assert all(reason["text"] and reason["fact"] for reason in reasons)


def test_a_decline_that_the_report_contradicts_needs_a_reason_to_stand(
    ask: Ask, refused: Refused, workspace: Path, tmp_path: Path
) -> None:
    ask("draft", "over-indebted", "--model", "none")
    with open_desk(workspace, passphrase=lambda new: PASSPHRASE) as desk:
        desk.add_sentence(desk.case_id("over-indebted"), "capacity", "Debts are comfortably affordable.")
    decline = decide("over-indebted", "decline", "--reason-code", "C1-09")
    said = refused(*decline)
    assert "The report contradicts the reason C1-09" in said
    assert "comfortably affordable" in said
    assert "--despite-contradiction" in said
    assert ask("show", "over-indebted")["decision"] is None
    why = "The sentence was written before the bureau's report came."
    given = ask(*decline, "--despite-contradiction", why)
    assert given["decision"]["despite_contradiction"] == why
    assert [each["code"] for each in given["contradictions"]] == ["C1-09"]
    package = tmp_path / "declined.cwz"
    ask("export", "over-indebted", "--out", package)
    assert ask("verify", package)["valid"]
    with zipfile.ZipFile(package) as held:
        assert json.loads(held.read("decision.json"))["decision"]["despite_contradiction"] == why


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["C1-21"], "C1-21"),  # a real code that nothing in this case supports
        (["XX-99"], "XX-99"),
        (["C1-09", "C1-08", "C1-10", "C1-19", "C1-17"], "At most 4"),
    ],
)
def test_reasons_that_were_not_used_are_refused(refused: Refused, workspace: Path, codes: list[str], said: str) -> None:
    given = [part for code in codes for part in ("--reason-code", code)]
    assert said in refused(*decide("over-indebted", "decline", *given))


def test_a_counter_offer_is_the_largest_that_fits(ask: Ask, refused: Refused) -> None:
    fits = ask("score", "contradicting-income")["policy"]["fits"]
    above = str(float(fits["amount"]) + 200)
    assert "outside policy" in refused(*decide("contradicting-income", "counter-offer", "--amount", above))
    decision = ask(*decide("contradicting-income", "counter-offer"))["decision"]
    assert (decision["amount"], decision["term_months"], decision["rate_pct"]) == (
        fits["amount"],
        fits["term_months"],
        fits["rate_pct"],
    )
    assert 1 <= len(decision["principal_reasons"]) <= 4


def test_a_referral_is_decided_again_and_a_decision_is_not(ask: Ask, refused: Refused) -> None:
    assert ask(*decide("thin-file", "refer"))["decision"]["amount"] is None
    again = ask(*decide("thin-file", "approve", "--override", "The employer confirmed the post."))["decision"]
    assert again["outcome"] == "approve"
    assert "decided already" in refused(*decide("thin-file", "decline"))


def test_a_decided_case_stands_as_it_was_judged(ask: Ask, refused: Refused, tmp_path: Path) -> None:
    ask("draft", "good", "--model", "none")
    ask(*decide("good", "approve"))
    before = ask("show", "good")
    assert "decided" in refused("confirm", "good", "income.net_monthly_stated")
    assert "decided" in refused("confirm", "good", "assets.total", "--value", "1", "--note", "typed wrong")
    ask("score", "good")
    ask("score", "--all")
    after = ask("show", "good")
    assert {key: after[key] for key in before if key != "report"} == {
        key: before[key] for key in before if key != "report"
    }
    ask("export", "good", "--out", tmp_path / "good.cwz")
    assert "signed" in refused("draft", "good", "--model", "none")
    assert "decided already" in refused(*decide("good", "refer"))


def test_a_first_opinion_comes_before_the_draft(ask: Ask, refused: Refused) -> None:
    ask("opinion", "good", "--outcome", "refer")
    assert "already" in refused("opinion", "good", "--outcome", "approve")
    ask("draft", "good", "--model", "none")
    ask("draft", "chinese", "--model", "none")
    assert "shown" in refused("opinion", "chinese", "--outcome", "approve")
    assert ask(*decide("good", "approve"))["decision"]["first_opinion"]["outcome"] == "refer"


@pytest.mark.parametrize("reason", ["", "   ", "\t\n"])
def test_a_blank_reason_is_refused(refused: Refused, workspace: Path, reason: str) -> None:
    assert "reason" in refused("decide", "good", "--outcome", "approve", "--reason", reason)


SENSELESS = [
    *(f"--amount={amount}" for amount in ("1e9", "1e999", "0", "-0.00", "-5", "NaN", "-inf", "12.345", "5_000")),
    *(f"--amount={amount}" for amount in ("", "12,000", "١٢٠٠", "0x10", "12 000", "EUR 5", "9" * 400)),
    *(f"--term-months={months}" for months in (0, -1, 481, 10**30)),
    *(f"--rate-pct={rate}" for rate in ("-1", "1001", "nan")),
]


def test_senseless_terms_are_refused(refused: Refused, workspace: Path) -> None:
    for terms in SENSELESS:
        message = refused(*decide("contradicting-income", "counter-offer", terms, "--override", "They insist."))
        assert any(word in message for word in ("amount", "decimals", "number", "term", "rate")), message


def test_terms_belong_to_the_outcome(ask: Ask, refused: Refused) -> None:
    assert "asked for" in refused(*decide("good", "approve", "--amount", "100"))
    assert "grants nothing" in refused(*decide("good", "decline", "--amount", "100"))
    assert "no principal reasons" in refused(*decide("good", "approve", "--reason-code", "C1-09"))
    assert "grid's rate" in refused(*decide("good", "approve", "--rate-pct", "2"))
    assert ask("show", "good")["decision"] is None


def test_a_table_row_goes_the_whole_way(ask: Ask, tmp_path: Path) -> None:
    """Its facts stand in a table and not one by one; they are confirmed and sealed all the same."""
    case = next(c["id"] for c in ask("cases")["cases"] if c["reference"] == "1")
    ask("score", "--all")
    confirmed = ask("confirm", case, "income.net_monthly_stated")["fact"]
    assert (confirmed["confirmed_by"], confirmed["source"]["kind"]) == (PERSON, "row")
    ask("draft", case, "--model", "none")
    ask(*decide(case, "decline"))
    ask("export", case, "--out", tmp_path / "row.cwz")
    assert ask("verify", tmp_path / "row.cwz")["valid"]


@pytest.fixture
def own_scorecard(tmp_path: Path, root: Path) -> Path:
    """A lender's own scorecard: the shipped one with other points, under another name."""
    card = json.loads((root / "data" / "scorecards" / "credit-data.json").read_text(encoding="utf-8"))
    card |= {"name": "house-card", "version": "7"}
    card["characteristics"][0]["bins"][0]["points"] += 3
    path = tmp_path / "house.json"
    path.write_text(json.dumps(card), encoding="utf-8")
    return path


@pytest.mark.parametrize("bulk", [False, True])
def test_a_scorecard_of_ones_own_is_sealed_although_its_file_is_gone(
    ask: Ask, own_scorecard: Path, tmp_path: Path, bulk: bool
) -> None:
    ask("score", *(["--all"] if bulk else ["good"]), "--scorecard", own_scorecard)
    own_scorecard.unlink()
    ask("confirm", "good", "income.net_monthly_stated")
    ask("draft", "good", "--model", "none")
    ask(*decide("good", "approve"))
    assert ask("show", "good")["score"]["scorecard"] == "house-card"
    ask("export", "good", "--out", tmp_path / "good.cwz")
    assert ask("verify", tmp_path / "good.cwz")["valid"]
    ask("export", "good", "--out", tmp_path / "again.cwz")
    assert (tmp_path / "again.cwz").read_bytes() == (tmp_path / "good.cwz").read_bytes()
