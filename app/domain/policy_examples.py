"""Tests beside a policy's tables: example cases with what the policy must say of them, in the policy file itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.facts import Catalogue, FactValue, Kind, value_from_text
from app.domain.policy import OUTCOMES, Policy, strictest
from app.domain.policy_check import Answer, Evaluate, PolicyCheck, clause_results, lowest_role
from app.domain.policy_tables import PolicyReading
from app.errors import InputError

EXPECTED = ("outcome", "clauses", "not_clauses", "rate_pct", "role", "fits_amount")
_KEYS = ("name", "currency", "inputs", "expected")
_OWN: Mapping[str, Kind] = {"case.income_verified": Kind.BOOLEAN}


@dataclass(frozen=True, slots=True)
class Example:
    """One example case and what the policy must say of it."""

    name: str
    currency: str
    inputs: Mapping[str, FactValue]
    expected: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """What came instead of what was expected, each as it is written; of a clause whether it applied."""

    what: str  # of EXPECTED
    wanted: str
    found: str

    @property
    def words(self) -> str:
        if self.what == "clauses":
            return f"clause {self.wanted} did not apply; those that refer or decline: {self.found}"
        if self.what == "not_clauses":
            return f"clause {self.wanted} applied; those that refer or decline: {self.found}"
        return f"{self.what} is {self.found}, expected {self.wanted}"


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What came of a test; ``problems`` say what came out otherwise."""

    name: str
    differences: tuple[Difference, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """The differences in words."""
        return tuple(each.words for each in self.differences)

    @property
    def passed(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "passed": self.passed, "problems": list(self.problems)}


def example_problems(document: Mapping[str, Any], catalogue: Catalogue) -> Iterator[str]:
    """What keeps the tests of a JDM document from being read, in words."""
    listed = document.get("tests", [])
    if not isinstance(listed, list):
        yield "The tests of the policy are no list."
        return
    names: set[str] = set()
    for at, entry in enumerate(listed, 1):
        try:
            test = _read(entry, catalogue)
        except InputError as exc:
            yield f"Test {at}: {exc.message}"
            continue
        if test.name in names:
            yield f"Test {at}: the name {test.name!r} stands twice."
        names.add(test.name)


def read_examples(document: Mapping[str, Any], catalogue: Catalogue) -> tuple[Example, ...]:
    """The tests of a JDM document. Raises ``InputError`` naming the one that cannot be read."""
    for problem in example_problems(document, catalogue):
        raise InputError("policy", problem, remedy="docs/policy.md says what a test holds.")
    return tuple(_read(entry, catalogue) for entry in document.get("tests", []))


def _read(entry: Any, catalogue: Catalogue) -> Example:
    if not isinstance(entry, Mapping) or not set(entry) <= set(_KEYS):
        raise InputError("policy", f"a test holds {', '.join(_KEYS)} and nothing else.")
    name, inputs, expected = entry.get("name"), entry.get("inputs"), entry.get("expected")
    if not isinstance(name, str) or not name.strip():
        raise InputError("policy", "it needs a name.")
    if not isinstance(inputs, Mapping) or not isinstance(expected, Mapping) or not expected:
        raise InputError("policy", f"{name!r} needs inputs and what is expected.")
    unknown = set(expected) - set(EXPECTED)
    if unknown:
        raise InputError("policy", f"{name!r} expects {sorted(unknown)[0]}; it may expect {', '.join(EXPECTED)}.")
    if "outcome" in expected and expected["outcome"] not in OUTCOMES:
        raise InputError("policy", f"{name!r} expects the outcome {expected['outcome']!r}.")
    currency = str(entry.get("currency") or "EUR")
    return Example(name, currency, {key: _value(key, inputs[key], catalogue) for key in inputs}, dict(expected))


def _value(name: str, value: Any, catalogue: Catalogue) -> FactValue:
    definition = catalogue.get(name)
    kind = definition.kind if definition else _OWN.get(name)
    if kind is None or catalogue.prohibited(name):
        raise InputError("policy", f"{name} is no fact that a policy may read.")
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    wrong = InputError("policy", f"{name} is a {kind.value}, {value!r} is not.")
    if (text in ("true", "false")) is not (kind is Kind.BOOLEAN):
        raise wrong
    try:
        found = value_from_text(kind, text)
    except (ValueError, InvalidOperation) as exc:
        raise wrong from exc
    if isinstance(found, Decimal) and not found.is_finite():
        raise wrong
    return found


def run_examples(policy: Policy, tests: Sequence[Example], evaluate: Evaluate) -> tuple[ExampleResult, ...]:
    """Put each example before the policy. Raises ``InputError`` for a policy that cannot be evaluated."""
    reading = PolicyReading(policy)
    return tuple(ExampleResult(test.name, tuple(_problems(policy, reading, test, evaluate))) for test in tests)


def _problems(policy: Policy, reading: PolicyReading, test: Example, evaluate: Evaluate) -> Iterator[Difference]:
    inputs = {"case.income_verified": False, **test.inputs}
    check = PolicyCheck(policy, reading, evaluate, inputs, currency=test.currency, language="en")
    terms = check.requested()
    answer = check.at(terms)
    for name, wanted in test.expected.items():
        if name == "fits_amount":
            offer = check.largest(terms.term_months) if terms else None
            yield from _differs(name, wanted, offer and offer.amount)
        elif name in ("clauses", "not_clauses"):
            yield from _clauses(name, wanted, answer)
        else:
            yield from _differs(name, wanted, _found(name, answer))


def _found(name: str, answer: Answer) -> Any:
    if name == "outcome":
        return strictest(clause_results(answer.hits, {}))
    if name == "rate_pct":
        return answer.priced_pct
    signer = lowest_role(answer.signatories, answer.terms.amount) if answer.terms else None
    return signer.role if signer else None


def _clauses(name: str, wanted: Any, answer: Answer) -> Iterator[Difference]:
    present = {hit.clause: hit.outcome for hit in answer.hits}
    listed = [str(each) for each in wanted] if isinstance(wanted, list) else [str(wanted)]
    for clause in listed:
        if (clause in present) is not (name == "clauses"):
            against = ", ".join(each for each, outcome in present.items() if outcome != "pass") or "none"
            yield Difference(name, clause, against)


def _differs(name: str, wanted: Any, found: Any) -> Iterator[Difference]:
    if isinstance(found, Decimal):
        try:
            same = wanted is not None and Decimal(str(wanted)) == found
        except InvalidOperation:
            same = False
    else:
        same = wanted == found
    if not same:
        yield Difference(name, _said(wanted), _said(found))


def _said(value: Any) -> str:
    return "none" if value is None else str(value)
