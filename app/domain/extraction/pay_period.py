"""Whether an amount of pay is told for a month, a week or an hour, where the field asks for a year's."""

from __future__ import annotations

import re

from app.domain.extraction.candidates import Candidate
from app.domain.kind_words import Paper

_UNIT = (
    r"(?:(?:calendar|kalender|civil)?\W?(?:month|monat|mois|mese|mes|mês|maand|månad)|week|woche|semaine|settimana|semana"
    r"|vecka|fortnight|hour|stunde|heure|ora|hora|uur|timme|day|tag|jour|día|giorno|dag|dia)"
)
_BEHIND = re.compile(
    r"\W*(?:(?:gross|net|brutto|netto|bruts?|brutos?|lord[io]|bruto|before tax(?:es)?|eur|euros?|gbp|pounds?|usd"
    r"|dollars?|chf|kr|kronor|sek)\W+|元|人民币)*"
    rf"(?:(?:per|a|an|pro|par|al|por|je|im|i|om|each|every|/)\s*{_UNIT}\b|monthly|weekly|hourly|monatlich|p\.?c?\.?m\b"
    r"|mtl\b|mensuel\w*|mensual\w*|mensil\w*|mensa[il]\w*|maandelijks|/\s?月|每月|月)",
    re.I,
)
_BEFORE = re.compile(
    r"(?:monthly|weekly|hourly|monats\w*|bruttomonats\w*|monatlich\w*|mensuel\w*|mensual\w*|mensil\w*|mensal\w*|maand\w*"
    r"|månads\w*|月收入|月薪|月工资|每月|月均)[^.;。；\d]{0,40}$",
    re.I,
)
_YEARLY = re.compile(r"annual|annum|year|jahr|annuel|anual|annu|jaar|år|年", re.I)


def is_of_another_period(paper: Paper, each: Candidate) -> bool:
    """Whether the words around the amount say that it is no year's pay."""
    text = paper.strips[each.line].text
    at = text.find(each.raw)
    if at < 0:
        return False
    before, behind = text[max(at - 60, 0) : at], text[at + len(each.raw) :]
    told = _BEFORE.search(before)
    return bool(_BEHIND.match(behind)) or (told is not None and not _YEARLY.search(told.group()))
