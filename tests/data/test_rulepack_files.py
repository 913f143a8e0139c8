"""Rule packs: dated, sourced, checked when they are read; and the reason codes they rest on."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from app.domain.phrases import LANGUAGES
from app.errors import EnvironmentFault, InputError
from data.catalogue import load_catalogue, load_reason_codes
from data.letter_words import load_letter_words
from data.rulepack_files import FOLDER, LETTERS, TRIGGERS, list_rulepacks, load_rulepack, load_versions

FORM_C1 = [
    "Credit application incomplete",
    "Insufficient number of credit references provided",
    "Unacceptable type of credit references provided",
    "Unable to verify credit references",
    "Temporary or irregular employment",
    "Unable to verify employment",
    "Length of employment",
    "Income insufficient for amount of credit requested",
    "Excessive obligations in relation to income",
    "Unable to verify income",
    "Length of residence",
    "Temporary residence",
    "Unable to verify residence",
    "No credit file",
    "Limited credit experience",
    "Poor credit performance with us",
    "Delinquent past or present credit obligations with others",
    "Collection action or judgment",
    "Garnishment or attachment",
    "Foreclosure or repossession",
    "Bankruptcy",
    "Number of recent inquiries on credit bureau report",
    "Value or type of collateral not sufficient",
]
"""12 CFR part 1002, appendix C, form C-1, part I."""


def test_the_codes_are_the_reasons_of_form_c1_in_its_words() -> None:
    codes = load_reason_codes()
    assert [codes[f"C1-{number:02d}"].text["en"] for number in range(1, 24)] == FORM_C1
    assert all(set(entry.text) == set(LANGUAGES) and all(entry.text.values()) for entry in codes.values())


def test_every_code_in_use_has_a_statement() -> None:
    data = FOLDER.parent
    card = json.loads((data / "scorecards" / "credit-data.json").read_text(encoding="utf-8"))
    used = {definition.reason_code for definition in load_catalogue() if definition.reason_code}
    used |= {row["reason_code"] for row in card["characteristics"]}
    used |= set(re.findall(r'\\"(C[1W]-\d\d)\\"', (data / "policies" / "instalment-loan.json").read_text("utf-8")))
    assert used
    assert used <= set(load_reason_codes())


@pytest.mark.parametrize("name", list_rulepacks())
def test_a_shipped_pack_is_sourced_and_speaks_both_languages(name: str) -> None:
    for pack in load_versions(name):
        assert pack.sources
        assert all(source.citation and source.says for source in pack.sources)
        assert {source.standing.split(" ")[0] for source in pack.sources} <= {"read", "reported"}
        for notice in pack.notices.values():
            texts = [notice.paragraphs[language] for language in LANGUAGES]
            assert notice.citation
            slots = [set(re.findall(r"\{(\w+)\}", " ".join(each))) for each in texts]
            assert slots[0] == slots[1] <= {"agency", "person", "role", "basis", "policy"}
        assert set(pack.notices) >= set(LETTERS)
        assert pack.most_reasons <= 4


def test_regulation_b_gives_the_periods_with_their_paragraphs() -> None:
    pack = load_rulepack("us-ecoa-reg-b", date(2026, 11, 22))
    assert {trigger: (one.days, one.source.citation) for trigger, one in pack.deadlines.items()} == {
        "complete": (30, "12 CFR 1002.9(a)(1)(i)"),
        "incomplete": (30, "12 CFR 1002.9(c)(1)"),
        "adverse-on-incomplete": (30, "12 CFR 1002.9(a)(1)(ii)"),
        "counter-offer": (90, "12 CFR 1002.9(a)(1)(iv)"),
    }
    assert set(pack.deadlines) == TRIGGERS
    assert pack.agency("") == pack.agency("ftc")
    assert "Equal Credit Opportunity" in (pack.agency("nobody") or pack.agencies[0]).text


def test_a_case_is_judged_by_the_version_of_its_day() -> None:
    versions = {day: load_rulepack("us-ecoa-reg-b", day).version for day in (date(2026, 7, 20), date(2026, 7, 21))}
    assert list(versions.values()) == ["2018", "2026-07-21"]
    assert load_rulepack("us-ecoa-reg-b", date(1990, 1, 1)).version == "2018"


def test_an_unknown_pack_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"no rule pack mars.*us-ecoa-reg-b"):
        load_rulepack("mars", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("days = 30", "days = 0", "needs whole days"),
        ("days = 30", 'days = "30"', "needs whole days"),
        ("days = 30", "", "'days' is missing"),
        ("[deadlines.complete]", "[deadlines.sometime]", "no deadline sometime"),
        ("[notices.action]", "[notices.other]", "no notice for action"),
        ("most_reasons = 4", "", "'most_reasons' is missing"),
        ("in_force_from = 2026-07-21", 'in_force_from = "soon"', "must be a date"),
        ('version = "2026-07-21"', 'version = "2026-07-21"\nextra = 1', "Unknown keys: extra"),
        ("name =", "name", "Expected '='"),
    ],
)
def test_a_wrong_pack_is_refused_with_its_file(tmp_path: Path, old: str, new: str, why: str) -> None:
    text = (FOLDER / "us-ecoa-reg-b.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "mine.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=why) as refused:
        load_rulepack("mine", date(2026, 1, 1), tmp_path)
    assert str(tmp_path / "mine.toml") in str(refused.value)


def test_the_words_of_the_letters_are_there_in_both_languages(tmp_path: Path) -> None:
    words = load_letter_words()
    slots = {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in words["en"].items()}
    assert {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in words["zh"].items()} == slots
    for language in LANGUAGES:
        text = (FOLDER.parent / "phrases" / f"letters_{language}.toml").read_text(encoding="utf-8")
        (tmp_path / f"letters_{language}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "letters_zh.toml").write_text(tomllib_without(tmp_path / "letters_zh.toml"), encoding="utf-8")
    with pytest.raises(EnvironmentFault, match=r"only one language has title\.action"):
        load_letter_words(tmp_path)


def tomllib_without(path: Path) -> str:
    """The file's text without its first text."""
    lines = path.read_text(encoding="utf-8").splitlines()
    lines.remove(next(line for line in lines if line.startswith("action = ")))
    assert tomllib.loads("\n".join(lines))
    return "\n".join(lines)


CAP = '[[price_caps]]\npct = "36"\nmeasure = "nominal-apr"\ncitation = "10 USC 987(b)"\nstanding = "read"\n'


def test_a_pack_may_cap_prices(tmp_path: Path) -> None:
    text = (FOLDER / "eu-consumer-credit.toml").read_text(encoding="utf-8")
    (tmp_path / "capped.toml").write_text(text + "\n" + CAP + 'currency = "USD"\n', encoding="utf-8")
    [found] = load_rulepack("capped", date(2026, 11, 22), tmp_path).price_caps
    assert (str(found.cap.pct), found.cap.measure, found.currency) == ("36", "nominal-apr", "USD")
    assert (found.cap.clause, found.cap.source) == ("10 USC 987(b)", "eu-consumer-credit 2026-11")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"36"', "36", "in quotes"),
        ('"36"', '"much"', "in quotes"),
        ("nominal-apr", "interest", "bounds rate, apr, nominal-apr"),
        ("citation", "cited", "unknown keys"),
        ('standing = "read"', 'standing = "read"\ncurrency = "dollars"', "currency such as USD"),
    ],
)
def test_a_wrong_cap_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (FOLDER / "eu-consumer-credit.toml").read_text(encoding="utf-8")
    (tmp_path / "capped.toml").write_text(text + "\n" + CAP.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_rulepack("capped", date(2026, 11, 22), tmp_path)


def test_no_shipped_pack_caps_prices_for_no_source_at_hand_states_one() -> None:
    for name in list_rulepacks():
        assert all(pack.price_caps == () for pack in load_versions(name))


@pytest.mark.parametrize("name", list_rulepacks())
def test_a_pack_without_periods_says_so(name: str) -> None:
    for pack in load_versions(name):
        assert pack.deadlines or pack.note.startswith("No period in days"), f"{name} {pack.version}"
