"""Words by which a bank statement's lines are recognised, in the six languages of the desk and some neighbours.

A line's text is compared without accents, case and digits. A Latin word must stand alone, or begin the token where it
is written with a trailing ``*`` (German and Swedish compounds), or end it where it is written with a leading one. A
Chinese word may stand anywhere in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"[a-z]+")


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_MONTHS = _set(
    """january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec januari februari mars maj juni juli augusti oktober
    januar februar marz mai dezember enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
    diciembre janvier fevrier avril juin juillet aout septembre octobre novembre decembre"""
)


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """The text in small letters without accents; ``ß`` as ``ss``, ``ø`` as ``o``, ``ł`` as ``l``."""
    text = text.casefold().translate({ord("ø"): "o", ord("ł"): "l", ord("đ"): "d", ord("æ"): "ae"})
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


@lru_cache(maxsize=65536)
def tokens(text: str) -> tuple[str, ...]:
    """The Latin words of the text, in order, without accents."""
    return tuple(_TOKEN.findall(plain(text)))


@lru_cache(maxsize=65536)
def payee(text: str) -> str:
    """What stays the same from month to month: the text without digits, signs and names of months."""
    letters = "".join(sign if sign.isalpha() else " " for sign in plain(text))
    words = [word for word in letters.split() if word not in _MONTHS]
    return " ".join(word for word in words if len(word) > 1 or not word.isascii())


@dataclass(frozen=True)
class Vocabulary:
    """Words that mark a kind of entry, and words that speak against it."""

    words: frozenset[str]
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    phrases: tuple[str, ...]
    characters: tuple[str, ...]  # Chinese
    against: frozenset[str] = frozenset()

    def marks(self, text: str) -> bool:
        """Whether a line of this text is of the kind."""
        found = tokens(text)
        if self.against and not self.against.isdisjoint(found):
            return False
        if any(word in self.words or word.startswith(self.prefixes) or self._ends(word) for word in found):
            return True
        line = f" {' '.join(found)} "
        return any(f" {phrase} " in line for phrase in self.phrases) or any(
            character in text for character in self.characters
        )

    def _ends(self, word: str) -> bool:
        return word.endswith(self.suffixes) and word not in self.suffixes


def _vocabulary(listed: str, chinese: str = "", phrases: Iterable[str] = (), against: str = "") -> Vocabulary:
    entries = listed.split()
    # A word that begins no token must never match every token: an empty tuple of prefixes matches none.
    return Vocabulary(
        words=frozenset(entry for entry in entries if "*" not in entry),
        prefixes=tuple(entry[:-1] for entry in entries if entry.endswith("*")),
        suffixes=tuple(entry[1:] for entry in entries if entry.startswith("*")),
        phrases=tuple(phrases),
        characters=tuple(chinese.split()),
        against=frozenset(against.split()),
    )


SALARY = _vocabulary(
    "salary salaries wage wages payroll paycheck paycheque lon lonen loneutbet* loneutbetalning* manadslon* nettolon* "
    "gehalt* lohn* bezuge besoldung vergutung nomina salario sueldo haberes salaire salaires paie paye traitement "
    "pension pensions pensiones rente retraite salaris loon stipendio wynagrodzenie mzda vyplata palkka "
    "employer",
    "工资 薪资 薪水 薪金 代发 养老金 退休金",
    ("net pay", "monthly pay", "pay for"),
    against="tax refund steuer lohnsteuer lohnsteuererstattung erstattung skatt skatteaterbaring impot impuesto "
    "advance loan savings",
)
RENT = _vocabulary(
    "rent landlord hyra hyran manadshyra miete mietzahlung kaltmiete warmmiete wohnungsmiete alquiler arriendo loyer "
    "huur affitto czynsz najem",
    "房租 租金 房屋租赁",
    against="car bil auto vehicle mietwagen coche voiture refund",
)
LENDER = _vocabulary(
    "loan loans lending instalment instalments installment installments mortgage lan lanet bolan privatlan "
    "avbetalning delbetalning amortering kredit kredite krediten kreditrate* ratenkredit* ratenzahlung* darlehen* "
    "tilgung finanzierung* hypothek hypotek hipoteca hypotheque prestamo prestamos credito creditos pret prets "
    "emprunt echeance leasing kredyt pozyczka rata lening krediet finans finance financing klarna cofidis cetelem "
    "cofinoga creditplus payday *kredit *kredite *credit *loan *loans *lending *finans *finance",
    "贷款 还款 分期 借款 月供 借呗 花呗 消费金融 小额贷 按揭 信贷",
    (
        "credit card",
        "credit union",
        "credit agreement",
        "credit repayment",
        "card repayment",
        "debt repayment",
        "credit plan",
        "consumer credit",
        "prlv credit",
    ),
    against="insurance forsakring versicherung seguro assurance savings sparkonto",
)
RETURNED = _vocabulary(
    "returned unpaid nsf bounced dishonoured dishonored rucklastschrift* rucklastschriftgebuhr retourniert devuelto "
    "impaye impayes overtrassering* storniert",
    "退票 余额不足 扣款失败 退回扣款 拒付",
    (
        "insufficient funds",
        "return item",
        "direct debit return",
        "mangels deckung",
        "devolucion recibo",
        "recibo devuelto",
        "fondos insuficientes",
        "rejet prelevement",
        "rejet de prelevement",
        "retur autogiro",
        "bristande tackning",
        "saknar tackning",
        "provision insuffisante",
    ),
)
FEE = _vocabulary("fee fees charge avgift gebuhr gebuhren entgelt comision frais rucklastschriftgebuhr*", "手续费 费用")
GAMBLING = _vocabulary(
    "bet bets betting gambling casino casinos kasino poker bingo lottery lotto sportsbook roulette bwin unibet betsson "
    "pokerstars ladbrokes betfair tipico betano betway bet365 bookmaker spelbolag slots jackpot apuestas",
    "博彩 赌博 赌场 彩票 投注",
    ("william hill", "paddy power", "svenska spel", "paris sportifs", "casa de apuestas", "bet at home"),
)
OWN_TRANSFER = _vocabulary(
    "savings sparkonto sparen sparbuch ahorro ahorros epargne refund refunded ruckerstattung erstattung aterbetalning "
    "reembolso remboursement reversal storno cashback lohnsteuer* steuererstattung* skatteaterbaring devolucion",
    "退款 储蓄 本人 自己账户",
    ("own account", "between accounts", "eget konto", "eigenes konto", "cuenta propia", "transfer from self"),
)
"""Credits that are no income: moved from the person's own accounts, or given back."""

_LEGAL_FORMS = _set(
    "ab as asa aps ag gmbh kg mbh sa sl sas sarl ltd limited plc inc llc co company corp bv nv oy spa srl sp zoo bank "
    "banken banque banco the and group holding international sample"
)


@lru_cache(maxsize=4096)
def name_tokens(name: str) -> frozenset[str]:
    """The words of a firm's name that tell it from others; legal forms and ``bank`` do not."""
    return frozenset(word for word in tokens(name) if word not in _LEGAL_FORMS and len(word) > 2)


def names(text: str, firm: str) -> bool:
    """Whether the line names the firm: all its telling words (Chinese: the whole name) stand in it."""
    wanted = name_tokens(firm)
    if wanted:
        return wanted <= set(tokens(text))
    cjk = "".join(sign for sign in firm if ord(sign) > 0x2E7F)
    return len(cjk) >= 2 and cjk in text
