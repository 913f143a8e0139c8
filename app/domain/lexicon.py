"""Words the checks know: numbers, comparisons, polarity, prohibited bases and instructions, in English and Chinese."""

from __future__ import annotations

import re


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_TEENS = ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "dozen": 12}
CARDINALS = dict(zip([*_ONES, *_TEENS], range(20), strict=True)) | {w: 10 * (i + 2) for i, w in enumerate(_TENS)}
FRACTIONS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5}
MULTIPLES = {"twice": 2, "thrice": 3, "double": 2, "triple": 3, "treble": 3, "quadruple": 4}
PLURAL_SCALES = {"dozens", "hundreds", "thousands", "millions", "billions"}
NUMBER_WORDS = frozenset({*CARDINALS, *SCALES, *FRACTIONS, *MULTIPLES, *PLURAL_SCALES})
CHINESE_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
CHINESE_DIGITS |= {c: i for i, c in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
CHINESE_SCALES = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000, "万": 10**4, "亿": 10**8}
CHINESE_NUMERALS = frozenset([*CHINESE_DIGITS, *CHINESE_SCALES, "半"])
# Words that hold a numeral character without being a number.
CHINESE_NOT_NUMBERS = _words(
    "一般 一致 一些 一定 一直 一旦 一并 一方面 一起 一样 一笔 一个 一项 一家 一份 一名 一种 一律 一经 一切 一次性 "
    "进一步 唯一 统一 单一 之一 专一 第一 第二 第三 第三方 三方 二手 两者 两方面 双方 十分 千万不 百分点 "
    "过去一年 近一年 最近一年 一贯 一时 一度 不一 半数 多半 参半 各半 双十一 双十二 五一 六一"
)

COMPARISONS = {
    "en": {
        r"exceed(?:s|ed|ing)?|above|more than|higher than|greater than|in excess of|beyond|over|surpass(?:es|ed)?": 1,
        r"no more than|not more than|not above|in line with|close to|at most|below|under|within|less than|lower than|"
        r"fewer than|short of": -1,
    },
    "zh": {
        "超过|高于|超出|多于|大于": 1,
        "未超过|不超过|不高于|没有超过|并未超过|低于|少于|小于|之内|以内": -1,
    },
}
AGREEMENT = {
    "en": r"match(?:es|ed)?|agrees?|in line with|consistent with|confirm(?:s|ed)?|the same as|equals?",
    "zh": "相符|吻合|一致|相同|符合",
}

ADVERSE = {
    "en": (
        r"weak(?:en|ens|ened|ness|er)?|concern(?:s|ing)?|strain(?:s|ed)?|pressure|adverse(?:ly)?|against|risk(?:s|y)?|"
        r"shortfall|late|overdue|past due|missed|undisclosed|contradict(?:s|ed|ion)?|irregular|insufficient|poor|bad|"
        r"thin|excessive|worrying|problem(?:s|atic)?|fail(?:s|ed)?|falls? short|unverified|unaffordable|too high|"
        r"too low|declin(?:e|es|ed|ing)|lowered|reduced by|lost points|points were lost|points off|unreliable|"
        r"unstable|harm(?:s|ed)?|negative|warning|doubt(?:s|ful)?|gap"
    ),
    "zh": (
        "入不敷出|不稳定|不规律|不利|担忧|风险|紧张|不足|逾期|单薄|不良|缺口|不符|拒绝|拉低|下降|扣分|较短|欠佳|过高|过低|"
        "不允许|未予申报|未申报|未披露|没有提及|疑问"
    ),
}
FAVOURABLE = {
    "en": (
        r"support(?:s|ed|ing)?|strengthen(?:s|ed)?|good|strong(?:er)?|steady|stable|stability|comfortabl[ey]|sound|"
        r"favourabl[ey]|favorabl[ey]|healthy|reliable|positive|solid|on time|confirm(?:s|ed)?|verified|"
        r"agrees? with|match(?:es|ed)?|consistent|meets?|satisf(?:y|ies|ied)|compl(?:y|ies|ied)|affordable|"
        r"sufficient|ample|excellent|clean|regular|allows?|kept in credit|approv(?:e|es|al)"
    ),
    "zh": "有利|良好|稳定|规律|充足|按时|相符|吻合|符合|证实|支持|批准|优秀|可靠|健康",
}
NEGATIONS = {
    "en": r"\b(?:not|no|never|without|cannot|hardly|neither|nor|little|lacks?|nothing|none)\b|n't\b",
    "zh": "不|未|没有|尚无|并非|无|缺乏",
}

PROHIBITED = {
    "en": re.compile(
        r"\b(?:married|unmarried|divorced|widow(?:ed|er)?|marital|spouse|wife|husband|pregnan(?:t|cy)|religio(?:n|us)|"
        r"muslim|christian|jewish|hindu|buddhist|sikh|rac(?:e|ial)|ethnic(?:ity)?|nationality|citizenship|immigrants?|"
        r"foreigners?|gender|sex|male|female|wom[ae]n|disab(?:led|ility)|gay|lesbian|transgender|elderly|"
        r"too (?:old|young)|(?:his|her|their|applicant's) age|aged)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "已婚|未婚|离异|离婚|丧偶|婚姻|配偶|怀孕|宗教|信仰|民族|种族|国籍|移民|外国人|性别|女性|男性|残疾|年龄|同性恋"
    ),
}
MARKUP = re.compile(
    r"<\|?|\|>|https?:|www\.|`|\{|\}|\[[A-Z]\]|#{2,}|[\r\n]|\bignore (?:all|any|previous|the above)\b|\bas an ai\b|"
    r"\b(?:system|assistant|user)\s*:|忽略(?:以上|之前|所有)|作为(?:一个)?(?:人工智能|AI)",
    re.IGNORECASE,
)
INITIALISMS = frozenset(_words("DSR DTI PD LTV ID OCR CEO VAT APR EUR USD GBP CNY SEK NOK DKK CHF JPY I"))
# Plain words a sentence may begin with; with the words of the phrase book they are the known vocabulary.
COMMON_WORDS = frozenset(
    _words(
        "a about according account accounts across after again all also although among an and another any applicant "
        "application approval are as assets at balance balances bank based because before besides both but by "
        "calculated compared considering credit current currently customer debt despite documents due during each "
        "employer employment even every evidence existing expenses finally first following for form from further "
        "furthermore given had has have he hence her here his how however if in income indeed instalment instalments "
        "instead it its judging last lastly loan loans looking many meanwhile monthly more moreover most my net "
        "nevertheless next no none nor not nothing now of on once one only or our out over overall payment payments "
        "payslip per please policy present previously provided recent recently regarding regular rent repayment "
        "repayments request salary savings score second she since so some statement statements still such taken that "
        "the their then there therefore these they this those though through thus to together total under unless "
        "until up upon we what when where whereas whether which while who with within without yet you your"
    )
)
