"""One document held against another: names, numbers, employers, addresses, periods, sums. Signs, never accusations.

Each sign becomes a finding with the facts behind it, and so with their places on the pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from app.domain.case import Document, FileSign
from app.domain.document_facts import field_of
from app.domain.facts import Fact, SourceKind
from app.domain.findings import Materiality
from app.domain.layout import Segment
from app.domain.names import Latin, Likeness, likeness, name_tokens, without_accents

DOUBTFUL = Decimal("0.8")  # a reading less sure than this needs a person's eye
ALIKE = 72  # bits of 1,024 in which two pictures of one thing differ at most; other fillings of one form do in more
FAINT = frozenset({"image.patched_perhaps"})  # signs of the file itself that honest files bear now and then
_CENT = Decimal("0.02")  # sums of rounded amounts may be off by this

_APPLICANT = ("holder", "employee", "insured", "subject", "tenant", "policy_holder")
"""Fields that name the applicant, whatever the document."""
_OFTEN_OTHERS = ("customer", "owner", "landlord")
"""Fields that may well name someone else of the household."""
_IDENTITY_NUMBERS = ("id_number", "ssn", "social_security_number", "tax_number")
_EMPLOYERS = ("employer",)
_HOMES = (
    "application_form",
    "payslip",
    "utility_bill",
    "bank_statement",
    "bank_account_details",
    "credit_report",
    "household_register",
    "income_tax",
    "insurance_policy",
    "loan_statement",
)
"""Kinds whose address is where the person lives now; cards keep the one of the day they were issued."""
_EXPIRES = ("expiry_date", "valid_to")
_ISSUED = ("issue_date", "pay_date", "report_date", "date", "graduation_date")
_ADDENDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("gross_pay", "net_pay"): ("deductions",),
    ("total", "subtotal"): ("vat",),
}
"""(whole, part): what must be added to the part to give the whole."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the case with the facts read from it, by the name of their field."""

    sha256: str
    name: str  # of the file
    kind: str
    fields: Mapping[str, Fact]
    valid_months: int | None = None  # of its kind
    signs: tuple[FileSign, ...] = ()  # of tampering
    kind_confidence: float = 1.0  # probability that it is of that kind
    page: int | None = None  # its first, where its file holds several documents

    @property
    def about(self) -> str:
        """What tells it from the case's other documents in the id of a finding."""
        return self.sha256[:12] if self.page is None else f"{self.sha256[:12]}/{self.page}"


@dataclass(frozen=True, slots=True)
class Sign:
    """What a check saw."""

    code: str  # of the finding
    materiality: Materiality
    facts: tuple[str, ...]  # ids, the odd one first
    detail: str
    about: str


@dataclass(frozen=True, slots=True)
class Application:
    """What the documents are held against."""

    applicant: str  # blank where the case names nobody
    applied_on: date | None
    latin: Latin = without_accents


Check = Callable[[Sequence[Paper], Application], Iterator[Sign]]


def papers_of(
    documents: Iterable[Document],
    facts: Iterable[Fact],
    valid_months: Callable[[str], int | None],
) -> list[Paper]:
    """A paper of each document in a file; ``facts``: the case's, each document's last word of a name."""
    given: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.source.document is not None and fact.source.kind in (SourceKind.DOCUMENT, SourceKind.PERSON):
            given.setdefault(fact.source.document, []).append(fact)
    return [
        Paper(
            each.sha256,
            each.name if segment is None else f"{each.name} ({_pages(segment)})",
            kind := segment.kind if segment else each.kind,
            _fields(given.get(each.sha256, ()), kind, segment),
            valid_months(kind),
            each.signs if segment is None or segment is each.segments[0] else (),
            segment.kind_confidence if segment else each.kind_confidence,
            segment.first if segment else None,
        )
        for each in documents
        for segment in each.segments or (None,)
    ]


def _pages(segment: Segment) -> str:
    return f"p. {segment.first}" if segment.first == segment.last else f"pp. {segment.first}–{segment.last}"


def _fields(facts: Iterable[Fact], kind: str, segment: Segment | None) -> dict[str, Fact]:
    """By the name of the field; what was read when the document was taken for another kind is left out."""
    found = {}
    for fact in facts:
        field, page = field_of(fact.name), fact.source.page
        elsewhere = segment is not None and page is not None and not segment.first <= page <= segment.last
        if not elsewhere and (field is None or field[0] == kind):
            found[field[1] if field else fact.name.rpartition(".")[2]] = fact
    return found


def cross_checks(papers: Sequence[Paper], application: Application) -> tuple[Sign, ...]:
    """All signs."""
    return tuple(sign for check in CHECKS for sign in check(papers, application))


def _names(papers: Sequence[Paper], application: Application) -> Iterator[Sign]:
    """The same person on every document; joint holders may stand beside the applicant."""
    if not name_tokens(application.applicant, application.latin):
        return
    for paper in papers:
        for fields, weight in ((_APPLICANT, Materiality.MAJOR), (_OFTEN_OTHERS, Materiality.MINOR)):
            fact = next((paper.fields[name] for name in fields if name in paper.fields), None)
            if fact is not None and _another(str(fact.value), application):
                detail = f"{paper.name}: {fact.value}"
                yield Sign("identity.names_differ", weight, (fact.id,), detail, paper.about)
                break
        else:
            given, surname = paper.fields.get("given_names"), paper.fields.get("surname")
            if surname is not None:
                facts = tuple(each for each in (surname, given) if each is not None)
                whole = " ".join(str(each.value) for each in facts)
                if _another(whole, application):
                    ids = tuple(each.id for each in facts)
                    yield Sign("identity.names_differ", Materiality.MAJOR, ids, f"{paper.name}: {whole}", paper.about)


def _another(written: str, application: Application) -> bool:
    """Whether no person named in the text can be the applicant."""
    applicant, latin = application.applicant, application.latin
    people = [part for part in _parted(written) if name_tokens(part, latin)]
    return bool(people) and all(likeness(person, applicant, latin) is Likeness.DIFFERENT for person in people)


def _parted(written: str) -> list[str]:
    """The text, and each of the people in it where it names several: "Anna Berg & Erik Holm"."""
    text = written
    for mark in (" and ", " & ", " und ", " et ", " och ", " / ", ";", "、", "和"):
        text = text.replace(mark, "\n")
    return [written, *text.split("\n")]


def _numbers(papers: Sequence[Paper], _: Application) -> Iterator[Sign]:
    """One person has one number of each kind."""
    for name in _IDENTITY_NUMBERS:
        first: Fact | None = None
        for paper in papers:
            fact = paper.fields.get(name)
            if fact is None or "*" in str(fact.value) or "X" in str(fact.value)[:3]:
                continue
            if first is None:
                first = fact
            elif _bare(fact) != _bare(first):
                detail = f"{paper.name}: {name}"
                yield Sign("identity.numbers_differ", Materiality.MAJOR, (fact.id, first.id), detail, paper.about)


def _bare(fact: Fact) -> str:
    return "".join(sign for sign in str(fact.value).casefold() if sign.isalnum())


def _births(papers: Sequence[Paper], _: Application) -> Iterator[Sign]:
    """Birth dates agree. They are compared, never shown: a finding may not rest on age, so it names the documents."""
    seen: dict[object, Paper] = {}
    for paper in papers:
        fact = paper.fields.get("birth_date") or paper.fields.get("date_of_birth")
        if fact is not None and isinstance(fact.value, date):
            seen.setdefault(fact.value, paper)
    if len(seen) > 1:
        names = ", ".join(paper.name for paper in seen.values())
        yield Sign("identity.birth_dates_differ", Materiality.MAJOR, (), names, "")


def _employers(papers: Sequence[Paper], application: Application) -> Iterator[Sign]:
    """The employer of payslips and letters is the one of the form; the legal form and the order of words vary."""
    first: Fact | None = None
    for paper in sorted(papers, key=lambda each: each.kind != "application_form"):
        fact = next((paper.fields[name] for name in _EMPLOYERS if name in paper.fields), None)
        if fact is None:
            continue
        if first is None:
            first = fact
        elif _other_firm(str(first.value), str(fact.value), application.latin):
            detail = f"{paper.name}: {fact.value}"
            yield Sign("identity.employers_differ", Materiality.NOTABLE, (fact.id, first.id), detail, paper.about)


_LEGAL_FORMS = frozenset(
    re.findall(
        r"\w+",
        "ab ag bv co company corp corporation gmbh group gruppe holding inc international kg limited llc llp ltd nv oy "
        "plc pty sa sarl sas se sl spa srl the",
    )
)


def _other_firm(one: str, other: str, latin: Latin) -> bool:
    a, b = ({token for token in name_tokens(text, latin) if token not in _LEGAL_FORMS} for text in (one, other))
    return bool(a) and bool(b) and not a & b and likeness(one, other, latin) is Likeness.DIFFERENT


def _addresses(papers: Sequence[Paper], application: Application) -> Iterator[Sign]:
    """Where the person lives is one place, however it is written; only readings without doubt are compared."""
    told: list[Fact] = []  # one of each place
    for paper in sorted(papers, key=lambda each: each.kind != "application_form"):
        fact = paper.fields.get("address") if paper.kind in _HOMES else None
        if fact is None or fact.confidence < DOUBTFUL:
            continue
        if all(_elsewhere(str(known.value), str(fact.value), application.latin) for known in told):
            if told:
                detail = f"{paper.name}: {fact.value}"
                yield Sign("identity.addresses_differ", Materiality.MINOR, (fact.id, told[0].id), detail, paper.about)
            told.append(fact)


def _elsewhere(one: str, other: str, latin: Latin) -> bool:
    """Whether two addresses cannot be one: no number of theirs agrees, nor most of the words of the shorter.

    What holds no number or hardly a letter is no address: nothing is said of it.
    """
    numbers = [set(re.findall(r"[a-z\d]*\d[a-z\d]*", latin(text).casefold())) for text in (one, other)]
    words = [set(re.findall(r"[^\W\d_]{3,}", latin(text).casefold())) for text in (one, other)]
    if not all(numbers) or min(sum(map(len, each)) for each in words) < 5 or numbers[0] & numbers[1]:
        return False
    return 2 * len(words[0] & words[1]) <= min(map(len, words))


def _periods(papers: Sequence[Paper], _: Application) -> Iterator[Sign]:
    """Payslips of one employer follow one another month by month."""
    slips: dict[str, dict[int, tuple[Paper, Fact]]] = {}
    for paper in papers:
        period = paper.fields.get("period")
        months = re.findall(r"(\d{4})-(\d{2})", str(period.value)) if paper.kind == "payslip" and period else []
        if months and period is not None:
            employer = paper.fields.get("employer")
            year, month = map(int, months[-1])
            slips.setdefault(_bare(employer) if employer else "", {})[12 * year + month] = (paper, period)
    for by_month in slips.values():
        told = sorted(by_month)
        for before, after in pairwise(told):
            if after - before > 1:
                (early, first), (late, then) = by_month[before], by_month[after]
                detail = f"{early.name} ({first.value}), {late.name} ({then.value})"
                yield Sign("document.period_missing", Materiality.MINOR, (then.id, first.id), detail, late.about)


def _validity(papers: Sequence[Paper], application: Application) -> Iterator[Sign]:
    """Expired on the day of application, or older than such a document counts for."""
    applied_on = application.applied_on
    if applied_on is None:
        return
    for paper in papers:
        ends = next((paper.fields[name] for name in _EXPIRES if name in paper.fields), None)
        if ends is not None and isinstance(ends.value, date):
            if ends.value < applied_on:
                yield Sign("document.expired", Materiality.NOTABLE, (ends.id,), paper.name, paper.about)
            continue
        issued = next((paper.fields[name] for name in _ISSUED if name in paper.fields), None)
        if issued is not None and isinstance(issued.value, date) and paper.valid_months is not None:
            months = (applied_on.year - issued.value.year) * 12 + applied_on.month - issued.value.month
            if months - (applied_on.day < issued.value.day) >= paper.valid_months:
                yield Sign("document.stale", Materiality.MINOR, (issued.id,), paper.name, paper.about)


def _sums(papers: Sequence[Paper], _: Application) -> Iterator[Sign]:
    """Amounts on one page that must add up, and were read without doubt."""
    for paper in papers:
        for (whole, part), added in _ADDENDS.items():
            facts = [paper.fields.get(name) for name in (whole, part, *added)]
            found = [fact for fact in facts if fact is not None and fact.confidence >= DOUBTFUL]
            if len(found) == len(facts) and all(isinstance(fact.value, Decimal) for fact in found):
                values = [abs(Decimal(fact.value)) for fact in found if isinstance(fact.value, Decimal)]
                if abs(values[0] - sum(values[1:], Decimal(0))) > _CENT:
                    ids = tuple(fact.id for fact in found)
                    yield Sign("document.sums_differ", Materiality.NOTABLE, ids, paper.name, f"{paper.about}.{whole}")


def _signs(papers: Sequence[Paper], _: Application) -> Iterator[Sign]:
    """What the reader saw in the file itself."""
    for paper in papers:
        for sign in paper.signs:
            weight = Materiality.MINOR if sign.code in FAINT else Materiality.NOTABLE
            yield Sign("document.altered", weight, (), f"{paper.name}: {sign.words}", f"{paper.about}.{sign.code}")


def reused(name: str, sha256: str, elsewhere: Sequence[str], within: Sequence[str]) -> Iterator[Sign]:
    """A file, or a picture alike, that came before: ``elsewhere`` names other cases, ``within`` files of this one."""
    if elsewhere:
        detail = f"{name}: {', '.join(elsewhere[:5])}"
        yield Sign("document.reused", Materiality.MAJOR, (), detail, sha256[:12])
    elif within:
        yield Sign("document.reused", Materiality.MINOR, (), f"{name}: {', '.join(within[:5])}", sha256[:12])


def doubtful(facts: Iterable[Fact]) -> Iterator[Sign]:
    """Readings that are used though nobody is sure of them yet."""
    for fact in facts:
        if field_of(fact.name) is not None:
            continue
        if fact.source.kind is SourceKind.DOCUMENT and fact.confidence < DOUBTFUL and fact.confirmed_by is None:
            yield Sign("document.doubtful", Materiality.NOTABLE, (fact.id,), str(fact.source.raw or ""), fact.name)


CHECKS: tuple[Check, ...] = (
    _names, _numbers, _births, _employers, _addresses, _periods, _validity, _sums, _signs,
)  # fmt: skip
