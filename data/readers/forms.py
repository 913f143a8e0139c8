"""JSON documents of one applicant: application forms and credit bureau reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.domain.reading import Problem, Reading
from app.domain.values import CURRENCIES
from data.readers.fields import fact_of_path, reading_of, split_readings
from data.readers.json_tables import flattened, text_of

_HEAD = ("$.form", "$.currency", "$.language", "$.reference", "$.id", "$.version")
_FEWEST = 3  # facts that make a JSON object a form


def is_bureau(value: Any) -> bool:
    """A credit bureau report says so, or lists accounts and enquiries."""
    if not isinstance(value, Mapping):
        return False
    said = str(value.get("report", "")).casefold().replace("_", "-")
    return said in ("credit-bureau", "credit-report", "bureau") or (
        isinstance(value.get("accounts"), list) and isinstance(value.get("enquiries", value.get("inquiries")), list)
    )


def is_form(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    if "application" in str(value.get("form", "")).casefold():
        return True
    return len({found.name for path, _ in flattened(value) if (found := fact_of_path(path))}) >= _FEWEST


def read_form(value: Mapping[str, Any]) -> dict[str, Any]:
    """Parts of a ``ReadResult`` of an application form."""
    currency = _currency(value)
    found: list[Reading | Problem] = []
    unrecognised: list[str] = []
    for path, scalar in flattened(value):
        definition = fact_of_path(path)
        text = text_of(scalar)
        if definition is None:
            unrecognised += [path] if path not in _HEAD and text else []
        elif text.strip():
            found.append(reading_of(definition, text, path=path, currency=currency))
    readings, problems = split_readings(found)
    return {
        "kind": "application_form",
        "fields": readings,
        "problems": problems,
        "unrecognised": tuple(unrecognised),
        "currency": currency,
        "language": _language(value, readings),
        "note": _form_note(len(readings), len(problems), unrecognised),
        "extra": {"reference": str(value["reference"])} if isinstance(value.get("reference"), str | int) else {},
    }


def _form_note(read: int, wrong: int, unrecognised: Sequence[str]) -> str:
    parts = [f"{read} {'field' if read == 1 else 'fields'} read"]
    parts += [f"{wrong} refused"] if wrong else []
    parts += (
        [f"not recognised: {', '.join(unrecognised[:5])}{' …' if len(unrecognised) > 5 else ''}"]
        if unrecognised
        else []
    )
    return " · ".join(parts)


def _currency(value: Mapping[str, Any]) -> str | None:
    for path, scalar in flattened(value):
        if path.endswith(".currency") and isinstance(scalar, str) and scalar.upper() in CURRENCIES:
            return scalar.upper()
    return None


def _language(value: Mapping[str, Any], readings: Sequence[Reading]) -> str | None:
    named = str(value.get("language", "")).casefold()
    if named[:2] in ("en", "zh"):
        return named[:2]
    return "zh" if any(is_chinese(reading.raw) for reading in readings) else None


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def read_bureau(value: Mapping[str, Any]) -> dict[str, Any]:
    """Parts of a ``ReadResult`` of a bureau report; its lists stay in the original for the derived facts."""
    accounts, enquiries = _listed(value, "accounts"), _listed(value, "enquiries", "inquiries")
    problems = [
        problem
        for name, items, keys in (
            ("accounts", accounts, ("opened_on", "closed_on")),
            ("enquiries", enquiries, ("date",)),
        )
        for at, item in enumerate(items)
        for key in keys
        if (problem := _dated(item, key, f"$.{name}[{at}].{key}"))
    ]
    reported = str(value.get("report_date") or "")
    if not _is_date(reported):
        problems.append(Problem(None, "$.report_date", "The report has no date.", "Write it as 2026-10-28.", reported))
    subject = value.get("subject")
    name = subject.get("name") if isinstance(subject, Mapping) else None
    return {
        "kind": "credit_report",
        "problems": tuple(problems),
        "note": f"{_counted(accounts, 'account', 'accounts')} · {_counted(enquiries, 'enquiry', 'enquiries')}",
        "extra": {
            "bureau": text_of(value.get("bureau")) or None,
            "report_date": reported or None,
            "subject": text_of(name) or None,
            "accounts": len(accounts),
            "enquiries": len(enquiries),
        },
    }


def _counted(items: Sequence[Any], one: str, many: str) -> str:
    return f"{len(items)} {one if len(items) == 1 else many}"


def _listed(value: Mapping[str, Any], *names: str) -> list[Any]:
    return next((found for name in names if isinstance(found := value.get(name), list)), [])


def _dated(item: Any, key: str, path: str) -> Problem | None:
    text = item.get(key) if isinstance(item, Mapping) else None
    if text in (None, "") or _is_date(str(text)):
        return None
    return Problem(None, path, f"{text!r} is not a date.", "Write dates as 2026-10-28.", str(text))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True
