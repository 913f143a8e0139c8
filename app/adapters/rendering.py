"""The report as a PDF, typeset by Typst in memory; meets ``ports.Renderer``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from app.adapters.points_chart import Bar, points_chart
from app.adapters.report_page import ReportPage

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
        import typst

        page = ReportPage(data, str(data["case"]["language"]))
        inputs = {"data": json.dumps(page.content(), ensure_ascii=False), "chart": self._chart(page)}
        compiler = typst.Compiler(
            (self.templates / "report.typ").read_bytes(),
            root=str(self.templates),
            font_paths=self._fonts,
            ignore_system_fonts=True,
            sys_inputs=inputs,
        )
        at = datetime.fromisoformat(data["sealed_at"]).astimezone(UTC)
        pdf = compiler.compile(format="pdf", pdf_standards=["a-2a"], timestamp=at)
        assert isinstance(pdf, bytes)
        return pdf

    def _chart(self, page: ReportPage) -> str:
        bars = [
            Bar(page.label(row["name"]), row["points"], row["neutral_points"], row["maximum_points"])
            for row in page.data["score"]["characteristics"]
        ]
        return points_chart(bars, self.fonts) if bars else ""
