"""The model document: everything of the file on the page, in both languages, signed, the same bytes again."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.adapters.model_charts import Count, GradeRate, calibration_chart, distribution_chart, roc_chart
from app.adapters.model_page import ModelPage
from app.adapters.model_texts import TEXTS
from app.adapters.pades import check_pdf
from app.adapters.rendering import TypstRenderer
from app.adapters.signing_keys import PersonSigner
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import EnvironmentFault, InputError
from app.usecases.write_model_document import ModelDocument, WriteModelDocument, write_model_document
from tests.decided_case import FONTS, new_signer
from tests.doubles import FixedClock, load_catalogue
from tests.scorecards import small_document

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "scorecards" / "credit-data.json"
MARKUP = '#panic() $x^2$ *bold* = Heading #read("/etc/passwd") <label> \\ "quoted" \u0007'


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> PersonSigner:
    return new_signer(tmp_path_factory.mktemp("keys"))


@dataclass
class Seen:
    """A renderer that keeps what it is given."""

    data: Any = None

    def model_pdf(self, data: Any) -> bytes:
        self.data = copy.deepcopy(data)
        return TypstRenderer(FONTS).model_pdf(data)


def shipped() -> Scorecard:
    return read_scorecard(json.loads(SHIPPED.read_text(encoding="utf-8")))


def with_distribution() -> dict[str, Any]:
    document = small_document()
    rows = [{"points": points, "good": points, "bad": 90 - points} for points in range(10, 90, 4)]
    document["fit"]["distribution"] = {"holdout": rows}
    return document


def a_reading(**given: Any) -> dict[str, Any]:
    usual = {"measure": "csi", "subject": "employment.type", "month": "2026-03", "value": 0.31, "light": "red"}
    return usual | {"amber": 0.1, "red": 0.25, "cases": 400, "note": ""} | given


MONITORING = {
    "scorecard": {"cases": 1200},
    "month": "2026-03",
    "performance": {"good": 700, "bad": 100},
    "months": [
        {
            "month": "2026-03", "cases": 400, "mean_points": 71.25, "mean_pd": 0.123, "psi": 0.271, "noise": 0.02,
            "good": 0, "bad": 0, "auc": None, "ks": None, "light": "red",
        },
        {
            "month": "undated", "cases": 3, "mean_points": 60.0, "mean_pd": None, "psi": None, "noise": None,
            "good": 2, "bad": 1, "auc": {"value": 0.8, "low": 0.7, "high": 0.9}, "ks": None, "light": "grey",
        },
    ],
    "readings": [
        a_reading(), a_reading(measure="bad_ratio", subject="applicant.housing=rent", month=None, light="amber"),
        a_reading(measure="psi", subject="", value=0.05, light="green"),
    ],
}  # fmt: skip


def write(card: Scorecard, out: Path, signer: PersonSigner, **given: Any) -> ModelDocument:
    renderer = given.pop("renderer", TypstRenderer(FONTS))
    clock = given.pop("clock", FixedClock())
    command = WriteModelDocument(card, out, **given)
    return write_model_document(command, signer, renderer, load_catalogue(), clock=clock)


def text_of(path: Path) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(path.read_bytes())
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def plain(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", text)


def test_everything_of_the_file_is_on_the_page(tmp_path: Path, signer: PersonSigner) -> None:
    card = shipped()
    write(card, tmp_path / "en.pdf", signer)
    text = plain(text_of(tmp_path / "en.pdf"))
    wanted = ["Instalment loan, credit data", card.sha256, "Draft, not approved", "Status is bad", "4,454"]
    wanted += [
        "0.848 (0.826–0.870)",
        "600 points at odds of 30:1",
        "A prohibited basis (age)",
        "167.9",
        "not approved yet",
    ]
    wanted += [card.document["fit"]["data"]["sha256"], "No case of this workspace", "361 – 654"]
    for words in wanted:
        assert plain(words) in text, words
    for row in card.characteristics:
        assert plain(load_catalogue()[row.name].label["en"]) in text
        for entry in row.bins:
            assert f"{entry.good:,}" in text
    for title in ("purpose", "data", "exclusions", "development", "validation", "points_table", "limits", "approvals"):
        assert plain(TEXTS["en"][title]) in text
    assert plain("by grade alone") not in text


def test_a_file_without_distribution_is_charted_by_grade(tmp_path: Path, signer: PersonSigner) -> None:
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    del document["fit"]["distribution"]
    write(read_scorecard(document), tmp_path / "en.pdf", signer)
    assert plain("by grade alone") in plain(text_of(tmp_path / "en.pdf"))


def test_the_same_in_chinese(tmp_path: Path, signer: PersonSigner) -> None:
    write(shipped(), tmp_path / "zh.pdf", signer, language="zh")
    text = plain(text_of(tmp_path / "zh.pdf"))
    for words in ("模型文档", "分期贷款", "草稿，尚未批准", "固定工作", "缺失", "局限", "监测", "尚未批准"):
        assert words in text, words
    assert "Draft" not in text


def test_both_languages_have_the_same_words() -> None:
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()
    for key, english in TEXTS["en"].items():
        assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", TEXTS["zh"][key])), key


def test_it_is_signed_and_any_change_shows(tmp_path: Path, signer: PersonSigner) -> None:
    found = write(shipped(), tmp_path / "en.pdf", signer)
    pdf = (tmp_path / "en.pdf").read_bytes()
    status = check_pdf(pdf)
    assert (status.intact, status.valid, status.person) == (True, True, signer.person)
    assert found.signer.key == status.key
    assert found.to_json()["scorecard_sha256"] == shipped().sha256
    broken = bytearray(pdf)
    broken[len(pdf) // 2] ^= 1
    assert not check_pdf(bytes(broken)).intact


def test_the_same_scorecard_gives_the_same_bytes_but_for_the_time(tmp_path: Path, signer: PersonSigner) -> None:
    given = {"monitoring": MONITORING, "language": "zh"}
    paths = [tmp_path / name for name in ("a.pdf", "b.pdf", "c.pdf")]
    later = FixedClock(FixedClock().now() + timedelta(minutes=3))
    for path, clock in zip(paths, (FixedClock(), FixedClock(), later), strict=True):
        write(read_scorecard(with_distribution()), path, signer, clock=clock, **given)
    first, again, after = (path.read_bytes() for path in paths)
    assert first == again
    assert first != after


def test_monitoring_and_approval_are_told_where_there_are_some(tmp_path: Path, signer: PersonSigner) -> None:
    approval = {
        "person": "Ada Second",
        "approved_at": "2026-10-01T09:00:00+00:00",
        "valid_from": "2026-10-05",
        "note": "Validated.",
    }
    entry = {"person": "Ben First", "approval": approval}
    found = write(read_scorecard(with_distribution()), tmp_path / "en.pdf", signer, monitoring=MONITORING, entry=entry)
    assert found.monitored
    text = plain(text_of(tmp_path / "en.pdf"))
    wanted = ["Approved by Ada Second, valid from 5 October 2026", "Ben First", "Validated.", "1,200 cases scored"]
    wanted += ["PSI of a characteristic", "0.310", "0.1 / 0.25", "undated", "0.800 (0.700–0.900)", "12.3 %"]
    wanted += [f"Housing = {load_catalogue()['applicant.housing'].category_labels['rent']['en']}"]
    for words in wanted:
        assert plain(words) in text, words
    assert "by grade alone" not in text


def test_nothing_of_the_file_is_run_as_markup(tmp_path: Path, signer: PersonSigner) -> None:
    document = with_distribution()
    document["title"] = {"en": MARKUP, "zh": MARKUP}
    document["author"] = document["excluded"][0]["why"] = document["target"]["bad"] = MARKUP
    document["grades"][0]["name"] = "$A_1$"
    document["fit"]["notes"] = [MARKUP]
    write(read_scorecard(document), tmp_path / "en.pdf", signer)
    text = plain(text_of(tmp_path / "en.pdf"))
    assert text.count(plain("#panic() $x^2$ *bold*")) >= 4
    assert plain(TEXTS["en"]["lacking"]) in text


def test_the_limits_name_what_the_file_lacks() -> None:
    document = small_document()
    document["fit"]["split"]["holdout_pct"] = 0
    document["proxies"] = [
        {"name": "employment.type", "why": "Looks alike."},
        {"name": "applicant.housing", "why": "Out."},
    ]
    data = {"scorecard": document, "labels": {}, "monitoring": None, "entry": None}
    limits = "\n".join(ModelPage(data, "en")._limits())
    assert "No rows were held out" in limits
    assert "only 5 bads" in limits
    assert "employment.seniority_years: < 2" in limits
    kept = next(line for line in limits.split("\n") if line.startswith("Kept"))
    assert "employment.type" in kept
    assert "applicant.housing" not in kept


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_chart_is_the_same_again_and_needs_no_font(language: str) -> None:
    counts = [Count(points, points, 100 - points) for points in range(0, 100, 5)]
    rates = [GradeRate("A", 0.02, 0.03, 0.01, 0.06), GradeRate("乙", 0.2, 0.18, 0.12, 0.25)]
    words = ("分值", "占比") if language == "zh" else ("points", "share")
    for draw in (
        lambda: roc_chart(counts, words, FONTS),
        lambda: distribution_chart(counts, words, FONTS),
        lambda: calibration_chart(rates, words, FONTS),
    ):
        svg = draw()
        assert svg == draw()
        assert "<text" not in svg
        assert svg.count("<path") > 5


def test_what_cannot_be_written_is_said(tmp_path: Path, signer: PersonSigner) -> None:
    with pytest.raises(EnvironmentFault, match="nowhere"):
        write(shipped(), tmp_path / "nowhere" / "a.pdf", signer)
    with pytest.raises(InputError, match="'sv'"):
        write(shipped(), tmp_path / "a.pdf", signer, language="sv")


def test_the_renderer_gets_no_more_than_the_page_needs(tmp_path: Path, signer: PersonSigner) -> None:
    seen = Seen()
    write(shipped(), tmp_path / "a.pdf", signer, renderer=seen)
    assert set(seen.data) == {
        *("language", "scorecard", "sha256", "entry", "monitoring", "labels", "written_at", "signer")
    }
