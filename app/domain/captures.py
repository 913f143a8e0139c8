"""What a person may capture from a page of a document."""

from __future__ import annotations

from app.domain.derivation import FOLLOWS
from app.domain.document_facts import fact_name
from app.domain.document_kinds import FieldSpec
from app.domain.facts import Catalogue


def own_facts(kind: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Names of the facts that the fields of a kind are, in the kind's order.

    A field that becomes a fact of the catalogue goes by that fact's name, unless the fact is a prohibited basis: that
    is only ever a field of the document.
    """
    known = catalogue.papers.kinds.get(kind) if catalogue.papers is not None else None
    return tuple(dict.fromkeys(_captured_as(known.id, spec, catalogue) for spec in known.fields)) if known else ()


def capturable(kind: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Names of what a person may capture from a document of a kind: its own fields first, then facts of the case.

    Prohibited bases, and what only follows from other facts, are not among the latter.
    """
    stated = (each.name for each in catalogue if each.prohibited_basis is None and not each.name.startswith(FOLLOWS))
    return tuple(dict.fromkeys((*own_facts(kind, catalogue), *stated)))


def _captured_as(kind: str, spec: FieldSpec, catalogue: Catalogue) -> str:
    definition = catalogue.get(spec.fact) if spec.fact else None
    if definition is None or definition.prohibited_basis is not None:
        return fact_name(kind, spec.name)
    return definition.name
