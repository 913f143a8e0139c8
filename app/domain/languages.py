"""The language of a text, by its small words."""

from __future__ import annotations

import re
from collections import Counter

_WORDS = {
    "en": "the of and to for in on by is this that with from date name number total amount your we you are at pay",
    "de": "der die das und von für mit dem den ist zu nr datum betrag ihre wir sie auf am im bis vom zum geburtsdatum",
    "fr": "le la les de des du et à au pour par sur est une un votre nous vous montant numéro né date nom prénom",
    "es": "el los las y del de la en por para con su fecha importe número nombre apellidos es una un nacimiento",
    "it": "il lo la gli di del della e per con nel su data importo numero nome cognome nato una un dal al sig",
    "nl": "de het een van en voor met op aan uw datum bedrag nummer naam geboortedatum is in te per wij u tot",
    "sv": "och att för av på med den det är ditt din vi till från namn belopp datum nummer kronor som har enligt",
    "pt": "o os as de do da dos e em por para com seu data valor número nome é uma um não na no ao morada",
}
_OF = {
    word: tuple(code for code, words in _WORDS.items() if word in words.split())
    for word in " ".join(_WORDS.values()).split()
}
_SIGNS = {"de": "äöüß", "fr": "éèêçàâîô", "es": "ñóíáé¿", "sv": "åäö", "pt": "ãõçáé", "it": "àèìòù", "nl": "ĳë"}
_MOST = 20_000  # characters looked at


def language_of(text: str) -> str | None:
    """ISO 639-1 code of one of the languages read; None where the text does not tell."""
    sample = text[:_MOST]
    han = sum("\u3400" <= sign <= "\u9fff" for sign in sample)
    letters = sum(sign.isalpha() for sign in sample)
    if han > 0.2 * max(letters, 1):
        return "zh"
    votes: Counter[str] = Counter()
    for word in re.findall(r"[^\W\d_]+", sample.casefold()):
        codes = _OF.get(word, ())
        for code in codes:
            votes[code] += 1 / len(codes)  # type: ignore[assignment]
    for code, signs in _SIGNS.items():
        votes[code] += 0.3 * min(sum(sign in signs for sign in sample.casefold()), 12)  # type: ignore[assignment]
    if not votes:
        return None
    best, count = max(sorted(votes.items()), key=lambda item: item[1])
    return best if count >= 1 else ("en" if letters else None)
