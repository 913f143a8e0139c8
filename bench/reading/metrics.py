"""What a measurement comes to: kinds, calibration, fields. Pure; nothing here reads a document."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.reading.compare import same

UNKNOWN = "unknown"
Box = Sequence[float]


@dataclass(frozen=True, slots=True)
class KindCase:
    """One file: the kinds that are right, first the truth; what was told, how surely."""

    right: tuple[str, ...]
    told: str
    confidence: float

    @property
    def hit(self) -> bool:
        return self.told in self.right


@dataclass(frozen=True, slots=True)
class FieldCase:
    """One field that stands on a document, or was read without standing there (``expected`` is False)."""

    kind: str
    name: str
    type: str
    expected: bool
    read: bool
    hit: bool
    method: str = ""  # of what was read
    confidence: float = 0.0
    placed: bool | None = None  # its box lies where it stands; None where the place is not known


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts of fields, and the rates that follow."""

    expected: int
    read: int
    hits: int

    @property
    def precision(self) -> float | None:
        return self.hits / self.read if self.read else None

    @property
    def recall(self) -> float | None:
        """Also called exact match: hits of what stands on the documents."""
        return self.hits / self.expected if self.expected else None

    @property
    def f1(self) -> float | None:
        return 2 * self.hits / (self.read + self.expected) if self.read + self.expected else None


def accuracy(cases: Sequence[KindCase]) -> float | None:
    return sum(case.hit for case in cases) / len(cases) if cases else None


def kind_rates(cases: Sequence[KindCase]) -> dict[str, Rates]:
    """By kind: how many there are, how often it was told, how often rightly."""
    names = sorted({case.right[0] for case in cases} | {case.told for case in cases})
    return {
        name: Rates(
            expected=sum(_meant(case) == name for case in cases),
            read=sum(case.told == name for case in cases),
            hits=sum(case.hit and case.told == name for case in cases),
        )
        for name in names
    }


def _meant(case: KindCase) -> str:
    """Of several right kinds the one that was told."""
    return case.told if case.hit else case.right[0]


def confusion(cases: Sequence[KindCase]) -> list[tuple[str, str, int]]:
    """Right kind, told kind, how often; mistakes alone, the most frequent first."""
    wrong = Counter((case.right[0], case.told) for case in cases if not case.hit)
    return [
        (right, told, count) for (right, told), count in sorted(wrong.items(), key=lambda each: (-each[1], each[0]))
    ]


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases whose confidence lies in [low, high), the last bin with its upper edge."""

    low: float
    high: float
    count: int
    confidence: float  # mean
    accuracy: float


def reliability(
    pairs: Iterable[tuple[float, bool]], edges: Sequence[float] = (0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.97, 1)
) -> list[Bin]:
    """Filled bins of (confidence, right)."""
    held: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in pairs:
        at = next((at for at in range(len(edges) - 1) if confidence < edges[at + 1]), len(edges) - 2)
        held[at].append((confidence, right))
    return [
        Bin(
            edges[at], edges[at + 1], len(held[at]), _mean(c for c, _ in held[at]), _mean(float(r) for _, r in held[at])
        )
        for at in sorted(held)
    ]


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Expected calibration error: the mean distance of confidence and accuracy over the bins, by their counts."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.confidence - each.accuracy) for each in bins) / total if total else None


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def field_cases(truth: Mapping[str, object], result: Mapping[str, object]) -> list[FieldCase]:
    """What was read against what stands there.

    Of several readings of one name the surest counts. A reading of something that is not asked for is a mistake,
    unless it is a value of ``also``, or the truth is ``partial``.
    """
    kind, read = str(truth["kind"]), _surest(result["fields"])  # type: ignore[arg-type]
    expected: list[Mapping[str, object]] = list(truth["fields"])  # type: ignore[call-overload]
    cases = [_case(kind, each, read) for each in expected]
    if truth.get("partial") or result["kind"] != kind:
        return cases
    asked = {name for each in expected for name in (str(each["name"]), *_aliases(each))}
    also: Mapping[str, Sequence[str]] = truth.get("also") or {}  # type: ignore[assignment]
    for name, reading in read.items():
        if name not in asked and not _known(also, name, reading):
            cases.append(_reading_case(kind, name, "", reading, expected=False, hit=False))
    return cases


def _known(also: Mapping[str, Sequence[str]], name: str, reading: Mapping[str, object]) -> bool:
    rules = ("name", "text", "money", "period", "identifier")
    return any(same(rule, value, reading["value"]) for value in also.get(name, ()) for rule in rules)


def _surest(fields: Sequence[Mapping[str, object]]) -> dict[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = {}
    for field in fields:
        name = str(field["name"])
        if name not in found or float(str(field["confidence"])) > float(str(found[name]["confidence"])):
            found[name] = field
    return found


def _aliases(expected: Mapping[str, object]) -> Sequence[str]:
    return expected.get("or") or ()  # type: ignore[return-value]


def _case(kind: str, expected: Mapping[str, object], read: Mapping[str, Mapping[str, object]]) -> FieldCase:
    name, type_ = str(expected["name"]), str(expected["type"])
    readings = [read[each] for each in (name, *_aliases(expected)) if each in read]
    if not readings:
        return FieldCase(kind, name, type_, expected=True, read=False, hit=False)
    right: list[str] = [str(expected["value"]), *(expected.get("alternatives") or ())]  # type: ignore[misc]
    hits = [each for each in readings if any(same(type_, value, each["value"]) for value in right)]
    best = (hits or readings)[0]
    case = _reading_case(kind, name, type_, best, expected=True, hit=bool(hits))
    places: Sequence[Mapping[str, object]] = expected.get("places") or ()  # type: ignore[assignment]
    if not hits or not places or not best.get("box"):
        return case
    placed = any(place["page"] == best["page"] and _meets(place["box"], best["box"]) for place in places)  # type: ignore[arg-type]
    return FieldCase(kind, name, type_, True, True, True, case.method, case.confidence, placed)


def _reading_case(
    kind: str, name: str, type_: str, reading: Mapping[str, object], *, expected: bool, hit: bool
) -> FieldCase:
    confidence = float(str(reading["confidence"]))
    return FieldCase(kind, name, type_, expected, True, hit, str(reading.get("method", "")), confidence)


def _meets(one: Box, other: Box) -> bool:
    """Whether the middle of each lies in the other, or they share half of the smaller."""
    a, b = [float(edge) for edge in one], [float(edge) for edge in other]
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    least = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width > 0 and height > 0 and width * height >= 0.5 * least


def field_rates(cases: Iterable[FieldCase], key: Callable[[FieldCase], str]) -> dict[str, Rates]:
    """Rates by whatever ``key`` gives."""
    held: dict[str, list[FieldCase]] = defaultdict(list)
    for case in cases:
        held[key(case)].append(case)
    return {name: rates_of(held[name]) for name in sorted(held)}


def rates_of(cases: Sequence[FieldCase]) -> Rates:
    return Rates(sum(c.expected for c in cases), sum(c.read for c in cases), sum(c.hit for c in cases))


def transaction_rates(truth: Sequence[Mapping[str, str]], read: Sequence[Mapping[str, object]]) -> Rates:
    """Entries with the same day and amount, each counted once."""
    wanted = Counter((row["on"], _plain(row["amount"])) for row in truth)
    found = Counter((str(row["date"]), _plain(str(row["amount"]))) for row in read)
    return Rates(wanted.total(), found.total(), (wanted & found).total())


def _plain(amount: str) -> str:
    from decimal import Decimal

    return f"{Decimal(amount):.2f}"


def summed(rates: Iterable[Rates]) -> Rates:
    listed = list(rates)
    return Rates(sum(r.expected for r in listed), sum(r.read for r in listed), sum(r.hits for r in listed))
