"""The checks of Chinese sentences: names, matters, comparisons, counters, shares and periods as Chinese says them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.domain.checks.casebook import Benchmark, CaseFact, CaseFinding, CheckedCase
from app.domain.checks.chinese import asks, words_of
from app.domain.checks.engine import Checked, Engine
from app.domain.facts import Stance
from data.checking_words import load_lexicon


def fact(key: str, label: str, value: Decimal | str | date | bool, unit: str, **more: object) -> CaseFact:
    return CaseFact(key, label, value, unit=unit, **more)  # type: ignore[arg-type]  # the few further fields by name


CASE = CheckedCase(
    "Z-1",
    "zh",
    (
        fact("f1", "经营者", "欧阳慧", "text"),
        fact("f2", "收蛋商", "丰泽农贸合作社", "text"),
        fact("f3", "用人单位", "Bosch中国", "text"),
        fact("f4", "2025年鸡蛋销售款", Decimal(1986000), "CNY"),
        fact("f5", "每月固定开销", Decimal(3900), "CNY"),
        fact("f6", "每期要还", Decimal(2230), "CNY"),
        fact("f7", "月供占到手收入", Decimal("29.3"), "%", benchmark=Benchmark("产品上限", Decimal(40), "below")),
        fact("f8", "每月到手收入", Decimal(7600), "CNY"),
        fact("f9", "租约剩余", Decimal(10), "months", benchmark=Benchmark("贷款期限", Decimal(24), "below")),
        fact("f10", "许可证到期日", date(2029, 10, 15), "date"),
        fact("f11", "贷款逾期", Decimal(2), "count", raw="2次", stance=Stance.ADVERSE),
        fact("f12", "拟借金额", Decimal(300000), "CNY"),
        fact("f13", "借款期限", Decimal(18), "months"),
        fact("f14", "申报收入", Decimal(9100), "CNY", stance=Stance.ADVERSE),
    ),
    (CaseFinding("lease.short", Stance.ADVERSE, "租约仅剩10个月，短于24个月的贷款期限。", ("f9",)),),
    date(2026, 11, 22),
)
ENGINE = Engine(CASE, load_lexicon())


def flagged(text: str) -> set[str]:
    return {problem.kind for problem in ENGINE.check(text).problems}


def check(text: str) -> Checked:
    return ENGINE.check(text)


@pytest.mark.parametrize(
    "text",
    [
        "家里的开支花样再多，每月固定开销也就是3900元。",  # any words may stand beside a right figure
        "鸡蛋由丰泽农贸合作社统一收走。",  # or beside a text of the case
        "这样算下来，大家心里就有数了。",  # no one does anything
        "请把近三期账单的复印件交到网点。",  # what is asked for need not be in the file
        "欧阳慧就职于Bosch中国。",
    ],
)
def test_ordinary_words_may_stand_freely(text: str) -> None:
    assert not flagged(text)


@pytest.mark.parametrize(
    "text",
    [
        "经营者是欧阳敏。",  # another given name
        "收蛋商为盛源超市。",  # another text in its place
        "申请人王丽华拟借30万元。",  # a name beside a right figure
        "鸡蛋由云栖客栈统一收购。",
        "欧阳慧就职于Siemens中国。",
        "经营者为Boschmann。",  # the beginning of a word is not the word
    ],
)
def test_names_that_the_case_does_not_hold_are_found(text: str) -> None:
    assert "unsupported_name" in flagged(text)


@pytest.mark.parametrize(
    "text",
    ["欧阳慧业余开办绘画班。", "股东承诺追加投资。", "申请人准备再盖两栋楼。", "当地政府即将发放旅游补贴。"],
)
def test_who_does_what_no_text_tells_is_a_claim(text: str) -> None:
    assert "unsupported_claim" in flagged(text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("月供占到手收入比产品上限低10.7个百分点。", True),
        ("月供占到手收入比产品上限要高。", False),
        ("月供占到手收入在产品上限之内。", True),
        ("月供占到手收入处于产品上限以上。", False),
        ("租约剩余短于贷款期限。", True),
        ("租约剩余晚于贷款期限。", False),  # of spans: longer
        ("申报收入与每月到手收入相符。", False),
        ("申报收入与每月到手收入不一致。", True),
    ],
)
def test_comparisons_with_what_stands_inside_or_before_the_word(text: str, right: bool) -> None:
    assert (not flagged(text)) is right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("贷款逾期两次。", True),
        ("名下有两辆车。", False),  # the case counts two times, not two things
        ("去掉3900元的固定开销和2230元的月供，每月还剩1470元。", True),  # the name stands behind
        ("每月固定开销为2230元。", False),  # the whole label stands before
        ("月供不到到手收入的三成。", True),
        ("月供不到到手收入的两成。", False),
        ("若分18个月平均归还，每月约需归还1.67万元。", True),  # two decimals of ten thousand are hundreds
        ("每月固定开销一年3900元。", False),
        ("固定开销一年46800元。", True),
        ("上季度鸡蛋销售款198.6万元。", False),
        ("拟借金额三十万瑞士法郎。", False),
        ("许可证2029年底前到期。", False),
        ("许可证2029年下半年到期。", True),
        ("许可证到期日为2029-10-15。", True),
        ("销售款将近两百万元。", True),
        ("销售款一百九十多万元。", True),  # more than what stands before 多
        ("每月到手收入七千六。", True),
        ("全年到手收入91200元。", True),  # by the period the sentence speaks of
        ("两项合计，固定开销与月供共6130元。", True),
        ("两项合计，固定开销与月供共7130元。", False),
    ],
)
def test_figures_as_chinese_says_them(text: str, right: bool) -> None:
    assert (not flagged(text)) is right


def test_words_are_cut_so_that_fewest_signs_are_left() -> None:
    assert words_of("本节先讲经营", load_lexicon()) == ["本节", "先", "讲", "经营"]


@pytest.mark.parametrize(
    ("text", "asking"), [("建议补办登记。", True), ("请求被退回。", False), ("销量上来了。", False)]
)
def test_requests_are_known_by_their_beginning(text: str, asking: bool) -> None:
    assert asks(text) is asking
