"""Builds the plan of a report by rules: which findings, in which order, in which words and with which slots."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.case import Case
from app.domain.facts import Catalogue, Fact, Stance
from app.domain.findings import Finding, Materiality
from app.domain.phrases import Entry, Phrase, PhraseBook
from app.domain.plan import Plan, SentencePlan, Slot
from app.domain.policy import PolicyResult
from app.domain.rendering import Prose, slot_names
from app.domain.report_kinds import FULL, ReportKind
from app.domain.variety import vary

LISTED_FACTS = 4  # that "[facts]" names of a finding; the others stay in the evidence
MOST_LISTED = 8  # of several findings that share a sentence
SHARED_CLAUSES = 4  # of the policy that one sentence names
_TOGETHER = frozenset({"score.reason", "document.doubtful"})  # codes whose findings share one sentence
_MARK = re.compile(r"\[(label \d|facts|code)\]")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a plan is built from; ``facts`` are the current ones."""

    case: Case
    facts: Sequence[Fact]
    findings: Sequence[Finding]
    policy: PolicyResult | None = None


def build_plan(
    file: CaseFile, catalogue: Catalogue, phrases: PhraseBook, language: str, kind: ReportKind = FULL
) -> Plan:
    """Plan the report of a case.

    Sections come in the order of the kind, in a section the weightiest finding first; every major finding and every
    adverse one of weight gets a sentence, whatever the kind. A prohibited basis never reaches the plan: its facts are
    left out of the slots, the lists and the evidence, and ``AssertionError`` is raised should one be found in the
    finished plan all the same.
    """
    planner = _Planner(file, catalogue, phrases, language)
    findings = [*_with_terms(file), *_recommended(file)]
    sections = kind.arranged(findings)
    sentences = [planner.sentence(group, name) for name, own in sections for group in _grouped(own, phrases.entries)]
    plan = Plan(file.case.id, language, tuple(vary(sentences)))
    _refuse_prohibited(plan, file.facts, catalogue)
    return plan


def _grouped(findings: Iterable[Finding], entries: Container[str]) -> list[tuple[Finding, ...]]:
    """The findings a sentence each, but for those that share the place of their first.

    These are the codes of ``_TOGETHER``, and the clauses of the policy that refer the request on top of another clause.
    """
    groups: dict[str, tuple[Finding, ...]] = {}
    clauses = shared = 0
    for finding in findings:
        head = finding.code.split(":")[0]
        key = head if head in _TOGETHER else finding.id
        if head.startswith("policy."):
            clauses += 1
            if clauses > 1 and finding.detail == "refer" and finding.facts and finding.code not in entries:
                key = f"policy.again {shared // SHARED_CLAUSES}"
                shared += 1
        groups[key] = (*groups.get(key, ()), finding)
    return list(groups.values())


def _with_terms(file: CaseFile) -> list[Finding]:
    """The findings, with the requested terms put first where no finding names them."""
    findings = list(file.findings)
    ids = {fact.name: fact.id for fact in file.facts}
    if any(f.code == "request.terms" for f in findings) or "request.amount" not in ids:
        return findings
    facts = tuple(ids[n] for n in ("request.amount", "request.term_months", "loan.instalment") if n in ids)
    return [Finding("request.terms", "request.terms", "request", Stance.NEUTRAL, Materiality.MINOR, facts), *findings]


def _recommended(file: CaseFile) -> list[Finding]:
    """The policy's outcome as a recommendation, where the findings hold none."""
    if file.policy is None or any(f.section == "recommendation" for f in file.findings):
        return []
    code = f"recommendation.{file.policy.outcome}"
    return [Finding(code, code, "recommendation", Stance.NEUTRAL, Materiality.MAJOR, ())]


class _Planner:
    def __init__(self, file: CaseFile, catalogue: Catalogue, phrases: PhraseBook, language: str) -> None:
        allowed = [fact for fact in file.facts if not catalogue.prohibited(fact.name)]
        self.by_id = {fact.id: fact for fact in allowed}
        self.by_name = {fact.name: fact for fact in reversed(allowed)}
        self.catalogue = catalogue
        self.phrases = phrases
        self.language = language
        self.prose = Prose(catalogue, phrases, language)
        self._said: set[tuple[str, str]] = set()  # section and fact of the slots so far
        self._families: set[str] = set()  # families of findings that had a sentence

    def sentence(self, group: Sequence[Finding], section: str) -> SentencePlan:
        """The sentence of one finding, or of several that share it; the first leads."""
        finding = group[0]
        facts = [self.by_id[fact_id] for each in group for fact_id in each.facts if fact_id in self.by_id]
        entry = self._entry(group, facts)
        filled = self._phrase(entry, group, facts, section)
        slots = self._slots(filled.text, finding, facts)
        self._said |= {(section, slot.name) for slot in slots}
        return SentencePlan(
            key=finding.id,
            section=section,
            relation=finding.relation,
            stance=finding.stance,
            slots=slots,
            findings=tuple(each.id for each in group),
            clause=", ".join(dict.fromkeys(each.clause for each in group if each.clause)) or None,
            rule_text=filled.text,
            subject=entry.subject[self.language],
            frame=filled.frame,
            taught=filled.taught,
            evidence=tuple(dict.fromkeys([slot.fact for slot in slots] + [fact.id for fact in facts])),
            materiality=max(int(each.materiality) for each in group),
        )

    def _entry(self, group: Sequence[Finding], facts: Sequence[Fact]) -> Entry:
        """The narrowest entry there is: by number, detail or stance of the code, the code, its family, the rest."""
        finding = group[0]
        head = finding.code.split(":")[0]
        family = head.split(".")[0]
        narrowed = f"{family}.*.{finding.detail}"
        again = f"{narrowed}.again" if family in self._families else ""
        self._families.add(family)
        several = f"{head}.several" if len(group) > 1 else ""
        counted = f"{head}.{_count(facts)}"
        exact = finding.code if ":" in finding.code else ""
        own = (exact, several, counted, f"{head}.{finding.detail}", f"{head}.{finding.stance}", head)
        for key in (*own, again, narrowed):
            if key in self.phrases.entries:
                return self.phrases.entries[key]
        return self.phrases.find(finding.code, finding.stance)

    def _phrase(self, entry: Entry, group: Sequence[Finding], facts: Sequence[Fact], section: str) -> Phrase:
        """The richest phrase whose facts are there; one that repeats a further fact only where there is no other."""
        filled = [self._fill(phrase, group, facts) for phrase in entry.phrases[self.language]]
        usable = [phrase for phrase in filled if phrase is not None]
        if not usable:
            return self._phrase(self.phrases.entries[f"*.{group[0].stance}"], group, facts, section)
        about = facts[0].name if facts else ""
        fresh = (p for p in usable if not any(self._repeats(name, about, section) for name in slot_names(p.text)))
        return next(fresh, usable[0])

    def _repeats(self, name: str, about: str, section: str) -> bool:
        return name != about and (section, name) in self._said

    def _fill(self, phrase: Phrase, group: Sequence[Finding], facts: Sequence[Fact]) -> Phrase | None:
        """The phrase with its marks resolved; null when a fact it needs is not there."""
        text = self._resolve(phrase.text, group, facts)
        if text is None or any(name not in self.by_name for name in slot_names(text)):
            return None
        return Phrase(text, self._resolve(phrase.frame, group, facts) or "", phrase.taught)

    def _resolve(self, text: str, group: Sequence[Finding], facts: Sequence[Fact]) -> str | None:
        """Turn ``{0}``, ``[label 0]``, ``[facts]`` and ``[code]`` into slots and words."""
        names = list(dict.fromkeys(fact.name for fact in facts))
        needed = [int(n) for n in re.findall(r"\{(\d)\}|\[label (\d)\]", text) for n in n if n]
        listed = [name for name in names if not self._personal(name)]
        if any(index >= len(names) for index in needed) or ("[facts]" in text and not listed):
            return None

        def mark(match: re.Match[str]) -> str:
            word = match.group(1)
            if word == "code":
                return re.sub(r"[^\w ]", " ", re.sub(r"[._:-]", " ", group[0].code)).strip()
            if word == "facts":
                return self._listed(listed, LISTED_FACTS if len(group) == 1 else MOST_LISTED)
            return self.prose.label(names[int(word[-1])])

        text = _MARK.sub(mark, text)
        return re.sub(r"\{(\d)\}", lambda m: "{" + names[int(m.group(1))] + "}", text)

    def _personal(self, name: str) -> bool:
        """What a list leaves out: a package withholds it as long as no sentence cites it."""
        definition = self.catalogue.get(name)
        return definition is not None and definition.sensitive

    def _listed(self, names: Sequence[str], most: int) -> str:
        parts: list[str] = []
        left = list(names)
        while left and len(parts) < most:
            both = self.phrases.mention(" ".join(left[:2]), self.language) if len(left) > 1 else ""
            parts.append(both or self._mention(left[0]) or self._pair(left[0]))
            left = left[2:] if both else left[1:]
        if self.language == "zh":
            return "、".join(parts)
        return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

    def _mention(self, name: str) -> str:
        counted = f"{name} {_count([self.by_name[name]])}"
        return self.phrases.mention(counted, self.language) or self.phrases.mention(name, self.language)

    def _pair(self, name: str) -> str:
        """Label and slot; the slot alone where its noun says the label's word already, "2 returned payments"."""
        label, nouns = self.prose.label(name), self.phrases.noun(name, self.language)
        if self.language == "en" and nouns and nouns[-1].split()[0] in label.split():
            return f"{{{name}}}"
        return f"{label}（{{{name}}}）" if self.language == "zh" else f"{label} ({{{name}}})"

    def _slots(self, text: str, finding: Finding, facts: Sequence[Fact]) -> tuple[Slot, ...]:
        about = facts[0].name if facts else ""
        own = {fact.name: fact for fact in reversed(facts)}
        return tuple(
            Slot(name, own.get(name, self.by_name[name]).id, finding.stance if name == about else Stance.NEUTRAL)
            for name in slot_names(text)
        )


def _count(facts: Sequence[Fact]) -> str:
    """``zero`` or ``one`` for a first fact of that number, else empty."""
    value = facts[0].value if facts else None
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return ("zero" if value == 0 else "one" if value == 1 else "") if number else ""


def _refuse_prohibited(plan: Plan, facts: Sequence[Fact], catalogue: Catalogue) -> None:
    prohibited = {fact.id for fact in facts if catalogue.prohibited(fact.name)}
    for sentence in plan.sentences:
        used = {*sentence.evidence, *(slot.fact for slot in sentence.slots)}
        names = {*slot_names(sentence.rule_text), *slot_names(sentence.frame)}
        if used & prohibited or any(catalogue.prohibited(name) for name in names):
            raise AssertionError(f"a prohibited basis reached the plan of {sentence.key}")
