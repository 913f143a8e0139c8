"""Draft the report of a case that was written down as facts and findings: by rule, each sentence checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.domain.checking import Setting, TextCheck, vocabulary_of
from app.domain.checks.casebook import Benchmark, CaseFact, CaseFinding, CheckedCase, Value
from app.domain.checks.direction import stands_to
from app.domain.checks.engine import Engine
from app.domain.checks.fit import matches
from app.domain.checks.lexicon import Lexicon
from app.domain.checks.quantities import figures_of
from app.domain.checks.reading import keys_of
from app.domain.facts import Stance
from app.domain.naming import in_sentence, is_noun, is_plural
from app.domain.plan import SECTIONS, SentencePlan, Slot
from app.domain.rendering import format_date, format_money, format_number
from app.domain.report import Report
from app.domain.sentences import Author, Problem, Sentence, State
from app.ports import Progress, no_progress
from app.usecases.check_text import CheckedSentence
from app.usecases.word_report import Writer
from app.wording_ports import WordingModel

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
_NO_THING = re.compile(r"(?:not|no|none|never|partly|un\w+)\b", re.IGNORECASE)  # how it is, not what it is
_NO_NAME = re.compile(
    "wanted|desired|required|usual|typical|expected|normal|allowed|tolerated|recommended", re.IGNORECASE
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


def draft_from_facts(
    case: CheckedCase,
    lexicon: Lexicon,
    model: WordingModel | None = None,
    *,
    seed: int = 0,
    required: bool = False,
    progress: Progress = no_progress,
) -> Report:
    """The whole report by rule: sections in order, adverse findings first, each with the figures it rests on.

    Every finding is said; of facts that no finding speaks of, those that take a side, and others up to the usual length
    of a section. A finding whose words do not pass the checks is said by what it rests on. A ``model`` words what is
    said of single facts, findings keep their own words; raises its ``EnvironmentFault`` where it is ``required`` and
    worded nothing, and ``Cancelled`` when stopped.
    """
    drafter = _Drafter(case, Engine(case, lexicon), lexicon)
    by_rule = [sentence for section in SECTIONS for sentence in drafter.section(section)]
    if model is None:
        return Report(case.id, case.language, tuple(by_rule))
    writer = Writer(drafter, model, seed)
    plain = [sentence for sentence in by_rule if sentence.key in drafter.plans]
    plans = [drafter.plans[sentence.key] for sentence in plain]
    worded = {one.key: one for one in writer.word_all(plans, plain, lambda _: None, progress)}
    if required and writer.fault is not None and not writer.worded:
        raise writer.fault
    sentences = tuple(worded.get(sentence.key, sentence) for sentence in by_rule)
    return Report(case.id, case.language, sentences, writer.run(), writer.tokens)


@dataclass
class _Drafter:
    case: CheckedCase
    engine: Engine
    lexicon: Lexicon

    def __post_init__(self) -> None:
        self._by_id = {fact.id: fact for fact in self.case.facts}
        self._said: set[str] = set()
        self.plans: dict[str, SentencePlan] = {}  # of the sentences that a model may word, by key

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
        sentence = self._sentence(f"fact.{fact.id}", section, self._fact_template(fact), fact.stance, (fact.id,), ())
        self.plans[sentence.key] = self._plan(fact, sentence)
        return sentence

    # -- what a model words

    def _plan(self, fact: CaseFact, sentence: Sentence) -> SentencePlan:
        """The sentence of one fact as a plan; its benchmark's value has a slot of its own."""
        slots, text, relation = [Slot("value", fact.id, fact.stance)], sentence.text, "is"
        shown = self._value(fact, fact.value)
        if self._benchmark(fact):
            slots.append(Slot("benchmark", fact.id))
            relation = {"above": "exceeds", "below": "below", "equal": "equals"}[stands_to(fact)]
        return SentencePlan(
            key=sentence.key,
            section=sentence.section,
            relation=relation,
            stance=fact.stance,
            slots=tuple(slots),
            findings=(),
            clause=None,
            rule_text=text.replace(shown, "{value}", 1).replace(self._benchmark(fact) or "\0", "{benchmark}", 1),
            subject=in_sentence(self._label(fact)),
        )

    def _benchmark(self, fact: CaseFact) -> str:
        """What the fact is held against as it is printed; empty where it has no value or stands nowhere."""
        bench = fact.benchmark
        if bench is None or bench.value is None or stands_to(fact) not in _RELATIONS["en"]:
            return ""
        return self._value(fact, bench.value)

    @property
    def language(self) -> str:
        return self.case.language

    def labels(self, plan: SentencePlan) -> dict[str, str]:
        fact = self._by_id[plan.slots[0].fact]
        label = in_sentence(self._label(fact))
        if fact.measure.kind == "count" and is_plural(label):
            label = f"number of {label}"
        return {"value": label, "benchmark": in_sentence(_against(fact.benchmark)) if fact.benchmark else ""}

    def kinds(self, plan: SentencePlan) -> dict[str, str]:
        fact = self._by_id[plan.slots[0].fact]
        measure = fact.measure
        kind = {"time": measure.unit, "bool": ""}.get(measure.kind, measure.kind)
        if kind == "text" and _NO_THING.match(str(fact.value)):
            kind = ""
        if kind in ("weeks", "count"):
            kind = fact.unit if fact.unit in ("points", "grade") else "count"
        return {slot.name: kind for slot in plan.slots}

    def setting_for(self, plan: SentencePlan, others: Sequence[str]) -> Setting:
        labels = self.labels(plan)
        return Setting(self.language, vocabulary_of([plan.rule_text, *labels.values()]), others, tuple(labels.values()))

    def sentence(self, plan: SentencePlan, template: str, author: Author, result: TextCheck) -> Sentence:
        """The sentence with its slots filled; in its template the benchmark stands as it is printed."""
        fact = self._by_id[plan.slots[0].fact]
        template = template.replace("{benchmark}", self._benchmark(fact)).replace("{value}", f"{{{fact.id}}}")
        made = self._sentence(plan.key, plan.section, template, plan.stance, (fact.id,), ())
        return replace(made, author=author)

    def objections(self, sentence: Sentence) -> tuple[Problem, ...]:
        return sentence.problems

    # -- the rule

    def _fact_template(self, fact: CaseFact) -> str:
        label, against = self._label(fact), self._against(fact)
        if self.case.language == "zh":
            joint = "：" if not is_noun(label) or isinstance(fact.value, bool) else "为"
            return f"{label}{joint}{{{fact.id}}}{against}。"
        verb = ": "
        if isinstance(fact.value, Decimal) and is_noun(label):
            verb = " come to " if is_plural(label) else " comes to "
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
        return f", {word} the {_against(bench)}{f' of {shown}' if shown else ''}"

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


def _against(bench: Benchmark) -> str:
    """The name of a benchmark after "the": "wanted" becomes "wanted level"."""
    name = re.sub(r"^(?:the|an?) ", "", bench.against.strip())
    return f"{name} level" if _NO_NAME.fullmatch(name) else name


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
