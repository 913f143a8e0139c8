"""Days and years written as words: "the twelfth day of June two thousand and nineteen"."""

# ruff: noqa: E501 - lists of words

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from app.domain.wording import fold

_ONES = {
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
    "de": "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn",
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf",
    "es": "uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve",
    "it": "uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove",
    "nl": "een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
    "achttien negentien",
    "sv": "ett två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton nitton",
    "pt": "um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete dezoito "
    "dezanove",
}  # fmt: skip
_TENS = {  # 20 to 90
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "sv": "tjugo trettio fyrtio femtio sextio sjuttio åttio nittio",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
}
_ORDINALS = {  # days whose ordinal does not follow from the number; German and French ones do
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
    "nl": "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde dertiende veertiende "
    "vijftiende zestiende zeventiende achttiende negentiende twintigste",
    "sv": "första andra tredje fjärde femte sjätte sjunde åttonde nionde tionde elfte tolfte trettonde fjortonde femtonde "
    "sextonde sjuttonde artonde nittonde tjugonde",
}
_THIRTIETH = {"en": "thirtieth", "nl": "dertigste", "sv": "trettionde"}
_FIRST = {"de": "ersten", "fr": "premier", "es": "primero", "it": "primo", "pt": "primeiro"}
_MORE = {  # spellings beside those above
    "es": {"veintiún": 21, "un": 1, "treinta y un": 31},
    "pt": {"dezesseis": 16, "dezessete": 17, "dezenove": 19, "quatorze": 14},
    "de": {"dritten": 3, "siebten": 7, "siebenten": 7, "achten": 8, "eins": 1, "dreissig": 30},
    "sv": {"aderton": 18, "en": 1},
}
_CENTURIES = {
    "en": {"nineteen hundred": 1900, "one thousand nine hundred": 1900, "nineteen": 1900, "two thousand": 2000, "twenty": 2000},
    "de": {"neunzehnhundert": 1900, "eintausendneunhundert": 1900, "zweitausend": 2000},
    "fr": {"mille neuf cent": 1900, "mil neuf cent": 1900, "dix-neuf cent": 1900, "deux mille": 2000, "deux mil": 2000},
    "es": {"mil novecientos": 1900, "dos mil": 2000},
    "it": {"millenovecento": 1900, "duemila": 2000},
    "nl": {"negentienhonderd": 1900, "tweeduizend": 2000},
    "sv": {"nittonhundra": 1900, "tjugohundra": 2000, "tvåtusen": 2000},
    "pt": {"mil novecentos": 1900, "dois mil": 2000},
}  # fmt: skip
_LINKS = frozenset(
    ("and", "und", "et", "y", "e", "en", "och", "day", "days", "of", "de", "del", "den", "der", "the", "in", "year", "our",
     "lord", "dia", "días", "dias", "mes", "mês", "month", "do", "da", "di", "le", "l", "an", "année", "jour", "jours", "nel",
     "dell", "anno", "año", "ano", "im", "jahre", "jahres", "des", "van", "het", "jaar", "i", "år", "året", "månad", "mois",
     "tag", "tage", "giorno", "dag", "el", "domini", "ad", "maand", "monats", "mese", "as", "a", "los", "aos")
)  # fmt: skip
_BETWEEN = ("and", "y", "e", "et", "en", "och")  # tens and ones
_WORD = re.compile(r"[^\W\d_]+|\d{4}|\d{1,2}")
_LONGEST_YEAR = 9  # words: "one thousand nine hundred and ninety eight" has seven
_SIGNS = re.compile(
    r"thousand|hundred|twenty|tausend|hundert|mille|\bmil\b|mila|cento|duizend|honderd|tusen|hundra"
    r"|th day|st day|nd day|rd day|first|second|third|ersten|premier|primero|primo|primeiro",
    re.I,
)


def may_be_spelled(text: str) -> bool:
    """Whether it has words that such dates have; few texts do."""
    return bool(_SIGNS.search(text))


@cache
def day_words() -> Mapping[str, int]:
    """Folded words without links: "twentyfirst", "einundzwanzigsten" → 21."""
    days: dict[str, int] = {}
    for language in _ONES:
        for name, number in _numbers(language).items():
            if number <= 31:
                days[name] = number
                if language == "de":
                    ending = "t" if number < 20 else "st"
                    days |= {name + ending + last: number for last in ("en", "e", "er")}
        if language in _ORDINALS:
            ordinals = [fold(word) for word in _ORDINALS[language].split()]
            days |= {word: at for at, word in enumerate(ordinals, start=1)}
            days |= {fold(_THIRTIETH[language]): 30}
            for ten in (20, 30):
                for one in range(1, 10 if ten == 20 else 2):
                    days[_compound(language, ten, one, ordinals[one - 1])] = ten + one
        else:
            days[fold(_FIRST[language])] = 1
    return days


def _compound(language: str, ten: int, one: int, ordinal: str) -> str:
    tens = fold(_TENS[language].split()[ten // 10 - 2])
    if language == "nl":
        return f"{fold(_ONES['nl'].split()[one - 1])}en{tens}ste"
    return tens + ordinal


@cache
def year_words() -> Mapping[str, int]:
    """Folded words without links: "twothousandnineteen" → 2019, from 1900 to 2099."""
    years: dict[str, int] = {}
    for language, centuries in _CENTURIES.items():
        numbers = _numbers(language)
        for name, century in centuries.items():
            plain = name in ("nineteen", "twenty")  # "twenty nineteen", never "twenty five"
            folded = fold(name)
            if not plain:
                years[folded] = century
            years |= {folded + word: century + number for word, number in numbers.items() if number > 9 or not plain}
    return years


@cache
def _numbers(language: str) -> Mapping[str, int]:
    """1 to 99 by their folded words."""
    ones = [fold(word) for word in _ONES[language].split()]
    tens = [fold(word) for word in _TENS[language].split()]
    found = {word: at for at, word in enumerate(ones, start=1)}
    for at, ten in enumerate(tens, start=2):
        teens = language == "fr" and at in (7, 9)
        if not teens:
            found[ten] = 10 * at
        if language == "fr" and at == 8:
            found[ten + "s"] = 80
        for one in range(10, 20) if teens else range(1, 10):
            word = ones[one - 1]
            number = 10 * at + (one - 10 if teens else one)
            found[_joined(language, ten, word)] = number
            if language == "es" and at == 2:
                found["veinti" + word] = number
    return found | {fold(word): number for word, number in _MORE.get(language, {}).items()}


def _joined(language: str, ten: str, one: str) -> str:
    if language in ("de", "nl"):
        return f"{one}{'und' if language == 'de' else 'en'}{ten}"
    if language == "it" and one in ("uno", "otto"):
        return ten[:-1] + one
    return ten + one


def spelled_days(text: str, months: Mapping[str, int]) -> Iterator[tuple[int, int, int, int, int]]:
    """Year, month, day, start and end of each date of which day or year is in words."""
    words = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
    for at, (word, _, _) in enumerate(words):
        month = months.get(fold(word)) if len(word) > 2 else None
        if month is None:
            continue
        before, after = _day_before(words, at), _year_behind(words, at)
        if before is not None and after is not None and not (before[2] and after[2]):
            yield after[0], month, before[0], before[1], after[1]


def _day_before(words: list[tuple[str, int, int]], at: int) -> tuple[int, int, bool] | None:
    """Day, where it begins, and whether it is in figures."""
    kept: list[str] = []
    found = None
    for word, start, _ in reversed(words[max(at - 9, 0) : at]):
        folded = fold(word)
        if word.isdigit():
            return found or ((int(word), start, True) if not kept and 1 <= int(word) <= 31 else None)
        if folded in ("st", "nd", "rd", "th", "er") and not kept:
            continue
        if folded in day_words() or "".join((folded, *kept)) in day_words():
            kept.insert(0, folded)
            day = day_words().get("".join(kept))
            found = (day, start, False) if day is not None else found
        elif word.casefold() not in (_BETWEEN if kept else _LINKS):
            break
    return found


def _year_behind(words: list[tuple[str, int, int]], at: int) -> tuple[int, int, bool] | None:
    """Year, where it ends, and whether it is in figures."""
    kept = ""
    found = None
    for word, _, end in words[at + 1 : at + 1 + _LONGEST_YEAR + 5]:
        if word.isdigit():
            return found or ((int(word), end, True) if not kept and 1900 <= int(word) <= 2099 else None)
        if word.casefold() in _LINKS and kept + fold(word) not in year_words():
            continue
        kept += fold(word)
        if kept in year_words():
            found = (year_words()[kept], end, False)
        elif not any(name.startswith(kept) for name in year_words()):
            break
    return found
