"""Letters, deadlines and contradictions through the command line."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from app.cli import run
from tests.cli.test_decisions import decide

Ask = Callable[..., Any]
Refused = Callable[..., str]
LENDER = (
    "lender", "--name", "Nordlys Finance", "--address", "1 Harbor Street\\nPortland, ME", "--phone", "555-0142",
    "--agency", "fdic", "--bureau-address", "PO Box 2", "--bureau-phone", "800-1",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_decline_is_told_with_the_reasons_that_were_used(ask: Ask, tmp_path: Path, language: str) -> None:
    ask(*LENDER)
    shown = ask("show", "over-indebted")
    decided = ask(*decide("over-indebted", "decline"))["decision"]
    written = {}
    for form in ("pdf", "docx"):
        out = tmp_path / f"letter.{form}"
        made = ask("letter", "over-indebted", "--kind", "action", "--out", out, "--language", language)
        written[form] = made["text"]
        assert hashlib.sha256(out.read_bytes()).hexdigest() == made["sha256"]
        assert made["reasons"] == [reason["code"] for reason in decided["principal_reasons"]]
        assert not made["draft"]
        again = ask(
            "letter", "over-indebted", "--kind", "action", "--out", tmp_path / f"b.{form}", "--language", language
        )
        assert (tmp_path / f"b.{form}").read_bytes() == out.read_bytes()
        assert again["sha256"] == made["sha256"]
    assert written["pdf"] == written["docx"]
    words = " ".join(cell.text for table in Document(str(tmp_path / "letter.docx")).tables for cell in table._cells)
    assert "Nordlys Finance" in words
    facts = {fact for clause in shown["policy"]["clauses"] if clause["outcome"] != "pass" for fact in clause["facts"]}
    facts |= {row["fact"] for row in shown["score"]["reasons"]}
    assert {reason["fact"] for reason in decided["principal_reasons"]} <= facts


def test_the_clock_runs_and_stops(ask: Ask, tmp_path: Path) -> None:
    ask(*LENDER)
    before = ask("show", "over-indebted")["notice"]
    assert (before["trigger"], before["since"], before["due_on"]) == ("complete", "2026-10-27", "2026-11-26")
    assert before["state"] in ("due", "overdue")
    ask(*decide("over-indebted", "decline"))
    assert ask("show", "over-indebted")["notice"]["letter"] == "action"
    made = ask("letter", "over-indebted", "--kind", "action", "--out", tmp_path / "a.pdf")
    after = ask("show", "over-indebted")["notice"]
    assert (after["state"], after["given_on"]) == ("given", made["on"])
    assert made["notice"] == after


def test_a_counter_offer_has_ninety_days(ask: Ask, tmp_path: Path) -> None:
    ask(*LENDER)
    ask(*decide("contradicting-income", "counter-offer"))
    made = ask(
        "letter",
        "contradicting-income",
        "--kind",
        "counter-offer",
        "--out",
        tmp_path / "c.docx",
        "--date",
        "2027-12-01",
        "--answer-by",
        "2028-01-05",
    )
    assert (made["on"], made["answer_by"]) == ("2027-12-01", "2028-01-05")
    notice = made["notice"]
    assert (notice["trigger"], notice["due_on"], notice["why"]) == ("counter-offer", "2028-02-29", "combined")


def test_an_incomplete_application_is_asked_about(ask: Ask, refused: Refused, tmp_path: Path) -> None:
    made = ask("letter", "undisclosed-loan", "--kind", "incomplete", "--out", tmp_path / "i.pdf", "--ask", "Your lease")
    assert "Your lease" in made["text"]
    assert made["draft"]
    assert set(made["blanks"]) == {"name", "address", "phone"}
    assert ask("show", "undisclosed-loan")["notice"]["state"] in ("due", "overdue")
    ask(*LENDER)
    ask("letter", "undisclosed-loan", "--kind", "incomplete", "--out", tmp_path / "i.pdf", "--ask", "Your lease")
    assert ask("show", "undisclosed-loan")["notice"]["state"] == "waiting"
    assert "Nothing is missing" in refused("letter", "good", "--kind", "incomplete", "--out", tmp_path / "x.pdf")


def test_letters_that_do_not_fit_are_refused(refused: Refused, ask: Ask, tmp_path: Path) -> None:
    out = tmp_path / "x.pdf"
    assert "no decision yet" in refused("letter", "good", "--kind", "action", "--out", out)
    assert "There is no case" in refused("letter", "nobody", "--kind", "action", "--out", out)
    assert "neither a PDF nor a DOCX" in refused("letter", "good", "--kind", "action", "--out", tmp_path / "x.odt")
    assert "--date is no day" in refused("letter", "good", "--kind", "action", "--out", out, "--date", "soon")
    assert "no rule pack mars" in refused("lender", "--rulepack", "mars")
    assert "no agency moon" in refused("lender", "--agency", "moon")
    ask(*decide("good", "approve"))
    assert "was approved" in refused("letter", "good", "--kind", "action", "--out", out)
    ask(*decide("over-indebted", "decline"))
    missing = tmp_path / "none" / "x.pdf"
    assert "could not be written" in refused("letter", "over-indebted", "--kind", "action", "--out", missing, status=3)
    assert list(tmp_path.glob("*.pdf")) == []
    assert not [event for event in ask("show", "over-indebted")["findings"] if event["code"].startswith("letter")]


def test_other_rules_can_be_chosen(ask: Ask, tmp_path: Path) -> None:
    kept = ask(*LENDER, "--rulepack", "eu-consumer-credit", "--agency", "")
    assert (kept["name"], kept["rulepack"]["name"]) == ("Nordlys Finance", "eu-consumer-credit")
    ask(*decide("over-indebted", "decline"))
    made = ask("letter", "over-indebted", "--kind", "action", "--out", tmp_path / "a.pdf")
    assert made["pack"] == "eu-consumer-credit"
    assert made["notice"]["why"] == "no_period"
    assert any("A person made this decision: Vera Prüfer" in text for text in made["text"])


def test_a_report_that_contradicts_the_reasons_is_told(
    ask: Ask, capsys: pytest.CaptureFixture[str], tmp_path: Path, workspace: Path
) -> None:
    """A scorecard that takes points off for long employment, and a report that calls it a strength."""
    samples = Path(__file__).resolve().parents[2] / "data" / "scorecards" / "credit-data.json"
    card = json.loads(samples.read_text(encoding="utf-8"))
    row = next(each for each in card["characteristics"] if each["name"] == "employment.seniority_years")
    for each, points in zip(row["bins"], (103, 103, *[57] * len(row["bins"])), strict=False):
        each["points"] = points
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    ask("score", "good", "--scorecard", tmp_path / "card.json")
    ask("draft", "good", "--model", "none")
    decline = ["decide", "good", "--outcome", "decline", "--reason", "Employment.", "--reason-code", "C1-07"]
    assert run(decline) == 1, "a decline that the report contradicts is not signed without a word on it"
    assert "--despite-contradiction" in capsys.readouterr().err
    assert run([*decline, "--despite-contradiction", "The card was changed since."]) == 0
    printed = capsys.readouterr()
    assert "the report contradicts the reason C1-07 (Length of employment)" in printed.err
    (told,) = ask("show", "good")["contradictions"]
    assert told["code"] == "C1-07"
    made = ask("letter", "good", "--kind", "action", "--out", tmp_path / "a.pdf")
    assert made["contradictions"] == [told]
    assert ask("export", "good", "--out", tmp_path / "good.cwz")["contradictions"] == [told]
    assert io.BytesIO((tmp_path / "good.cwz").read_bytes()).read(2) == b"PK"
