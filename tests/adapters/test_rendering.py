"""The report PDF: the same bytes again, in both languages, and never a place where text is run."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.adapters.points_chart import Bar, points_chart
from app.adapters.rendering import TypstRenderer
from app.adapters.report_page import ReportPage
from app.adapters.report_texts import TEXTS
from app.adapters.signing_keys import PersonSigner
from tests.decided_case import FONTS, PlainRenderer, decided_workspace, export, new_signer

MARKUP = (
    '#read("/etc/passwd")',
    "$ x^2 $",
    "]",
    "}",
    '"',
    "\\",
    "*bold* _it_",
    "= Heading",
    "#panic()",
    "<label> @ref",
    "//",
)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> PersonSigner:
    return new_signer(tmp_path_factory.mktemp("keys"))


def pdf_data(language: str, signer: PersonSigner, folder: Path, **case: Any) -> dict[str, Any]:
    """What the renderer is given of the decided case."""
    seen = PlainRenderer()
    workspace, case_id = decided_workspace(language, **case)
    export(workspace, case_id, folder / "a.cwz", signer, seen)
    return copy.deepcopy(dict(seen.seen[0]))


@pytest.fixture(scope="module")
def english(signer: PersonSigner, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return pdf_data("en", signer, tmp_path_factory.mktemp("en"))


@pytest.fixture(scope="module")
def chinese(signer: PersonSigner, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return pdf_data("zh", signer, tmp_path_factory.mktemp("zh"), applicant="示例申请人")


def text_of(pdf: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def plain(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", text)


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_the_same_case_gives_the_same_bytes(language: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(language)
    assert TypstRenderer(FONTS).report_pdf(data) == TypstRenderer(FONTS).report_pdf(copy.deepcopy(data))


def test_another_process_gives_the_same_bytes(english: dict[str, Any], tmp_path: Path) -> None:
    """With another hash seed, home, time zone and working directory."""
    import json

    (tmp_path / "data.json").write_text(json.dumps(english), encoding="utf-8")
    code = (
        "import json, sys; from pathlib import Path; from app.adapters.rendering import TypstRenderer; "
        f"data = json.loads(Path('data.json').read_text(encoding='utf-8')); "
        f"Path('out.pdf').write_bytes(TypstRenderer(Path({str(FONTS)!r})).report_pdf(data))"
    )
    environment = {
        "PYTHONPATH": str(FONTS.parent.parent),
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Shanghai",
        "HOME": str(tmp_path),
        "MPLCONFIGDIR": str(tmp_path),
    }
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "out.pdf").read_bytes() == TypstRenderer(FONTS).report_pdf(english)


def test_everything_of_the_decision_is_on_the_page(english: dict[str, Any]) -> None:
    text = plain(text_of(TypstRenderer(FONTS).report_pdf(english)))
    wanted = [
        "Sample applicant 418",
        "C-2026-000001",
        "Counter-offer",
        "8,500.00 EUR · 36 months · 9.9 %",
        "12,000.00 EUR · 36 months",
        "Payslips of two further months",
        "authority 5.1: 15000 EUR",
        "First opinion, before the draft",
        "Instalments too high for the documented income",
        "C1-04",
        "6 sentences · 2 by the model · 1 fell back · 1 by a person",
        "612 · C · 8.1 %",
        "affordability 4.2",
        "payslip.pdf · page 1",
        "read at 0.99",
        "application.json · line 7 · column Seniority",
        "Computed: income used · from Documented net monthly income",
        "Facts that stay in the workspace: 1",
        "SmolLM2-135M-Instruct",
        "d" * 64,
        english["signer"]["key"],
        english["seal"],
        "28 October 2026, 10:00 UTC",
        "Page 1 of 2",
    ]
    assert [words for words in wanted if plain(words) not in text] == []
    sentences = [sentence["text"] for sentence in english["report"]["sentences"]]
    assert [sentence for sentence in sentences if plain(sentence) not in text] == []


def test_a_chinese_case_is_chinese_throughout(chinese: dict[str, Any]) -> None:
    pdf = TypstRenderer(FONTS).report_pdf(chinese)
    text = plain(text_of(pdf))
    wanted = [
        "示例申请人",
        "还价方案",
        "8,500.00欧元·36个月·9.9%",
        "主要理由",
        "事实及其来源",
        "第1页，共2页",
        "审批员",
    ]
    assert [words for words in wanted if plain(words) not in text] == []
    assert [word for word in ("Decision", "Principal", "Signed", "Page") if word in text] == []
    assert "�" not in text


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_only_shipped_fonts_are_used_and_every_sign_has_one(language: str, request: pytest.FixtureRequest) -> None:
    pdf = TypstRenderer(FONTS).report_pdf(request.getfixturevalue(language))
    names = {name.decode().split("+")[1] for name in re.findall(rb"/FontName/([A-Za-z0-9+-]+)", pdf.replace(b" ", b""))}
    assert names
    assert all(name.startswith(("Inter", "SourceSerif4", "WenQuanYi")) for name in names)


def test_the_pdf_is_archival_and_tagged(english: dict[str, Any]) -> None:
    pdf = TypstRenderer(FONTS).report_pdf(english)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"/StructTreeRoot" in pdf
    assert b"/Lang" in pdf
    assert b"2026-10-28T10:00:00" in pdf
    assert pdf.startswith(b"%PDF-1.7")


def _with_everywhere(data: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The data with ``text`` in every place that a person or a document may fill."""
    hostile = copy.deepcopy(dict(data))
    hostile["case"] |= {"applicant": text, "reference": text, "product": text}
    hostile["decision"] |= {"reason": text, "conditions": [text, text], "person": text, "role": text, "override": text}
    hostile["decision"]["principal_reasons"][0]["text"] = text
    hostile["signer"] |= {"person": text, "role": text}
    hostile["report"]["sentences"][0] |= {"text": text, "template": text, "facts": []}
    for clause in hostile["policy"]["clauses"]:
        clause |= {"clause": text, "text": text}
    for document in hostile["documents"]:
        document |= {"name": text, "note": text}
    for fact in hostile["facts"]:
        if fact["source"]["kind"] == "document":
            fact["source"]["path"] = text
    for row in hostile["score"]["characteristics"]:
        row["bin"] = text
    hostile["score"] |= {"scorecard": text, "grade": text}
    return hostile


@pytest.mark.parametrize("text", MARKUP)
def test_text_is_shown_and_never_run(english: dict[str, Any], text: str) -> None:
    shown = plain(text_of(TypstRenderer(FONTS).report_pdf(_with_everywhere(english, text))))
    assert shown.count(plain(text)) >= 15
    assert "root:" not in shown


@pytest.mark.parametrize("text", ["", "x" * 3000, "字" * 3000, "a\0b\x1b", "مرحبا", "🙂", "\u202eabc", "\n\n\n"])
def test_any_text_is_typeset(english: dict[str, Any], text: str) -> None:
    assert TypstRenderer(FONTS).report_pdf(_with_everywhere(english, text)).startswith(b"%PDF")


def test_a_template_cannot_read_outside_its_folder() -> None:
    import typst

    renderer = TypstRenderer(FONTS)
    for source in (b'#read("/etc/passwd")', b'#read("../rendering.py")', b'#import "@preview/cetz:0.3.4"'):
        compiler = typst.Compiler(source, root=str(renderer.templates), package_path="/", package_cache_path="/proc")
        with pytest.raises(typst.TypstError):
            compiler.compile(format="pdf")


def test_nothing_personal_is_written_to_files(
    english: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    import tempfile

    tempfile.tempdir = None
    TypstRenderer(FONTS).report_pdf(english)
    tempfile.tempdir = None
    assert list(tmp_path.rglob("*")) == []


def test_a_bare_case_is_typeset(english: dict[str, Any]) -> None:
    """Declined, without terms, conditions, opinion, model, documents or a second clause."""
    data = copy.deepcopy(english)
    data["case"] |= {"amount": None, "term_months": None, "received_on": None, "reference": ""}
    data["decision"] |= {
        "outcome": "decline",
        "amount": None,
        "term_months": None,
        "rate_pct": None,
        "conditions": [],
        "first_opinion": None,
    }
    data |= {"model": None, "documents": [], "left_out": [], "findings": []}
    data["policy"] |= {"fits": None, "clauses": [], "outcome": "approve"}
    data["score"] |= {"characteristics": []}
    text = plain(text_of(TypstRenderer(FONTS).report_pdf(data)))
    assert "Declined" in text
    assert plain(TEXTS["en"]["no_model"]) in text
    assert "None" not in text


def test_both_languages_have_the_same_words() -> None:
    extra = {key for key in TEXTS["zh"] if key.startswith("role.")}
    assert set(TEXTS["zh"]) - extra == set(TEXTS["en"])
    for key, english_text in TEXTS["en"].items():
        assert re.findall(r"\{\w+\}", english_text) == re.findall(r"\{\w+\}", TEXTS["zh"][key]), key


@pytest.mark.parametrize(
    ("name", "value", "unit", "en", "zh"),
    [
        ("request.amount", "12000.5", "EUR", "12,000.50 EUR", "12,000.50欧元"),
        ("ratio.dsr_after_pct", "47.00", "percent", "47 %", "47%"),
        ("request.term_months", 1, "months", "1 month", "1 个月"),
        ("request.term_months", 36, "months", "36 months", "36 个月"),
        ("employment.seniority_years", "4.50", "years", "4.5 years", "4.5 年"),
        ("history.enquiries_3m", 5, "count", "5", "5"),
        ("history.adverse_records", True, "boolean", "yes", "是"),
        ("applicant.housing", "rent", "category", "Rents", "租房"),
        ("unknown.fact", "7.5", "number", "7.5", "7.5"),
        ("unknown.sum", "7.5", "SEK", "7.50 SEK", "7.50瑞典克朗"),
        ("unknown.date", "2026-10-28", "date", "28 October 2026", "2026年10月28日"),
        ("unknown.text", "as it is", "text", "as it is", "as it is"),
        ("unknown.category", "x", "category", "x", "x"),
    ],
)
def test_values_read_as_people_write_them(
    english: dict[str, Any], name: str, value: Any, unit: str, en: str, zh: str
) -> None:
    fact = {"name": name, "value": value, "unit": unit}
    assert ReportPage(english, "en").value(fact) == en
    assert ReportPage(english, "zh").value(fact) == zh


@pytest.mark.parametrize(
    ("source", "en", "zh"),
    [
        ({"kind": "computation", "method": "annuity"}, "Computed: annuity", "计算：年金法"),
        ({"kind": "computation"}, "Computed", "计算"),
        (
            {"kind": "computation", "method": "rent:rows 3,25", "document": "9" * 64, "row": 3},
            "Computed: rent · entries 3, 25 · 999999999999",
            "计算：房租 · 第 3, 25 笔 · 999999999999",
        ),
        (
            {"kind": "computation", "method": "100 * request.amount / request.goods_price"},
            "Computed: 100 * Requested amount / Price of the goods",
            "计算：100 * 申请金额 / 商品价格",
        ),
        (
            {"kind": "reference", "method": "catalogue:history.enquiries_3m.benchmark"},
            "Reference: catalogue Enquiries in the last 3 months benchmark",
            "参照：目录 近3个月查询次数 基准",
        ),
        (
            {"kind": "reference", "method": "policy:pricing 6.2"},
            "Reference: policy pricing 6.2",
            "参照：政策 pricing 6.2",
        ),
        ({"kind": "computation", "method": "some new way"}, "Computed: some new way", "计算：some new way"),
        ({"kind": "person", "person": "王小明"}, "Stated by 王小明", "王小明 提供"),
        ({"kind": "person"}, "Stated by a person", "人工提供"),
        (
            {"kind": "row", "document": "9" * 64, "row": 7, "column": "Age"},
            "999999999999 · line 7 · column Age",
            "999999999999 · 第 7 行 · 列“Age”",
        ),
    ],
)
def test_sources_read_as_people_write_them(english: dict[str, Any], source: dict[str, Any], en: str, zh: str) -> None:
    fact = {"id": "f", "name": "x", "value": "1", "unit": "number", "confidence": "1", "confirmed_by": None}
    data = english | {"facts": [fact | {"source": source}]}
    for language, words in (("en", en), ("zh", zh)):
        (row,) = ReportPage(data | {"report": data["report"] | {"sentences": []}}, language).content()["facts"]
        assert row["source"] == words


def test_figures_carry_the_stance_of_their_facts(english: dict[str, Any]) -> None:
    page = ReportPage(english, "en")
    spans = [span for section in page.content()["sections"] for s in section["sentences"] for span in s["spans"]]
    stances = {span["text"]: span["stance"] for span in spans if span["stance"]}
    assert stances["3,100.00 EUR"] == "adverse"
    assert stances["2,450.00 EUR"] == "neutral"
    assert stances["8,500.00 EUR"] == "favourable"
    for section, sentence in ((s, sentence) for s in page.content()["sections"] for sentence in s["sentences"]):
        text = "".join(span["text"] for span in sentence["spans"])
        assert text in {entry["text"] for entry in english["report"]["sentences"]}, section["title"]


def test_a_text_that_left_its_template_is_shown_whole(english: dict[str, Any]) -> None:
    data = copy.deepcopy(english)
    data["report"]["sentences"][0] |= {"text": "Something else."}
    first = ReportPage(data, "en").content()["sections"][0]["sentences"][0]
    assert first["spans"] == [{"text": "Something else.", "stance": ""}]


def test_the_chart_is_deterministic_and_names_no_date() -> None:
    bars = [Bar("Time in employment", 42, 58, 110), Bar("住房情况 $x$", -5, 3, 20)]
    chart = points_chart(bars, FONTS)
    assert chart == points_chart(bars, FONTS)
    assert "<dc:date>" not in chart
    assert "<text" not in chart
    assert points_chart(bars[:1], FONTS) != chart
    assert bars[0].colour != Bar("x", 60, 58, 110).colour
