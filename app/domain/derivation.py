"""The computed facts of a case in the making: what stays, what is new, what is stale."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from app.domain.case import Transaction
from app.domain.cash_flow import rows_method
from app.domain.facts import Catalogue, Fact, FactValue, Kind, Source, SourceKind, Stance, new_fact
from app.domain.ratios import Ratio

_COMPUTED = (SourceKind.COMPUTATION, SourceKind.REFERENCE)

FOLLOWS = ("ratio.", "loan.", "limit.", "offer.", "score.", "benchmark.", "credential.")
"""Beginnings of the names of facts that only follow from others; no document may state them, no person correct them."""


def trust_order(fact: Fact, catalogue: Catalogue) -> tuple[object, ...]:
    """Sort key that puts first the fact to use among several of one name.

    A person's word, then what was computed, then a confirmed fact, then the surer reading, then the cautious value.
    """
    definition = catalogue.get(fact.name)
    number = fact.value if isinstance(fact.value, Decimal | int) else Decimal(0)
    cautious = -number if definition is not None and definition.more_is is Stance.ADVERSE else number
    kind = fact.source.kind
    return (
        kind is not SourceKind.PERSON,
        kind not in _COMPUTED,
        fact.confirmed_by is None,
        -fact.confidence,
        cautious,
        fact.id,
    )


def by_name(facts: Iterable[Fact], catalogue: Catalogue) -> dict[str, Fact]:
    """The fact to use of each name."""
    out: dict[str, Fact] = {}
    for fact in facts:
        held = out.get(fact.name)
        if held is None or trust_order(fact, catalogue) < trust_order(held, catalogue):
            out[fact.name] = fact
    return out


class Derivation:
    """Collects computed facts over those a case has. A person's fact of the same name is never computed over; a
    document's is, so that no form can state what the statements or the bureau show.

    ``current`` are the case's current facts, ``past`` the ids of all it ever had, each with what it superseded. A fact
    that comes out as it stands is kept with its id and its confirmation; one that comes out otherwise supersedes it;
    one that no longer comes out is stale.
    """

    def __init__(
        self,
        case_id: str,
        currency: str,
        catalogue: Catalogue,
        current: Sequence[Fact],
        past: Collection[str] | Mapping[str, str | None] = (),
    ) -> None:
        self.case_id = case_id
        self.currency = currency
        self.catalogue = catalogue
        self._past = set(past) | {fact.id for fact in current}
        self._superseded = dict(past) if isinstance(past, Mapping) else {}
        self._held: dict[str, list[Fact]] = {}
        given = []
        for fact in current:
            if fact.source.kind in _COMPUTED:
                self._held.setdefault(fact.name, []).append(fact)
            elif not fact.name.startswith(FOLLOWS):
                given.append(fact)
        self.facts = by_name(given, catalogue)
        self._persons = frozenset(name for name, fact in self.facts.items() if fact.source.kind is SourceKind.PERSON)
        self._kept: set[str] = set()
        self.new: list[Fact] = []

    def __contains__(self, name: object) -> bool:
        return name in self.facts

    def __getitem__(self, name: str) -> Fact:
        return self.facts[name]

    def value(self, name: str) -> FactValue | None:
        fact = self.facts.get(name)
        return None if fact is None else fact.value

    def amount(self, name: str) -> Decimal | None:
        """A money fact's value in the case's currency; None when it is missing or in another one."""
        fact = self.facts.get(name)
        if fact is None or fact.unit != self.currency or not isinstance(fact.value, Decimal):
            return None
        return fact.value

    def same_unit(self, *names: str) -> bool:
        return len({self.facts[name].unit for name in names}) == 1

    def put(
        self,
        name: str,
        value: FactValue,
        unit: str,
        method: str,
        inputs: Iterable[str] = (),
        *,
        kind: SourceKind = SourceKind.COMPUTATION,
        lines: Sequence[Transaction] = (),
        document: str | None = None,
        path: str | None = None,
    ) -> Fact:
        """Make the fact, or keep the one that says the same; returns the one that stands."""
        if name in self._persons:
            return self.facts[name]
        used = [self.facts[each] for each in inputs]
        first = min(lines, key=lambda line: (line.booked_on, line.document, line.row), default=None)
        source = Source(
            kind,
            document=first.document if first else document,
            page=first.page if first else None,
            box=first.box if first else None,
            row=first.row if first else None,
            path=path,
            method=method,
            inputs=tuple(fact.id for fact in used),
        )
        confidence = min((fact.confidence for fact in used), default=Decimal(1))
        self.facts[name] = self._stand(new_fact(self.case_id, name, value, unit, source, confidence=confidence))
        return self.facts[name]

    def put_of_document(self, name: str, value: FactValue, method: str, document: str, used: Sequence[Fact]) -> Fact:
        """A fact that each of several documents may have: it stands beside theirs and supersedes its own older one.

        ``used`` are the facts read from the document; the first shows the place. The fact goes by no name in ``facts``.
        """
        place = used[0].source if used else None
        source = Source(
            SourceKind.COMPUTATION,
            document=document,
            page=place.page if place else None,
            box=place.box if place else None,
            method=method,
            inputs=tuple(fact.id for fact in used),
        )
        confidence = min((fact.confidence for fact in used), default=Decimal(1))
        fact = new_fact(self.case_id, name, value, self._unit(name), source, confidence=confidence)
        return self._stand(fact, [held for held in self._held.get(name, ()) if held.source.document == document])

    def put_sum(self, name: str, value: FactValue, method: str, used: Sequence[Fact]) -> Fact:
        """A fact that rests on several of one name."""
        source = Source(SourceKind.COMPUTATION, method=method, inputs=tuple(fact.id for fact in used))
        confidence = min((fact.confidence for fact in used), default=Decimal(1))
        self.facts[name] = self._stand(
            new_fact(self.case_id, name, value, self._unit(name), source, confidence=confidence)
        )
        return self.facts[name]

    def _stand(self, fact: Fact, before: Sequence[Fact] | None = None) -> Fact:
        """The fact, or the same one as it was held; it may supersede those ``before``, by default all of its name."""
        held_before = self._held.get(fact.name, ()) if before is None else before
        for held in held_before:
            if (held.value, held.unit, held.source) == (fact.value, fact.unit, fact.source):
                self._kept.add(held.id)
                return held
        older = next(iter(held_before), None)
        fact = _renamed(fact, older.id if older else None)
        while fact.id in self._past:
            # Of a value that came, went and comes again: its first id stays in the history, superseded or retired.
            fact = _renamed(fact, fact.id)
        self._past.add(fact.id)
        self.new.append(fact)
        return fact

    def put_rows(self, name: str, value: FactValue, method: str, lines: Sequence[Transaction]) -> Fact:
        """A fact read off statement lines; it names the rows, and shows the first."""
        return self.put(name, value, self._unit(name), rows_method(method, lines), lines=lines)

    def put_report(self, name: str, value: FactValue, document: str, path: str, method: str) -> Fact:
        """A fact read off a bureau report."""
        return self.put(name, value, self._unit(name), method, document=document, path=path)

    def put_money(
        self,
        name: str,
        value: FactValue,
        method: str,
        inputs: Iterable[str] = (),
        lines: Sequence[Transaction] = (),
    ) -> Fact:
        inputs = tuple(inputs)
        unit = self.facts[inputs[0]].unit if inputs else self.currency
        return self.put(name, value, unit, method, inputs, lines=lines)

    def put_reference(self, name: str, value: FactValue, method: str, inputs: Iterable[str] = ()) -> Fact:
        """A limit of the policy, a benchmark, a score."""
        return self.put(name, value, self._unit(name), method, inputs, kind=SourceKind.REFERENCE)

    def put_ratio(self, ratio: Ratio) -> Fact | None:
        """A ratio of ``app.domain.ratios``; None when it has no value or its inputs are in several currencies."""
        if any(name not in self.facts for name in ratio.inputs):
            return None
        units = {self.facts[name].unit for name in ratio.inputs if self.catalogue[name].kind is Kind.MONEY}
        value = ratio.value({name: self.facts[name].value for name in ratio.inputs})
        if value is None or len(units) > 1:
            return None
        return self.put(ratio.name, value, ratio.unit, ratio.method, ratio.inputs)

    def _unit(self, name: str) -> str:
        kind = self.catalogue[name].kind
        return self.currency if kind is Kind.MONEY else kind.value

    @property
    def stale(self) -> tuple[str, ...]:
        """Ids of computed facts that are current but came out otherwise or not at all, and those before them."""
        held = (fact.id for facts in self._held.values() for fact in facts)
        superseded = {fact.supersedes for fact in self.new}
        gone = (fact_id for fact_id in held if fact_id not in self._kept and fact_id not in superseded)
        return tuple(dict.fromkeys(each for fact_id in gone for each in self._line(fact_id)))

    def _line(self, fact_id: str | None) -> Iterator[str]:
        """The fact and those before it, which would be current again without it."""
        while fact_id is not None:
            yield fact_id
            fact_id = self._superseded.get(fact_id)


def _renamed(fact: Fact, supersedes: str | None) -> Fact:
    if supersedes is None:
        return fact
    named = new_fact(fact.case_id, fact.name, fact.value, fact.unit, fact.source, supersedes=supersedes)
    return replace(fact, id=named.id, supersedes=supersedes)
