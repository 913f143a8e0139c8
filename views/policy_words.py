"""What policies hold and what was found in them, in the language of the window."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.domain.facts import Catalogue, Kind
from app.domain.policy_edit import INPUT, Column
from app.domain.policy_entry import OWN_KINDS, CellProblem, CellType, Use, shown
from app.domain.policy_examples import Difference
from app.domain.policy_findings import PolicyFinding
from app.domain.policy_grid import said
from app.domain.policy_versions import Change
from app.domain.pricing import PriceRules
from views import format as fmt
from views.stored_words import clause_words
from views.strings import has_text, language, tr

_NAME = re.compile(r"(?<![\w'\".])[a-z][a-z_]*(?:\.[a-z][a-z0-9_]*)+")
_TABLE_OF_OUTPUTS = "policy.result"


def table_words(name: str) -> str:
    """The table's name."""
    return tr(f"policy.table.{name}") if has_text(f"policy.table.{name}") else name


def column_words(column: Column, catalogue: Catalogue) -> str:
    """The column's heading: the fact's label, or what the result is."""
    if column.side == INPUT:
        return input_words(column.field, catalogue)
    key = f"{_TABLE_OF_OUTPUTS}.{column.field}"
    return tr(key) if has_text(key) else column.name or column.field


def input_words(name: str, catalogue: Catalogue) -> str:
    """The label of a fact, or of what a case has beside its facts."""
    key = f"policy.input.{name.replace('.', '_')}"
    return tr(key) if has_text(key) else fmt.fact_label(name, catalogue, language())


def type_words(kind: CellType) -> str:
    """Type and unit of a column's cells: ``condition · months``."""
    if kind.use is Use.CONDITION:
        return tr(f"policy.kind.{kind.kind.value}") if kind.kind else tr("policy.kind.unknown")
    if kind.use is Use.NUMBER:
        key = f"policy.unit.{kind.field}"
        return tr(key) if has_text(key) else tr("policy.kind.number")
    return tr(f"policy.use.{kind.use.value}")


def cell_words(kind: CellType, cell: str, catalogue: Catalogue, reasons: Mapping[str, Any]) -> str:
    """The cell as it is shown; empty for a condition that always holds."""
    text = shown(kind, cell)
    if kind.use is Use.OUTCOME and has_text(f"policy.outcome.{text}"):
        return tr(f"policy.outcome.{text}")
    if kind.use is Use.REASON and text in reasons:
        return f"{text} · {reasons[text].text[language()]}"
    if kind.use is not Use.CONDITION:
        return text
    if text == "null":
        return tr("policy.missing")
    if kind.kind is Kind.BOOLEAN and text in ("true", "false"):
        return tr("policy.yes" if text == "true" else "policy.no")
    if kind.kind is Kind.CATEGORY and text != cell.strip():
        return ", ".join(
            fmt.category_label(kind.field, part.strip(), catalogue, language()) for part in text.split(",")
        )
    return text


def problem_words(problem: CellProblem) -> str:
    """What is wrong with a cell."""
    return tr(f"policy.problem.{problem.key}").format(**problem.values)


def place_words(finding: PolicyFinding, catalogue: Catalogue) -> str:
    """Where a finding is: ``Pricing, row 3, Requested term``."""
    parts = [table_words(finding.table)] if finding.table else []
    parts += [tr("policy.row", row=finding.row)] if finding.row is not None else []
    if finding.column:
        parts.append(result_words(finding.column, catalogue))
    return tr("policy.comma").join(parts)


def result_words(name: str, catalogue: Catalogue) -> str:
    """The label of a column by its field, whichever side it is on."""
    key = f"{_TABLE_OF_OUTPUTS}.{name}"
    return tr(key) if has_text(key) else input_words(name, catalogue)


def finding_words(finding: PolicyFinding, catalogue: Catalogue) -> str:
    """What was found; the check speaks English, other languages tell it by its kind."""
    if language() == "en":
        return labelled(finding.message, catalogue)
    rows = tr("policy.comma").join(map(str, finding.rows))
    key = f"policy.finding.{finding.kind}_rows" if rows else f"policy.finding.{finding.kind}"
    if not has_text(key):
        key = f"policy.finding.{finding.kind}"
    message = labelled(finding.message, catalogue)
    return tr(key, rows=rows, message=message) if has_text(key) else message


def labelled(text: str, catalogue: Catalogue) -> str:
    """A text of the check with labels for the names of facts."""

    def label(found: re.Match[str]) -> str:
        known = found[0] in catalogue or found[0] in OWN_KINDS
        return input_words(found[0], catalogue) if known else found[0]

    return _NAME.sub(label, text)


def example_words(finding: PolicyFinding, catalogue: Catalogue) -> str:
    """An input that shows the finding."""
    if not finding.example:
        return ""
    parts = [f"{input_words(name, catalogue)} {_value(value)}" for name, value in finding.example.items()]
    return tr("policy.example_of", values=tr("policy.comma").join(parts))


def _value(value: Any) -> str:
    if value is None:
        return tr("policy.missing")
    if isinstance(value, bool):
        return tr("policy.yes" if value else "policy.no")
    return said(value)


def difference_words(difference: Difference) -> str:
    """What came instead of what was expected."""
    wanted, found = (_expected(difference.what, text) for text in (difference.wanted, difference.found))
    return tr(f"policy.difference.{difference.what}", wanted=wanted, found=found)


def _expected(what: str, text: str) -> str:
    if text == "none":
        return tr("policy.none_of_it")
    if what == "outcome":
        return tr(f"policy.outcome.{text}") if has_text(f"policy.outcome.{text}") else text
    if what in ("clauses", "not_clauses"):
        return tr("policy.comma").join(clause_words(each.strip()) for each in text.split(","))
    return text


def change_words(change: Change, catalogue: Catalogue) -> tuple[str, str]:
    """A difference between two versions: where it is, and what it is."""
    place = table_words(change.table) if change.table else tr("policy.change.policy")
    if change.row is not None:
        place += tr("policy.comma") + tr("policy.row", row=change.row)
    if change.column and change.what == "cell":
        place += tr("policy.comma") + result_words(change.column, catalogue)
    elif change.column and change.what == "credential" and has_text(f"case.kind.{change.column}"):
        place += tr("policy.comma") + tr(f"case.kind.{change.column}")
    elif change.column and change.column.startswith("test "):
        place = tr("policy.change.test", name=change.column.removeprefix("test "))
    elif change.column:
        key = f"policy.change.{change.column.replace(' ', '_')}"
        place += tr("policy.comma") + (tr(key) if has_text(key) else change.column)
    if change.before is None:
        return place, tr(f"policy.change.added_{change.what}", text=_told(change, change.after, catalogue))
    if change.after is None:
        return place, tr(f"policy.change.removed_{change.what}", text=_told(change, change.before, catalogue))
    empty = tr("policy.change.empty")
    return place, f"{change.before or empty}  →  {change.after or empty}"


def _told(change: Change, text: str | None, catalogue: Catalogue) -> str:
    if change.what == "column":
        return result_words(text or "", catalogue)
    return text or ""


def rule_words(rules: PriceRules, currency: str) -> list[str]:
    """Floor, caps, fees and what loans cost the lender, each in a sentence."""
    out = []
    if rules.floor_pct is not None:
        out.append(tr("policy.price.floor", pct=fmt.percent(rules.floor_pct)))
    else:
        out.append(tr("policy.price.no_floor"))
    for cap in rules.caps:
        key = "policy.price.cap_law" if cap.source else "policy.price.cap_own"
        measure = tr(f"offers.measure.{cap.measure.replace('-', '_')}")
        out.append(tr(key, pct=fmt.percent(cap.pct), measure=measure, clause=cap.clause, source=cap.source))
    if not rules.law:
        out.append(tr("policy.price.no_law"))
    if rules.fee or rules.fee_pct:
        out.append(tr("policy.price.fee", fee=fmt.money(rules.fee, currency), pct=fmt.percent(rules.fee_pct)))
    else:
        out.append(tr("policy.price.no_fee"))
    if rules.lgd_pct is None:
        out.append(tr("policy.price.no_lgd"))
    else:
        figures = {
            "lgd": rules.lgd_pct,
            "funding": rules.funding_pct,
            "cost": rules.cost_pct,
            "margin": rules.margin_pct,
        }
        out.append(tr("policy.price.costs", **{name: fmt.percent(Decimal(each)) for name, each in figures.items()}))
    return out


def kind_of(name: str, catalogue: Catalogue) -> Kind | None:
    """The kind of a fact, or of what a policy reads beside them."""
    definition = catalogue.get(name)
    return definition.kind if definition else OWN_KINDS.get(name)
