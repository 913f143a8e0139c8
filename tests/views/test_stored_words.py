"""Words stored in English with a case, shown in the window's language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.domain.facts import Source, SourceKind, new_fact
from data.catalogue import load_catalogue
from views.models.case_reading import grouped
from views.stored_words import bin_words, clause_words, event_words, note_words, person_words, sign_words
from views.strings import tr, use_language

CATALOGUE = load_catalogue()


@pytest.fixture(autouse=True)
def _english_after() -> Iterator[None]:
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("note", "english", "chinese"),
    [
        ("63 entries · balances add up", "63 entries · balances add up", "63 笔 · 余额相符"),
        ("4454 rows", "4,454 rows", "4,454 行"),
        ("2026-10-25 · 1 field read", "2026-10-25 · 1 field read", "2026-10-25 · 读出 1 项"),
        ("1 account · 6 enquiries", "1 account · 6 enquiries", "1 个账户 · 6 次查询"),
        ("sent by fax", "sent by fax", "sent by fax"),
        ("3 stamps", "3 stamps", "3 stamps"),
    ],
)
def test_a_readers_note_is_said_in_the_windows_language(note: str, english: str, chinese: str) -> None:
    assert note_words(note) == english
    use_language("zh")
    assert note_words(note) == chinese


@pytest.mark.parametrize(
    ("told", "chinese"),
    [
        ("slip.pdf: amounts set in several fonts: 2,450.00", "slip.pdf: 金额中混用了多种字体：2,450.00"),
        ("visible text was laid over a scanned page", "扫描页上叠加了可见文字"),
        ("a: b.pdf: 2 later versions were appended to the file", "a: b.pdf: 文件后追加了2个版本"),
        ("it was written by Photoshop", "由Photoshop写成"),
        ("it was made on 2026-01-02 and changed on 2026-03-04", "制作于2026-01-02，修改于2026-03-04"),
        (
            "x.jpg: 9,100.00 was put into the picture after the page had been compressed",
            "x.jpg: 9,100.00是在页面压缩之后放入图片的",
        ),
        (
            "9,100.00 may have been put into the picture after the page had been compressed",
            "9,100.00可能是在页面压缩之后放入图片的",
        ),
        ("slip_a.pdf (2026-08), slip_b.pdf (2026-10)", "slip_a.pdf (2026-08), slip_b.pdf (2026-10)"),
    ],
)
def test_a_sign_of_change_is_said_in_the_windows_language(told: str, chinese: str) -> None:
    assert sign_words(told) == told
    use_language("zh")
    assert sign_words(told) == chinese


@pytest.mark.parametrize(
    ("name", "label", "english", "chinese"),
    [
        ("ratio.financed_pct", "74 – < 99", "74 to under 99", "74 至 99 以下"),
        ("request.term_months", "≥ 36", "36 or more", "36 及以上"),
        ("ratio.assets_to_amount", "< 1.5 / missing", "under 1.5 / not known", "1.5 以下 / 未知"),
        ("ratio.assets_to_amount", "= 0", "0", "0"),
        ("history.adverse_records", "false", "no", "否"),
        ("employment.type", "freelance / other", "Self-employed / other", "自由职业 / 其他"),
    ],
)
def test_a_bin_is_said_in_words(name: str, label: str, english: str, chinese: str) -> None:
    assert bin_words(name, label, CATALOGUE, "en") == english
    use_language("zh")
    assert bin_words(name, label, CATALOGUE, "zh") == chinese


def test_a_clause_keeps_its_number() -> None:
    assert clause_words("affordability 4.2") == "affordability 4.2"
    use_language("zh")
    assert clause_words("affordability 4.2") == "负担能力 4.2"
    assert clause_words("something 9") == "something 9"
    assert clause_words("house rule") == "house rule"


def test_an_event_is_told_without_digests_and_counts_of_none() -> None:
    detail = {
        "document": "a" * 64,
        "kind": "payslip",
        "facts": 1,
        "entries": 0,
        "policy": "b" * 64,
        "override": None,
        "principal_reasons": [{"code": "C1-09", "text": "Excessive obligations"}],
        "odd_name": "c" * 64,
    }
    assert event_words(detail, lambda sha256: "payslip.pdf") == (
        "payslip.pdf · kind: Payslip · facts: 1 · principal reasons: Excessive obligations · odd name: cccccccccc…"
    )
    use_language("zh")
    assert event_words({"outcome": "refer"}, str) == "结果：转审"


def test_the_program_itself_has_its_name() -> None:
    assert person_words("caseworth") == "Caseworth"
    assert person_words("Anna Berg") == "Anna Berg"


def test_prohibited_bases_stand_apart_under_a_heading_that_says_so() -> None:
    names = ("applicant.marital_status", "request.amount", "applicant.age")
    facts = [new_fact("C-1", name, "x", "text", Source(SourceKind.PERSON, person="A")) for name in names]
    groups = {group: [fact.name for fact in inside] for group, inside in grouped(facts, CATALOGUE)}
    assert groups == {"request": ["request.amount"], "prohibited": ["applicant.age", "applicant.marital_status"]}
    assert list(groups)[-1] == "prohibited"
    assert "Never used" in tr("case.group.prohibited")
