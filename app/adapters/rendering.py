"""The report, the letters and the model document, typeset by Typst in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.adapters.points_chart import Bar, points_chart
from app.adapters.report_page import ReportPage

if TYPE_CHECKING:
    from app.adapters.model_page import ModelPage

LACKING = "□"
"""Stands for a sign that no shipped font has."""

TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True)
class TypstRenderer:
    """Typesets with the fonts of one folder and nothing else of the machine: no system fonts, no network, no files.

    Everything of the case reaches the template as strings of one JSON value, which Typst shows and never runs.
    """

    fonts: Path
    templates: Path = field(default=TEMPLATES)

    @cached_property
    def _fonts(self) -> Any:
        import typst

        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(self.fonts)])

    def report_pdf(self, data: Mapping[str, Any]) -> bytes:
        """PDF/A-2a, tagged, dated at the sealing; ``data`` as ``export_package`` gives it."""
        page = ReportPage(data, str(data["report"]["language"]))
        content = json.dumps(self._displayable(page.content()), ensure_ascii=False)
        inputs = {
            "data": content,
            "words": json.dumps(dict(page.texts), ensure_ascii=False),
            "lacking": page.texts["lacking"] if LACKING in content else "",
            "chart": self._chart(page),
        }
        at = datetime.fromisoformat(data["sealed_at"]).astimezone(UTC).replace(microsecond=0)
        return self._typeset("report.typ", inputs, at)

    def model_pdf(self, data: Mapping[str, Any]) -> bytes:
        """PDF/A-2a, tagged, dated when it was written; ``data`` as ``write_model_document`` gives it."""
        from app.adapters.model_page import ModelPage

        page = ModelPage(data, str(data["language"]))
        content = json.dumps(self._displayable(page.content()), ensure_ascii=False)
        inputs = {
            "data": content,
            "words": json.dumps(dict(page.texts), ensure_ascii=False),
            "lacking": page.texts["lacking"] if LACKING in content else "",
            "charts": json.dumps(self._model_charts(page)),
        }
        at = datetime.fromisoformat(data["written_at"]).astimezone(UTC).replace(microsecond=0)
        return self._typeset("model.typ", inputs, at)

    def _model_charts(self, page: ModelPage) -> dict[str, str]:
        from app.adapters.model_charts import calibration_chart, distribution_chart, roc_chart

        counts, rates = page.counts, page.rates()
        charts = {"calibration": calibration_chart(rates, page.chart_words("calibration"), self.fonts)} if rates else {}
        if any(row.good for row in counts) and any(row.bad for row in counts):
            charts["roc"] = roc_chart(counts, page.chart_words("roc"), self.fonts)
            words = page.chart_words("distribution")
            charts["distribution"] = distribution_chart(counts, words, self.fonts, page.count_names())
        return charts

    def letter_pdf(self, letter: Mapping[str, Any]) -> bytes:
        """PDF/A-2a, tagged, dated on the letter's day; ``letter`` is ``domain.letters.Letter.to_json()``."""
        inputs = {"data": json.dumps(self._displayable(letter), ensure_ascii=False)}
        return self._typeset("letter.typ", inputs, datetime.fromisoformat(letter["on"]).replace(tzinfo=UTC))

    def letter_docx(self, letter: Mapping[str, Any]) -> bytes:
        """The same letter as a Word document."""
        from app.adapters.letter_docx import letter_docx

        return letter_docx(letter)

    def _typeset(self, template: str, inputs: dict[str, str], at: datetime) -> bytes:
        import typst

        compiler = typst.Compiler(
            (self.templates / template).read_bytes(),
            root=str(self.templates),
            font_paths=self._fonts,
            ignore_system_fonts=True,
            sys_inputs=inputs,
        )
        pdf = compiler.compile(format="pdf", pdf_standards=["a-2a"], timestamp=at)
        assert isinstance(pdf, bytes)
        return pdf

    def _chart(self, page: ReportPage) -> str:
        bars = [
            Bar(self._displayable(page.label(row["name"])), row["points"], row["neutral_points"], row["maximum_points"])
            for row in page.data["score"]["characteristics"]
        ]
        return points_chart(bars, self.fonts) if bars else ""

    @cached_property
    def _signs(self) -> frozenset[int]:
        """Code points that the fonts have a sign for."""
        from matplotlib.ft2font import FT2Font

        files = (self.fonts / "Inter-Regular.otf", self.fonts / "wqy-microhei.ttc")
        return frozenset(code for file in files for code in FT2Font(str(file)).get_charmap())

    def _displayable(self, value: Any) -> Any:
        """``value`` with every sign that no font has replaced: PDF/A allows no sign without a glyph."""
        if isinstance(value, str):
            return "".join(self._sign(c) for c in value)
        if isinstance(value, Mapping):
            return {key: self._displayable(inner) for key, inner in value.items()}
        return [self._displayable(inner) for inner in value] if isinstance(value, list) else value

    def _sign(self, c: str) -> str:
        if c == "\n" or (ord(c) in self._signs and c.isprintable()):
            return c
        return " " if c.isspace() else LACKING
