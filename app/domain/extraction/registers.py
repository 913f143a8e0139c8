"""What deeds, registers of marriages and cards tell without a label: owners, spouses, places, numbers of cards."""

# ruff: noqa: E501 - lists of words

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from app.domain.document_kinds import DocumentKind
from app.domain.extraction.candidates import Candidate
from app.domain.extraction.certificates import (
    LONGEST,
    NAME,
    NUMBERED,
    TITLE,
    confers,
    is_person,
    made,
    pages_of,
)
from app.domain.extraction.dates import days_in, is_birth
from app.domain.extraction.values import IN_LINE, Context
from app.domain.kind_words import Paper
from app.domain.strips import Strip, running

_TITLED = rf"(?i:(?:(?:la|il|el|the|de|o|a|le)\s+)?(?:{TITLE})[\s,]+)*"
_AND = r"(?:and|&|und|et|y|e|en|och|con|mit|avec|met|med|with|to)"
_BORN_AT = r"(?:,?\s+(?i:born|aged?|of|geboren|geb\.|né|née|nat[oa]|nacid[oa]|född|nascid[oa]|domiciliad[oa]|residente|wohnhaft)\b[^\n]{0,90})?"
_COUPLE = re.compile(
    rf"{_TITLED}(?P<one>{NAME})(?:,?\s*\([^)\n]*\))?{_BORN_AT},?\s+(?i:{_AND})\s+{_TITLED}(?P<other>{NAME})"
)
_COUPLE_HAN = re.compile(
    r"(?P<one>[\u4e00-\u9fff·]{2,4})\s*(?:与|和|、)\s*(?P<other>[\u4e00-\u9fff·]{2,4})\s*(?=于|自愿|申请|登记|结婚)"
)
_MARRIED = re.compile(
    r"(?i)marri|matrimon|wedlock|solemni[sz]|ehe\b|eheschlie|getraut|trauung|mariage|unis par|matrimonio|casad|casaron|sposat|nozze|huwelijk|gehuwd|vigsel|vigda|äktenskap|casament|casaram|nubente|结婚"
)
_REGISTERED = re.compile(
    r"(?:regist\w+|eingetragen|beurkundet|transcrit\w*|inscri\w+|trascritt\w+|ingeschreven|登记)[^\d\n.;]{0,24}$", re.I
)
_OWNS = (
    r"(?:,? ?(?:a|ont) acquis|,? ?acquired|,? ?hat (?:\w+ ){0,4}erworben|,? ?(?:ha adquirido|adquirió|adquiere)|,? ?(?:ha acquistato|acquista)|,? ?heeft (?:\w+ ){0,3}verkregen|,? ?har förvärvat|,? ?adquiriu|,? ?(?:the )?grantee|,? ?(?:is|are|as) (?:the )?(?:full |registered |legal |sole |beneficial |fee simple )*owners?|,? ?(?:is|are) (?:the )?(?:registered )?propriet|,? ?ist (?:als )?(?:\w+ )?(?:allein)?eigentümer|,? ?als (?:allein)?eigentümer"
    r"|,? ?(?:est|sont) (?:devenue?s? |seule?s? |bien )*(?:le |la |les )?propriétaires?|,? ?acquéreur|,? ?es (?:el |la )?(?:dueñ[oa]|titular|propietari[oa])|,? ?(?:en calidad de|como) (?:propietari|comprador|titular)|,? ?è (?:piena? |l['’]uni\w+ )?propriet|,? ?proprietà per"
    r"|,? ?is (?:vol\w* )?eigenaar|,? ?als (?:koper|eigenaar)|,? ?är (?:lagfaren )?ägare|,? ?innehar lagfart|,? ?é (?:propriet|titular|don[oa]))"
)
_OWNER = (
    re.compile(
        rf"(?i:\bthat|dass|\bque|\bche|\bdat|\batt)\s+{_TITLED}(?P<value>{NAME})(?=\s[^.]{{0,90}}(?i:\bowners?\b|\bproprietor|eigentümer|propriétaire|propietari[oa]|proprietari[oa]|eigenaar|\bägare|proprietári[oa]))"
    ),
    re.compile(rf"{_TITLED}(?P<value>{NAME})(?=\s*(?i:{_OWNS}))"),
    re.compile(
        rf"(?i:\bunto|grants? (?:and conveys? )?to|conveys? (?:and warrants? )?to|transfers? to|in favou?r of|vested in|verkauft an|aufgelassen an|überträgt (?:an|auf)|vend à|cède à|au profit de|a favor de|vende a|transmite a|a favore di|vende a|trasferisce a|ten gunste van|verkoopt aan|levert aan|till förmån för|säljer till|överlåter till)\s+{_TITLED}(?P<value>{NAME})"
    ),
)  # fmt: skip
_AT = (
    r"(?:situad[oa]s? (?:em|na|no|en|a)|(?:wohnung|eigentumswohnung|grundstücks?|hauses?|anwesen) (?:in|an der|am)|appartement sis|vivienda (?:en|sita en)|appartamento (?:in|sito in)|woning aan|situated? (?:at|in)|(?:commonly |also |locally )?known as|located at|lying at|premises at|and being|property at|situées? (?:à|au|en)|situé (?:à|au|en)|sise? (?:à|au)|sit[ao] en|ubicad[ao] en|radicad[ao] en|gelegen (?:in|te|aan|an)|belegen(?:e)? in"
    r"|sit[ao] (?:in|nel\w*)|ubicat[ao] (?:in|a)|plaatselijk bekend(?: als)?|plaatselijk aangeduid(?: als)?|belägen (?:i|på|vid)|med adress|sit[ao] (?:na|no|em|à)|localizad[ao] (?:na|no|em))"
)
_PLACED = re.compile(rf"(?<!\w)(?i:{_AT})\s*[:,]?\s*(?P<value>[^\n;]{{5,120}}(?:\n[^\n;:]{{4,60}})?)")
_PLACED_HAN = re.compile(
    r"(?:坐落于?|位于|座落于?)\s*[:：]?\s*(?P<value>[\u4e00-\u9fff\dA-Za-z（）()#-]{6,60}?)(?=[，,。；;\n]|的|$)"
)
_PLACE_ENDS = re.compile(
    r"\s*(?:\.(?:\s|$)|,?\s+(?:together|with(?: an)?|comprising|containing|measuring|having|of an area|and (?:more|is)|edged|to wit|being|described|more particularly|lot \d|d['’]une|pour une|inscrite?|cadastrée?|con una|con superficie|de una|inscrita|mit einer|eingetragen|groot|met een|kadastraal|della superficie|censit|con area|med en|com a|com área|com uma|descrit)\b.*)",
    re.S,
)  # fmt: skip
_BUILT = re.compile(
    r"(?:房屋建筑面积|专有建筑面积|(?<!共有)(?<!土地)建筑面积)\s*[(（]?(?:㎡|平方米|m2|m²)?[)）]?\s*[:：]?\s*(?P<value>\d{1,5}(?:\.\d{1,2})?)"
)
_CARD_NUMBER = re.compile(r"(?=[A-Z0-9]*\d{4})(?!\d{1,8}$)(?:[A-Z]{1,3}\d{6,9}[A-Z0-9]?|[A-Z0-9]{9}|\d{9})")
_OF_CARDS = ("national_id", "passport", "residence_permit", "driving_licence")
_FEW_WORDS = 320  # of a page that a certificate has at most
_TOP = 8  # lines of a card among which its holder stands


def from_register(paper: Paper, kind: DocumentKind, context: Context) -> Iterator[Candidate]:
    """Candidates of these kinds, all of them doubtful."""
    names = {spec.name for spec in kind.fields}
    read = _READERS.get(kind.id)
    if read is not None:
        for strips in pages_of(paper)[:3]:
            whole = running(strips)
            if whole is not None:
                yield from read(whole, context)
                for match in NUMBERED.finditer(whole.text, 0, LONGEST):
                    yield made("certificate_number", whole, match.span("value"), 0.68)
    if kind.id in _OF_CARDS:
        yield from (found for found in _of_card(paper) if found.field in names)


def _of_marriage(whole: Strip, context: Context) -> Iterator[Candidate]:
    for pattern in (_COUPLE, _COUPLE_HAN):
        for match in pattern.finditer(whole.text, 0, LONGEST):
            if is_person(match["one"]) and is_person(match["other"]):
                near = whole.text[max(match.start() - 160, 0) : match.end() + 120]
                score = 0.8 if _MARRIED.search(near) else 0.55
                yield made("spouse_1", whole, match.span("one"), score)
                yield made("spouse_2", whole, match.span("other"), score)
    for day in days_in(whole.text, context.order):
        near = whole.text[max(day.start - 70, 0) : day.end + 90]
        if _MARRIED.search(near) and not is_birth(whole.text, day):
            score = 0.7 if _REGISTERED.search(whole.text, max(day.start - 30, 0), day.start) else 0.62
            yield made("registration_date", whole, (day.start, day.end), score * day.quality, day.value.isoformat())


def _of_deed(whole: Strip, context: Context) -> Iterator[Candidate]:
    for rank, pattern in enumerate(_OWNER):
        for match in pattern.finditer(whole.text, 0, LONGEST):
            if is_person(match["value"]):
                yield made("owner", whole, match.span("value"), 0.8 - 0.03 * rank)
    for pattern in (_PLACED, _PLACED_HAN):
        for match in pattern.finditer(whole.text, 0, LONGEST):
            start, text = match.start("value"), match["value"]
            first = text.split("\n")[0]
            text = first if re.search(r"\d", first) and not first.rstrip().endswith(",") else text
            ends = _PLACE_ENDS.search(text)
            text = (text[: ends.start()] if ends else text).rstrip(" ,.")
            if re.search(r"\d", text) and len(text) > 5 and not re.fullmatch(r"[\d\W]+", text):
                value = " ".join(text.replace("\n", ", ").replace(",,", ",").split())
                yield made("property_address", whole, (start, start + len(text)), 0.76, value)
    for match in _BUILT.finditer(whole.text, 0, LONGEST):
        yield made("area_sqm", whole, match.span("value"), 0.88, match["value"].rstrip("0").rstrip("."))


def _of_residence(whole: Strip, context: Context) -> Iterator[Candidate]:
    """Where a register says that a person lives, also over the end of a line."""
    for found in IN_LINE.finditer(whole.text, 0, LONGEST):
        if "\n" not in found.group() and "\t" not in found.group():
            yield made("address", whole, found.span(), 0.54)


def kinds_told(paper: Paper) -> dict[str, float]:
    """Weight of evidence of a sentence that only such documents have: who is conferred what, married whom, owns what."""
    strips = pages_of(paper)[0]
    whole = running(strips)
    if whole is None or sum(len(strip.words) for strip in strips) > _FEW_WORDS:
        return {}
    found = confers(whole.text)
    for match in _COUPLE.finditer(whole.text, 0, LONGEST):
        near = whole.text[max(match.start() - 160, 0) : match.end() + 120]
        if _MARRIED.search(near) and is_person(match["one"]) and is_person(match["other"]):
            found["marriage_certificate"] = 2.0
    owners = (match for pattern in _OWNER for match in pattern.finditer(whole.text, 0, LONGEST))
    if any(is_person(match["value"]) for match in owners) and _PLACED.search(whole.text, 0, LONGEST):
        found["property_deed"] = 1.5
    return found


_READERS: Mapping[str, Callable[[Strip, Context], Iterator[Candidate]]] = {
    "marriage_certificate": _of_marriage,
    "property_deed": _of_deed,
    "household_register": _of_residence,
}


def _of_card(paper: Paper) -> Iterator[Candidate]:
    """A number alone in its cell, a name alone on its line near the top."""
    for strip in paper.strips[:40]:
        for start, end in strip.cells:
            text = strip.text[start:end].strip()
            hits = [hit for hit in paper.hits[strip.number] if start <= hit.start < end]
            if _CARD_NUMBER.fullmatch(text):
                yield made("document_number", strip, (start, end), 0.6)
            told = any(hit.meaning.labels or hit.meaning.cues for hit in hits) or len(strip.cells) > 2
            if strip.number < _TOP and not told and 2 <= len(text.split()) <= 4 and is_person(text):
                yield made("holder", strip, (start, end), 0.56)
