"""What kind a document is: weight of evidence of titles, cues, labels and structure, as calibrated probabilities."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

from app.domain.document_kinds import UNKNOWN, DocumentKind, Recognition
from app.domain.extraction.amounts import style_of
from app.domain.extraction.careers import YEARS
from app.domain.extraction.registers import kinds_told
from app.domain.extraction.zones import zone_of
from app.domain.identifiers import is_credit_code, is_iban, is_vin, resident_identity
from app.domain.kind_words import Hit, KindWords, Paper, paper_of
from app.domain.layout import Layout
from app.domain.strips import Strip, unevenness

_TITLE = 3.0  # weight from which a cue is a title
_WORDED = 2.0  # weight of a heading whose words are all of titles of one kind
_HEADINGS, _LONGEST_HEADING = 8, 60  # lines that may be one, signs of one
_ALTERNATIVES = 3
_LIKELY = 0.02  # probability of an alternative that is named
_ENTRY = re.compile(
    r"^\W*(?:\d{1,4}[./-]\d{1,2}(?:[./-]\d{2,4})?|\d{1,2}\.? ?[A-Za-zä-ÿ]{3,4}\.?|[A-Z][a-z]{2} \d{1,2})\b"
    r".*\d[.,]\d{2}\W*(?:[A-Z]{2,3})?\s*$"
)
_SPEAKER = re.compile(r"^\W*(?:\[?\d{1,2}:\d{2}(?::\d{2})?\]?\W*)?(?P<who>[^\W\d][\w .'’()-]{0,24}?)\s?[:：]\s*\S+")
_SSN = re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")
_MOST_OF_A_NOTE = 150  # words
_EVEN = 0.02  # of the height of its letters: how far words of print stand off their line at most
_REACHED = 16  # lines among which somebody who applies says how to be reached
_SIGN = re.compile(r"[A-Z0-9]{15,34}")


@dataclass(frozen=True, slots=True)
class Scale:
    """How evidence becomes probability; fitted on documents of known kind (``data/catalogue/reading_scale.toml``)."""

    slope: float = 0.85  # log-odds a unit of evidence
    unknown: float = 2.6  # evidence that a document must outdo to be of a kind
    ceiling: float = 0.995  # no kind is surer than this


def recognise(layout: Layout, kinds: Mapping[str, DocumentKind], scale: Scale | None = None) -> Recognition:
    """The kind of a document, or ``UNKNOWN`` where no kind is likelier than none."""
    return kind_of(paper_of(layout, KindWords(kinds)), scale or Scale())


def kind_of(paper: Paper, scale: Scale) -> Recognition:
    """As ``recognise``, on a document whose words were found already."""
    return recognition_of(probabilities(evidence(paper), scale), scale)


def recognition_of(chances: Mapping[str, float], scale: Scale) -> Recognition:
    """The likeliest kind, and the next."""
    ranked = sorted(chances.items(), key=lambda item: (-item[1], item[0]))
    kind, confidence = ranked[0]
    others = [(name, chance) for name, chance in ranked[1:] if chance >= _LIKELY and name != UNKNOWN]
    return Recognition(kind, min(confidence, scale.ceiling), tuple(others[:_ALTERNATIVES]))


def probabilities(scores: Mapping[str, float], scale: Scale) -> dict[str, float]:
    """Scores of evidence as probabilities that add up to one, "unknown" among them."""
    logits = {kind: scale.slope * score for kind, score in scores.items()}
    logits[UNKNOWN] = scale.slope * scale.unknown
    top = max(logits.values())
    shares = {kind: exp(logit - top) for kind, logit in logits.items()}
    total = sum(shares.values())
    return {kind: share / total for kind, share in shares.items()}


def evidence(paper: Paper) -> dict[str, float]:
    """Weight of evidence for each kind."""
    scores = dict.fromkeys(paper.words.kinds, 0.0)
    if not paper.strips:
        return scores
    for source in (_cues(paper), _labels(paper), _structure(paper)):
        for kind, weight in source.items():
            if kind in scores:
                scores[kind] += weight
    return scores


def _cues(paper: Paper) -> Mapping[str, float]:
    """Titles by place and size, each other cue once, many of them with falling weight."""
    titles: dict[str, float] = {}
    others: dict[str, dict[str, float]] = {}
    usual = _usual_height(paper)
    for strip, hits in zip(paper.strips, paper.hits, strict=True):
        for hit in hits:
            for kind, weight in hit.meaning.cues.items():
                if weight >= _TITLE:
                    found = weight * _standing(strip, hit, usual, paper)
                    titles[kind] = max(titles.get(kind, 0.0), found)
                else:
                    seen = others.setdefault(kind, {})
                    share = weight * (0.55 + 0.45 * _share(strip, hit)) * (1 if hit.exact else 0.9)
                    seen[hit.meaning.phrase] = max(seen.get(hit.meaning.phrase, share), share, key=abs)
    for kind, weight in _headings(paper, usual).items():
        titles[kind] = max(titles.get(kind, 0.0), weight)
    return {kind: titles.get(kind, 0.0) + _falling(others.get(kind, {})) for kind in {*titles, *others}}


def _headings(paper: Paper, usual: float) -> Mapping[str, float]:
    """Titles that the catalogue lacks, by the words that those it has are made of."""
    found: dict[str, float] = {}
    first = paper.strips[0].page.number
    for strip in paper.strips[:_HEADINGS]:
        for start, end in strip.cells:
            text = strip.text[start:end]
            if (
                strip.page.number != first
                or len(text) > _LONGEST_HEADING
                or re.search(r"[:：.。]\s|[:：]$|\d{3}", text)
            ):
                continue
            size = min(max(max(word.height for word in strip.parts(start, end)) / usual, 0.8), 1.8)
            for kind, share in paper.words.title_words.told(text).items():
                weight = _WORDED * share * (0.5 + 0.5 * size)
                found[kind] = max(found.get(kind, 0.0), weight)
    return found


def _usual_height(paper: Paper) -> float:
    heights = sorted(word.height for strip in paper.strips[:120] for word in strip.words)
    return heights[len(heights) // 2]


def _standing(strip: Strip, hit: Hit, usual: float, paper: Paper) -> float:
    """How much a phrase stands as a title: large, near the top, alone in its cell, not a label of a value."""
    size = min(max(max(word.height for word in strip.parts(hit.start, hit.end)) / usual, 0.8), 1.8)
    place = strip.top / max(strip.page.height, 1.0)
    top = 1.0 if strip.number < 6 or place < 0.2 else 0.75 if place < 0.4 else 0.5
    page = 1.0 if strip.page.number == paper.strips[0].page.number else 0.6
    share = _share(strip, hit)
    label = 0.55 if hit.colon else 1.0
    length = min(1.0, 0.62 + 0.03 * len(hit.meaning.phrase) * (3 if not hit.meaning.phrase.isascii() else 1))
    return (0.25 + 0.75 * share) * (0.5 + 0.5 * size) * top * page * label * length * (1 if hit.exact else 0.92)


def _share(strip: Strip, hit: Hit) -> float:
    """Of its cell the phrase takes so much."""
    start, end = strip.cell_at(hit.start)
    return min((hit.end - hit.start) / max(end - start, 1), 1.0)


def heading(paper: Paper, kind: str) -> float:
    """Evidence that a document of the kind begins here: its title, or its machine-readable zone."""
    if not paper.strips:
        return 0.0
    usual = _usual_height(paper)
    titles = (
        weight * _standing(strip, hit, usual, paper)
        for strip, hits in zip(paper.strips, paper.hits, strict=True)
        for hit in hits
        if (weight := hit.meaning.cues.get(kind, 0.0)) >= _TITLE
    )
    return max((*titles, _headings(paper, usual).get(kind, 0.0), _zone(paper).get(kind, 0.0)))


def _falling(weights: Mapping[str, float]) -> float:
    """Cues for and against; the tenth adds less than the first."""
    total = 0.0
    for at, weight in enumerate(sorted((w for w in weights.values() if w > 0), reverse=True)):
        total += weight * 0.82**at
    for at, weight in enumerate(sorted(w for w in weights.values() if w < 0)):
        total += weight * 0.7**at
    return total


def _labels(paper: Paper) -> Mapping[str, float]:
    """Labels that stand as such, one of a field; those that few kinds have tell more."""
    fields: dict[str, dict[str, float]] = {}
    many = len(paper.words.kinds)
    for hits in paper.hits:
        for hit in hits:
            if not hit.meaning.labels or not (hit.begins or hit.colon):
                continue
            rare = log(many / paper.words.spread[hit.meaning.phrase]) / log(many)
            for kind, named in hit.meaning.labels.items():
                seen = fields.setdefault(kind, {})
                name = named[0][0]
                seen[name] = max(seen.get(name, 0.0), 0.75 * rare * (1.0 if hit.stands else 0.6))
    return {kind: _falling(seen) * (0.5 + 0.5 * _needed(paper, kind, seen)) for kind, seen in fields.items()}


def _needed(paper: Paper, kind: str, seen: Mapping[str, float]) -> float:
    needed = [spec.name for spec in paper.words.kinds[kind].fields if spec.required]
    return sum(name in seen for name in needed) / len(needed) if needed else 0.5


def _structure(paper: Paper) -> Mapping[str, float]:
    found: Counter[str] = Counter()
    for source in (
        _zone(paper),
        _entries(paper),
        _talk(paper),
        _numbers(paper),
        _shape(paper),
        _hand(paper),
        kinds_told(paper),
        _career(paper),
    ):
        found.update(source)
    return found


def _career(paper: Paper) -> dict[str, float]:
    """Years from and to on several lines under an e-mail address: posts and schools, one after the other."""
    spans = sum(bool(YEARS.search(strip.text)) for strip in paper.strips[:120])
    reached = any("@" in strip.text for strip in paper.strips[:_REACHED])
    return {"cv": min(0.6 * spans, 2.0)} if spans > 1 and reached else {}


def _zone(paper: Paper) -> dict[str, float]:
    zone = zone_of(paper)
    if zone is None:
        return {}
    if zone.form == "TD3" and zone.code.startswith("P"):
        return {"passport": 7.0}
    if zone.code.startswith("V"):
        return {"passport": 0.5, "residence_permit": 1.0}
    permit = zone.code[1:2] in ("R", "T", "P") or (zone.issuer == "USA" and zone.code.startswith("C"))
    return {"residence_permit": 6.0} if permit else {"national_id": 5.5, "residence_permit": 1.0}


def _entries(paper: Paper) -> dict[str, float]:
    """Lines that begin with a date and end with an amount, as those of an account do."""
    count = sum(bool(_ENTRY.match(strip.text)) for strip in paper.strips)
    if count < 4:
        return {}
    weight = min(0.35 * count, 3.0)
    return {
        "bank_statement": weight,
        "loan_statement": 0.4 * weight,
        "housing_fund": 0.3 * weight,
        "handwritten_note": -2.0,
    }


def _talk(paper: Paper) -> dict[str, float]:
    """Two or more that speak in turn."""
    lines = [strip.text for strip in paper.strips[:200]]
    who = Counter(match["who"].casefold() for line in lines if (match := _SPEAKER.match(line)))
    turns = [count for _, count in who.most_common(3) if count > 1]
    if len(turns) < 2 or sum(turns) < 5:
        return {}
    return {"call_transcript": min(2.5 + 0.3 * sum(turns), 7.0) * min(1.0, 4 * sum(turns) / len(lines))}


def _numbers(paper: Paper) -> dict[str, float]:
    """Numbers whose check digits tell what they are."""
    found: dict[str, float] = {}
    for strip in paper.strips[:400]:
        joined = strip.text.replace(" ", "").upper()
        for match in _SIGN.finditer(joined):
            sign = match.group()
            if is_iban(sign[:34]) or any(is_iban(sign[:size]) for size in (16, 18, 20, 21, 22, 23, 24, 27)):
                found |= {"bank_account_details": 0.9, "bank_statement": 0.5, "invoice": 0.2}
            elif len(sign) == 17 and is_vin(sign) and sum(map(str.isdigit, sign)) < 16:
                found |= {"vehicle_registration": 1.8, "insurance_policy": 0.3}
            elif len(sign) == 18 and is_credit_code(sign) and not sign.isdigit():
                found |= {"business_licence": 1.0}
            elif len(sign) == 18 and resident_identity(sign):
                found |= {"national_id": 0.6, "household_register": 0.4, "social_insurance": 0.2}
    return found


def _shape(paper: Paper) -> dict[str, float]:
    """Long and narrow with amounts: a receipt."""
    page = paper.strips[0].page
    words = sum(len(strip.words) for strip in paper.strips)
    amounts = len(re.findall(r"\d[.,]\d{2}(?!\d)", paper.text))
    found: dict[str, float] = {}
    if page.height > 1.7 * page.width and amounts >= 3 and words < 400:
        found["invoice"] = 1.5
    if words < 45 and _SSN.search(paper.text):
        found["national_id"] = 2.0
    if style_of(paper.text).currency is None and amounts < 2:
        for kind in ("payslip", "bank_statement", "invoice", "loan_statement", "utility_bill"):
            found[kind] = found.get(kind, 0.0) - 1.0
    return found


def _hand(paper: Paper) -> dict[str, float]:
    """Few words in a picture, in lines that print would set straighter and recognition would be surer of."""
    words = [word for strip in paper.strips for word in strip.words]
    named = sum(hit.stands and bool(hit.meaning.labels) for hits in paper.hits for hit in hits)
    parted = sum(len(strip.cells) > 1 for strip in paper.strips)
    if paper.strips[0].page.method != "ocr" or not 4 <= len(words) <= _MOST_OF_A_NOTE:
        return {}
    if named > 3 or parted > 0.5 * len(paper.strips):
        return {}
    uneven = [rise for strip in paper.strips if (rise := unevenness(strip)) is not None]
    middle = sorted(uneven)[len(uneven) // 2] if uneven else 0.0
    unsure = sum(word.confidence < 0.9 for word in words) / len(words)
    by_line = 2.4 * min(max((middle - _EVEN) / _EVEN, 0.0), 1.0)
    by_sign = 1.4 * min(max((unsure - 0.08) / 0.25, 0.0), 1.0)
    weight = (by_line + by_sign) * (1.0 - 0.15 * named)
    return dict.fromkeys(paper.words.kinds, -0.4 * weight) | {"handwritten_note": weight}
