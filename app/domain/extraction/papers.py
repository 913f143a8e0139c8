"""Fields that carry no label: whose letterhead it is, whom a letter is addressed to, which shop a receipt is of."""

# ruff: noqa: E501 - lists of words

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.domain.document_kinds import DocumentKind
from app.domain.extraction.amounts import amounts_in, money_text
from app.domain.extraction.balances import from_balances
from app.domain.extraction.candidates import Candidate
from app.domain.extraction.careers import posts_in
from app.domain.extraction.certificates import from_certificate, issuer_in
from app.domain.extraction.parties import from_parties
from app.domain.extraction.registers import from_register
from app.domain.extraction.unlabelled import entry_lines
from app.domain.extraction.values import IN_LINE, Context
from app.domain.identifiers import resident_identity
from app.domain.kind_words import Paper
from app.domain.layout import Box
from app.domain.strips import Piece, Strip, strip_of

_FIRM = re.compile(
    r"(?:\b(?:ltd|limited|llc|llp|inc|corp|corporation|plc|gmbh|ag|kg|ohg|(?-i:SE)|eg|mbh|s\.?a\.?r\.?l|sarl|s\.?a\.?s?|sas|eurl|sci|"
    r"s/b|s\.?l\.?u?|s\.?r\.?l|s\.?p\.?a|b\.?v|n\.?v|ab|a/s|(?-i:ASA?)|oy|oyj|aps|sdn\.? ?b[hn]d|bhd|pte|pty|lda|ltda|dac|cic|co|company|"
    r"enterprise|trading|restaurant|supermarket|hardware|mart|holdings|group|services|hotel|stationery|store|stores|centre)\b"
    r"\.?|公司|集团|有限|商店|超市|厂$|中心$|店$|事务所)",
    re.I,
)
_ROLES = {  # field -> what its name looks like where it heads a page
    "bank": re.compile(r"bank|banque|banco|banca|sparkasse|credit union|crédit|caja|caixa|cassa|building society|kasse|raiffeisen|银行|信用社", re.I),
    "insurer": re.compile(r"insur|assur|versicher|seguro|assicur|verzeker|waarborg|försäkring|mutual|mutuel|mutua\b|indemnity|保险", re.I),
    "lender": re.compile(r"bank|banque|banco|banca|credit|crédit|loan|mortgage|financ|finanz|kredit|krediet|lending|银行|贷款|savings|sparkasse|caja|"
                         r"caixa|cassa|kasse|raiffeisen|building society|hypothe|bolån|funding|capital|金融|信用社", re.I),
    "institution": re.compile(r"universi|college|hochschule|institute|école|school|academy|högskola|politec|学院|大学|学校|akademi", re.I),
    "supplier": re.compile(r"energ|electric|power|water|gas\b|utilit|strom|stadtwerk|telecom|broadband|eau|agua|luz|kraft|vatten|供电|自来水|燃气|电力|"
                           r"水务|eléctric|élec|[eé]ner|light|fib(?:er|re)|mobile|networks|águas?\b|aigües|acqu[ae]|wasser|water|stroom|vatten|wärme|warmte|sewer|council|county|city of|telekom|télécom|"
                           r"telefon|gaz\b|gás\b|nuts|enexis|热力|通信|电信|移动|联通|物业", re.I),
    "bureau": re.compile(r"bureau|credit|experian|equifax|transunion|schufa|crif|kredi[te]|crédit|upplysning|征信|auskunft|informa|riesgo|rischi|risk|solven|responsab", re.I),
    "issuing_authority": re.compile(r"ministry|authority|department|agency|office|board|council|finanzamt|amt\b|behörde|préfecture|mairie|ministère|"
                                    r"ministerio|registro|agenzia|agencia|comune|gemeente|verket|myndighet|局$|厅$|委员会|中心$|"
                                    r"service|institut|trust|foundation|stiftung|fondation|society|chamber|kammer|innung|\bordre\b|\bordine\b|collegio|\bcolegio|\bordem\b|"
                                    r"\borde van|registry|register of|styrelse|verband|vereinigung|association|federation|fédération|direktion|direction|dirección|direcção|"
                                    r"academy|akademie|commission|comisión|commissione|consejo|consiglio|conselho|conseil|\braad\b|college of|royal|questura|\bpolic|polizei|"
                                    r"polis|standesamt|lantmäteriet|kadaster|recorder|registrar|conservatória|jefatura|landratsamt|state of|examinations?|协会|学会|考试院|大队|支队|民政|政府", re.I),
}  # fmt: skip
_TITLED = re.compile(
    r"invoice|receipt|statement|bill\b|rechnung|facture|factura|fattura|factuur|faktura|payslip|page \d|发票|收据|copy|"
    r"^\W*\d[\d/.: -]*$|tel[.:]|fax|www\.|@|gst|welcome|thank|reg\.? ?no|co\.? ?reg|date|cashier|table|no\.? ?\d|^\W*\(?\d{4,}",
    re.I,
)
_POSTAL = re.compile(
    r"\b(?!(?:19|20)\d\d\b)\d{4,6}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]{2},? \d{5}(?:-\d{4})?\b|\b\d{3} \d{2}\b|\b\d{4} ?[A-Z]{2}\b|"
    r"省|市|区|县|\b(?:Co\.|County) [A-Z]"
)
_STREET = re.compile(
    r"\d.*(?:street|st\b|road|rd\b|lane|ln\b|avenue|ave\b|drive|dr\b|close|terrace|way|blvd|court|place|jalan|jln|jl\b|lot|no\b|"
    r"stra(?:ß|ss)e|str\b|weg|platz|allee|gasse|rue|avenue|bd\b|boulevard|impasse|calle|avda|plaza|via|viale|piazza|corso|straat|"
    r"laan|gatan|vägen|gränd|rua|avenida|praça|路|街|号|巷|弄|楼|taman|floor|unit|block|suite|box)|"
    r"(?:street|road|jalan|jln|rue|calle|via|rua|taman|lot|no|\w*(?:stra(?:ß|ss)e|str\.|weg|allee|platz|gasse|ring|damm|gatan|vägen|"
    r"laan|straat|plein|kade|singel|gracht|dijk)|avenida|avda|praça|piazza|viale|corso|travessa)(?:\b|(?<=\.)).*\d",
    re.I,
)
_TITLE_OF = (
    r"(?i:mrs|mr|ms|miss|mx|dr|prof|herrn?|frau|familie|firma|eheleute|monsieur|madame|mademoiselle|mme|mlle|m|sra|sr|don|doña"
    r"|dña|d|sig\.?ra|sig|signora|signor|spett\.?le|egr|gent\.?ma|gent\.?mo|dhr|mevr|mevrouw|mw|heer|de heer|srta|exmo|exma)"
)
_PERSON = re.compile(
    rf"(?:{_TITLE_OF}\.?(?:\s?(?i:/|&|and|und|et|ou|y|e|o|en|of)\s?{_TITLE_OF}\.?)?\s+)?"
    r"(?P<value>[A-ZÀ-Þ][\w'’.-]*(?:(?:[ ](?:de|del|van|von|der|den|het|ten|ter|te|la|da|do|dos|das|di|al|bin|y|e|zu|af|ó|o'))*\s?[A-ZÀ-Þ][\w'’.-]*){1,3})",
)
_PAPER = re.compile(
    r"(?:certificate|declaration|confirmation|statement|proof|evidence|schedule|attestation|certificat|certificado|certificato"
    r"|bescheinigung|nachweis|summary|copy)\b",
    re.I,
)  # what a document calls itself
_GREETING = re.compile(
    r"\W*(?:Dear|Hello|Hi|Gentile|Egregio|Spettabile|Estimad[oa]|Querid[oa]|Beste|Geachte|Hej|Bästa|Guten Tag|Hallo|Liebe[r]?|Bonjour"
    rf"|Caro|Cara|Prezad[oa]|Olá|Buongiorno)\s+(?!Sirs?\b|Madam\b|Damen\b|Valued\b|Customer\b)(?:{_TITLE_OF}\.?\s+)?(?P<value>[A-ZÀ-Þ][\w'’-]+(?: [\w'’-]+){{0,2}} [A-ZÀ-Þ][\w'’-]+)\s?[,!:]"
)
_ADDRESSEES = ("holder", "customer", "insured", "employee", "tenant", "subject")
_OF_CV = re.compile(
    r"(?:cv|c\.v\.|curriculum(?: vitae)?|r[eé]sum[eé]|lebenslauf|个人简历|简历)(?: (?:of|von|de|di|van|för|av|do|da))?\s*[:：|–-]?\s+"
    r"(?=\S)",
    re.I,
)
_TOP_LINES = 12
_NARROW = 42  # heights of a line across a receipt
_TRADES = ("enterprise", "trading", "sdnbhd", "restaurant", "supermarket", "hardware", "stationery", "holdings", "s/b")


def from_shape(paper: Paper, kind: DocumentKind, context: Context) -> Iterator[Candidate]:
    """Candidates without a label, never as sure as those that have one."""
    names = {spec.name for spec in kind.fields}
    top = _top_cells(paper)
    yield from _heads(paper, top, names)
    yield from _lone_address(paper, names)
    yield from _addressee(paper, names, kind)
    yield from _identity(paper, names)
    yield from from_balances(paper, kind, context)
    yield from from_parties(paper, kind)
    yield from from_certificate(paper, kind)
    yield from from_register(paper, kind, context)
    if kind.id == "invoice":
        yield from _receipt(paper, top, context, names)
    if kind.id == "cv" and top:
        yield from _named_first(top)
        yield from _jobs(paper)


def _top_cells(paper: Paper) -> list[Piece]:
    first = (
        [strip for strip in paper.strips if strip.page.number == paper.strips[0].page.number] if paper.strips else []
    )
    return [Piece(strip, *cell) for strip in first[:_TOP_LINES] for cell in strip.cells]


def _heads(paper: Paper, top: Sequence[Piece], names: set[str]) -> Iterator[Candidate]:
    """Organisations named at the head of the page, or under the last line of it."""
    last = _Bottom.cells(paper)
    heads = _wrapped(top, paper)
    for field, looks in _ROLES.items():
        if field in names:
            found = [cell for cell in heads[:10] if _heads_page(paper, cell) and looks.search(_title_cut(paper, cell))]
            below = [cell for cell in last if _heads_page(paper, cell) and looks.search(_title_cut(paper, cell))]
            for rank, cell in enumerate((*found, *below)):
                text = _title_cut(paper, cell)
                told = looks.search(text)
                common = told is not None and _word_of(text, told.start())[:1].islower()
                score = 0.66 - 0.04 * rank + (0.05 if _FIRM.search(text) else 0) - (0.1 if common else 0)
                yield _made(field, cell, score, text)
    for field in ("employer", "company_name", "insurer", "lender", "supplier", "bank", "bureau"):
        if field in names and not (field == "bank" and "employer" in names):
            found = [cell for cell in heads[:8] if _heads_page(paper, cell) and _FIRM.search(cell.text)]
            for rank, cell in enumerate((*found, *(c for c in last if _named(c.text) and _FIRM.search(c.text)))):
                yield _made(field, cell, 0.64 - 0.05 * rank, _title_cut(paper, cell))
            if field == "employer" and found and "employer_address" in names:
                yield from _address_under(paper, found[0], "employer_address")


def _word_of(text: str, at: int) -> str:
    """The word that a place of a text lies in."""
    return re.split(r"\s", text[:at])[-1] + re.split(r"\s", text[at:])[0]


def _heads_page(paper: Paper, cell: Piece) -> bool:
    """Whether it can be an organisation at the head of a page: no label, no title of a document."""
    if cell.strip is paper.strips[cell.strip.number]:
        for hit in paper.hits[cell.strip.number]:
            titled = any(weight >= 3 for weight in hit.meaning.cues.values())
            most = 0.9 if hit.meaning.labels and hit.begins else 0.85 if titled else 1.1
            if cell.start <= hit.start < cell.end and hit.end - hit.start > most * (cell.end - cell.start):
                return False
    return _named(_title_cut(paper, cell))


def _wrapped(top: Sequence[Piece], paper: Paper) -> list[Piece]:
    """The cells, a large one with the line of its size right under it: a long name takes two lines."""
    out: list[Piece] = []
    taken: set[int] = set()
    usual = sorted(cell.box[3] - cell.box[1] for cell in top)[len(top) // 2] if top else 0.0
    for at, cell in enumerate(top):
        x0, y0, _, y1 = cell.box
        size = y1 - y0
        more = next(
            (
                other
                for other in top[at + 1 :]
                if size > 1.15 * usual
                and abs(other.box[0] - x0) < 0.3 * size
                and abs((other.box[3] - other.box[1]) - size) < 0.12 * size
                and -0.3 * size < other.box[1] - y1 < 0.5 * size
            ),
            None,
        )
        if at in taken or more is None or len(more.text.split()) > 2 or _is_title(paper, more):
            out += [] if at in taken else [cell]
            continue
        taken.add(top.index(more))
        words = (*cell.strip.parts(cell.start, cell.end), *more.strip.parts(more.start, more.end))
        joined = strip_of(words, cell.strip.page, cell.strip.number)
        out.append(Piece(joined, 0, len(joined.text)))
    return out


def _is_title(paper: Paper, cell: Piece) -> bool:
    """Whether the title of a document stands in the cell."""
    hits = (hit for hit in paper.hits[cell.strip.number] if cell.start <= hit.start < cell.end)
    return any(weight >= 3 for hit in hits for weight in hit.meaning.cues.values())


class _Bottom:
    """The lines that close a letter or certificate."""

    @staticmethod
    def cells(paper: Paper) -> list[Piece]:
        return [Piece(strip, *cell) for strip in reversed(paper.strips[-6:]) for cell in strip.cells]


def _title_cut(paper: Paper, cell: Piece) -> str:
    """The cell without the title of the document that follows the name, and without a small word before it."""
    hits = paper.hits[cell.strip.number] if cell.strip is paper.strips[cell.strip.number] else ()
    titles = [
        h.start for h in hits if cell.start + 4 <= h.start < cell.end and any(w >= 3 for w in h.meaning.cues.values())
    ]
    text = cell.strip.raw(cell.start, min(titles)) if titles else cell.text
    text = _sender(text)
    cut = re.sub(
        r"[（(](?:盖章|签章|公章)[)）]|(?<=[行司社局])(?:个人|客户|账户|电子)+$|^(?:by|of|from|von|par|de|av|the)\s+",
        "",
        text,
    ).strip(" -–|,")
    return issuer_in(cut) if len(cut) >= 4 else cell.text


def _address_under(paper: Paper, head: Piece, field: str, score: float = 0.68) -> Iterator[Candidate]:
    """Street and town right under a name."""
    block = _block(paper, head.strip, (head.start, head.end), any_side=True)[1:]
    if block and _POSTAL.search(block[-1].text) and all(re.search(r"[^\W\d]{2}", each.text) for each in block):
        yield _joined_up(field, block, score, ", ")


def _joined_up(field: str, cells: Sequence[Piece], score: float, glue: str) -> Candidate:
    edges = list(zip(*(each.box for each in cells), strict=True))
    text = glue.join(each.text.strip(" ,") for each in cells)
    made = _made(field, cells[0], score, text)
    return replace(made, value=text, raw=text, box=(min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3])))


def _lone_address(paper: Paper, names: set[str]) -> Iterator[Candidate]:
    """A line with street and postal code that no label names; never an entry of an account."""
    entries = entry_lines(paper)
    for field in sorted(names & {"address", "property_address"}):
        for strip in (each for each in paper.strips[:60] if each.number not in entries):
            for cell in (Piece(strip, *each) for each in strip.cells):
                match = IN_LINE.search(cell.text)
                if match is not None:
                    yield _made(field, cell, 0.56, match.group().strip())
                    break


def _named(text: str) -> bool:
    """Whether it can be the name of an organisation: few words, no sentence, no figure, no label."""
    return (
        3 <= len(text) <= 60
        and sum(map(str.isalpha, text)) >= 4
        and not _PAPER.match(text)
        and not re.search(r"[:：?!。，；]|\d{3}|(?i:\b(?:powered by|generated by|created with|details)\b)", text)
        and len(text.split()) <= 9
        and not re.search(r",$|\s(?:by|of|the|in|at|for|von|der|die|de|du|le|la|par|a|il|van|het|av|do|da)$", text)
        and not text[0].islower()
    )


def _made(field: str, cell: Piece, score: float, value: str | None = None) -> Candidate:
    text = cell.text if value is None else value
    seen = cell.strip.confidence(cell.start, cell.end)
    return Candidate(field, text.strip(" ,;"), text, cell.strip.page.number, cell.box, score * min(1.0, 0.4 + 0.6 * seen),
                     "pattern", None, cell.strip.number)  # fmt: skip


def _addressee(paper: Paper, names: set[str], kind: DocumentKind) -> Iterator[Candidate]:
    """Whom a letter is sent to; the address that an invoice is asked for is its issuer's."""
    field = next((name for name in _ADDRESSEES if name in names), None)
    found = list(_windows(paper, names)) if names & {"address", *_ADDRESSEES} else []
    if "employer" in names and len(found) > 1:
        yield from _letterhead(names, found[0][1])
        found = found[1:]
    for person, block in found[:1]:
        if field:
            yield _made(field, block[0], 0.7, person["value"])
        if "address" in names and kind.id != "invoice":
            yield _joined_up("address", _below_headings(paper, block[1:]), 0.7, ", ")
    if field:
        for strip in paper.strips[:40]:
            if (greeted := _GREETING.match(strip.text)) is not None:
                start, end = greeted.span("value")
                yield _made(field, Piece(strip, start, end), 0.62)


def _below_headings(paper: Paper, block: Sequence[Piece]) -> Sequence[Piece]:
    """The lines of an address, without the post of a person and the heading that may stand over it."""
    for at in range(len(block) - 1, 0, -1):
        cell = block[at - 1]
        hits = paper.hits[cell.strip.number]
        whole = any(hit.start <= cell.start + 1 and cell.end - 1 <= hit.end for hit in hits if hit.start >= cell.start)
        if whole or (cell.text.isupper() and not block[at].text.isupper() and not re.search(r"\d", cell.text)):
            return block[at:]
    return block


def _letterhead(names: set[str], block: Sequence[Piece]) -> Iterator[Candidate]:
    """The first of two addresses at the head of a letter is its sender's, though its name has no legal form."""
    yield _made("employer", block[0], 0.6)
    if "employer_address" in names:
        yield _joined_up("employer_address", block[1:], 0.66, ", ")


def _windows(paper: Paper, names: set[str]) -> Iterator[tuple[re.Match[str], list[Piece]]]:
    """The blocks of a letter's window: a person, a street, a town."""
    strips = [strip for strip in paper.strips[:40] if strip.page.number == 1]
    taken: set[tuple[int, int]] = set()
    for strip in strips:
        for cell in strip.cells:
            block = _block(paper, strip, cell)
            block = block[1:] if re.fullmatch(rf"{_TITLE_OF}\.?(?:\s?/\s?{_TITLE_OF}\.?)?", block[0].text) else block
            whole = len(block) > 2 or (len(block) == 2 and "," in block[1].text and _POSTAL.search(block[1].text))
            person = _PERSON.fullmatch(block[0].text) if whole and not re.search(r"\d", block[0].text) else None
            if any(hit.start < cell[1] and cell[0] < hit.end and hit.meaning.cues for hit in paper.hits[strip.number]):
                continue
            if person is not None and paper.words.label_words.share_known(block[0].text) > 0.95:
                continue
            if person is None or _FIRM.search(block[0].text) or not any(_POSTAL.search(c.text) for c in block[1:]):
                continue
            if any(_ROLES[role].search(block[0].text) for role in names & _ROLES.keys()):
                continue
            places = {(each.strip.number, each.start) for each in block}
            if not places & taken:
                yield person, block
            taken |= places


def _block(paper: Paper, strip: Strip, cell: tuple[int, int], *, any_side: bool = False) -> list[Piece]:
    """A cell and those right under it that begin at the same place, up to the postal town; with ``any_side`` also
    those that end there or have one middle."""
    out = [Piece(strip, *cell)]
    own, bottom = strip.box(*cell), strip.bottom
    for number in paper.following(strip.number):
        below = paper.strips[number]
        if below.top - bottom > (0.9 if len(out) > 1 else 1.3) * strip.height or len(out) > 5:
            break
        near = 0.6 * strip.height
        found = next((c for c in below.cells if _off(below.box(*c), own, any_side=any_side) < near), None)
        if found is None:
            continue
        text = below.raw(*found)
        if re.search(r"[:：]|@", text) or any(found[0] <= h.start < found[1] and h.stands for h in paper.hits[number]):
            break
        out.append(Piece(below, *found))
        bottom = below.bottom
        if _POSTAL.search(text) and (len(out) > 2 or "," in text) and not (len(out) == 2 and text.endswith(",")):
            break
    return out


def _off(box: Box, above: Box, *, any_side: bool) -> float:
    """How far the left edge lies from that of the box above; with ``any_side`` the nearest of edges and middles."""
    left, right = abs(box[0] - above[0]), abs(box[2] - above[2])
    return min(left, right, abs(box[0] + box[2] - above[0] - above[2]) / 2) if any_side else left


def _identity(paper: Paper, names: set[str]) -> Iterator[Candidate]:
    """What a Chinese identity number says of birth and sex, which its check digit proves."""
    for strip in paper.strips:
        for match in re.finditer(r"(?<!\d)\d{17}[\dXx](?!\d)", strip.text):
            identity = resident_identity(match.group())
            if identity is None:
                continue
            box = strip.box(*match.span())
            told = {"birth_date": identity.born_on.isoformat(), "sex": "男" if identity.sex == "M" else "女"}
            for name, value in told.items():
                if name in names:
                    yield Candidate(
                        name, value, match.group(), strip.page.number, box, 0.8, "check digits", None, strip.number
                    )


def _receipt(paper: Paper, top: Sequence[Piece], context: Context, names: set[str]) -> Iterator[Candidate]:
    """Name and address of the shop that a receipt begins with."""
    yield from _paid(paper, context)
    head = [cell for cell in _whole_lines(top) if not re.fullmatch(r"[\W\d_]*", cell.text)]
    shops = [
        cell for cell in head[:6] if _names_a_shop(cell.text) and (_is_firm(cell.text) or not _is_street(cell.text))
    ]
    firm = next((cell for cell in shops[:5] if _is_firm(cell.text)), None)
    first = firm or next(iter(shops[:3]), None)
    street = next((cell for cell in head[:6] if _is_street(cell.text) and not _ends_address(cell.text)), None)
    if first is not None and street is not None and firm is None and head.index(street) < head.index(first):
        first = None
    if first is not None:
        score = 0.76 if firm is not None else 0.56
        titled = _whole_name(head, first)
        name = re.sub(r"\s*\([^()]*\d[^()]*\)\s*$|\s+\d{4,}-[A-Z]$", "", _sender(titled.text))
        yield _made("company", titled, score, name)
        yield _made("supplier", titled, score - 0.06, name)
    blocks = [block for _, block in _windows(paper, names) if first is None or block[0].strip is not first.strip]
    others = {(cell.strip.number, cell.start) for block in blocks for cell in block}
    own = [] if _narrow(top) else (_under(paper, first) if first is not None else []) or _apart(paper, top, others)
    if own:
        yield _joined_up("address", own, 0.78, " ")
        return
    lines: list[Piece] = []
    for cell in head[head.index(first) + 1 :] if first is not None else head:
        if (cell.strip.number, cell.start) in others:
            continue
        text = cell.text
        if lines and (_ends_address(text) or cell.strip.top - lines[-1].strip.bottom > 2.2 * cell.strip.height):
            break
        if (_is_street(text) or lines) and not _ends_address(text):
            lines.append(cell)
        if len(lines) >= 5:
            break
    if lines:
        text = " ".join(each.text for each in lines)
        yield _joined_up("address", lines, 0.74 if _POSTAL.search(text) else 0.6, " ")


def _under(paper: Paper, head: Piece) -> list[Piece]:
    """Street and town in the lines under a name, in line with its left edge, its right edge or its middle."""
    out: list[Piece] = []
    x0, _, x1, bottom = head.box
    for number in paper.following(head.strip.number):
        strip = paper.strips[number]
        if strip.top - bottom > 1.3 * strip.height or len(out) > 4:
            break
        for cell in (Piece(strip, *each) for each in strip.cells):
            a0, top, a1, low = cell.box
            far = min(abs(a0 - x0), abs(a1 - x1), abs((a0 + a1) - (x0 + x1)) / 2)
            if far > 0.5 * strip.height or not -0.5 * strip.height < top - bottom < 1.3 * strip.height:
                continue
            if _ends_address(cell.text) or ":" in cell.text:
                return _posted(out)
            out.append(cell)
            bottom = low
            break
    return _posted(out)


def _apart(paper: Paper, top: Sequence[Piece], others: set[tuple[int, int]]) -> list[Piece]:
    """Street and town in a column of their own at the head of a page, where they are not those of the addressee."""
    for cell in top:
        block = _posted(_block(paper, cell.strip, (cell.start, cell.end)))
        posted = len(block) > 1 and _STREET.search(block[0].text) and _POSTAL.search(block[-1].text)
        if posted and (cell.strip.number, cell.start) not in others:
            return block
    return []


def _posted(lines: list[Piece]) -> list[Piece]:
    """The lines up to the one with a postal code; none where no line has one or the first is no street."""
    at = next((at for at, cell in enumerate(lines) if _POSTAL.search(cell.text)), None)
    if at is None or not any(re.search(r"\d", cell.text) for cell in lines[: at + 1]):
        return []
    more = lines[at + 1 : at + 2] if len(lines) > at + 1 and lines[at].text.rstrip().endswith(",") else []
    return [*lines[: at + 1], *more]


def _narrow(top: Sequence[Piece]) -> bool:
    """Whether the page is as narrow as a receipt, for the height of its print."""
    heights = sorted(cell.strip.height for cell in top)
    return bool(top) and top[0].strip.page.width < _NARROW * heights[len(heights) // 2]


def _whole_lines(top: Sequence[Piece]) -> list[Piece]:
    """The cells, those of one line of a receipt as one where no label parts them: print set wide."""
    narrow = _narrow(top)
    out: list[Piece] = []
    for cell in top:
        before = out[-1] if out else None
        worded = not re.search(r"[:：]|\d[.,]\d\d$", cell.strip.text)
        if before is not None and before.strip is cell.strip and worded and narrow:
            out[-1] = Piece(cell.strip, before.start, cell.end)
            continue
        out.append(cell)
    return out


def _names_a_shop(text: str) -> bool:
    """Whether it can be the name of a shop: letters, no title, no label with its value, no number of a till."""
    letters = sum(map(str.isalpha, text))
    return letters >= 4 and letters > sum(map(str.isdigit, text)) and not _TITLED.search(text) and ":" not in text


def _is_street(text: str) -> bool:
    """Whether a street stands in a line, also where recognition put blanks into its words."""
    return bool(_STREET.search(text) or _STREET.search(re.sub(r"(?<=[^\W\d]) (?=[^\W\d])", "", text)))


def _is_firm(text: str) -> bool:
    """Whether a legal form or a trade stands in the name, blanks that recognition lost or found aside."""
    squeezed = re.sub(r"\W", "", text).casefold()
    return bool(_FIRM.search(text)) or squeezed.endswith(_TRADES)


def _whole_name(head: Sequence[Piece], firm: Piece) -> Piece:
    """With the line above, where the name's line is nothing but the legal form."""
    at = head.index(firm)
    bare = all(_FIRM.fullmatch(word.strip("().,")) or word.upper() in ("SDN", "BHD", "&") for word in firm.text.split())
    if not bare or at == 0 or _TITLED.search(head[at - 1].text):
        return firm
    above = head[at - 1]
    joined = strip_of((*above.strip.words, *firm.strip.words), firm.strip.page, firm.strip.number)
    return Piece(joined, 0, len(joined.text))


def _paid(paper: Paper, context: Context) -> Iterator[Candidate]:
    """What was paid less the change is the total, whatever it is called."""
    paid = change = None
    for strip in paper.strips:
        amount = next((a for a in reversed(list(amounts_in(strip.text, context.style))) if a.cents), None)
        below = paper.strips[strip.number + 1] if strip.number + 1 < len(paper.strips) else None
        if amount is None and below is not None and abs(below.top - strip.top) < strip.height:
            amount = next((a for a in amounts_in(below.text, context.style) if a.cents), None)
        if amount is None:
            continue
        if re.search(r"\b(?:cash|tender\w*|paid|bayar|visa|master)\b|现金|实收|bar\b|gegeben", strip.text, re.I):
            paid = amount.value
        elif re.search(r"\bchange\b|baki|找零|rückgeld|zurück", strip.text, re.I):
            change = amount.value
    if paid is not None and (change is None or 0 <= change < paid):
        value = paid - (change or 0)
        for strip in paper.strips:
            for amount in amounts_in(strip.text, context.style):
                if amount.value == value and amount.cents:
                    box = strip.box(amount.start, amount.end)
                    raw = strip.raw(amount.start, amount.end)
                    score = 0.8 if change is not None else 0.5
                    yield Candidate("total", money_text(value), raw, strip.page.number, box, score, "table",
                                    amount.currency or context.style.currency, strip.number)  # fmt: skip
                    return


def _sender(text: str) -> str:
    """The name before its street and town: "Firm - Street 1 - 12345 Town"."""
    name, *rest = re.split(r"\s+[-–—·•|*/]\s+|,\s+(?=[^,]*\d)", text)
    if rest and len(name) > 3 and _POSTAL.search(" ".join(rest)):
        return name
    name, _, rest_of_it = text.partition(", ")
    return name if rest_of_it[:1].islower() and _FIRM.search(name) else text


def _ends_address(text: str) -> bool:
    return bool(
        re.search(r"\btel\b|tel[.:]|fax|phone|gst|reg|www|@|invoice|i ?n ?v ?o ?i ?c ?e|receipt|date|cash|bill|company no|\bid\b|e-?mail|roc\b|hotline|h/p|\binv\b|\bdoc\b|order|slip|电话|税号|\b(?:kvk|btw|iban|bic|siret|siren|rcs|tva|p\.? ?iva|nif|cif|org\.?nr|abn|ust|hrb|vat|tax)\b",
                  text, re.I)
        or re.fullmatch(r"\(?[\w-]*\d[\w-]*\)?|\([^()]*\d[^()]*\)|[\W\d_]+", text)
    )  # fmt: skip


def _jobs(paper: Paper) -> Iterator[Candidate]:
    """The first post of a curriculum vitae that goes on, else the first."""
    posts = sorted(posts_in(paper), key=lambda post: not post.present)
    for rank, post in enumerate(posts[:3]):
        yield _made("employer", Piece(post.employer.strip, post.employer.start, post.employer.end), 0.74 - 0.08 * rank)
        if post.position is not None:
            cell = Piece(post.position.strip, post.position.start, post.position.end)
            yield _made("position", cell, 0.66 - 0.08 * rank)


def _named_first(top: Sequence[Piece]) -> Iterator[Candidate]:
    """The name that heads a curriculum vitae."""
    for rank, given in enumerate(top[:4]):
        titled = _OF_CV.match(given.strip.text, given.start, given.end)
        cell = Piece(given.strip, titled.end(), given.end) if titled else given
        text = cell.text
        if _PERSON.fullmatch(text.title() if text.isupper() else text) and not re.search(
            r"(?i)vitae|resume|lebenslauf|profile", text
        ):
            yield _made("holder", cell, 0.76 - 0.05 * rank)
        elif re.fullmatch(r"[\u4e00-\u9fff·]{2,4}", text) and text not in ("个人简历", "简历", "履历"):
            yield _made("holder", cell, 0.74 - 0.05 * rank)
