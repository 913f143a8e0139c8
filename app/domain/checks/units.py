"""What a figure is measured in: currencies by sign, word and coin; units that stand behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from app.domain.checks.hedges import Quantity
from app.domain.figures import Figure
from app.domain.values import CURRENCIES

_TIMES_AFTER = re.compile(r"\s?(?:times\b|x\b|×|倍|-?fold\b)", re.IGNORECASE)
_COINS = re.compile(
    r"\s?(?P<land>swiss |swedish |norwegian |danish |japanese |indian |hong kong )?(?P<coin>francs?|kronor|"
    r"kroner|yen|rupees?|yuan|zloty)\b",
    re.IGNORECASE,
)
_CROWNS = {"swedish": "SEK", "norwegian": "NOK", "danish": "DKK"}
_COIN_CODES = {"fra": "CHF", "kro": "", "yen": "JPY", "rup": "INR", "yua": "CNY", "zlo": "PLN"}
_FOREIGN = {"港元": "HKD", "港币": "HKD", "日元": "JPY", "日圆": "JPY", "澳元": "AUD", "加元": "CAD", "韩元": "KRW"}
_FOREIGN |= {
    "美金": "USD",
    "美刀": "USD",
    "欧洲币": "EUR",
    "新元": "SGD",
    "台币": "TWD",
    "法郎": "CHF",
    "卢布": "RUB",
    "泰铢": "THB",
    "澳门元": "MOP",
}
_FOREIGN_COIN = re.compile(rf"(?:瑞士|新加坡|加拿大|澳大利亚|香港|日本|韩国|台湾|泰国|俄罗斯)?({'|'.join(_FOREIGN)})")
_CNY = re.compile(r"(?<![欧美日港])元|人民币|RMB", re.IGNORECASE)


_MONEY_SIGNS = {"Rs": "INR", "₹": "INR", "R$": "BRL", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "KSh": "KES", "₦": "NGN"}
_MONEY_SIGNS |= {"₱": "PHP", "₺": "TRY", "₩": "KRW", "RM": "MYR", "฿": "THB", "₫": "VND", "Fr": "CHF", "₴": "UAH"}
_MONEY_SIGNS |= {"S$": "SGD", "A$": "AUD", "C$": "CAD", "HK$": "HKD", "NT$": "TWD", "US$": "USD", "NZ$": "NZD"}
_SIGN_BEFORE = re.compile(r"(?<![^\W\d_])([^\W\d_]{0,3}[$₹₦₱₺₩฿₫₴]|[^\W\d_]{1,4})\.?\s?$")
_SIGN_AFTER = re.compile(r"\s?([^\W\d_]{1,4}|[₹₦₱₺₩฿₫₴])(?![^\W\d_])")


def with_sign(text: str, quantity: Quantity, own: Mapping[str, str]) -> Quantity:
    """The quantity as money, where a sign, a name or a coin of a currency stands beside it: "Rs 7,400", "52 cents".

    ``own`` are the signs of the case, among them what a bare dollar stands for, and whether it counts in cents.
    """
    if quantity.kind == "" and _IN_CENTS not in own and (coins := _CENTS.match(text, quantity.end)):
        values = tuple(value / 100 for value in quantity.values)
        span, places = text[quantity.start : coins.end()], quantity.places + 2
        return replace(quantity, span=span, end=coins.end(), values=values, kind="money", unit="", places=places)
    if quantity.kind == "" and (grand := _GRAND.match(text, quantity.end)):
        values = tuple(value * 1000 for value in quantity.values)
        return replace(quantity, span=text[quantity.start : grand.end()], end=grand.end(), values=values, kind="money")
    signs = {**_MONEY_SIGNS, **own}
    is_dollar = quantity.unit == "USD" and re.search(r"[$]|dollar", quantity.span, re.IGNORECASE)
    if quantity.kind not in ("", "money") or (quantity.kind == "money" and not is_dollar):
        return quantity
    start = quantity.start + quantity.span.startswith("$")
    before = _SIGN_BEFORE.search(text, max(0, start - 6), start)
    if before and (code := signs.get(before.group(1))):
        first = before.start(1)
        return replace(quantity, span=text[first : quantity.end], start=first, kind="money", unit=code)
    if is_dollar:
        return replace(quantity, unit=own.get("$", quantity.unit))
    after = _SIGN_AFTER.match(text, quantity.end)
    if after and (code := signs.get(after.group(1))):
        return replace(quantity, span=text[quantity.start : after.end()], end=after.end(), kind="money", unit=code)
    return quantity


_IN_CENTS = "cents"
_CENTS = re.compile(r"\s?(?:cents?|pence|pennies|p)\b", re.IGNORECASE)
_GRAND = re.compile(r"\s?grand\b", re.IGNORECASE)


def unit_of(text: str, figure: Figure) -> tuple[str, str, int]:
    """Kind and unit of a figure with the place where it ends."""
    unit, end = figure.unit, figure.end
    if unit == "percent":
        return "percent", "", end
    if unit in {"months", "years", "weeks", "days"}:
        return "time", unit, end
    if unit == "money":
        named = next((code for name, code in _FOREIGN.items() if name in text[figure.start : end + 2]), "")
        return "money", named or ("CNY" if _CNY.search(figure.span) else ""), end
    if len(unit) == 3 and unit.isupper() and unit not in CURRENCIES:  # "one IRS lien"
        end = figure.start + len(text[figure.start : figure.end].removesuffix(unit).rstrip())
        return "", "", end
    if len(unit) == 3 and unit.isupper():
        return "money", "CNY" if unit == "RMB" else unit, end
    return _unit_behind(text, figure)


def _unit_behind(text: str, figure: Figure) -> tuple[str, str, int]:
    """The same by words that ``app.domain.figures`` does not know as units."""
    end = figure.end
    if times := _TIMES_AFTER.match(text, end):
        return "times", "", times.end()
    if coin := _COINS.match(text, end):
        crown = _CROWNS.get((coin.group("land") or "").lower().strip(), "")
        return "money", crown or _COIN_CODES[coin.group("coin").lower()[:3]], coin.end()
    if re.match(r"期(?!限|间|内|末|初)", text[end:]):
        return "time", "months", end + 1
    if coin := _FOREIGN_COIN.match(text, end):
        return "money", _FOREIGN[coin.group(1)], coin.end()
    if text[end : end + 3] == "人民币":
        return "money", "CNY", end + 3
    return ("money", "CNY", end) if text[: figure.start].rstrip().endswith(("人民币", "RMB")) else ("", "", end)
