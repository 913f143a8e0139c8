"""How a scorecard did on its samples: figures with intervals, ROC, KS, calibration, distribution with a cut-off."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QScrollArea, QStackedLayout, QWidget

from app.domain.monitoring import Histogram, auc_estimate, gini_estimate, ks_estimate
from app.domain.scorecard import Figure, Scorecard
from views.context import Context
from views.models.validation import calibration_bands, cut_off, roc, samples_of
from views.parts.basics import KeyValue, StatePane
from views.parts.cutoff_chart import CutOffChart
from views.parts.plot import share
from views.parts.score_charts import CalibrationChart, KsChart, RocChart, band_words
from views.strings import tr
from views.widgets import choices, column, frame, label, row


class ValidationPanel(QWidget):
    """Four pictures of one sample, all from the counts by points in the scorecard's document."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._card: Scorecard | None = None
        self._counts: Histogram = []
        self.sample = QComboBox()
        self.sample.currentIndexChanged.connect(lambda _: self._show_sample())
        self.figures = {name: KeyValue() for name in ("auc", "gini", "ks", "brier", "cases")}
        self.roc, self.ks = RocChart(context), KsChart(context)
        self.calibration, self.distribution = CalibrationChart(context), CutOffChart(context)
        self.distribution.moved.connect(lambda _: self._show_cut_off())
        self.cut = {name: KeyValue() for name in ("approval", "bad_rate", "bads", "goods", "pd")}
        self._titles: dict[str, QLabel] = {
            name: label("", "heading") for name in ("roc", "ks", "calibration", "distribution")
        }
        self.state = StatePane()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._make_pictures())
        self._stack.addWidget(self.state)

    def _make_pictures(self) -> QScrollArea:
        cut = row(*self.cut.values(), 0, spacing=18)
        below = column(self._titles["distribution"], spacing=6, margins=(14, 10, 12, 8))
        below.addLayout(cut)
        below.addWidget(self.distribution, 1)
        grid = QGridLayout()
        grid.setSpacing(12)
        grid.addWidget(frame(below), 0, 0, 1, 2)
        for place, (name, chart) in enumerate((("roc", self.roc), ("ks", self.ks), ("calibration", self.calibration))):
            body = column(self._titles[name], spacing=6, margins=(14, 10, 12, 8))
            body.addWidget(chart, 1)
            at = ((0, 2), (1, 0), (1, 1))[place]
            grid.addWidget(frame(body), *at)
        grid.addWidget(self._make_figures(), 1, 2)
        for number in range(3):
            grid.setColumnStretch(number, 1)
        for number in range(2):
            grid.setRowStretch(number, 1)
        inner = QWidget()
        body = column(spacing=10, margins=(24, 16, 24, 18))
        body.addLayout(grid, 1)
        inner.setLayout(body)
        area = QScrollArea(widgetResizable=True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        return area

    def _make_figures(self) -> QWidget:
        self._figures_title = label("", "heading")
        self._interval = label("", "caption")
        self._interval.setWordWrap(True)
        body = column(self._figures_title, self.sample, spacing=8, margins=(16, 12, 16, 12))
        for each in self.figures.values():
            body.addWidget(each)
        body.addWidget(self._interval)
        body.addStretch(1)
        return frame(body)

    def show_card(self, card: Scorecard) -> None:
        """Show a scorecard's hold-out, or its development sample where it has none."""
        self._card = card
        for name, each in self._titles.items():
            each.setText(tr(f"scores.{name}").upper())
        self._figures_title.setText(tr("scores.figures").upper())
        samples = samples_of(card.document)
        if not samples:
            self.state.show_empty(tr("scores.no_distribution"), self._figures_words(card))
            self._stack.setCurrentIndex(1)
            return
        choices(self.sample, [(name, tr(f"scores.sample.{name}")) for name in samples])
        self.sample.setVisible(len(samples) > 1)
        self.sample.setAccessibleName(tr("scores.sample_choice"))
        self._stack.setCurrentIndex(0)
        self._show_sample()

    def _figures_words(self, card: Scorecard) -> str:
        found = card.performance
        parts = [
            f"{name} {figure_words(each)}"
            for name, each in (("AUC", found.auc), ("Gini", found.gini), ("KS", found.ks))
        ]
        return " · ".join(parts) + "\n" + tr("scores.no_distribution_text")

    def _show_sample(self) -> None:
        if self._card is None or self.sample.currentData() is None:
            return
        card, counts = self._card, samples_of(self._card.document)[self.sample.currentData()]
        self._counts = counts
        curve, area, ks = roc(counts), auc_estimate(counts), ks_estimate(counts)
        gini = gini_estimate(counts)
        words = f"AUC {area.value:.3f}, Gini {gini.value:.3f}, KS {ks.value:.3f}"
        self.roc.show_curves([(f"AUC {area.value:.3f}", curve)], words)
        self.ks.show_curve(curve, words)
        bands = calibration_bands(counts, card)
        self.calibration.show_bands([("", bands)], "; ".join(band_words(band) for band in bands))
        grades = [(grade.name, grade.minimum_points) for grade in card.grades]
        low = int(counts[0].points)
        floors = [(name, low if floor is None else floor) for name, floor in grades]
        self.distribution.show_counts(counts, floors, self._first_cut(card, counts))
        self._show_figures(card, counts)
        self._show_cut_off()

    def _first_cut(self, card: Scorecard, counts: Histogram) -> int:
        """The floor of the grade before the last, which is as good a place to begin as any the document names."""
        floors = [grade.minimum_points for grade in card.grades if grade.minimum_points is not None]
        return floors[-1] if floors else int(counts[len(counts) // 4].points)

    def _show_figures(self, card: Scorecard, counts: Histogram) -> None:
        goods, bads = sum(each.good for each in counts), sum(each.bad for each in counts)
        told = card.performance if self.sample.currentData() == "holdout" else None
        estimates = {"auc": auc_estimate(counts), "gini": gini_estimate(counts), "ks": ks_estimate(counts)}
        for name, found in estimates.items():
            text = f"{found.value:.3f}   {found.low:.3f} – {found.high:.3f}"
            if told is not None:
                text = figure_words(getattr(told, name))
            self.figures[name].show_value({"auc": "AUC", "gini": "Gini", "ks": "KS"}[name], text)
        brier = getattr(told, "brier", None) if told is not None else None
        self.figures["brier"].show_value("Brier", figure_words(brier) if brier is not None else "")
        cases = tr("scores.goods_bads", goods=f"{goods:,}", bads=f"{bads:,}", rate=share(bads / (goods + bads)))
        self.figures["cases"].show_value(tr("scores.column.cases"), cases)
        self._interval.setText(tr("scores.interval", pct=card.performance.confidence_pct))

    def _show_cut_off(self) -> None:
        if self._card is None:
            return
        at = cut_off(self._counts, self.distribution.points)
        bad = tr("scores.none_approved") if at.bad_rate is None else share(at.bad_rate.value)
        if at.bad_rate is not None:
            bad += f"  ({share(at.bad_rate.low)} – {share(at.bad_rate.high)})"
        values = {
            "approval": share(at.approval_rate),
            "bad_rate": bad,
            "bads": share(at.bads_declined),
            "goods": share(at.goods_declined),
            "pd": share(float(self._card.calibration.pd(at.points))),
        }
        for name, text in values.items():
            self.cut[name].show_value(tr(f"scores.cut.{name}"), text)
        self.cut["approval"].setToolTip(tr("scores.cases_short", count=f"{at.approved:,}"))
        words = "; ".join(f"{tr(f'scores.cut.{name}')}: {text}" for name, text in values.items())
        self.distribution.setAccessibleDescription(f"{at.points}: {words}")

    def dress(self) -> None:
        """Texts of the language in force."""
        if self._card is not None:
            self.show_card(self._card)


def figure_words(figure: Figure) -> str:
    """A figure with its interval, three decimals each."""
    value, low, high = (
        format(each.quantize(Decimal("0.001")), "f") for each in (figure.value, figure.low, figure.high)
    )
    return f"{value}   {low} – {high}"
