"""A letter to an applicant: what it says, in one language, ready for any way of setting it.

After the sample forms C-1 to C-6 of Regulation B (12 CFR part 1002, appendix C); notices of law are the rule pack's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.case import Case, Decision, Reason
from app.domain.money import annuity_instalment
from app.domain.notices import LetterKind
from app.domain.rendering import format_date, format_money, format_number
from app.domain.rulepacks import LegalNotice, Lender, RulePack
from app.domain.score import Score

Words = Mapping[str, str]
"""Texts of one language by key, see ``data/phrases/letters_en.toml``."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a letter: a heading, text, a list, a table of names and values, text."""

    title: str = ""
    before: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    after: tuple[str, ...] = ()
    legal: bool = False  # a notice of law, set smaller

    def texts(self) -> Iterator[str]:
        """Every text in reading order."""
        yield from (self.title, *self.before, *self.items)
        for name, value in self.rows:
            yield from (name, value)
        yield from self.after


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is sent; the same letter gives the same bytes."""

    kind: LetterKind
    language: str
    case_id: str
    on: date
    title: str
    sender: tuple[str, ...]  # lines of the letterhead
    head: tuple[tuple[str, str], ...]  # date, applicant, request, action, reference
    greeting: str
    parts: tuple[Part, ...]
    close: tuple[str, ...]
    page: str  # "Page {n} of {m}"
    reasons: tuple[str, ...]  # codes of the reasons named
    answer_by: date | None = None
    blanks: tuple[str, ...] = field(default=())  # what the lender's settings lack: the letter is a draft

    def texts(self) -> list[str]:
        """Every sentence and figure, in reading order."""
        found = [*self.sender, self.title]
        for name, value in self.head:
            found += [name, value]
        found.append(self.greeting)
        for part in self.parts:
            found += part.texts()
        return [text for text in (*found, *self.close) if text]

    def to_json(self) -> dict[str, Any]:
        """What a template shows."""
        return {
            "kind": self.kind.value,
            "language": self.language,
            "case": self.case_id,
            "on": self.on.isoformat(),
            "title": self.title,
            "sender": list(self.sender),
            "head": [list(row) for row in self.head],
            "greeting": self.greeting,
            "parts": [
                {
                    "title": part.title,
                    "before": list(part.before),
                    "items": list(part.items),
                    "rows": [list(row) for row in part.rows],
                    "after": list(part.after),
                    "legal": part.legal,
                }
                for part in self.parts
            ],
            "close": list(self.close),
            "page": self.page,
        }


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter is about; reasons and key factors are worded in its language already."""

    case: Case
    on: date
    lender: Lender
    pack: RulePack
    decision: Decision | None = None
    reasons: tuple[Reason, ...] = ()
    score: Score | None = None
    score_on: date | None = None
    key_factors: tuple[str, ...] = ()
    bureau: str | None = None  # its name, empty where nobody knows it; None: no report of one was used
    basis: tuple[str, ...] = ()  # kinds of the documents that the decision rests on
    policy: str = ""  # name and version
    asked: tuple[str, ...] = ()  # what is missing, each in a line
    answer_by: date | None = None


def compose(kind: LetterKind, matter: Matter, words: Words, original: Words, language: str) -> Letter:
    """The letter of a kind. ``original`` are the words in the language of the law, where the pack has one."""
    writer = _Writer(kind, matter, words, original, language)
    parts = tuple(part for part in writer.parts() if any(part.texts()))
    return Letter(
        kind=kind,
        language=language,
        case_id=matter.case.id,
        on=matter.on,
        title=words[f"title.{kind}"],
        sender=tuple(writer.sender()),
        head=tuple(writer.head()),
        greeting=writer.greeting(),
        parts=parts,
        close=(words["contact.close"], writer.lender("name")),
        page=words["unit.page"],
        reasons=tuple(reason.code for reason in matter.reasons),
        answer_by=matter.answer_by,
        blanks=tuple(dict.fromkeys(writer.blanks)),
    )


class _Writer:
    def __init__(self, kind: LetterKind, matter: Matter, words: Words, original: Words, language: str) -> None:
        self.kind, self.matter, self.words, self.original, self.language = kind, matter, words, original, language
        self.blanks: list[str] = []

    # -- the head

    def sender(self) -> Iterator[str]:
        yield self.lender("name")
        yield from self.lender("address").splitlines()
        yield self.lender("phone")

    def lender(self, key: str) -> str:
        """A particular of the lender or the bureau; a marked blank, noted, where nobody has filled it in."""
        value = str(getattr(self.matter.lender, key)).strip()
        if value:
            return value
        self.blanks.append(key)
        return self.words[f"blank.{key}"]

    def head(self) -> Iterator[tuple[str, str]]:
        case = self.matter.case
        yield self.words["row.date"], self.day(self.matter.on)
        if case.applicant:
            yield self.words["row.applicant"], case.applicant
        yield self.words["row.request"], _first_upper(self.request().removeprefix("an ").removeprefix("a "))
        yield self.words["row.action"], self.words[f"done.{self.kind}"]
        reference = case.reference if case.reference not in ("", case.applicant) else ""
        yield self.words["row.case"], " · ".join(part for part in (case.id, reference) if part)

    def greeting(self) -> str:
        applicant = self.matter.case.applicant
        return self.words["greeting.named" if applicant else "greeting.unnamed"].format(applicant=applicant)

    def request(self) -> str:
        case = self.matter.case
        key = "full" if case.amount is not None and case.term_months else "amount" if case.amount is not None else ""
        key = key or ("term" if case.term_months else "plain")
        product = self.words.get(f"product.{case.product}", self.words["product.other"])
        return self.words[f"request.{key}"].format(
            product=product, amount=self.money(case.amount, case.currency), term=self.months(case.term_months)
        )

    # -- the parts

    def parts(self) -> Iterator[Part]:
        request = self.request()
        yield Part(before=(self.words[f"opening.{self.kind}"].format(request=request),))
        if self.kind is LetterKind.INCOMPLETE:
            yield self.missing()
        else:
            yield self.reasons()
            if self.kind is LetterKind.COUNTER_OFFER:
                yield self.offer()
            if self.matter.pack.score_disclosure and self.matter.score is not None:
                yield from self.score(self.matter.score)
            yield from self.bureau()
        yield self.contact()
        if self.kind is not LetterKind.INCOMPLETE:
            yield from self.notice(self.matter.pack.notices[self.kind])

    def reasons(self) -> Part:
        statements = tuple(reason.text for reason in self.matter.reasons)
        opening = self.words["reasons.one" if len(statements) == 1 else "reasons.several"]
        return Part(self.words["reasons.title"], (opening,), statements)

    def offer(self) -> Part:
        decision = self.matter.decision
        assert decision is not None
        rows = [(self.words["offer.amount"], self.money(decision.amount, decision.currency))]
        rows.append((self.words["offer.term"], self.months(decision.term_months)))
        if decision.rate_pct is not None:
            rows.append((self.words["offer.rate"], self.percent(decision.rate_pct)))
            if decision.amount is not None and decision.term_months:
                instalment = annuity_instalment(decision.amount, decision.rate_pct, decision.term_months)
                rows.append((self.words["offer.instalment"], self.money(instalment, decision.currency)))
        rows += [(self.words["offer.condition"], condition) for condition in decision.conditions]
        answer = self.words["offer.answer"].format(answer_by=self.day(self.matter.answer_by))
        return Part(self.words["offer.title"], (self.words["offer.opening"],), rows=tuple(rows), after=(answer,))

    def missing(self) -> Part:
        until = self.words["missing.until"].format(answer_by=self.day(self.matter.answer_by))
        opening = self.words["missing.opening"]
        return Part(self.words["missing.title"], (opening,), self.matter.asked, after=(until,))

    def score(self, score: Score) -> Iterator[Part]:
        words = self.words
        reach = words["score.from_to"].format(low=score.minimum_points, high=score.maximum_points)
        rows = (
            (words["score.points"], str(score.points)),
            (words["score.date"], self.day(self.matter.score_on)),
            (words["score.range"], reach),
        )
        yield Part(words["score.title"], (words["score.system"],), rows=rows)
        factors = self.matter.key_factors
        yield Part(before=(words["score.factors" if factors else "score.no_factors"],), items=factors)

    def bureau(self) -> Iterator[Part]:
        notice = self.matter.pack.notices.get("bureau")
        if self.matter.bureau is None or notice is None:
            return
        rows = [(self.words["bureau.name"], self.matter.bureau or self.lender("bureau"))]
        if self.matter.pack.bureau_disclosure:
            rows += [
                (self.words["bureau.address"], _one_line(self.lender("bureau_address"))),
                (self.words["bureau.phone"], self.lender("bureau_phone")),
            ]
        yield Part(notice.title[self.language], notice.paragraphs[self.language], rows=tuple(rows))
        yield from self.in_the_laws_language(notice)

    def contact(self) -> Part:
        words = self.words
        rows = (
            (words["contact.name"], self.lender("name")),
            (words["contact.address"], _one_line(self.lender("address"))),
            (words["contact.phone"], self.lender("phone")),
        )
        return Part(words["contact.title"], (words["contact.words"],), rows=rows)

    def notice(self, notice: LegalNotice) -> Iterator[Part]:
        texts = tuple(self.filled(text, self.words) for text in notice.paragraphs[self.language])
        yield Part(notice.title[self.language], texts, legal=True)
        yield from self.in_the_laws_language(notice)

    def in_the_laws_language(self, notice: LegalNotice) -> Iterator[Part]:
        own = self.matter.pack.own_language
        if own and own != self.language:
            texts = tuple(self.filled(text, self.original) for text in notice.paragraphs[own])
            yield Part(notice.title[own], texts, legal=True)

    def filled(self, text: str, words: Words) -> str:
        """A text of the rule pack with its slots filled."""
        decision = self.matter.decision
        agency = self.matter.pack.agency(self.matter.lender.agency)
        if agency is None and "{agency}" in text:
            self.blanks.append("agency")
        role = decision.role if decision else ""
        slots = {
            "agency": agency.text.rstrip(".") if agency else words["blank.agency"],
            "person": decision.person if decision else "",
            "role": words.get(f"role.{role.casefold().replace(' ', '-')}", role),
            "basis": _listed([words[f"basis.{kind}"] for kind in self.matter.basis], words),
            "policy": self.matter.policy,
        }
        for name, value in slots.items():
            text = text.replace("{" + name + "}", value)
        return text

    # -- values

    def day(self, day: date | None) -> str:
        return "" if day is None else format_date(day, self.language)

    def money(self, amount: Decimal | None, currency: str) -> str:
        return "" if amount is None else format_money(amount, currency, self.language)

    def months(self, count: int | None) -> str:
        return self.words["unit.month" if count == 1 else "unit.months"].format(n=count)

    def percent(self, value: Decimal) -> str:
        return self.words["unit.percent"].format(n=format_number(value))


def _one_line(text: str) -> str:
    return ", ".join(line.strip() for line in text.splitlines() if line.strip())


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(parts: Sequence[str], words: Words) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return words["basis.comma"].join(parts[:-1]) + words["basis.and"] + parts[-1]
