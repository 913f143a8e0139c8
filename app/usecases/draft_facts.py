"""Draft the report of a case that was written down as facts and findings: by rule, each sentence checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.checks.casebook import CaseFact, CaseFinding, CheckedCase, Value
from app.domain.checks.direction import stands_to
from app.domain.checks.engine import Engine
from app.domain.checks.fit import matches
from app.domain.checks.lexicon import Lexicon
from app.domain.checks.quantities import figures_of
from app.domain.checks.reading import keys_of
from app.domain.facts import Stance
from app.domain.plan import SECTIONS
from app.domain.rendering import format_date, format_money, format_number
from app.domain.report import Report
from app.domain.sentences import Author, Sentence, State
from app.usecases.check_text import CheckedSentence

USUAL_LENGTH = 8  # sentences of a section, unless more take a side
_SECTION_OF = {
    "request": "requested term purpose price rate fee down_payment value ltv property car renovation refinancing "
    "working_capital",
    "capacity": "income bonus rental_income pension benefit side_income instalment dsr dscr debt expenses rent "
    "disposable savings assets employer job tenure permanent temporary self_employed turnover profit loss cash_flow "
    "equity_ratio staff founded customers dependants address receivables stock_in_trade mortgage",
    "history": "overdue default enquiries accounts credit_history oldest_account bureau overdraft returned gambling "
    "balance bankruptcy court utilisation credit_card",
    "documents": "bank_statement payslip tax identity verified fraud contract consistent complete disclosed audited",
    "score": "score grade pd",
    "mitigants": "collateral guarantor co_applicant life_insurance housing_fund",
}
_BY_CODE = (
    (r"recommend|decision|outcome", "recommendation"),
    (r"policy|limit_breach|rule", "policy"),
    (r"request", "request"),
    (r"afford|capacity|income|employ|dsr|debt|coverage|cash_?flow", "capacity"),
    (r"history|conduct|arrears|enquir|bureau", "history"),
    (r"document|identity|verif|fraud|contradict", "documents"),
    (r"score|grade|pd\b", "score"),
    (r"collateral|security|guarant|mitig", "mitigants"),
)
_NO_NOUN = re.compile(r"\b(?:since|by|on|at|from|for|with|to|of|is|has)$|^(?:is|has|was)\b|[:?？]$", re.IGNORECASE)
_PLURAL = re.compile(
    r"[^,(/]*?[a-z]{2}(?<![sui])s(?: (?:of|in|on|at|per|a|to|from|under|over|with|after|before|by)\b|\s*[,(:/]|$)",
    re.IGNORECASE,
)
_STANCES = {Stance.ADVERSE: 0, Stance.FAVOURABLE: 1, Stance.NEUTRAL: 2}
_SIDES = {
    "en": {Stance.ADVERSE: "against", Stance.FAVOURABLE: "for", Stance.NEUTRAL: "neither for nor against"},
    "zh": {Stance.ADVERSE: "对申请不利", Stance.FAVOURABLE: "对申请有利", Stance.NEUTRAL: "对申请没有影响"},
}
_ENDS = {"en": "The decision rests with the underwriter.", "zh": "本报告供审批人参考。"}
_RELATIONS = {
    "en": {"above": "above", "below": "below", "equal": "equal to"},
    "zh": {"above": "高于", "below": "低于", "equal": "等于"},
}


def draft_from_facts(case: CheckedCase, lexicon: Lexicon) -> Report:
    """The whole report by rule: sections in order, adverse findings first, each with the figures it rests on.

    Every finding is said; of facts that no finding speaks of, those that take a side, and others up to the usual length
    of a section. A finding whose words do not pass the checks is said by what it rests on.
    """
    drafter = _Drafter(case, Engine(case, lexicon), lexicon)
    sentences = [sentence for section in SECTIONS for sentence in drafter.section(section)]
    return Report(case.id, case.language, tuple(sentences))


@dataclass
class _Drafter:
    case: CheckedCase
    engine: Engine
    lexicon: Lexicon

    def __post_init__(self) -> None:
        self._by_id = {fact.id: fact for fact in self.case.facts}
        self._said: set[str] = set()

    def section(self, section: str) -> Iterator[Sentence]:
        """The sentences of one section, adverse findings first."""
        findings = [f for f in self.case.findings if self._section_of_finding(f) == section]
        for number, finding in enumerate(sorted(findings, key=lambda f: _STANCES[f.stance]), start=1):
            yield from self._finding(finding, section, number)
        if section == "recommendation":
            if not findings:
                yield self._sentence("recommendation.rests", section, _ENDS[self.case.language], Stance.NEUTRAL, (), ())
            return
        yield from self._facts(section)

    def _facts(self, section: str) -> Iterator[Sentence]:
        """Facts that no finding has said: all that take a side, then others."""
        spoken = {fact for finding in self.case.findings for fact in finding.facts}
        own = [f for f in self.case.facts if f.id not in spoken | self._said and self._section_of(f) == section]
        own.sort(key=lambda fact: _STANCES[fact.stance])
        for at, fact in enumerate(own):
            if at < USUAL_LENGTH or fact.stance is not Stance.NEUTRAL:
                yield self._of_fact(fact, section)

    def _finding(self, finding: CaseFinding, section: str, number: int) -> Iterator[Sentence]:
        """The finding in its own words, then each of its facts whose value the words leave out."""
        key = f"{finding.code}.{number}" if number > 1 else finding.code
        facts = [self._by_id[fact] for fact in finding.facts if fact in self._by_id]
        text = " ".join(finding.text.split())
        template, told = self._with_slots(text, facts)
        if not text or self.engine.check(text).problems:
            template, told = self._by_what_it_rests_on(finding, facts), ()
        yield self._sentence(
            key, section, template, finding.stance, told, tuple(fact.id for fact in facts), (finding.code,)
        )
        for fact in facts:
            if fact.id not in told and fact.id not in self._said:
                yield self._of_fact(fact, section)

    def _with_slots(self, text: str, facts: Sequence[CaseFact]) -> tuple[str, tuple[str, ...]]:
        """The text with the exact values of its facts as slots."""
        figures = figures_of(text, self.case.language, self.lexicon)
        cuts: list[tuple[int, int, str]] = []
        for quantity in figures.quantities:
            for candidate in self.engine.index.candidates:
                if (
                    candidate.benchmark
                    or candidate.fact not in facts
                    or quantity.hedge != "exact"
                    or not matches(quantity, candidate)
                ):
                    continue
                if text[quantity.start : quantity.end].strip() == self._value(candidate.fact, candidate.fact.value):
                    cuts.append((quantity.start, quantity.end, candidate.fact.id))
                    break
        for start, end, fact in reversed(cuts):
            text = f"{text[:start]}{{{fact}}}{text[end:]}"
        return text, tuple(dict.fromkeys(fact for *_, fact in cuts))

    def _by_what_it_rests_on(self, finding: CaseFinding, facts: Sequence[CaseFact]) -> str:
        labels = [self._label(fact) for fact in facts]
        side = _SIDES[self.case.language][finding.stance]
        if self.case.language == "zh":
            return f"{'、'.join(labels)}{side}。" if labels else f"此项{side}。"
        return (
            f"{_listed(labels)} {'speaks' if len(labels) == 1 else 'speak'} {side} the request."
            if labels
            else f"This speaks {side} the request."
        )

    def _of_fact(self, fact: CaseFact, section: str) -> Sentence:
        return self._sentence(f"fact.{fact.id}", section, self._fact_template(fact), fact.stance, (fact.id,), ())

    def _fact_template(self, fact: CaseFact) -> str:
        label, against = self._label(fact), self._against(fact)
        if self.case.language == "zh":
            joint = "：" if _NO_NOUN.search(label) or isinstance(fact.value, bool) else "为"
            return f"{label}{joint}{{{fact.id}}}{against}。"
        verb = ": "
        if isinstance(fact.value, Decimal) and not _NO_NOUN.search(label):
            verb = " come to " if _PLURAL.match(label) else " comes to "
        return f"{label[:1].upper()}{label[1:]}{verb}{{{fact.id}}}{against}."

    def _against(self, fact: CaseFact) -> str:
        """How the fact stands to its benchmark, in words."""
        bench = fact.benchmark
        relation = stands_to(fact)
        if bench is None or relation not in _RELATIONS["en"]:
            return ""
        word = _RELATIONS[self.case.language][relation]
        shown = "" if bench.value is None else self._value(fact, bench.value)
        if self.case.language == "zh":
            return f"，{word}{bench.against}{shown}"
        against = bench.against if re.match(r"(?:the|a|an) ", bench.against) else f"the {bench.against}"
        return f", {word} {against}{f' of {shown}' if shown else ''}"

    def _label(self, fact: CaseFact) -> str:
        return fact.label.replace("_", " ").strip()

    def _value(self, fact: CaseFact, value: Value) -> str:
        language, measure = self.case.language, fact.measure
        if isinstance(value, bool):
            return {"en": ("no", "yes"), "zh": ("否", "是")}[language][value]
        if isinstance(value, date):
            return format_date(value, language)
        if isinstance(value, str):
            return " ".join(value.split()).replace("{", "(").replace("}", ")")
        if measure.kind == "money" and measure.unit:
            return format_money(value, measure.unit, language)
        return format_number(value) + self._unit(measure.kind, measure.unit, value)

    def _unit(self, kind: str, unit: str, value: Decimal) -> str:
        if kind == "percent":
            return " %" if self.case.language == "en" else "%"
        if kind == "time" and self.case.language == "en":
            return f" {unit if abs(value) != 1 else unit.removesuffix('s')}"
        if kind == "time":
            return {"months": "个月", "years": "年", "weeks": "周", "days": "天"}[unit]
        return "" if kind != "times" else " times" if self.case.language == "en" else "倍"

    def _section_of(self, fact: CaseFact) -> str:
        """By the first concept its label names that belongs to one; capacity where none does."""
        for token in keys_of(self._label(fact), self.lexicon):
            for name, _ in token.signs:
                for section, names in _SECTION_OF.items():
                    if name in names.split():
                        return section
        return "capacity"

    def _section_of_finding(self, finding: CaseFinding) -> str:
        for pattern, section in _BY_CODE:
            if re.search(pattern, finding.code, re.IGNORECASE):
                return section
        facts = [self._by_id[fact] for fact in finding.facts if fact in self._by_id]
        return self._section_of(facts[0]) if facts else "capacity"

    def _sentence(
        self,
        key: str,
        section: str,
        template: str,
        stance: Stance,
        slots: Sequence[str],
        rests_on: Sequence[str],
        findings: tuple[str, ...] = (),
    ) -> Sentence:
        self._said |= set(slots)
        text = template
        for fact in slots:
            text = text.replace(f"{{{fact}}}", self._value(self._by_id[fact], self._by_id[fact].value))
        checked = CheckedSentence(text, self.engine.check(text))
        return Sentence(
            key=key,
            section=section,
            text=text,
            template=template,
            author=Author.RULE,
            state=State.ACCEPTED,
            stance=stance,
            facts=tuple(dict.fromkeys([*slots, *rests_on])),
            findings=findings,
            checks=dict(checked.checks),
            problems=checked.problems,
        )


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
