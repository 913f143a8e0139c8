"""Propose how the columns of a table become facts, by names and values, or as remembered for that shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from app.domain.facts import Catalogue, FactDefinition, Kind
from app.domain.mapping import (
    DEFAULT_MISSING,
    ColumnMapping,
    ColumnProposal,
    MappingProposal,
    TableMapping,
    mapping_from_toml,
    name_confidence,
    recode_seen,
    recoding,
    reference_column,
    shape_of,
)
from app.domain.reading import TableProfile
from app.domain.values import ValueRefusedError, currency_in, parse_date, parse_value
from app.errors import InputError
from app.ports import Progress, Readers, Workspace, no_progress

_DATE_FORMATS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%Y%m%d",
    "%y%m%d",
    "%d.%m.%y",
    "%d/%m/%y",
)
_SHOWN = 5  # samples of a column


def propose_mapping(
    path: Path, readers: Readers, workspace: Workspace, *, progress: Progress = no_progress
) -> MappingProposal:
    """Read the header and some rows, and propose a mapping to confirm.

    Raises ``InputError`` when the file is no table.
    """
    result = readers.read_file(path, progress=progress)
    form = result.extra.get("form")
    if form is None:
        raise InputError(
            "file",
            f"The file is no table of applications but a {result.kind.replace('_', ' ')}.",
            remedy="Import it without a mapping.",
            file=path.name,
        )
    return proposal_for(readers.profile_table(path, str(form), progress=progress), workspace)


def proposal_for(profile: TableProfile, workspace: Workspace) -> MappingProposal:
    """The remembered mapping of the table's shape, else one proposed from its names and values."""
    with workspace.read() as stores:
        remembered = stores.mappings.get(shape_of(profile.header))
        currency = stores.settings.get("currency", "EUR")
    found = propose(profile, workspace.catalogue, currency)
    if remembered is None:
        return found
    return replace(found, mapping=mapping_from_toml(remembered, workspace.catalogue, "remembered"), remembered=True)


def propose(profile: TableProfile, catalogue: Catalogue, currency: str) -> MappingProposal:
    """Match each column to the fact its name means and its values fit; a fact is given to its best column only."""
    missing = _missing(profile)
    decimal = _decimal(profile, missing)
    drafts = [_best(name, profile, catalogue, decimal, missing) for name in profile.header]
    kept = _one_each(drafts)
    columns = tuple(
        ColumnMapping(
            fact=proposal.fact,
            source=proposal.column,
            values=proposal.values,
            date_format=_date_format(catalogue[proposal.fact], _present(profile, proposal.column, missing)),
        )
        for proposal in kept
        if proposal.fact is not None
    )
    table = TableMapping(
        columns=columns,
        currency=_currency(profile, [c.column for c in kept if _is_money(c, catalogue)]) or currency,
        reference=reference_column([c.column for c in kept if c.fact is None]),
        missing=missing,
        decimal=decimal,
    )
    return MappingProposal(shape_of(profile.header), tuple(kept), table if columns else None)


def _is_money(proposal: ColumnProposal, catalogue: Catalogue) -> bool:
    return proposal.fact is not None and catalogue[proposal.fact].kind is Kind.MONEY


def _currency(profile: TableProfile, money: Sequence[str]) -> str | None:
    """The currency of the headings, of the money cells, else of Chinese headings; None when nothing tells."""
    named = [currency_in(name.upper()) for name in profile.header if re.search(r"\b[A-Za-z]{3}\b|[€£$¥元]", name)]
    if found := next((code for code in named if code), None):
        return found
    cells = {currency_in(cell) for name in money if profile.header.count(name) == 1 for cell in profile.column(name)}
    if len(cells - {None}) == 1:
        return next(code for code in cells if code)
    return "CNY" if any(re.search(r"[\u4e00-\u9fff]", name) for name in money) else None


def _missing(profile: TableProfile) -> tuple[str, ...]:
    seen = {cell.strip() for row in profile.samples for cell in row}
    return tuple(word for word in (*DEFAULT_MISSING, "-", "?") if word == "" or word in seen)


def _present(profile: TableProfile, name: str, missing: Sequence[str]) -> list[str]:
    if profile.header.count(name) != 1:
        return []
    return [cell.strip() for cell in profile.column(name) if cell.strip() not in missing]


def _decimal(profile: TableProfile, missing: Sequence[str]) -> str:
    """The comma, when numbers with one or two digits behind a comma outnumber those behind a point."""
    cells = [cell.strip() for row in profile.samples for cell in row if cell.strip() not in missing]
    commas = sum(bool(re.fullmatch(r"-?[\d.]+,\d{1,2}", cell)) for cell in cells)
    points = sum(bool(re.fullmatch(r"-?[\d,]+\.\d+", cell)) for cell in cells)
    return "," if commas > points else "."


def _best(
    name: str, profile: TableProfile, catalogue: Catalogue, decimal: str, missing: Sequence[str]
) -> ColumnProposal:
    cells = _present(profile, name, missing)
    samples = tuple(dict.fromkeys(cells))[:_SHOWN]
    scored = [
        (confidence * _weight(_share_fitting(definition, cells, decimal)), definition)
        for definition in catalogue
        if definition.table_column and (confidence := name_confidence(definition, name)) > 0
    ]
    score, definition = max(scored, key=lambda pair: pair[0], default=(Decimal(0), None))
    if definition is None or score < Decimal("0.30"):
        why = "no fact of that name" if definition is None else f"the values do not fit {definition.name}"
        return ColumnProposal(name, None, Decimal(0), why, samples)
    values = recode_seen(definition, tuple(dict.fromkeys(cells)))
    why = "by its name" if score >= Decimal("0.90") else "by its name; not all of it or of the values fit"
    return ColumnProposal(name, definition.name, score.quantize(Decimal("0.01")), why, samples, values)


def _weight(share: Decimal) -> Decimal:
    """Some bad rows cast little doubt on a column whose name is right; mostly bad values do."""
    return Decimal("0.85") + Decimal("0.15") * share if share >= Decimal("0.5") else share


def _share_fitting(definition: FactDefinition, cells: Sequence[str], decimal: str) -> Decimal:
    """Share of the sampled values that are of the fact; 1 when there is none to tell by."""
    if not cells:
        return Decimal(1)
    date_format = _date_format(definition, cells) or "%Y-%m-%d"
    fitting = sum(_fits(definition, cell, decimal, date_format) for cell in cells)
    return Decimal(fitting) / len(cells)


def _fits(definition: FactDefinition, cell: str, decimal: str, date_format: str | None) -> bool:
    if cell.casefold() in recoding(definition, ColumnMapping(definition.name, "")):
        return True
    try:
        parse_value(definition, cell, decimal=decimal, date_format=date_format)
    except ValueRefusedError:
        return False
    return True


def _date_format(definition: FactDefinition, cells: Sequence[str]) -> str | None:
    """The first form that reads every sampled date; None for ISO and for what is no date."""
    if definition.kind is not Kind.DATE or not cells:
        return None
    for date_format in _DATE_FORMATS:
        if all(_reads(cell, date_format) for cell in cells):
            return None if date_format == "%Y-%m-%d" else date_format
    return None


def _reads(cell: str, date_format: str) -> bool:
    try:
        parse_date(cell, date_format)
    except ValueRefusedError:
        return False
    return True


def _one_each(drafts: Sequence[ColumnProposal]) -> list[ColumnProposal]:
    """Leave each fact to the column that matches it best, the first of equals."""
    best: dict[str, ColumnProposal] = {}
    for draft in drafts:
        if draft.fact is not None and (draft.fact not in best or draft.confidence > best[draft.fact].confidence):
            best[draft.fact] = draft
    return [
        draft
        if draft.fact is None or best[draft.fact] is draft
        else replace(draft, fact=None, confidence=Decimal(0), why=f"{draft.fact} is {best[draft.fact].column}")
        for draft in drafts
    ]
