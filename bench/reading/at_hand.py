"""Files of others that may be at hand, with what is known of each. A source is left out where its folder is absent."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.reading.authored import Made

TRUTHS = Path(__file__).resolve().parent / "truths"
_DATES = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d-%m-%y", "%d %b %Y", "%d %b %y", "%d.%m.%Y")
_TYPES = {
    "date": "issue_date due_date pay_date birth_date expiry_date date",
    "money": "total subtotal vat amount_due gross_pay net_pay opening_balance closing_balance",
    "name": "holder employee employer customer supplier company surname given_names",
    "identifier": "account_number customer_number invoice_number vat_number iban",
    "period": "period statement_period",
}
_INVOICE2DATA = {
    "issuer": ("supplier", "company"),
    "amount": ("total",),
    "amount_untaxed": ("subtotal",),
    "amount_tax": ("vat",),
    "date": ("issue_date", "date"),
    "date_due": ("due_date",),
    "invoice_number": ("invoice_number",),
    "iban": ("iban",),
}
_PASSPORTEYE = {
    "pass": ("passport",),
    "id": ("national_id", "residence_permit"),
    "visa": ("unknown", "residence_permit"),
    "card": ("national_id", "residence_permit", "unknown"),
}


def at_hand(documents: Path) -> dict[str, list[Made]]:
    """By source; ``documents`` is the folder that holds sroie, invoice2data, aws, passporteye_mrz."""
    sources: Mapping[str, tuple[str, Callable[[Path], Iterator[Made]]]] = {
        "sroie": ("sroie", _sroie),
        "invoice2data": ("invoice2data", _invoice2data),
        "aws": ("aws", _aws),
        "passporteye": ("passporteye_mrz", _passporteye),
    }
    return {
        name: list(read(documents / folder))
        for name, (folder, read) in sources.items()
        if (documents / folder).is_dir()
    }


def _made(path: Path, kinds: tuple[str, ...], fields: list[dict[str, Any]]) -> Made:
    truth = {
        "file": path.name,
        "kind": kinds[0],
        "kinds": list(kinds),
        "variant": "clean" if path.suffix == ".pdf" else "picture",
        "text_layer": path.suffix == ".pdf",
        "fields": fields,
        "partial": True,
    }
    return Made(path, truth)


def _field(names: tuple[str, ...], value: str) -> dict[str, Any]:
    type_ = next((type_ for type_, listed in _TYPES.items() if names[0] in listed.split()), "text")
    return {"name": names[0], "or": list(names[1:]), "type": type_, "value": value}


def _sroie(folder: Path) -> Iterator[Made]:
    for key in sorted(folder.glob("*.key.json")):
        known = json.loads(key.read_text(encoding="utf-8"))
        fields = [_field(("company", "supplier"), known["company"])] if known.get("company") else []
        if day := day_of(known.get("date", "")):
            fields.append(_field(("date", "issue_date"), day))
        if known.get("address"):
            fields.append(_field(("address",), known["address"]) | {"type": "address"})
        if total := re.sub(r"[^\d.]", "", known.get("total", "")):
            fields.append(_field(("total",), total))
        yield _made(folder / key.name.replace(".key.json", ".img.jpg"), ("invoice",), fields)


def day_of(text: str) -> str | None:
    """ISO date of a day as receipts of Malaysia write it: the day first."""
    for pattern in _DATES:
        try:
            return datetime.strptime(text.strip().title(), pattern).date().isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _invoice2data(folder: Path) -> Iterator[Made]:
    corrections = tomllib.loads((TRUTHS / "invoice2data.toml").read_text(encoding="utf-8"))
    for key in sorted(folder.glob("*.json")):
        known = json.loads(key.read_text(encoding="utf-8"))[0]
        corrected = corrections.get(key.stem, {})
        others = corrected.get("alternatives", {})
        there = [name for name in _INVOICE2DATA if known.get(name) and name not in corrected.get("not_there", ())]
        for path in (key.with_suffix(ending) for ending in (".pdf", ".png")):
            if path.exists():
                fields = [_field(_INVOICE2DATA[name], str(known[name])) for name in there]
                yield _made(
                    path, ("invoice",), [each | {"alternatives": others.get(each["name"], [])} for each in fields]
                )


def _aws(folder: Path) -> Iterator[Made]:
    for name, known in tomllib.loads((TRUTHS / "aws.toml").read_text(encoding="utf-8")).items():
        if (folder / name).exists():
            fields = [_field((field,), value) for field, value in known.get("fields", {}).items()]
            yield _made(folder / name, tuple(known["kinds"]), fields)


def _passporteye(folder: Path) -> Iterator[Made]:
    """Named by how much of the zone can be read, in percent; whole ones must be read, with their check digits."""
    for path in sorted(folder.iterdir()):
        if found := re.search(r"__(\d+)_(pass|id|visa|card)", path.name):
            made = _made(path, _PASSPORTEYE[found[2]], [])
            made.truth["zone"] = int(found[1])
            yield made
