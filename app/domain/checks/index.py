"""The facts of a case by the words that name them, and how well a stretch of a sentence speaks of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from app.domain.checks.casebook import CaseFact, CheckedCase, Measure, is_bare, measure_of, unit_names
from app.domain.checks.lexicon import Lexicon
from app.domain.checks.quantities import Figures, Quantity, figures_of, small_number, windows_of
from app.domain.checks.reading import Reading, Token, keys_of, read
from app.domain.checks.stems import root, stem
from app.domain.facts import Stance
from app.domain.figures import find_figures

_FUNCTION_WORDS = """
of the in per over last past and a at to for by with on month year day an as is from p after before or all any this that
it its not no up be what which who whom whose when where how she he her his their they them our we you your there here
been being was were are has have had do does did will would can could may might must shall should if then than so such
each every
"""
_STOP = frozenset(
    [
        *(f"w:{stem(word)}" for word in _FUNCTION_WORDS.split()),
        *("h:月", "h:年", "h:最近", "h:近", "h:过去", "h:个月", "h:的", "h:个", "h:日"),
    ]
)
_GENERIC = frozenset(
    [
        *("w:loan", "w:credit", "h:贷款", "h:借款", "b:贷款", "b:借款", "b:本笔", "b:笔贷", "b:申请"),
        "w:amount",
        "w:number",
        "w:total",
        "w:count",
        "w:valu",
        "w:date",
        "w:us",
        "w:used",
        "w:account",
        "w:payment",
        "h:金额",
        "h:次数",
        "h:数量",
        "h:总",
        "h:情况",
    ]
)
_LENT = frozenset({"w:loan", "w:credit", "w:payment", "w:account"})
_LIMIT_WORDS = re.compile(
    r"\b(?:limit|ceiling|cap|maximum|max|threshold|policy|guideline|benchmark|norm|requirement|"
    r"minimum|min|floor|standard|yardstick|allowed|"
    r"permitted|required|permissible|bar|line|mark|target|reference|usual|average|tolerance|"
    r"criterion|bound|boundary|rule|covenant|buffer|affordable|admissible|acceptable|desired|tolerat\w+|tolerable)s?\b"
    r"|\bwe (?:ask|require|want|accept|allow|permit|like|expect|demand)\b"
    r"|上限|下限|限额|门槛|阈值|政策|标准|基准|要求|规定|红线|警戒线|同行|同业|行业|同类|中值|中位|预警|提示线|关注线|警示|参考值|均值|平均水平|准入|底线|最高|最低|上限值|限制|指标|容许|允许|范围|容忍|通过分|及格|盈亏平衡",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(  # labels of the amount asked for, whatever it is called
    r"(?:申请|拟|想|本次|本笔|新增).{0,8}(?:[贷借]|授信|额|融资)|(?:[贷借]款?|授信|融资|按揭)(?:总|申请)?(?:金额|额度?|本金|数额)$"
)
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?:[/-]\d\d)?(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_YEAR_OR_BEFORE = re.compile(
    r"\b(?:(?P<last>(?:last|past|latest|this|current) year)|"
    r"(?:the )?(?:year before(?: last)?|previous year|prior year)|a year (?:earlier|ago|before))\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z][\w.&'-]* (?:& )?[A-Z]|公司|银行|集团|中心|事务所|厂$|店$|学校|医院|有限")
_SPEAKS = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all|any|previous|the|everything|your)|\b(?:system|"
    r"assistant|user)\s*:|\byou (?:are|must|should)\b"
    r"|忽略|无视|你(?:必须|应|是)|标记为|判定为",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A value that a figure may be said of: a fact's own, or its benchmark's."""

    fact: CaseFact
    value: Decimal
    measure: Measure
    keys: Mapping[str, float]
    benchmark: bool = False
    windows: tuple[Decimal, ...] = ()  # months that it counts over


@dataclass
class CaseIndex:
    """Everything that is looked up while a text is checked; built once a case."""

    case: CheckedCase
    lexicon: Lexicon
    candidates: list[Candidate] = field(default_factory=list)
    fact_keys: dict[str, dict[str, float]] = field(default_factory=dict)  # fact id -> key -> weight
    dates: list[tuple[CaseFact, date]] = field(default_factory=list)
    vocabulary: set[str] = field(default_factory=set)  # keys that the case speaks of
    roots: set[str] = field(default_factory=set)  # of the English words of the case
    corpus: str = ""  # all texts of the case, in lower case
    windows: set[Decimal] = field(default_factory=set)
    signs: dict[str, str] = field(default_factory=dict)  # currencies by the sign that the case prints them with
    years: frozenset[str] = frozenset()  # that labels, dates and texts name
    told: list[Candidate] = field(default_factory=list)  # figures of findings and notes that no fact has
    numbers: list[Quantity] = field(default_factory=list)  # figures in notes, findings and printed texts
    days: list[date] = field(default_factory=list)  # dates in notes, findings and printed values
    standing: dict[Stance, str] = field(default_factory=dict)  # texts whose words of judgement stand, by side
    label_signs: dict[str, dict[str, int]] = field(default_factory=dict)  # fact id -> concept -> side of its label
    trends: list[tuple[Candidate, Candidate]] = field(default_factory=list)  # of the later year, of the earlier
    labels: tuple[str, ...] = ()  # in lower case
    spans_in_labels: dict[str, set[tuple[str, Decimal]]] = field(default_factory=dict)  # unit and number, by fact
    texts: tuple[str, ...] = ()  # values that are texts
    names: set[str] = field(default_factory=set)  # keys that name a fact clearly
    by_id: dict[str, CaseFact] = field(default_factory=dict)
    stances: dict[str, Stance] = field(default_factory=dict)  # of the fact, else of the findings about it
    findings: list[tuple[Reading, Stance, tuple[str, ...], str]] = field(default_factory=list)
    finding_keys: list[tuple[frozenset[str], Stance]] = field(default_factory=list)
    by_finding: set[tuple[str, str]] = field(default_factory=set)  # keys that findings add to those of the label
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)  # fact id -> keys of its text value
    opposed: dict[str, set[int]] = field(default_factory=dict)  # concept -> sides the case's texts take
    _postings: dict[str, list[tuple[Candidate, float]]] = field(default_factory=dict)
    _fact_postings: dict[str, list[tuple[str, float]]] = field(default_factory=dict)

    @classmethod
    def of(cls, case: CheckedCase, lexicon: Lexicon) -> CaseIndex:
        index = cls(case, lexicon, by_id={fact.id: fact for fact in case.facts})
        index.signs = _signs_of(case)
        counts = Counter(
            key
            for fact in case.facts
            for key in {k for t in keys_of(fact.label.replace("_", " "), lexicon) for k in t.keys}
        )
        for fact in case.facts:
            index._take(fact, counts)
        for finding in case.findings:
            index.findings.append(
                (read(finding.text, lexicon, case.language), finding.stance, finding.facts, finding.code)
            )
        index.finding_keys = [
            (frozenset(key for token in reading.tokens for key in token.keys), stance)
            for reading, stance, *_ in index.findings
        ]
        named = " ".join(fact.benchmark.against for fact in case.facts if fact.benchmark)
        for side in Stance:
            said = (finding.text for finding in case.findings if finding.stance is side)
            index.standing[side] = " ".join((named, *said)).lower()
        index._name_by_findings(counts)
        index._learn()
        index._drop_told()
        index._find_trends()
        index.texts = tuple(f.value for f in case.facts if isinstance(f.value, str) and len(f.value) > 1)
        index.labels = tuple(
            text.replace("_", " ").lower()
            for fact in case.facts
            for text in (*fact.label.split(" | "), fact.benchmark.against if fact.benchmark else "")
            if len(text) > 7 or not text.isascii()
        )
        index._post()
        index._judge()
        return index

    def _take(self, fact: CaseFact, counts: Counter[str]) -> None:
        label = fact.label.replace("_", " ")
        keys = self._label_keys(label, counts)
        self.label_signs[fact.id] = {name: side for token in keys_of(label, self.lexicon) for name, side in token.signs}
        if not speaks_to_a_model(fact.note):
            for key in {
                key for token in keys_of(fact.note, self.lexicon) for key in token.keys if key.startswith("c:")
            }:
                keys.setdefault(key, 0.3 if any(known.startswith("c:") for known in keys) else 0.6)
        if fact.measure.kind == "money" and _ASKED_FOR.search(label):
            keys["c:requested"] = max(keys.get("c:requested", 0.0), 0.9)
        for token in self._unit_tokens(fact):
            keys.update({key: max(0.6, keys.get(key, 0.0)) for key in token.keys if key not in _STOP})
        self.fact_keys[fact.id] = keys
        named = figures_of(label, self.case.language, self.lexicon).quantities
        self.spans_in_labels[fact.id] = {(q.unit, value) for q in named if q.kind == "time" for value in q.values}
        windows = tuple(window.months for window in windows_of(label)) or _window_of(label)
        self.windows |= set(windows)
        if isinstance(fact.value, date):
            self.dates.append((fact, fact.value))
        elif isinstance(fact.value, Decimal):
            measure = fact.measure
            if not measure.period and measure.kind == "money" and Decimal(12) in windows and not _MEAN.search(label):
                measure = Measure(measure.kind, measure.unit, "year")
            elif not measure.period and measure.kind in ("money", "percent"):
                measure = Measure(measure.kind, measure.unit, self._usual_period(fact))
            self.candidates.append(Candidate(fact, fact.value, measure, keys, windows=windows))
        elif isinstance(fact.value, str):
            self.dates += [(fact, told.day) for told in find_figures(fact.value) if told.day is not None]
            tokens = keys_of(fact.value, self.lexicon)
            self.values[fact.id] = tuple(key for token in tokens for key in token.keys if key not in _STOP)
        self._take_benchmark(fact, keys, counts)

    def _label_keys(self, label: str, counts: Counter[str]) -> dict[str, float]:
        """What a label is known by, with how much each counts: the less, the more labels have it."""
        keys: dict[str, float] = {}
        tokens = keys_of(label, self.lexicon)
        vague = not any(token.signs for token in tokens)  # "Loan wanted": its vague words are all it is known by
        for token in tokens:
            for key in token.keys:
                if key not in _STOP:
                    weight = 0.5 if vague and key in _LENT else self._weight(key, token)
                    keys[key] = max(keys.get(key, 0.0), weight / counts[key] ** 0.7)
            for hint in (hint for name, _ in token.signs for hint in self._hints(name)):
                keys[hint] = max(keys.get(hint, 0.0), 0.33)
        return keys

    def _unit_tokens(self, fact: CaseFact) -> Iterator[Token]:
        """The words of a unit of its own, "hl" or "guests", under all its names."""
        unit = fact.unit.strip()
        if isinstance(fact.value, Decimal) and fact.measure.kind == "count" and not is_bare(unit):
            yield from keys_of(" ".join((unit, *unit_names(unit))), self.lexicon)

    def _name_by_findings(self, counts: Counter[str]) -> None:
        """A finding of one fact names it by its own words and its code, a little less than the label does."""
        for reading, _, facts, code in self.findings:
            if len(facts) != 1 or facts[0] not in self.fact_keys:
                continue
            tokens = [*reading.tokens, *keys_of(re.sub(r"[._]", " ", code), self.lexicon)]
            for token in tokens:
                if token.plain or limit_words(token.text):
                    continue
                for key in token.keys:
                    if key not in _STOP and key[:2] in ("c:", "w:", "h:") and not counts[key] and len(key) > 4:
                        self.fact_keys[facts[0]].setdefault(key, 0.4)
                        self.by_finding.add((facts[0], key))

    def _take_benchmark(self, fact: CaseFact, keys: Mapping[str, float], counts: Counter[str]) -> None:
        bench = fact.benchmark
        if bench is None or not isinstance(bench.value, Decimal):
            return
        against = {
            key: (0.55 if limit_words(token.text) else self._weight(key, token)) * (0.7 if counts[key] else 1.2)
            for token in keys_of(bench.against, self.lexicon)
            for key in token.keys
            if key not in _STOP
        }
        shared = {key: weight * 0.3 for key, weight in keys.items()}
        unit = measure_of(fact.unit, bench.value, f"{bench.against} {fact.label}")
        self.candidates.append(Candidate(fact, bench.value, unit, {**shared, **against}, benchmark=True))

    def _weight(self, key: str, token: Token) -> float:
        """A concept and a number weigh most, then the word itself; plain words and stray characters little."""
        if key[:2] in ("c:", "y:", "n:", "t:"):
            return 0.55 if token.plain and key[:2] == "c:" and " " not in token.text else 1.0
        if key in _GENERIC:
            return 0.12
        if key.startswith("b:"):
            return 0.3
        if token.plain or (key.startswith("w:") and f"={key[2:]}" in self.lexicon.plain["en"]):
            return 0.4
        return 0.6 if key.startswith("w:") else 0.4

    def _hints(self, concept: str) -> Iterator[str]:
        """Keys of words that may mean the concept."""
        for hint in self.lexicon.concepts[concept].hints["en"]:
            yield hint if hint.startswith("c:") else f"w:{stem(hint)}"
        for hint in self.lexicon.concepts[concept].hints["zh"]:
            yield hint if hint.startswith("c:") else f"h:{hint}"

    def _usual_period(self, fact: CaseFact) -> str:
        """What an amount of its kind is usually counted by, with a question mark; "none" for one that stands alone."""
        periods = [
            self.lexicon.concepts[name].period
            for token in keys_of(fact.label, self.lexicon)
            for name, _ in token.signs
            if self.lexicon.concepts[name].period
        ]
        if not periods and _YEAR.search(fact.label) and not _STOCKS.search(fact.label):
            return "year?"
        return f"{periods[-1]}?" if periods else ""

    def _learn(self) -> None:
        """The vocabulary: labels, texts, notes, benchmarks and findings; what speaks to a model is left out."""
        texts = []
        for fact in self.case.facts:
            texts += [fact.label, fact.raw, fact.note, fact.unit, str(fact.value), *unit_names(fact.unit)]
            texts += [fact.benchmark.against] if fact.benchmark else []
        texts += [finding.text for finding in self.case.findings]
        texts += [finding.code.replace("_", " ").replace(".", " ") for finding in self.case.findings]
        kept = [text for text in texts if text and not _SPEAKS.search(text)]
        self.corpus = "\n".join(kept).lower()
        self.years = frozenset(_YEAR.findall(self.corpus))
        self.roots = {root(word) for word in re.findall(r"[a-z]{5,}", self.corpus)}
        names = {str(fact.value) for fact in self.case.facts if isinstance(fact.value, str)}
        for text in kept:
            is_name = text in names and bool(_NAME.search(text))
            for token in keys_of(text, self.lexicon):
                self.vocabulary |= {key for key in token.keys if not (is_name and key.startswith("c:"))}
        for text in (
            *(f.note for f in self.case.facts),
            *(f.text for f in self.case.findings),
            *(f.benchmark.against for f in self.case.facts if f.benchmark),
            *(f.label for f in self.case.facts if re.search(r"\d{4}", f.label)),
            *(f.raw for f in self.case.facts if isinstance(f.value, str)),
        ):
            if text and not _SPEAKS.search(text):
                self.numbers += figures_of(text, self.case.language, self.lexicon).quantities
                self.windows |= {window.months for window in windows_of(text)}
                self.days += [figure.day for figure in find_figures(text) if figure.day is not None]

    def _find_trends(self) -> None:
        """Pairs of facts that tell the same of two years, the later first."""
        years: dict[str, dict[int, Candidate]] = {}
        for candidate in (c for c in self.candidates if not c.benchmark):
            year, before = _YEAR.search(candidate.fact.label), _YEAR_OR_BEFORE.search(candidate.fact.label)
            if year:
                years.setdefault(_YEARS.sub("", candidate.fact.label), {})[int(year.group())] = candidate
            elif before:
                named = _YEAR_OR_BEFORE.sub("", candidate.fact.label).strip(" ,")
                years.setdefault(named, {})[int(before.group("last") is not None)] = candidate
        for named, told in years.items():
            if set(told) == {0}:  # "Pupils, a year earlier" beside "Pupils"
                plain = [c for c in self.candidates if not c.benchmark and c.fact.label.strip(" ,") == named]
                told.update((1, candidate) for candidate in plain)
            ordered = sorted(told, reverse=True)
            self.trends += [(told[a], told[b]) for a, b in pairwise(ordered)]
        if self.trends:
            self.vocabulary.add("c:increase")

    def _drop_told(self) -> None:
        """Leave only the numbers of texts that no fact has: those of facts are held against what they are said of."""
        told = {abs(candidate.value) for candidate in self.candidates}
        self.told = [held for reading, _, facts, _ in self.findings for held in self._told_by(reading, facts, told)]
        kinds = {(c.measure.kind, abs(c.value)) for c in self.candidates} | {("", value) for value in told}
        self.numbers = [n for n in self.numbers if not {(n.kind, abs(value)) for value in n.values} & kinds]

    def _told_by(self, reading: Reading, facts: tuple[str, ...], known: set[Decimal]) -> Iterator[Candidate]:
        """Figures of a finding that no fact has: what follows from facts may follow from them as well."""
        fact = next((self.by_id[each] for each in facts if each in self.by_id), None)
        for quantity in figures_of(reading.text, reading.language, self.lexicon, self.signs).quantities:
            if fact is None or not quantity.kind or {abs(value) for value in quantity.values} & known:
                continue
            clause = reading.clause_at(quantity.start)
            near = [t for t in reading.within(clause.start, clause.end) if not t.plain and not limit_words(t.text)]
            keys = {key: 0.5 for token in near for key in token.keys if key not in _STOP}
            measure = Measure(quantity.kind, quantity.unit, quantity.period)
            yield Candidate(fact, max(quantity.values), measure, keys)

    def _post(self) -> None:
        for candidate in self.candidates:
            for key, weight in candidate.keys.items():
                self._postings.setdefault(key, []).append((candidate, weight))
        for fact_id, keys in self.fact_keys.items():
            for key, weight in keys.items():
                self._fact_postings.setdefault(key, []).append((fact_id, weight))
                if weight >= 0.3:
                    self.names.add(key)

    def _judge(self) -> None:
        about: dict[str, set[Stance]] = {}
        for _, stance, facts, _ in self.findings:
            for fact_id in facts:
                about.setdefault(fact_id, set()).add(stance)
        for fact in self.case.facts:
            found = about.get(fact.id, set()) - {Stance.NEUTRAL}
            settled = next(iter(found)) if len(found) == 1 else Stance.NEUTRAL
            self.stances[fact.id] = fact.stance if fact.stance is not Stance.NEUTRAL else settled

    def scores(self, weighted: Iterable[tuple[Token, float]]) -> dict[Candidate, float]:
        """How well weighted tokens speak of each candidate; a key counts once, at its best."""
        return {candidate: sum(parts.values()) for candidate, parts in self.parts(weighted).items()}

    def told_by(self, figures: Figures, apart_from: Quantity | None) -> list[Candidate]:
        """The values that the other figures of a sentence are, exactly and with their unit."""
        others = [q for q in figures.quantities if q is not apart_from and q.hedge == "exact" and q.kind]
        return [c for c in self.candidates if any(c.measure.kind == q.kind and c.value in q.values for q in others)]

    def parts(self, weighted: Iterable[tuple[Token, float]]) -> dict[Candidate, dict[str, float]]:
        """The same by key."""
        best: dict[str, float] = {}
        for token, weight in weighted:
            for key in token.keys:
                best[key] = max(best.get(key, 0.0), weight)
        found: dict[Candidate, dict[str, float]] = {}
        for key, weight in best.items():
            for candidate, own in self._postings.get(key, ()):
                found.setdefault(candidate, {})[key] = weight * own
        return found

    def mentioned(self, tokens: Iterable[Token]) -> dict[str, float]:
        """Facts that tokens speak of by their label, with the weight of what is said."""
        found: dict[str, float] = {}
        for key in {key for token in tokens for key in token.keys}:
            for fact_id, weight in self._fact_postings.get(key, ()):
                found[fact_id] = found.get(fact_id, 0.0) + weight
        return found


_PRINTED = re.compile(r"(?P<before>[^\d\s.,-]{1,4})\.?\s?-?\d[\d.,' ]*|-?\d[\d.,' ]*?\s?(?P<after>[^\d\s.,]{1,4})\.?")


_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD"})


def _signs_of(case: CheckedCase) -> dict[str, str]:
    """Currencies by the signs they are printed with; a bare dollar is the only dollar of the case."""
    signs = dict(found for fact in case.facts if (found := _sign_of(fact)))
    dollars = _DOLLARS & {fact.measure.unit for fact in case.facts}
    if any("cents" in unit_names(fact.unit) for fact in case.facts):
        signs["cents"] = ""
    return signs | {"$": next(iter(dollars))} if len(dollars) == 1 else signs


def _sign_of(fact: CaseFact) -> tuple[str, str] | None:
    """The sign that an amount is printed with, "Rs", and its currency."""
    match = _PRINTED.fullmatch(fact.raw.strip()) if isinstance(fact.value, Decimal) else None
    sign = (match.group("before") or match.group("after")) if match else ""
    return (sign, fact.measure.unit) if sign and fact.measure.kind == "money" else None


def limit_words(text: str) -> re.Match[str] | None:
    """The first word by which texts speak of a limit or a usual value."""
    return _LIMIT_WORDS.search(text)


def speaks_to_a_model(text: str) -> bool:
    return bool(_SPEAKS.search(text))


_STOCKS = re.compile(
    r"\b(?:balance|value|valuation|price|debt|equity|assets?|cash|mortgage|limit|loan|stock)\b|值|余额|价",
    re.IGNORECASE,
)
_MEAN = re.compile(r"\b(?:average|mean|median|balance|outstanding|limit|monthly)\b|均|余额", re.IGNORECASE)
_LABEL_WINDOW = re.compile(
    r"\b(\d+)[ -]?(months?|m|years?|y|days?|d|weeks?)\b|(\d+|[一二两三六十]+)(个月|年|天)", re.IGNORECASE
)


_BARE_WINDOW = re.compile(
    r"\bmonths?\b.*\b(?:last|past|previous|preceding|trailing) (\d{1,2})\b(?! ?[a-z])", re.IGNORECASE
)


def _window_of(label: str) -> tuple[Decimal, ...]:
    """A span in a label that says nothing of "last": "Enquiries, 6 months"."""
    found = []
    bare = _BARE_WINDOW.search(label)
    if bare:
        found.append(Decimal(bare.group(1)))
    for match in _LABEL_WINDOW.finditer(label):
        number, unit = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), match.group(4))
        value = small_number(number)
        scale = {"m": 1, "y": 12, "个": 1, "年": 12}.get(unit[0].lower())
        if value is not None and scale:
            found.append(value * scale)
    return tuple(found)
