"""What a Chinese sentence names or tells that no text of the case holds.

Words are parted from names by a list of ordinary words: what none of them covers is taken for a name. Ordinary words
may stand freely beside a figure that is right; without one they must be words of reports or of the matter of the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.domain.checks.casebook import as_yes_or_no
from app.domain.checks.index import CaseIndex
from app.domain.checks.lexicon import Lexicon
from app.domain.checks.reading import Clause, Reading
from app.domain.lexicon import INITIALISMS
from app.domain.sentences import Problem

Spans = Sequence[tuple[int, int]]
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LONGEST = 4
_COUNTERS = frozenset("套辆栋幢家间处台个名位只头亩份张本支场")
_NUMERALS = "一二三四五六七八九十百千万两几多半个条"
_MANY = 4  # words from which on a clause tells something of a matter of its own
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范石廖贾韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温骆康施翟柯颜齐伍庞樊兰"
)
_GENERIC = frozenset(
    "的了在是有和与及或一二三四五六七八九十两几个不未无没年月日天期次笔元万千百成倍资款额金贷借业务人行户客企公司率比数量"
    "总计均占额上下高低大小多少中内外前后本该其此政策申请要求信用经理支付收入出生产现实际可能会用于对以为由到至从近最期限时间"
)
_ROLE = r"(?:申请人|借款人|客户|经营者|当事人|联系人|户主|主贷人|申请者)"
_IS = r"(?:姓名|名称|全称|名字)?(?:为|是|系|叫做|叫|名为|名叫|姓名为|：|:|即)"
_NAMED = re.compile(rf"{_ROLE}(?:{_IS})?([\u4e00-\u9fff]{{2,3}})")
_SLOT = re.compile(rf"{_IS}\s?([^，。；、,;：:（(]{{2,18}})")
_LABEL_TAIL = re.compile(r"(?:姓名|名称|全称|单位名称|名字)$")
_WORKS = re.compile(
    r"(?:就职|任职|供职|受雇|受聘)于([\u4e00-\u9fffA-Za-z .]{2,14})"
    r"|在([\u4e00-\u9fffA-Za-z .]{2,14}?)(?:任职|工作|上班|供职|就职|接单|任教|担任|当班|做工|打工|从事|开户|投保)"
    r"|由([\u4e00-\u9fffA-Za-z .]{3,14}?)(?:统一|负责|独家|全部)*"
    r"(?:提供|出具|完成|收购|发放|承保|评估|供货|收走|代发|销售|担保)"
)
_BODY = re.compile(r"([\u4e00-\u9fff]{2,10}?)(银行|公司|医院|大学|中学|小学|集团|事务所)")
_BEFORE_BODY = re.compile(
    r".*(?:[为是在由于与和向从到被的该本贵我经家以及给对非各]|提供|主要|要求|部分|所有|现有|原有|他|比)"
)
_COMMON_BODIES = re.compile(
    r"(?:商业|其他|某|开户|往来|合作|贷款|多家|几家|各家|[一二三四五六两]家|任何|有限|股份|责任|开户行|工资|当地|国有|民营|"
    r"上市|保险|担保|小贷|金融|关联|大型|小型|放贷|承保|发卡|供货)$"
)
_AGENT = re.compile(
    rf"^[，,]?\s?(?:{_ROLE[3:-1]}|[她他]|其|该户|该企业|企业|公司|门店|店主|老板|老板娘|股东|政府|当地|单位|雇主|东家|开发商|房东|对方|第三方|"
    r"供应商|合伙人|家人|家里|家中|负责人|实际控制人|控制人|法定代表人|共同借款人|担保人|保证人|该[\u4e00-\u9fff])(?!的)"
)
_HAPPENS = re.compile(
    "签订了?|签下|签署|经营着|开着|办着|做着|遭遇|遭受|遭到|爆发|面临|陷入|被迫|正在|即将|刚刚|新近|获得|荣获|另有|名下|拥有|持有|参加|加入|兼任|开了"
)
_DONE = re.compile("曾(?!经)|已经?(?!有)|成功|还有")  # of what a right figure has not told yet
_INTENDS = re.compile(
    "(?:打算|准备|计划(?=[在于明今后年下再新扩购买开建转增投上搬换退进引将])|有意|有望|预计|即将|将要|正筹|正在|正与|承诺|答应|许诺|愿意|同意(?=为|替|代|帮))"
    "(?!.{0,6}(?:[借贷还]|归还|偿还|申请|用于|用来|分期|提供|补|说明|续保|续期|核实|核查|跟进|走访|面谈))"
)
_DESK = re.compile("我行|本行|支行|分行|我们|本报告|报告|下一步|接下来|客户经理|审查|经办|笔者|下文|本节|后续")
_BEFORE_NAME = re.compile("(?:[为是系叫在由于与和跟给向从到被：:]|名叫)$")
_AFTER_NAME = re.compile("[店厂村镇县市区路街]|超市|平台|合作社|中心|工作室|俱乐部|客栈|酒店|饭店|学校|牌|公司|集团")
_TITLE = re.compile("师傅|先生|女士|小姐|老师|老板|经理|总|某")
_POINTS_BACK = re.compile(r"[该本其此这那原同某]")


_ASKS = re.compile(
    "(?:[^，。；]{0,12}[，,])?(?:同时|另外|此外|最好|也|还|可)?(?:建议|烦请|敬请|请(?!求)|望(?!远)|务请|可否|能否|不妨|最好)"
)


def asks(text: str) -> bool:
    """Whether a Chinese sentence asks or advises from its beginning: what it names need not be in the file."""
    return bool(_ASKS.match(text))


def supposes(text: str) -> bool:
    """Whether a Chinese sentence supposes something from its beginning: what would be is no figure of the case."""
    return bool(_SUPPOSES.match(text))


_SUPPOSES = re.compile("(?:如果|若(?!干)|假如|倘若|假设|设想|要(?:把|将|想|使)|即便|即使|哪怕|就算|纵使|一旦)")


def judge_names(reading: Reading, taken: Spans, anchored: Spans, index: CaseIndex) -> Iterator[Problem]:
    """Persons, bodies and places that the case does not name; ``taken`` are figures and texts of the case."""
    text = reading.text
    if said := _other_person(text, index) or _other_in_place(text, index):
        yield Problem("unsupported_name", said)
    for match in () if asks(text) else _BODY.finditer(text):
        said = re.sub("(?:股份)?有限(?:责任)?$", "", _BEFORE_BODY.sub("", match.group(1)))
        if len(said) > 1 and said not in index.corpus and not _COMMON_BODIES.search(said):
            yield Problem("unsupported_name", said + match.group(2))
    yield from _latin(reading, taken, index)
    for start, end in _uncovered(text, taken, index):
        beside = any(start < b and a < end for a, b in anchored)
        person = text[start] in _SURNAMES and end - start <= 3
        placed = _BEFORE_NAME.search(text, 0, start) or _AFTER_NAME.match(text, end)
        if is_titled(text, start, index) or (person and asks_or_wonders(text)):
            continue
        if person or (not beside and placed):
            yield Problem("unsupported_name", text[start:end])


def is_word_of(word: str, text: str) -> bool:
    """Whether it stands in the text as a word of its own: "brand" not in "brandt"."""
    at = text.find(word)
    while at >= 0:
        if not (text[at - 1 : at].isalnum() and text[at - 1].isascii()) and not re.match(
            "[a-zà-ÿ]", text[at + len(word) :]
        ):
            return True
        at = text.find(word, at + 1)
    return False


def _latin(reading: Reading, taken: Spans, index: CaseIndex) -> Iterator[Problem]:
    """Latin words with a capital that are neither the case's nor words of credit."""
    for token in reading.tokens:
        within = any(token.start < end and start < token.end for start, end in taken)
        for match in () if within else _CAPITAL.finditer(token.text):
            word = match.group()
            known = token.signs or len(word) < 3 or word in INITIALISMS or word.isupper()
            if not (known or index.lexicon.is_plain(word, as_it_stands=True) or is_word_of(word.lower(), index.corpus)):
                yield Problem("unsupported_name", word)


_CAPITAL = re.compile(r"(?<![^\W_])[A-ZÀ-Þ][\w'’]*")


def is_titled(text: str, start: int, index: CaseIndex) -> bool:
    """Whether a surname of the case stands there with a title: "邹师傅"."""
    if start < 0:
        return False
    named = any(value[:1] == text[start] for value in index.texts if 2 <= len(value) <= 4)
    return named and bool(_TITLE.match(text, start + 1))


def asks_or_wonders(text: str) -> bool:
    return asks(text) or text.rstrip().endswith(("？", "?"))


def _other_person(text: str, index: CaseIndex) -> str:
    """Another given name of a person of the case, or another person in the applicant's place."""
    for match in _NAMED.finditer(text):
        said = match.group(1)
        alike = (name for name in index.texts if 2 <= len(name) <= 4 and name[0] == said[0] and name not in text)
        if said not in index.corpus and any(not said.startswith(name[:3]) for name in alike):
            return said
    return ""


def _other_in_place(text: str, index: CaseIndex) -> str:
    """A name in the place of a text of the case: "收蛋商是…", "在…任职"."""
    for fact in index.case.facts:
        value = fact.value
        if not isinstance(value, str) or as_yes_or_no(value) is not None or value.lower() in text.lower():
            continue
        for label in fact.label.split(" | "):
            core = _LABEL_TAIL.sub("", label)
            named = re.search("的?".join(map(re.escape, core)), text) if len(core) > 1 else None
            match = _SLOT.match(text, named.end()) if named else None
            if match and not _known(match.group(1), value, index):
                return match.group(1)
    for match in _WORKS.finditer(text):
        said = next(part for part in match.groups() if part).strip()
        if not _known(said, "", index) and len(said) > 2:
            return said
    return ""


def _known(said: str, value: str, index: CaseIndex) -> bool:
    """Whether the case speaks of what stands in a name's place, or it is no name."""
    if value and 1 < len(value) <= 4 and _HAN.match(value) and said[0] == value[0] and 1 < len(said) <= 4:
        return said[:2] != value[:2] and len(value) > 2 and said in index.corpus  # "欧阳敏" for "欧阳慧"
    if _POINTS_BACK.match(said) or said[0] in "不否没未无一谁何哪" or said.lower() in index.corpus:
        return True
    pairs = [said[at : at + 2].lower() for at in range(len(said) - 1)]
    held = [pair for pair in pairs if pair in (value.lower() or index.corpus)]
    if len(held) * 2 >= len(pairs):
        return True
    lexicon = index.lexicon
    words = [word for word in words_of(said, lexicon) if len(word) > 1]
    return bool(words) and not any(
        word in lexicon.ordinary["zh"] and word not in lexicon.chinese_words for word in words
    )


def judge_matters(
    reading: Reading, clause: Clause, taken: Spans, anchored: Spans, index: CaseIndex
) -> Iterator[Problem]:
    """A clause without a right figure that tells of matters the case does not speak of."""
    if any(clause.start <= at < clause.end for at, _ in anchored):
        return
    text = _without_labels(reading.text[clause.start : clause.end], index)
    intent = _INTENDS.search(text)
    if intent and intent.group() not in index.corpus and not _DESK.search(reading.text):
        yield Problem("unsupported_claim", intent.group())
    foreign = list(_foreign(text, index))
    foreign += [text[start:end] for start, end in _uncovered(text, _within(taken, clause), index)]
    told = _AGENT.search(text) or _HAPPENS.search(text) or any(text.startswith(value) for value in index.texts)
    if told and len(foreign) == 1 and _JUDGES.search(text):
        return  # "客户质量较高": held by the checks of judgement
    least = 1 if told else 2 if not anchored and _DONE.search(text) else _MANY
    if len(foreign) >= least:
        yield Problem("unsupported_claim", "、".join(foreign))


_JUDGES = re.compile("(?:较|偏|很|颇|相当|十分|比较|更为?|最)[\u4e00-\u9fff]")


def _without_labels(text: str, index: CaseIndex) -> str:
    """The text with what facts are called blanked: their words are the case's own."""
    for label in index.labels:
        text = text.replace(label, "　" * len(label))
    return text


def _within(spans: Spans, clause: Clause) -> Spans:
    """Those of the spans in the clause, counted from its start."""
    return [(start - clause.start, end - clause.start) for start, end in spans if clause.start <= start < clause.end]


def words_of(text: str, lexicon: Lexicon) -> list[str]:
    """The text cut into words that lists hold, so that fewest signs are left over, then into fewest words."""
    best: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
    for end in range(1, len(text) + 1):
        options = []
        for start in range(max(0, end - _LONGEST), end):
            word, (cost, words) = text[start:end], best[start]
            if len(word) == 1 or lexicon.is_chinese(word):
                options.append((cost + _cost(word, lexicon), (*words, word)))
        best.append(min(options))
    return list(best[-1][1])


def _cost(word: str, lexicon: Lexicon) -> float:
    if word in lexicon.chinese_words or word in _NUMERALS or word in _COUNTERS:
        return 1.0
    return 1.1 if len(word) > 1 else 3.0


def _foreign(text: str, index: CaseIndex) -> Iterator[str]:
    """Ordinary words that are none of reports and share no telling sign with the case."""
    for word in words_of(text, index.lexicon):
        if len(word) < 2 or word not in index.lexicon.ordinary["zh"] or word in index.corpus:
            continue
        if word not in index.lexicon.chinese_words and not any(
            sign in index.corpus and sign not in _GENERIC for sign in word
        ):
            yield word


def _uncovered(text: str, taken: Spans, index: CaseIndex) -> Iterator[tuple[int, int]]:
    """Runs of two or more signs that no word covers, the case's own pairs of signs among the words."""
    lexicon = index.lexicon
    covered = {at for start, end in taken for at in range(start, end)}
    for at in range(len(text)):
        for length in range(2, _LONGEST + 1):
            word = text[at : at + length]
            known = lexicon.is_chinese(word) or (length == 2 and word in index.corpus)
            if len(word) == length and known and _HAN.match(word):
                covered |= set(range(at, at + length))
    free = [at for at in range(len(text)) if at not in covered and _HAN.match(text[at])]
    run: list[int] = []
    for at in [*free, -9]:
        if run and at != run[-1] + 1:
            strange = [
                each
                for each in run
                if text[each] not in lexicon.chinese_words
                and text[each] not in _NUMERALS
                and text[each] not in _COUNTERS
            ]
            if len(strange) > 1:
                yield strange[0], strange[-1] + 1
            run = []
        run.append(at)
