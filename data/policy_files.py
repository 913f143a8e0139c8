"""Policies and products that ship or were added: load, list, check against the fact catalogue."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.credentials import CREDENTIALS, credential_rules
from app.domain.document_facts import fact_name
from app.domain.facts import Catalogue
from app.domain.policy import Policy
from app.domain.policy_examples import example_problems
from app.domain.policy_tables import JUDGING, PATHS, PRICING, TABLES, Row, Table, hit_policies, tables
from app.errors import InputError
from data.catalogue import load_catalogue, load_reason_codes

POLICIES = Path(__file__).parent / "policies"
PRODUCTS = Path(__file__).parent / "products"

OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "terms": ("unit", "step", "tolerance_pct", "debt_instalment_pct"),
    "limits": ("clause", "dsr_pct", "amount", "disposable", "text_en", "text_zh"),
    **dict.fromkeys(JUDGING, ("clause", "outcome", "reason", "text_en", "text_zh")),
    "pricing": ("clause", "outcome", "reason", "rate_pct", "text_en", "text_zh"),
    "authority": ("clause", "role", "limit", "override_limit", "text_en", "text_zh"),
}
"""Output columns that each table must have."""

OWN_INPUTS = frozenset({"case.currency", "case.income_verified"})
"""Inputs that are no facts."""

MAX_BYTES = 8 * 1024 * 1024
_OUTCOMES = ("pass", "refer", "decline")
_CLAUSE = re.compile(r"[0-9]+(\.[0-9]+)*[a-z]?")


@dataclass(frozen=True, slots=True)
class Product:
    """A credit product: its names, the policy and the scorecard it is judged by."""

    name: str  # file stem
    label: Mapping[str, str]
    policy: str
    scorecard: str


def list_policies(folder: Path = POLICIES) -> list[str]:
    """Names of the policies in the folder."""
    return sorted(path.stem for path in folder.glob("*.json"))


def load_policy(name: str, catalogue: Catalogue | None = None, folder: Path = POLICIES) -> Policy:
    """Read and check a policy. Raises ``InputError`` naming file, table, row and column of what is wrong.

    ``catalogue`` names the facts that tables may read; without it, the catalogue that ships.
    """
    path = folder / f"{name}.json"
    try:
        content = _content(path)
    except FileNotFoundError as exc:
        raise InputError(
            "policy", f"There is no policy {name}.", remedy=f"There are: {', '.join(list_policies(folder))}."
        ) from exc
    return policy_from_json(content, name, catalogue or load_catalogue(), file=str(path))


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError("policy", "The file is larger than 8 MB; no policy is.", file=str(path))
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise InputError("policy", f"The policy cannot be read: {exc.strerror}.", file=str(path)) from exc


def read_document(path: Path) -> dict[str, Any]:
    """The JDM document of a file, not yet checked as a policy. Raises ``InputError`` for what is no JDM graph."""
    try:
        return _document(_content(path), str(path))
    except FileNotFoundError as exc:
        raise InputError("policy", "There is no such file.", remedy="Check the path.", file=str(path)) from exc


def _document(content: bytes, file: str | None) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise InputError("policy", f"The policy is no JSON: {exc}.", remedy="Export it again.", file=file) from exc
    if not isinstance(document, dict) or not isinstance(document.get("nodes"), list):
        raise InputError("policy", "The policy is no JDM graph: it has no nodes.", remedy="Export it again.", file=file)
    try:
        list(tables(document))
    except (AttributeError, KeyError, TypeError) as exc:
        text = f"The policy is no JDM graph: {type(exc).__name__} {exc}."
        raise InputError("policy", text, remedy="Export it again.", file=file) from exc
    return document


def policy_from_json(content: bytes, name: str, catalogue: Catalogue, *, file: str | None = None) -> Policy:
    """Make a policy of a JDM file's bytes, checked."""
    document = _document(content, file)
    reasons = {code: entry.text for code, entry in load_reason_codes().items()}
    try:
        found = next(problems(document, catalogue, reasons), None)
    except (AttributeError, KeyError, TypeError) as exc:
        found = f"The policy is no JDM graph: {type(exc).__name__} {exc}."
    if found is not None:
        remedy = "Correct the table; docs/policy.md says what it may hold."
        raise InputError("policy", found, remedy=remedy, file=file)
    digest = document_sha256(document, file)
    return Policy(
        name=str(document.get("name") or name),
        version=str(document.get("version") or digest[:12]),
        sha256=digest,
        document=document,
        reasons=reasons,
        labels={definition.name: definition.label for definition in catalogue},
    )


def document_sha256(document: Mapping[str, Any], file: str | None = None) -> str:
    """SHA-256 of the canonical JSON (RFC 8785): the same tables have the same digest however the file is laid out."""
    import rfc8785

    try:
        return hashlib.sha256(rfc8785.dumps(document)).hexdigest()
    except (ValueError, TypeError, RecursionError) as exc:
        remedy = "Write large numbers as text in quotes, and no NaN."
        raise InputError("policy", f"The policy cannot be kept: {exc}.", remedy=remedy, file=file) from exc


def problems(document: Mapping[str, Any], catalogue: Catalogue, reasons: Mapping[str, Any]) -> Iterator[str]:
    """What keeps a JDM document from being used as a policy, in words."""
    found = list(tables(document))
    names = [table.name for table in found]
    for name in TABLES:
        if names.count(name) != 1:
            yield f"The policy needs one table named {name}; it has {names.count(name)}."
    for table in found:
        if table.name in TABLES:
            yield from _table_problems(table, catalogue, reasons)
    yield from _credential_problems(document, catalogue)
    yield from example_problems(document, catalogue)


def _credential_problems(document: Mapping[str, Any], catalogue: Catalogue) -> Iterator[str]:
    try:
        table = credential_rules(document)
    except InputError as exc:
        yield f"Table {CREDENTIALS}: {exc.message}"
        return
    papers = catalogue.papers
    if table is None or papers is None:
        return
    for position, rule in enumerate(table.rules.values(), 1):
        place, kind = f"Table {CREDENTIALS}, row {position}", papers.kinds.get(rule.kind)
        if kind is None:
            yield f"{place}: there is no kind of document {rule.kind}."
            continue
        known = {spec.name: spec for spec in kind.fields}
        for name in (*rule.needs, *((rule.per,) if rule.per else ())):
            if name not in known:
                yield f"{place}: a document of the kind {rule.kind} has no field {name}."
            elif catalogue.prohibited(fact_name(rule.kind, name)):
                yield f"{place}: {name} is a prohibited basis and may not be judged by."


def _table_problems(table: Table, catalogue: Catalogue, reasons: Mapping[str, Any]) -> Iterator[str]:
    path = PATHS.get(table.name, table.name)
    if table.path != path:
        yield f"Table {table.name}: its output path is {table.path!r} and must be {path!r}."
    wanted = hit_policies(table.name)
    if table.hit_policy not in wanted:
        must = " or ".join(map(repr, wanted))
        yield f"Table {table.name}: its hit policy is {table.hit_policy!r} and must be {must}."
    for output in OUTPUTS[table.name]:
        if output not in table.outputs:
            yield f"Table {table.name}: the output column {output} is missing."
    for position, row in enumerate(table.rows, 1):
        place = f"Table {table.name}, row {position}"
        yield from (f"{place}: {problem}" for problem in _input_problems(row, catalogue))
        yield from (f"{place}: {problem}" for problem in _output_problems(table.name, row, reasons))


def _input_problems(row: Row, catalogue: Catalogue) -> Iterator[str]:
    for name in row.names():
        if name.split(".")[0] in PATHS.values() and name not in catalogue:
            continue  # what the tables before it gave
        if name not in catalogue and name not in OWN_INPUTS:
            yield f"{name} is no fact of the catalogue."
        elif catalogue.prohibited(name):
            yield f"{name} is a prohibited basis and may not be judged by."


def _output_problems(table: str, row: Row, reasons: Mapping[str, Any]) -> Iterator[str]:
    if "clause" in OUTPUTS[table] and not _CLAUSE.fullmatch(row.text("clause")):
        yield f'the clause {row.results.get("clause", "")!r} is no number such as "4.2" in quotes.'
    for output in ("text_en", "text_zh"):
        if output in OUTPUTS[table] and not row.text(output):
            yield f"{output} is empty."
    if "outcome" in OUTPUTS[table] and row.text("outcome") not in _OUTCOMES:
        yield f"the outcome is {row.results.get('outcome', '')!r}; it must be one of {', '.join(_OUTCOMES)} in quotes."
    if row.text("reason") and row.text("reason") not in reasons:
        yield f"{row.text('reason')} is no reason code of the catalogue."
    if table == "authority" and not row.text("role"):
        yield "the role is empty."
    if table == PRICING and row.text("outcome") == "pass" and not row.results.get("rate_pct", "").strip():
        yield "the rate is empty."


def list_products(folder: Path = PRODUCTS) -> list[str]:
    """Names of the products in the folder."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_product(name: str, folder: Path = PRODUCTS) -> Product:
    """Read a product. Raises ``InputError`` when there is none of that name or an entry is missing."""
    path = folder / f"{name}.toml"
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
        return Product(name, dict(entry["label"]), str(entry["policy"]), str(entry["scorecard"]))
    except FileNotFoundError as exc:
        raise InputError(
            "product", f"There is no product {name}.", remedy=f"There are: {', '.join(list_products(folder))}."
        ) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as exc:
        raise InputError(
            "product",
            f"The product cannot be read: {exc}.",
            remedy="It needs label, policy and scorecard.",
            file=str(path),
        ) from exc
