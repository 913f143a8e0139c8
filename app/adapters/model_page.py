"""What the model document says, as titled sections of texts, pairs, tables and charts, in the words of one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from app.adapters.model_charts import Count, GradeRate
from app.adapters.model_texts import texts_of
from app.domain.monitoring import wilson
from app.domain.rendering import format_date, format_number
from app.domain.scorecard import Bin, Characteristic, Scorecard
from app.domain.scorecard_format import read_scorecard

Block = dict[str, Any]
LEAST_IN_BIN = 30
_FEW_BADS = 100
_ABSENT = "–"


@dataclass(frozen=True)
class ModelPage:
    """Turns a scorecard's document, its approval and its monitoring into what the template shows.

    ``data`` is as ``write_model_document`` gives it; ``language`` is "en" or "zh".
    """

    data: Mapping[str, Any]
    language: str

    @cached_property
    def texts(self) -> Mapping[str, str]:
        return texts_of(self.language)

    @cached_property
    def card(self) -> Scorecard:
        return read_scorecard(self.data["scorecard"])

    @property
    def fit(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.data["scorecard"]["fit"]
        return found

    def content(self) -> dict[str, Any]:
        """Everything the template reads."""
        card = self.card
        return {
            "language": self.language,
            "name": f"{card.name} {card.version}",
            "title": card.title.get(self.language) or card.title["en"],
            "subtitle": f"{card.name} {card.version} · {self.data['sha256'][:12]} · {card.author}",
            "state": self._state(),
            "heads": self._heads(),
            "sections": [{"title": self.texts[name], "blocks": blocks} for name, blocks in self._sections()],
            "signature": self._signature(),
        }

    def label(self, name: str) -> str:
        """The catalogue's label of a characteristic; its name where it has none."""
        return str(self.data["labels"].get(name, {}).get(self.language) or name)

    # Charts

    @cached_property
    def counts(self) -> list[Count]:
        """Goods and bads by points of the sample that was measured; by grade, worst first, where only that is told."""
        told = self.fit.get("distribution") or {}
        rows = told.get("holdout") or told.get("development")
        if rows:
            return [Count(row["points"], row["good"], row["bad"]) for row in rows]
        grades = list(reversed(self.fit.get("grades") or []))
        return [Count(at, row["cases"] - row["bad"], row["bad"]) for at, row in enumerate(grades)]

    @property
    def by_grade(self) -> bool:
        return not self.fit.get("distribution")

    def count_names(self) -> list[str]:
        """The grades, worst first, where the counts are by grade."""
        return [row["name"] for row in reversed(self.fit.get("grades") or [])] if self.by_grade else []

    def rates(self) -> list[GradeRate]:
        found = []
        for row in self.fit.get("grades") or []:
            if row["cases"]:
                seen = wilson(row["bad"], row["cases"])
                expected = float(row["expected_bad"]) / row["cases"]
                found.append(GradeRate(row["name"], expected, seen.value, seen.low, seen.high))
        return found

    def chart_words(self, name: str) -> tuple[str, str]:
        x = "grade" if name == "distribution" and self.by_grade else f"chart.{name}.x"
        return self.texts[x], self.texts[f"chart.{name}.y"]

    # Sections

    def _sections(self) -> Iterator[tuple[str, list[Block]]]:
        yield "purpose", self._purpose()
        yield "data", self._data()
        yield "exclusions", list(self._exclusions())
        yield "development", list(self._development())
        yield "validation", list(self._validation())
        yield "points_table", list(self._points())
        yield "limits", [{"kind": "list", "items": list(self._limits())}]
        yield "monitoring", list(self._monitoring())
        yield "approvals", [self._approvals()]

    def _purpose(self) -> list[Block]:
        target = self.data["scorecard"]["target"]
        rows = [("good", target["good"]), ("bad", target["bad"]), ("target.source", target.get("source"))]
        return [_text(self.texts["purpose.text"]), self._pairs(rows)]

    def _data(self) -> list[Block]:
        data, split = self.fit["data"], self.fit["split"]
        told = self.texts["split.text"].format(method=split["method"], pct=split["holdout_pct"], seed=split["seed"])
        rows = [
            ("file", data["file"]),
            ("rows", f"{data['rows']:,}"),
            *((name if name != "source" else "data.source", data.get(name)) for name in _ABOUT),
            ("split", told),
        ]
        return [self._pairs(rows), self._pairs([("digest", data["sha256"])], code=True)]

    def _exclusions(self) -> Iterator[Block]:
        excluded, proxies = self.card.excluded, self.card.proxies
        if not excluded:
            yield _text(self.texts["excluded.none"])
        for title, rows in (("excluded", excluded), ("proxies", proxies)):
            if rows:
                yield _head(self.texts[title])
                yield self._table(("name", "why"), "ll", [[self.label(row.name), row.why] for row in rows], (1, 2.6))
        guards = [guard for guard in self.fit.get("guards") or [] if guard.get("column") or guard.get("why")]
        if guards:
            yield _head(self.texts["guards"])
            rows_of = [[self.label(str(g.get("column") or _ABSENT)), str(g["why"]), self._kept(g)] for g in guards]
            yield self._table(("name", "why", "kept"), "lll", rows_of, (1, 2.2, 1))

    def _kept(self, guard: Mapping[str, Any]) -> str:
        if guard.get("excluded"):
            return self.texts["left_out"]
        return str(guard.get("reason") or "")

    def _development(self) -> Iterator[Block]:
        yield _text(self.texts["development.text"])
        card, scaling = self.card, self.data["scorecard"]["scaling"]
        line = card.calibration
        method = self.fit.get("method") or {}
        mixture = method.get("mixture") or {}
        yield self._pairs(
            [
                (
                    "scaling",
                    self.texts["scaling.text"].format(
                        base=scaling["base_points"], odds=scaling["base_odds_good_bad"], pdo=scaling["pdo"]
                    ),
                ),
                ("intercept", str(card.intercept)),
                ("calibration", self.texts["calibration.text"].format(intercept=line.intercept, slope=line.slope)),
                ("range", f"{card.minimum_points} – {card.maximum_points}"),
                ("mixture", " · ".join(f"{way} {share}" for way, share in mixture.items())),
                ("cross_validated", method.get("cross_validated_auc")),
                ("software", _joined(self.fit.get("software"))),
            ]
        )
        offered = self.fit.get("candidates") or []
        if offered:
            yield _head(self.texts["candidates"])
            told = any(row.get("inflation") for row in offered)
            heads = ("characteristic", "iv", *(("inflation",) if told else ()), "chosen")
            rows = [self._candidate(row, told) for row in offered]
            yield self._table(heads, "lrrl" if told else "lrl", rows, (2, 1, 1, 1)[: len(heads)])

    def _candidate(self, row: Mapping[str, Any], inflation: bool) -> list[str]:
        shown = self.texts["yes" if row.get("chosen") else "no"]
        figures = [str(row.get("information_value", "")), *([str(row.get("inflation", ""))] if inflation else [])]
        return [self.label(row["name"]), *figures, shown]

    def _validation(self) -> Iterator[Block]:
        samples = [self.fit["performance"], self.fit.get("development")]
        figures = [name for name in _FIGURES if self.fit["performance"].get(name)]
        rows = [self._sample(sample, figures) for sample in samples if sample]
        widths = (1.2, 0.62, 0.55, *(1.75 for _ in figures))
        yield self._table(("sample", "goods", "bads", *figures), "lrr" + "r" * len(figures), rows, widths)
        yield {"kind": "quiet", "text": self.texts["interval_note"].format(pct=self.card.performance.confidence_pct)}
        if any(row.good for row in self.counts) and any(row.bad for row in self.counts):
            yield {"kind": "charts", "names": ["roc", "distribution", *(["calibration"] if self.rates() else [])]}
            if self.by_grade:
                yield {"kind": "quiet", "text": self.texts["charts.by_grade"]}
        yield from self._grades()
        stability = self.fit.get("stability") or {}
        if stability:
            yield _head(self.texts["stability"])
            rows = [[self.texts["score"] if n == "score" else self.label(n), str(v)] for n, v in stability.items()]
            yield self._table(("characteristic", "psi"), "lr", rows, (3, 1))

    def _sample(self, sample: Mapping[str, Any], names: Sequence[str]) -> list[str]:
        name = self.texts.get(f"sample.{sample['sample']}", sample["sample"])
        figures = [_interval(sample.get(key)) for key in names]
        return [name, f"{sample['good']:,}", f"{sample['bad']:,}", *figures]

    def _grades(self) -> Iterator[Block]:
        rows = self.fit.get("grades") or []
        floors = {grade.name: grade.minimum_points for grade in self.card.grades}
        shown = []
        for row in rows:
            floor = floors.get(row["name"])
            rate = _percent(row["bad"] / row["cases"]) if row["cases"] else _ABSENT
            first = self.texts["any"] if floor is None else str(floor)
            shown.append([row["name"], first, f"{row['cases']:,}", f"{row['bad']:,}", row["expected_bad"], rate])
        if shown:
            heads = ("grade", "from_points", "cases", "bads", "expected", "observed_rate")
            yield self._table(heads, "lrrrrr", shown, (1, 1, 1, 1, 1, 1))

    def _points(self) -> Iterator[Block]:
        yield _text(self.texts["points.text"])
        heads = ("bin", "points", "woe", "goods", "bads", "bad_rate")
        informative = {row["name"]: row.get("information_value") for row in self.data["scorecard"]["characteristics"]}
        for row in self.card.characteristics:
            line = self.texts["characteristic.line"].format(
                kind=self.texts[f"kind.{row.kind.value}"],
                coefficient=format_number(row.coefficient, 4),
                neutral=row.neutral_points,
                reason=row.reason_code,
            )
            value = informative[row.name]
            line += self.texts["characteristic.iv"].format(iv=format_number(Decimal(value), 4)) if value else ""
            cells = [self._bin(row, entry) for entry in row.bins]
            table = self._table(heads, "lrrrrr", cells, (2.6, 0.8, 1, 1, 1, 1))
            yield {"kind": "characteristic", "title": self.label(row.name), "line": line, "table": table}

    def _bin(self, row: Characteristic, entry: Bin) -> list[str]:
        known = entry.good + entry.bad
        rate = _percent(entry.bad / known) if known else _ABSENT
        woe = f"{entry.woe:.3f}"
        return [self._bin_label(row, entry), str(entry.points), woe, f"{entry.good:,}", f"{entry.bad:,}", rate]

    def _bin_label(self, row: Characteristic, entry: Bin) -> str:
        """Labels of the catalogue's categories, and the words for missing and other, in the page's language."""
        words = {"missing": self.texts["missing"], "other": self.texts["other"]}
        words |= {"true": self.texts["yes"], "false": self.texts["no"]} if row.kind.value == "boolean" else {}
        told = self.data["labels"].get(row.name, {}).get("categories", {})
        parts = [words.get(part) or told.get(part, {}).get(self.language) or part for part in entry.label.split(" / ")]
        return " / ".join(parts)

    def _limits(self) -> Iterator[str]:
        card, sample = self.card, self.card.performance
        texts = self.texts
        name = texts.get(f"sample.{sample.sample}", sample.sample)
        yield texts["limit.sample"].format(sample=name, good=f"{sample.good:,}", bad=f"{sample.bad:,}")
        if not self.fit["split"]["holdout_pct"]:
            yield texts["limit.no_holdout"]
        if sample.bad < _FEW_BADS:
            yield texts["limit.few_bads"].format(bad=sample.bad)
        first = card.characteristics[0].bins
        known = sum(entry.good + entry.bad for entry in first)
        if known:
            yield texts["limit.prevalence"].format(rate=_percent(sum(entry.bad for entry in first) / known))
        if not self.fit["data"].get("population"):
            yield texts["limit.rejected"]
        small = [
            f"{self.label(row.name)}: {self._bin_label(row, entry)}"
            for row in card.characteristics
            for entry in row.bins
            if 0 < entry.good + entry.bad < LEAST_IN_BIN
        ]
        if small:
            yield texts["limit.small_bins"].format(least=LEAST_IN_BIN, bins="; ".join(small))
        kept = [self.label(row.name) for row in card.proxies if row.name in card.names]
        if kept:
            yield texts["limit.proxies"].format(names=", ".join(kept))
        yield texts["limit.undated"]
        yield texts["limit.use"]
        notes = self.fit.get("notes")
        yield from [str(note) for note in (notes if isinstance(notes, list) else [notes]) if note]

    def _monitoring(self) -> Iterator[Block]:
        found = self.data["monitoring"]
        if found is None:
            yield _text(self.texts["monitoring.none"])
            return
        known = found["performance"]["good"] + found["performance"]["bad"]
        cases = f"{found['scorecard']['cases']:,}"
        month = self._month(found["month"])
        yield _text(self.texts["monitoring.text"].format(cases=cases, outcomes=f"{known:,}", month=month))
        heads = ("month", "cases", "mean_points", "mean_pd", "psi", "outcomes", "auc", "light")
        yield self._table(
            heads, "lrrrrrrl", [self._month_row(row) for row in found["months"]], (1, 1, 1, 1, 1, 1, 2, 1)
        )
        crossed = [row for row in found["readings"] if row["light"] in ("amber", "red")]
        yield _head(self.texts["crossed"])
        if not crossed:
            yield _text(self.texts["crossed.none"])
            return
        rows = [self._reading(row) for row in crossed]
        yield self._table(("measure", "of", "value", "threshold", "light"), "llrrl", rows, (2, 2, 1, 1, 1))

    def _month(self, month: str) -> str:
        return self.texts["month.undated"] if month == "undated" else month

    def _month_row(self, row: Mapping[str, Any]) -> list[str]:
        return [
            self._month(row["month"]),
            f"{row['cases']:,}",
            _places(row["mean_points"], 1),
            _ABSENT if row["mean_pd"] is None else _percent(row["mean_pd"]),
            _places(row["psi"], 3),
            f"{row['good'] + row['bad']:,}",
            _interval(row["auc"]),
            self.texts[f"light.{row['light']}"],
        ]

    def _reading(self, row: Mapping[str, Any]) -> list[str]:
        name, equals, value = row["subject"].partition("=")
        category = self.data["labels"].get(name, {}).get("categories", {}).get(value, {}).get(self.language) or value
        subject = f"{self.label(name)} = {category}" if equals else self.label(name)
        month = f" {self._month(row['month'])}" if row["month"] else ""
        limits = f"{row['amber']:g} / {row['red']:g}"
        light = self.texts[f"light.{row['light']}"]
        return [
            self.texts[f"measure.{row['measure']}"],
            (subject + month).strip(),
            _places(row["value"], 3),
            limits,
            light,
        ]

    def _approvals(self) -> Block:
        entry = self.data["entry"] or {}
        approval = entry.get("approval") or {}
        document = self.data["scorecard"]
        person = approval.get("person") or document.get("approved_by")
        at, day = approval.get("approved_at") or document.get("approved_at"), self._valid_from()
        return self._pairs(
            [
                ("author", self.card.author),
                ("added", entry.get("person")),
                ("approved", person or self.texts["not_approved"]),
                ("approved_at", at and self._time(at)),
                ("valid_from", day),
                ("approval.note", approval.get("note")),
            ]
        )

    def _valid_from(self) -> str | None:
        approval = (self.data["entry"] or {}).get("approval") or {}
        found = approval.get("valid_from") or self.data["scorecard"].get("valid_from")
        return None if not found else format_date(date.fromisoformat(found), self.language)

    def _state(self) -> str:
        approval = (self.data["entry"] or {}).get("approval") or {}
        person = approval.get("person") or self.data["scorecard"].get("approved_by")
        if not person:
            return self.texts["state.draft"]
        return self.texts["state.approved"].format(person=person, day=self._valid_from() or _ABSENT)

    def _heads(self) -> list[dict[str, str]]:
        figures = self.fit["performance"]
        heads = [(name, _interval(figures[key])) for name, key in (("AUC", "auc"), ("Gini", "gini"), ("KS", "ks"))]
        heads.append((self.texts["sample"], self.texts.get(f"sample.{figures['sample']}", figures["sample"])))
        return [{"name": name, "value": value} for name, value in heads]

    def _signature(self) -> list[dict[str, Any]]:
        signer = self.data["signer"]
        rows = [
            ("signed_by", f"{signer['person']} · {signer['role']}", False),
            ("signed_at", self._time(self.data["written_at"]), False),
            ("card_digest", self.data["sha256"], True),
            ("key", signer["key"], True),
        ]
        return [{"name": self.texts[name], "value": value, "code": code} for name, value, code in rows]

    def _time(self, at: str) -> str:
        moment = datetime.fromisoformat(at).astimezone(UTC)
        return f"{format_date(moment.date(), self.language)}, {moment:%H:%M} UTC"

    def _pairs(self, rows: Sequence[tuple[str, Any]], *, code: bool = False) -> Block:
        shown = [{"name": self.texts[name], "value": str(value), "code": code} for name, value in rows if value]
        return {"kind": "pairs", "rows": shown}

    def _table(self, heads: Sequence[str], align: str, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Block:
        named = [self.texts.get(head) or _FIGURES[head] for head in heads]
        return {"kind": "table", "heads": named, "align": list(align), "rows": list(rows), "widths": list(widths)}


_ABOUT = ("source", "licence", "population", "notice")
_FIGURES = {"auc": "AUC", "gini": "Gini", "ks": "KS", "brier": "Brier"}


def _text(text: str) -> Block:
    return {"kind": "text", "text": text}


def _head(text: str) -> Block:
    return {"kind": "head", "text": text}


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _places(value: float | None, places: int) -> str:
    return _ABSENT if value is None else f"{value:.{places}f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _interval(figure: Mapping[str, Any] | None) -> str:
    """``0.850 (0.829–0.871)``"""
    if not figure:
        return _ABSENT
    value, low, high = (float(figure[name]) for name in ("value", "low", "high"))
    return f"{value:.3f} ({low:.3f}–{high:.3f})"
