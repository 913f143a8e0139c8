"""Invented persons and firms of one country, drawn from the pool of a set of makers."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random

from bench.reading import check_digits

POOLS = Path(__file__).resolve().parent / "pools"
COUNTRY = {"en-GB": "GB", "en-IE": "IE", "en-US": "US", "de": "DE", "fr": "FR", "es": "ES", "sv": "SE", "zh": "CN",
           "it": "IT", "nl": "NL", "pt": "PT"}  # fmt: skip
STATES = {"GB": "GBR", "IE": "IRL", "US": "USA", "DE": "D<<", "FR": "FRA", "ES": "ESP", "SE": "SWE", "CN": "CHN",
          "IT": "ITA", "NL": "NLD", "PT": "PRT"}  # fmt: skip
CURRENCY = {"GB": "GBP", "IE": "EUR", "US": "USD", "DE": "EUR", "FR": "EUR", "ES": "EUR", "SE": "SEK", "CN": "CNY",
            "IT": "EUR", "NL": "EUR", "PT": "EUR"}  # fmt: skip
_AREAS = {"杭州": "330106", "广州": "440106", "成都": "510107", "武汉": "420111", "青岛": "370202", "西安": "610113"}


@cache
def pool(name: str) -> Mapping[str, Mapping[str, list[str]]]:
    """``name``: "tuning" or "measuring"."""
    return tomllib.loads((POOLS / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Person:
    surname: str
    given: str
    sex: str  # "M", "F"
    born: date
    address: str  # lines
    town: str
    email: str
    phone: str

    @property
    def name(self) -> str:
        chinese = "一" <= self.surname[0] <= "鿿"
        return f"{self.surname}{self.given}" if chinese else f"{self.given} {self.surname}"


class World:
    """Draws from one pool with one seed: the same seed gives the same document."""

    def __init__(self, set_name: str, locale: str, seed: str) -> None:
        self.rng = Random(seed)
        self.locale = locale
        self.country = COUNTRY[locale]
        self.currency = CURRENCY[self.country]
        self.pool = pool(set_name)[locale]

    def pick(self, what: str) -> str:
        return self.rng.choice(self.pool[what])

    def day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.rng.randrange((last - first).days + 1))

    def person(self) -> Person:
        sex = self.rng.choice("MF")
        given = self.pick("male" if sex == "M" else "female")
        surname, town = self.pick("surnames"), self.pick("towns")
        born = self.day(date(1961, 1, 1), date(2002, 12, 31))
        mailbox = plain(f"{given}.{surname}").lower().replace(" ", "").replace("'", "")
        if self.country == "CN":
            mailbox = f"user{self.rng.randrange(10000, 99999)}"
        return Person(surname, given, sex, born, self.address(town), town, f"{mailbox}@example.com", self.phone())

    def someone_else(self, than: str) -> Person:
        found = self.person()
        while found.name == than:
            found = self.person()
        return found

    def address(self, town: str = "") -> str:
        number, street, town = self.rng.randrange(1, 180), self.pick("streets"), town or self.pick("towns")
        if self.country == "CN":
            return f"{town}{street}{number}号{self.rng.randrange(1, 9)}栋{self.rng.randrange(101, 2804)}室"
        if self.country in {"DE", "SE", "NL"}:
            return f"{street} {number}\n{town}"
        if self.country in {"ES", "IT", "PT"}:
            return f"{street}, {number}\n{town}"
        return f"{number} {street}\n{town}"

    def phone(self) -> str:
        two, four = self.rng.randrange(10, 99), self.rng.randrange(1000, 9999)
        return {
            "GB": f"07700 900{self.rng.randrange(100, 999)}",
            "US": f"(555) 01{two % 10}-{four}",
            "CN": f"1{self.rng.choice('3589')}{check_digits.digits(self.rng, 9)}",
            "DE": f"+49 151 {four}{two}{two}",
        }.get(self.country, f"+{two} {four} {two} {two}")

    def area(self, town: str) -> str:
        return next((code for name, code in _AREAS.items() if name in town), "110101")

    def identity(self, person: Person) -> str:
        """The number that names a person to the state."""
        make = {
            "CN": lambda: check_digits.cn_identity(self.rng, self.area(person.town), person.born, person.sex),
            "US": lambda: check_digits.ssn(self.rng),
            "SE": lambda: check_digits.se_personal(self.rng, person.born),
            "ES": lambda: check_digits.es_identity(self.rng),
            "FR": lambda: check_digits.fr_social(self.rng, person.born, person.sex),
            "DE": lambda: check_digits.de_tax(self.rng),
            "IE": lambda: check_digits.vat(self.rng, "IE")[2:],
            "IT": lambda: check_digits.it_fiscal(
                self.rng, plain(person.surname), plain(person.given), person.born, person.sex
            ),
            "NL": lambda: check_digits.nl_service(self.rng),
            "PT": lambda: check_digits.pt_tax(self.rng),
            "GB": lambda: f"QQ {' '.join(f'{self.rng.randrange(10, 99)}' for _ in range(3))} {self.rng.choice('ABCD')}",
        }
        return make[self.country]()


def plain(text: str) -> str:
    """Without accents, as a machine-readable zone writes them."""
    text = text.translate({0x131: "i", 0xDF: "ss", 0xF8: "o", 0xD8: "O"})
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def zone_name(surname: str, given: str) -> str:
    def part(text: str) -> str:
        return plain(text).upper().replace("'", "").replace(" ", "<").replace("-", "<")

    return f"{part(surname)}<<{part(given)}"


_SOUNDS = (
    "王:wang 陈:chen 欧阳:ouyang 周:zhou 郑:zheng 李:li 赵:zhao 司马:sima 孙:sun 韩:han 建国:jianguo 志强:zhiqiang "
    "宇航:yuhang 明远:mingyuan 丽华:lihua 雪梅:xuemei 思雨:siyu 欣怡:xinyi 浩然:haoran 国栋:guodong 子墨:zimo "
    "文斌:wenbin 晓燕:xiaoyan 佳宁:jianing 雅婷:yating 玉兰:yulan"
)
_PINYIN = dict(pair.split(":") for pair in _SOUNDS.split())


def romanised(name: str) -> str:
    """A given name or a surname in Latin letters."""
    return _PINYIN.get(name, name).capitalize() if "一" <= name[0] <= "鿿" else name
