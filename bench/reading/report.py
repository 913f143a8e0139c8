"""Tables of a measurement, as Markdown and as figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.reading import metrics
from bench.reading.metrics import UNKNOWN, FieldCase, KindCase, Rates

UNTOLD = frozenset(("document", "image", "table"))  # what files of no kind are called
AMOUNTS, DATES = ("money",), ("date", "period")


@dataclass(frozen=True)
class Outcome:
    """One file: what stands there, what was read, and what its recognition once took."""

    truth: Mapping[str, Any]
    result: Mapping[str, Any]
    cost: Mapping[str, float] | None = None  # of recognition: pages, seconds, cpu_seconds, peak_mb

    @property
    def degraded(self) -> bool:
        return not self.truth["text_layer"]

    @property
    def kind(self) -> KindCase:
        told = UNKNOWN if self.result["kind"] in UNTOLD else self.result["kind"]
        right = tuple(self.truth.get("kinds") or [self.truth["kind"]])
        return KindCase(right, told, float(self.result["kind_confidence"]))

    @property
    def fields(self) -> list[FieldCase]:
        return metrics.field_cases(self.truth, self.result)

    def to_json(self) -> dict[str, Any]:
        return {"truth": dict(self.truth), "result": dict(self.result), "cost": self.cost}


Outcomes = Mapping[str, Sequence[Outcome]]


def summary(outcomes: Outcomes) -> dict[str, Any]:
    """The few figures that the aims are about, by source."""
    return {name: _figures(listed) for name, listed in outcomes.items()}


def _figures(listed: Sequence[Outcome]) -> dict[str, Any]:
    kinds = [each.kind for each in listed]
    bins = metrics.reliability((case.confidence, case.hit) for case in kinds)
    return {
        "files": len(listed),
        "kind_accuracy": metrics.accuracy(kinds),
        "calibration_error": metrics.calibration_error(bins),
    } | {
        f"{group}_{where}": metrics.rates_of(_of(cases, group)).recall
        for where, cases in _by_text(listed).items()
        for group in ("amounts", "dates", "others")
    }


def _by_text(listed: Sequence[Outcome]) -> dict[str, list[FieldCase]]:
    return {
        "text": [case for each in listed if not each.degraded for case in each.fields],
        "pictures": [case for each in listed if each.degraded for case in each.fields],
    }


def _of(cases: Iterable[FieldCase], group: str) -> list[FieldCase]:
    types = {"amounts": AMOUNTS, "dates": DATES}.get(group)
    if types is None:
        return [case for case in cases if case.type not in AMOUNTS + DATES and case.expected]
    return [case for case in cases if case.type in types]


def markdown(outcomes: Outcomes, *, brief: bool = False) -> str:
    """``brief`` leaves the table by field names out where there are many."""
    parts = [_overview(outcomes)]
    for name, listed in outcomes.items():
        makes = _SECTIONS_OF.get(name.split(",")[0], _PARTIAL)
        if brief and makes is _FULL:
            makes = tuple(make for make in _FULL if make is not _names)
        parts += [f"### {name[0].upper()}{name[1:]}: {len(listed)} files\n", *(make(listed) for make in makes)]
    return "\n".join(part for part in parts if part)


def _overview(outcomes: Outcomes) -> str:
    rows = []
    for name, listed in outcomes.items():
        cases = _by_text(listed)
        row = [name, str(len(listed)), _share(metrics.accuracy([each.kind for each in listed]))]
        for group in ("amounts", "dates", "others"):
            row += [_exact(_of(cases["text"], group)), _exact(_of(cases["pictures"], group))]
        rows.append([*row, _share(metrics.rates_of(cases["text"] + cases["pictures"]).f1)])
    heads = ["source", "files", "kind", "amounts, text", "amounts, pictures", "dates, text", "dates, pictures"]
    return _table([*heads, "others, text", "others, pictures", "fields F1"], rows)


def _exact(cases: Sequence[FieldCase]) -> str:
    rates = metrics.rates_of(cases)
    return f"{_share(rates.recall)} of {rates.expected}" if rates.expected else "–"


def _kinds(listed: Sequence[Outcome]) -> str:
    kinds = [each.kind for each in listed]
    rows = [
        [name, str(rates.expected), _share(rates.precision), _share(rates.recall)]
        for name, rates in metrics.kind_rates(kinds).items()
    ]
    text = [each.kind for each in listed if not each.degraded]
    pictures = [each.kind for each in listed if each.degraded]
    said = f"Kind right: {_share(metrics.accuracy(kinds))} (text PDF {_share(metrics.accuracy(text))}, "
    said += f"pictures {_share(metrics.accuracy(pictures))}).\n"
    return f"{said}\n{_table(['kind', 'files', 'precision', 'recall'], rows)}"


def _confused(listed: Sequence[Outcome]) -> str:
    wrong = metrics.confusion([each.kind for each in listed])
    rows = [[right, told, str(count)] for right, told, count in wrong]
    return _table(["is", "was called", "times"], rows) if rows else ""


def _calibration(listed: Sequence[Outcome]) -> str:
    kinds = metrics.reliability((each.kind.confidence, each.kind.hit) for each in listed)
    fields = metrics.reliability((case.confidence, case.hit) for each in listed for case in each.fields if case.read)
    said = f"Expected calibration error: kinds {_three(metrics.calibration_error(kinds))}, "
    said += f"fields {_three(metrics.calibration_error(fields))}.\n"
    rows = [["kinds", *_bin(each)] for each in kinds] + [["fields", *_bin(each)] for each in fields]
    return f"{said}\n{_table(['of', 'confidence', 'count', 'mean confidence', 'right'], rows)}"


def _bin(each: metrics.Bin) -> list[str]:
    return [f"{each.low:g} to {each.high:g}", str(each.count), _three(each.confidence), _three(each.accuracy)]


def _fields(listed: Sequence[Outcome]) -> str:
    return _rates_table(
        "kind", metrics.field_rates((c for each in listed for c in each.fields), lambda case: case.kind)
    )


def _names(listed: Sequence[Outcome]) -> str:
    return _rates_table(
        "field", metrics.field_rates((c for each in listed for c in each.fields), lambda case: case.name)
    )


def _methods(listed: Sequence[Outcome]) -> str:
    read = [case for each in listed for case in each.fields if case.read]
    found = metrics.field_rates(read, lambda case: case.method)
    total = sum(case.expected for each in listed for case in each.fields)
    rows = [
        [name or "–", str(rates.read), _share(rates.precision), _share(rates.hits / total if total else None)]
        for name, rates in found.items()
    ]
    return _table(["method", "read", "right", "share of all fields"], rows) if rows else ""


def _degradations(listed: Sequence[Outcome]) -> str:
    rows = []
    for variant in sorted({str(each.truth["variant"]) for each in listed}):
        some = [each for each in listed if each.truth["variant"] == variant]
        rates = metrics.rates_of([case for each in some for case in each.fields])
        amounts = metrics.rates_of(_of((case for each in some for case in each.fields), "amounts"))
        accuracy = _share(metrics.accuracy([each.kind for each in some]))
        rows.append([variant, str(len(some)), accuracy, _share(amounts.recall), _share(rates.recall), _share(rates.f1)])
    return _table(["as", "files", "kind", "amounts", "all fields", "F1"], rows)


def _languages(listed: Sequence[Outcome]) -> str:
    rows = []
    for locale in sorted({str(each.truth["locale"]) for each in listed}):
        some = [each for each in listed if each.truth["locale"] == locale]
        rates = metrics.rates_of([case for each in some for case in each.fields])
        accuracy = _share(metrics.accuracy([each.kind for each in some]))
        rows.append([locale, str(len(some)), accuracy, _share(rates.recall), _share(rates.f1)])
    return _table(["of", "files", "kind", "all fields", "F1"], rows)


def _places(listed: Sequence[Outcome]) -> str:
    placed = [case.placed for each in listed for case in each.fields if case.placed is not None]
    if not placed:
        return ""
    share = _share(sum(placed) / len(placed))
    return f"Boxes of right values that lie where the value stands: {share} of {len(placed)}.\n"


def _transactions(listed: Sequence[Outcome]) -> str:
    rows = []
    for where, degraded in (("text PDF", False), ("pictures", True)):
        some = [each for each in listed if each.truth.get("transactions") and each.degraded is degraded]
        if some:
            rates = metrics.summed(
                metrics.transaction_rates(each.truth["transactions"], each.result.get("transactions") or [])
                for each in some
            )
            rows.append([where, str(len(some)), *_row(rates)])
    return _table(["statements", "files", "entries", "precision", "recall", "F1"], rows) if rows else ""


def _cost(listed: Sequence[Outcome]) -> str:
    seen = [each.cost for each in listed if each.degraded and each.cost and "cpu_seconds" in each.cost]
    pages = sum(cost["pages"] for cost in seen)
    said = ""
    if pages:
        seconds, worked = (sum(cost[what] for cost in seen) / pages for what in ("seconds", "cpu_seconds"))
        said = f"Recognition of a picture: {seconds:.2f} s a page ({worked:.2f} s of processor time), "
    text = sorted(each.result["measured"]["seconds"] for each in listed if not each.degraded)
    said += f"a text PDF whole: {text[len(text) // 2]:.2f} s (median), " if text else ""
    peaks = [cost["peak_mb"] for cost in seen] + [each.result["measured"]["peak_mb"] for each in listed]
    return f"{said}most memory of the child {max(peaks, default=0):.0f} MB.\n"


def _zones(listed: Sequence[Outcome]) -> str:
    whole = [each for each in listed if each.truth.get("zone") == 100]
    if not whole:
        return ""
    read = sum(any(field["name"] == "mrz" for field in each.result["fields"]) for each in whole)
    return f"Zones that can be read whole: {len(whole)}; read: {read}.\n"


_FULL = (
    _kinds,
    _confused,
    _calibration,
    _fields,
    _names,
    _methods,
    _degradations,
    _languages,
    _transactions,
    _places,
    _cost,
)
_PARTIAL: tuple[Callable[[Sequence[Outcome]], str], ...] = (_kinds, _confused, _names, _methods, _zones, _cost)
_SECTIONS_OF: Mapping[str, tuple[Callable[[Sequence[Outcome]], str], ...]] = {"authored": _FULL}


def misses(listed: Sequence[Outcome]) -> str:
    """Every mistake of a set that may be looked at: the file, the field, what stands there and what was read."""
    lines = []
    for each in listed:
        if not each.kind.hit:
            lines.append(f"{_where(each)}: called {each.result['kind']} ({each.kind.confidence:.2f})")
            continue
        wanted = {field["name"]: field["value"] for field in each.truth["fields"]}
        read = {field["name"]: f"{field['value']!r} by {field['method']}" for field in each.result["fields"]}
        lines += [
            f"{_where(each)}: {name} {wanted.get(name, 'is not there')!r}, read {read.get(name, 'nothing')}"
            for name in (case.name for case in each.fields if not case.hit)
        ]
    return "\n".join(lines) + "\n"


def _where(each: Outcome) -> str:
    parts = (each.truth.get("kind"), each.truth.get("maker", ""), each.truth["variant"], each.truth["file"])
    return " ".join(str(part) for part in parts if part)


def _rates_table(head: str, rates: Mapping[str, Rates]) -> str:
    rows = [[name, *_row(each)] for name, each in rates.items()]
    return _table([head, "on the documents", "precision", "exact", "F1"], rows) if rows else ""


def _row(rates: Rates) -> list[str]:
    return [str(rates.expected), _share(rates.precision), _share(rates.recall), _share(rates.f1)]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


_three = _share


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
