"""Labels and keys of forms matched to the fact catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from app.domain.facts import FactDefinition, Kind
from app.domain.reading import Problem, Reading
from app.domain.values import ValueRefusedError, category_of, currency_in, normalise, parse_value
from data.catalogue import load_catalogue

_MORE_NAMES = {
    "income.net_monthly_stated": (
        "income net monthly",
        "net monthly income",
        "monthly net income",
        "net income",
        "月净收入",
    ),
    "debt.instalments_stated": ("debt instalments", "monthly instalments", "current instalments", "每月还款"),
    "request.amount": ("amount requested", "loan amount requested", "amount of credit", "申请额度"),
    "request.term_months": ("term months", "term in months", "requested term months", "贷款期限"),
    "request.date": ("date of application", "application date", "date", "申请日"),
    "request.goods_price": ("price of goods", "price of the goods"),
    "expenses.monthly_living": ("monthly living expenses", "living costs", "monthly living costs", "月生活费"),
    "employment.seniority_years": ("years in employment", "time in employment years", "years with employer"),
    "applicant.address_months": ("months at address", "time at address months", "time at address"),
    "history.adverse_records": ("adverse payment records", "payment defaults"),
    "applicant.dependants": ("number of dependants", "家属人数"),
}


@cache
def _names() -> dict[str, str]:
    """Normalised name, label or alias → fact; only facts an applicant can state."""
    found: dict[str, str] = {}
    for definition in load_catalogue():
        if definition.table_column:
            more = _MORE_NAMES.get(definition.name, ())
            for name in (definition.name, *definition.label.values(), *definition.aliases, *more):
                found.setdefault(normalise(name), definition.name)
    return found


def fact_of_label(label: str) -> FactDefinition | None:
    """The fact a label of a form means: "Net monthly income (EUR)", "申请金额"."""
    words = normalise(label)
    bare = " ".join(word for word in words.split() if currency_in(word.upper()) is None)
    name = _names().get(words) or _names().get(bare)
    return load_catalogue().get(name) if name else None


def fact_of_path(path: str) -> FactDefinition | None:
    """The fact a JSON path means: by the whole path, else with ``_stated`` behind it, else by its last keys."""
    keys = path.removeprefix("$.").split(".")
    catalogue = load_catalogue()
    for start in range(len(keys)):
        name = ".".join(keys[start:])
        for candidate in (name, f"{name}_stated"):
            definition = catalogue.get(candidate)
            if definition is not None and definition.table_column:
                return definition
    labels = (fact_of_label(" ".join(keys[start:])) for start in range(max(0, len(keys) - 2), len(keys)))
    return next((definition for definition in labels if definition is not None), None)


def reading_of(
    definition: FactDefinition,
    text: str,
    *,
    path: str | None = None,
    page: int | None = None,
    box: tuple[float, float, float, float] | None = None,
    currency: str | None = None,
) -> Reading | Problem:
    """The checked value of a text found beside a label, or why it is none."""
    try:
        value = parse_value(definition, _worded(definition, text))
    except ValueRefusedError as refusal:
        return Problem(None, path or definition.label["en"], refusal.reason, refusal.remedy, text)
    named = (currency_in(text) or currency) if definition.kind is Kind.MONEY else None
    return Reading(definition.name, value, named, text, page, box, path)


def _worded(definition: FactDefinition, text: str) -> str:
    """A form may write the unit behind the number: "36 months", "4.5 years", "三十六个月" is not read."""
    if definition.kind in (Kind.MONTHS, Kind.YEARS, Kind.DAYS, Kind.COUNT):
        number = text.strip()
        for unit in ("months", "month", "years", "year", "days", "个月", "月", "年", "天", "岁", "人"):
            number = number.removesuffix(unit).strip()
        return number
    if definition.kind is Kind.CATEGORY and definition.categories:
        return category_of(definition, text) or text
    return text


def split_readings(found: Iterable[Reading | Problem]) -> tuple[tuple[Reading, ...], tuple[Problem, ...]]:
    """The first reading of each fact, and the problems; a second, different value of a fact is a problem."""
    readings: dict[str, Reading] = {}
    problems: list[Problem] = []
    for item in found:
        if isinstance(item, Problem):
            problems.append(item)
        elif item.name not in readings:
            readings[item.name] = item
        elif readings[item.name].value != item.value:
            reason = f"The form gives {item.name} twice, first as {readings[item.name].raw!r}."
            problems.append(Problem(None, item.path or item.name, reason, "Keep the right one.", item.raw))
    return tuple(readings.values()), tuple(problems)
