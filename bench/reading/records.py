"""What stands on invented documents: for each kind, values that agree with one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from bench.reading import check_digits as digits
from bench.reading.people import STATES, Person, World, romanised, zone_name
from bench.reading.values import Value

CENT = Decimal("0.01")
TODAY = date(2026, 10, 30)
BRANDS = {
    "Skoda": ("TMB", "Octavia"),
    "Ford": ("WF0", "Focus"),
    "Renault": ("VF1", "Clio"),
    "Volvo": ("YV1", "V60"),
    "Toyota": ("SB1", "Corolla"),
    "Seat": ("VSS", "Leon"),
}
_SEX = {"zh": {"M": "男", "F": "女"}}
_NATIONS = {
    "GB": "British Citizen",
    "IE": "Irish",
    "US": "United States of America",
    "DE": "Deutsch",
    "FR": "Française",
    "ES": "Española",
    "SE": "Svensk",
    "CN": "中国",
    "IT": "Italiana",
    "NL": "Nederlandse",
    "PT": "Portuguesa",
}
_RATES = {
    "GB": "0.24",
    "IE": "0.26",
    "US": "0.23",
    "DE": "0.36",
    "FR": "0.24",
    "ES": "0.21",
    "SE": "0.25",
    "CN": "0.17",
    "IT": "0.23",
    "NL": "0.37",
    "PT": "0.19",
}
_FACTOR = {"SE": 11, "CN": 4, "US": 1}


@dataclass
class Record:
    """Values by name, and rows of its tables."""

    values: dict[str, Value] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Value]]] = field(default_factory=dict)

    def text(self, **given: str) -> None:
        self.values |= {name: Value("text", text) for name, text in given.items()}

    def names(self, **given: str) -> None:
        self.values |= {name: Value("name", text) for name, text in given.items()}

    def ids(self, **given: str) -> None:
        self.values |= {name: Value("identifier", text) for name, text in given.items()}

    def addresses(self, **given: str) -> None:
        self.values |= {name: Value("address", text) for name, text in given.items()}

    def dates(self, **given: date) -> None:
        self.values |= {name: Value("date", on) for name, on in given.items()}

    def periods(self, **given: tuple[date, date]) -> None:
        self.values |= {name: Value("period", pair) for name, pair in given.items()}

    def money(self, currency: str, **given: Decimal) -> None:
        self.values |= {name: Value("money", amount.quantize(CENT), currency) for name, amount in given.items()}

    def numbers(self, **given: Decimal) -> None:
        self.values |= {name: Value("number", number) for name, number in given.items()}

    def counts(self, **given: int) -> None:
        self.values |= {name: Value("count", number) for name, number in given.items()}


def record(kind: str, world: World) -> Record:
    """A document of ``kind``; kinds without a maker of values get persons, places and dates alone."""
    out = Record()
    person = world.person()
    _person(out, world, person)
    KINDS.get(kind, _letter)(out, world, person)
    return out


def _person(out: Record, world: World, person: Person) -> None:
    out.names(holder=person.name, surname=person.surname, given_names=person.given, employer=world.pick("firms"))
    out.names(other=world.someone_else(person.name).name, firm=world.pick("firms"))
    out.addresses(address=person.address, employer_address=world.address())
    out.dates(birth_date=person.born, issue_date=world.day(date(2025, 11, 3), TODAY))
    out.text(birth_place=person.town.split(",")[0].lstrip("0123456789 "), position=world.pick("positions"))
    sex = _SEX.get(world.locale, {}).get(person.sex, person.sex)
    out.values["sex"] = Value("text", sex, alternatives=(person.sex,))
    state = STATES[world.country].replace("<", "")
    out.values["nationality"] = Value("text", _NATIONS[world.country], alternatives=(state, world.country))
    out.text(email=person.email, phone=person.phone)
    out.ids(id_number=world.identity(person), reference=f"{digits.letters(world.rng, 2)}-{digits.digits(world.rng, 6)}")


def _amount(world: World, low: int, high: int) -> Decimal:
    cents = world.rng.randrange(low * 100, high * 100)
    return Decimal(cents) / 100 * _FACTOR.get(world.country, 1)


def _month(world: World) -> tuple[date, date]:
    month = world.rng.randrange(1, 10)
    return date(2026, month, 1), date(2026, month + 1, 1) - timedelta(days=1)


def _share(amount: Decimal, rate: str) -> Decimal:
    return (amount * Decimal(rate)).quantize(CENT)


def _payslip(out: Record, world: World, person: Person) -> None:
    period = _month(world)
    basic, extra = _amount(world, 1900, 4800), _amount(world, 40, 420)
    gross = basic + extra
    tax, social = _share(gross, _RATES[world.country]), _share(gross, "0.0845")
    pension = _share(basic, "0.05")
    deductions = tax + social + pension
    months = period[0].month
    c = world.currency
    out.names(employee=person.name)
    out.periods(period=period)
    out.dates(pay_date=period[1] - timedelta(days=world.rng.randrange(0, 6)))
    out.money(c, gross_pay=gross, net_pay=gross - deductions, deductions=deductions, tax=tax)
    out.money(c, basic=basic, extra=extra, social=social, pension=pension)
    out.money(c, gross_year=gross * months, tax_year_to_date=tax * months, net_year=(gross - deductions) * months)
    out.money(c, hourly=(basic / 160).quantize(CENT), pension_year=pension * months, social_year=social * months)
    out.ids(tax_number=out.values["id_number"].canonical, payroll_number=digits.digits(world.rng, 5))
    out.ids(iban=_iban(world), bank_tail=digits.digits(world.rng, 4), tax_code=f"{world.rng.randrange(900, 1300)}L")
    out.text(hours="160")


def _iban(world: World) -> str:
    return digits.iban(world.rng, world.country if world.country not in {"US", "CN"} else "DE")


def _account(out: Record, world: World) -> None:
    c = world.country
    number = digits.luhn(world.rng, "6222", 19) if c == "CN" else digits.digits(world.rng, 10 if c == "US" else 8)
    if c not in {"US", "CN"}:
        out.ids(iban=digits.iban(world.rng, c, "CASE"))
        out.ids(bic=f"CASE{c}{world.rng.choice(['2L', 'FF', 'MM', '33'])}{world.rng.choice(['', 'XXX', '8HA'])}")
    bank = world.pick("banks")
    out.values["bank"] = Value("name", bank, alternatives=(f"{bank}城西支行",) if c == "CN" else ())
    out.ids(account_number=number)
    out.ids(sort_code="-".join(digits.digits(world.rng, 2) for _ in range(3)), routing=digits.digits(world.rng, 9))
    out.values["currency"] = Value("text", world.currency, alternatives=("人民币",) if c == "CN" else ())


def _bank_statement(out: Record, world: World, person: Person) -> None:
    _account(out, world)
    period = _month(world)
    balance = opening = _amount(world, 120, 4000)
    salary, rent = _amount(world, 1800, 3900), _amount(world, 450, 1150)
    texts = TEXTS[world.locale]
    entries = [(period[0] + timedelta(days=1), -rent, texts[0]), (period[1] - timedelta(days=3), salary, texts[1])]
    for _ in range(world.rng.randrange(8, 16)):
        entries.append((world.day(*period), -_amount(world, 3, 140), world.rng.choice(texts[2:])))
    paid_in = paid_out = Decimal(0)
    rows = []
    for on, amount, text in sorted(entries, key=lambda entry: entry[0]):
        amount = amount.quantize(CENT)
        balance += amount
        paid_in += max(amount, Decimal(0))
        paid_out += max(-amount, Decimal(0))
        rows.append(_entry(world, on, amount, text.replace("FIRM", out.values["employer"].canonical), balance))
    out.rows["entries"] = rows
    out.periods(statement_period=period)
    c = world.currency
    out.money(c, opening_balance=opening, closing_balance=balance, paid_in=paid_in, paid_out=paid_out)
    out.counts(pages=1)


def _entry(world: World, on: date, amount: Decimal, text: str, balance: Decimal) -> dict[str, Value]:
    c, nothing = world.currency, Value("text", "")
    return {
        "on": Value("date", on),
        "text": Value("text", text),
        "amount": Value("money", amount, c),
        "out": Value("money", -amount, c) if amount < 0 else nothing,
        "in": Value("money", amount, c) if amount > 0 else nothing,
        "balance": Value("money", balance.quantize(CENT), c),
    }


TEXTS = {
    "en-GB": ["Standing order Rent M Lodge", "FIRM SALARY", "Card GREGGS 2211", "DD Council Tax", "TESCO STORES 3302",
              "Cash machine High St", "DD Anglian Water", "Card TFL TRAVEL", "Transfer J Bell", "AMZNMKTPLACE"],
    "en-IE": ["SO Rent Doyle", "CR FIRM WAGES", "POS CENTRA ENNIS", "DD ELECTRIC IRELAND", "ATM 00412", "POS LIDL 88"],
    "en-US": ["RENT PAYMENT OAKVIEW APTS", "DIRECT DEP FIRM PAYROLL", "POS PURCHASE KROGER #441", "ACH GEICO AUTO",
              "CHECK 1042", "SHELL OIL 57442", "ATM WITHDRAWAL", "NETFLIX.COM"],
    "de": ["Dauerauftrag Miete Hausverwaltung Krug", "Lohn/Gehalt FIRM", "REWE Markt Kartenzahlung",
           "Stadtwerke Abschlag", "Geldautomat", "Lastschrift Telefonica", "DM Drogerie", "Aral Tankstelle"],
    "fr": ["VIR LOYER SCI DES PINS", "VIR SALAIRE FIRM", "CB CARREFOUR CITY", "PRLV EDF", "RETRAIT DAB", "CB SNCF"],
    "es": ["TRANSF. ALQUILER", "NÓMINA FIRM", "COMPRA MERCADONA", "RECIBO IBERDROLA", "CAJERO", "COMPRA REPSOL"],
    "sv": ["Hyra Bostads AB", "Lön FIRM", "Kortköp ICA", "Autogiro Telia", "Uttag", "Swish Anna"],
    "zh": ["房租 转账", "代发工资 FIRM", "支付宝 超市消费", "微信支付 餐饮", "电费代扣", "ATM取款",
           "京东商城", "话费充值"],
    "it": ["Bonifico affitto condominio", "ACCREDITO STIPENDIO FIRM", "POS ESSELUNGA", "ADDEBITO SDD ENEL",
           "PRELIEVO BANCOMAT", "POS TRENITALIA", "POS FARMACIA"],
    "nl": ["Huur woningcorporatie", "Salaris FIRM", "BEA Albert Heijn", "Incasso Vitens", "Geldautomaat",
           "BEA NS Groep"],
    "pt": ["TRF RENDA CASA", "VENCIMENTO FIRM", "COMPRA PINGO DOCE", "DD EDP COMERCIAL", "LEVANTAMENTO MB",
           "COMPRA GALP"],
}  # fmt: skip


def _bank_account_details(out: Record, world: World, person: Person) -> None:
    _account(out, world)


def _employment_letter(out: Record, world: World, person: Person) -> None:
    salary = Decimal(world.rng.randrange(24, 78) * 1000 + world.rng.choice([0, 250, 500])) * _FACTOR.get(
        world.country, 1
    )
    out.names(employee=person.name)
    out.dates(start_date=world.day(date(2012, 1, 9), date(2025, 6, 30)))
    contract = CONTRACTS[world.locale]
    shorter = (contract.split(",")[0], contract.removesuffix("劳动合同"))
    out.values["contract_type"] = Value("text", contract, alternatives=shorter)
    out.money(world.currency, annual_salary=salary, monthly=salary / 12)


CONTRACTS = {
    "en-GB": "permanent, full time",
    "en-IE": "permanent",
    "en-US": "Full-time, regular",
    "zh": "无固定期限劳动合同",
    "de": "unbefristet",
    "fr": "CDI",
    "es": "indefinido",
    "sv": "tillsvidareanställning",
    "it": "tempo indeterminato",
    "nl": "onbepaalde tijd",
    "pt": "sem termo",
}


def _income_tax(out: Record, world: World, person: Person) -> None:
    wages, interest = _amount(world, 24000, 71000), _amount(world, 40, 900)
    total = wages + interest
    taxable = total - _amount(world, 2500, 9000)
    owed = _share(taxable, _RATES[world.country])
    refund = _amount(world, 30, 900)
    c = world.currency
    out.counts(tax_year=2025)
    out.money(c, total_income=total, taxable_income=taxable, tax_paid=owed, wages=wages, interest=interest)
    out.money(c, refund=refund, withheld=owed + refund, allowances=total - taxable)
    out.ids(tax_number=out.values["id_number"].canonical, ssn=out.values["id_number"].canonical)
    out.dates(issue_date=world.day(date(2026, 3, 1), TODAY))


def _annual_wage_statement(out: Record, world: World, person: Person) -> None:
    gross = _amount(world, 24000, 66000)
    out.names(employee=person.name)
    out.counts(tax_year=2025)
    c = world.currency
    tax = _share(gross, _RATES[world.country])
    out.money(c, gross_pay=gross, tax=tax, tax_paid=tax, total_income=gross, social=_share(gross, "0.062"))
    out.money(c, medicare=_share(gross, "0.0145"), pension=_share(gross, "0.05"), net_pay=_share(gross, "0.61"))
    out.ids(tax_number=out.values["id_number"].canonical, ssn=out.values["id_number"].canonical)
    out.ids(employer_number=f"{digits.digits(world.rng, 2)}-{digits.digits(world.rng, 7)}", tax_code="1257L")


def _social_insurance(out: Record, world: World, person: Person) -> None:
    base = (_amount(world, 1900, 4600) // 10 * 10).quantize(CENT)
    months = world.rng.randrange(14, 260)
    c = world.currency
    own, firm = _share(base, "0.08"), _share(base, "0.16")
    out.money(c, contribution_base=base, monthly_contribution=own, firm_part=firm, balance=own * months)
    out.counts(contribution_months=months)
    out.ids(social_security_number=out.values["id_number"].canonical)
    last = _month(world)
    out.periods(period=(date(2026, 1, 1), last[1]))
    firm_name = out.values["employer"]
    out.rows["months"] = [
        {
            "on": Value("text", f"2026-{month:02d}"),
            "base": Value("money", base, c),
            "own": Value("money", own, c),
            "firm_part": Value("money", firm, c),
            "employer": firm_name,
        }
        for month in range(1, last[1].month + 1)
    ]


def _housing_fund(out: Record, world: World, person: Person) -> None:
    base = (_amount(world, 1900, 4600) // 10 * 10).quantize(CENT)
    part = _share(base, "0.12")
    balance = _amount(world, 3000, 42000)
    c = world.currency
    out.money(c, contribution_base=base, monthly_contribution=part * 2, balance=balance, own_part=part)
    out.ids(account_number=digits.digits(world.rng, 12), unit_number=digits.digits(world.rng, 9))
    out.dates(start_date=world.day(date(2014, 1, 9), date(2024, 6, 30)))
    rows, held = [], balance - part * 2 * 5
    for month in range(5, 10):
        held += part * 2
        row = {"amount": Value("money", part * 2, c), "balance": Value("money", held, c)}
        rows.append({"on": Value("date", date(2026, month, 12))} | row)
    out.rows["months"] = rows


def _utility_bill(out: Record, world: World, person: Person) -> None:
    period = _month(world)
    standing, use = _amount(world, 8, 22), _amount(world, 30, 190)
    net = standing + use
    vat = _share(net, "0.20")
    c = world.currency
    out.names(supplier=SUPPLIERS[world.locale][world.rng.randrange(2)], customer=person.name)
    out.ids(customer_number=digits.digits(world.rng, 9), invoice_number=f"R{digits.digits(world.rng, 7)}")
    out.ids(meter=digits.digits(world.rng, 8))
    out.periods(period=period)
    out.dates(
        issue_date=period[1] + timedelta(days=4), due_date=period[1] + timedelta(days=18 + world.rng.randrange(9))
    )
    out.money(c, amount_due=net + vat, standing=standing, use=use, net=net, vat=vat, previous=_amount(world, 30, 190))
    out.counts(units=world.rng.randrange(90, 820), old_reading=41200, new_reading=41660)


SUPPLIERS = {
    "en-GB": ("Brackenmoor Energy", "Three Valleys Water plc"),
    "en-IE": ("Erin Power & Gas", "Western Broadband"),
    "en-US": ("Mesa Valley Electric Cooperative", "Tri-County Gas & Water"),
    "de": ("Stadtwerke Hellweg GmbH", "Nordstrom Energie AG"),
    "fr": ("Énergie du Ponant", "Eaux de la Loire"),
    "es": ("Luz del Norte S.A.", "Aguas de Levante"),
    "sv": ("Fjällkraft AB", "Mälarvatten AB"),
    "zh": ("江城供电公司", "滨江自来水有限公司"),
    "it": ("Energia Adriatica S.p.A.", "Acque del Piave"),
    "nl": ("Polder Energie B.V.", "Waterbedrijf Rijnland"),
    "pt": ("Luz do Douro, S.A.", "Águas do Minho"),
}


def _lease(out: Record, world: World, person: Person) -> None:
    rent = Decimal(world.rng.randrange(9, 36) * 50) * _FACTOR.get(world.country, 1)
    start = date(2025, world.rng.randrange(1, 13), 1)
    out.names(tenant=person.name, landlord=out.values["other"].canonical)
    out.addresses(property_address=out.values["address"].canonical.replace(", ", "\n"))
    out.money(world.currency, rent=rent, deposit=rent * world.rng.choice([1, 2, 3]))
    out.dates(start_date=start, end_date=date(start.year + 1, start.month, 1) - timedelta(days=1))
    out.dates(valid_from=start, valid_to=date(start.year + 1, start.month, 1) - timedelta(days=1))
    out.ids(other_id=world.identity(world.person()))


def _property_deed(out: Record, world: World, person: Person) -> None:
    numbers = {
        "CN": f"浙(2024)第{digits.digits(world.rng, 7)}号",
        "GB": f"{digits.letters(world.rng, 3)}{digits.digits(world.rng, 6)}",
        "DE": f"Blatt {digits.digits(world.rng, 4)}",
    }
    out.names(owner=person.name)
    out.addresses(property_address=out.values["address"].canonical.replace(", ", "\n"))
    out.numbers(area_sqm=Decimal(world.rng.randrange(4200, 18900)) / 100)
    out.ids(
        certificate_number=numbers.get(world.country, f"{digits.digits(world.rng, 4)}/{digits.digits(world.rng, 5)}")
    )
    number = out.values["certificate_number"].canonical
    out.values["certificate_number"] = Value("identifier", number, alternatives=(number.removeprefix("Blatt "),))
    out.dates(registration_date=world.day(date(2006, 1, 4), date(2025, 5, 30)))
    out.money(world.currency, price=_amount(world, 90000, 480000) // 1000 * 1000)


def _vehicle_registration(out: Record, world: World, person: Person) -> None:
    make = world.rng.choice(sorted(BRANDS))
    plates = {
        "GB": lambda: f"{digits.letters(world.rng, 2)}{world.rng.randrange(10, 24)} {digits.letters(world.rng, 3)}",
        "DE": lambda: f"{digits.letters(world.rng, 2)}-{digits.letters(world.rng, 2)} {digits.digits(world.rng, 3)}",
        "FR": lambda: f"{digits.letters(world.rng, 2)}-{digits.digits(world.rng, 3)}-{digits.letters(world.rng, 2)}",
        "CN": lambda: f"浙A{digits.letters(world.rng, 1)}{digits.digits(world.rng, 4)}",
        "IE": lambda: f"{world.rng.randrange(12, 26)}1-CE-{digits.digits(world.rng, 4)}",
    }
    usual = lambda: f"{digits.letters(world.rng, 3)} {digits.digits(world.rng, 3)}"  # noqa: E731
    out.names(owner=person.name)
    out.ids(plate=plates.get(world.country, usual)(), vin=digits.vin(world.rng, BRANDS[make][0]))
    out.ids(engine=digits.letters(world.rng, 2) + digits.digits(world.rng, 6))
    out.text(make=make, model=BRANDS[make][1])
    first = world.day(date(2012, 3, 1), date(2024, 9, 30))
    out.dates(first_registration=first, registration_date=first)
    out.counts(mass=world.rng.randrange(1100, 1900), displacement=world.rng.choice([999, 1498, 1968]))


def _validity(out: Record, world: World, years: int) -> None:
    start = world.day(date(2017, 1, 9), date(2025, 6, 30))
    end = date(start.year + years, start.month, min(start.day, 28))
    out.dates(issue_date=start, valid_from=start, expiry_date=end, valid_to=end)
    out.periods(validity=(start, end))


def _driving_licence(out: Record, world: World, person: Person) -> None:
    _validity(out, world, 10)
    letters = digits.letters(world.rng, 4)
    number = f"{letters[0]}{digits.digits(world.rng, 3)}{letters[1:]}{digits.digits(world.rng, 4)}"
    out.ids(licence_number=out.values["id_number"].canonical if world.country == "CN" else number)
    out.text(classes={"CN": "C1", "US": "D"}.get(world.country, world.rng.choice(["AM/B1/B", "B/BE/L", "AM B L"])))
    out.text(issuing_authority=ISSUERS[world.locale])


ISSUERS = {
    "en-GB": "DVLA",
    "en-IE": "NDLS",
    "en-US": "Department of Motor Vehicles",
    "de": "Landratsamt Hellweg",
    "fr": "Préfecture de la Nièvre",
    "es": "Jefatura Provincial de Tráfico",
    "sv": "Transportstyrelsen",
    "zh": "公安局交通警察支队",
    "it": "MIT-UCO",
    "nl": "Gemeente Rijnveld",
    "pt": "IMT",
}
POLICE = {
    "en-GB": "HMPO",
    "en-IE": "Passport Office Dublin",
    "en-US": "United States Department of State",
    "de": "Stadt Unna",
    "fr": "Préfecture du Finistère",
    "es": "Dirección General de la Policía",
    "sv": "Polismyndigheten",
    "zh": "公安局出入境管理局",
    "it": "Ministero degli Affari Esteri",
    "nl": "Burgemeester van Rijnveld",
    "pt": "SEF",
}


def _identity(out: Record, world: World, person: Person) -> None:
    _validity(out, world, 10)
    state = STATES[world.country]
    latin = (romanised(person.surname), romanised(person.given))
    number = f"{digits.letters(world.rng, 1)}{digits.digits(world.rng, 8)}"
    ends = out.values["expiry_date"].data
    assert isinstance(ends, date)
    name = zone_name(*latin)
    passport = digits.mrz_td3(state, name, number, state, person.born, person.sex, ends)
    card = digits.mrz_td1("I", state, name, number, state, person.born, person.sex, ends)
    permit = digits.mrz_td1("IR", state, name, number, "IND", person.born, person.sex, ends)
    out.ids(document_number=number, mrz="\n".join(passport), mrz_card="\n".join(card), mrz_permit="\n".join(permit))
    out.names(surname_latin=latin[0].upper(), given_latin=latin[1].upper(), holder_latin=" ".join(latin).upper())
    out.text(issuing_authority=POLICE[world.locale], state=state.replace("<", ""), foreign="IND", ethnicity="汉")
    out.text(
        birth_place=romanised(person.town.split(",")[0].lstrip("0123456789 ")) if world.country != "CN" else "浙江"
    )


def _household_register(out: Record, world: World, person: Person) -> None:
    out.names(household_head=out.values["other"].canonical)
    out.text(relation=world.rng.choice(["配偶", "子", "女"]), ethnicity="汉族", household_type="非农业家庭户")
    out.ids(household_number=digits.digits(world.rng, 9))
    out.text(issuing_authority="公安局户口专用")


def _marriage_certificate(out: Record, world: World, person: Person) -> None:
    other = world.someone_else(person.name)
    on = world.day(date(2004, 5, 1), date(2024, 9, 30))
    numbers = {"CN": f"J{world.rng.randrange(110000, 659999)}-{on.year}-{digits.digits(world.rng, 6)}"}
    out.names(spouse_1=person.name, spouse_2=other.name)
    out.dates(registration_date=on, other_birth=other.born)
    out.ids(certificate_number=numbers.get(world.country, digits.digits(world.rng, 7)), other_id=world.identity(other))
    out.text(place=other.town.split(",")[0].lstrip("0123456789 "))


def _diploma(out: Record, world: World, person: Person) -> None:
    out.names(institution=world.pick("universities"))
    out.text(major=world.pick("majors"), degree=DEGREES[world.locale][world.rng.randrange(2)])
    out.dates(graduation_date=world.day(date(2004, 6, 1), date(2024, 7, 20)))
    out.ids(certificate_number=digits.digits(world.rng, 17 if world.country == "CN" else 8))


DEGREES = {
    "en-GB": ("Bachelor of Science", "Master of Arts"),
    "en-IE": ("Bachelor of Science", "Bachelor of Commerce"),
    "en-US": ("Bachelor of Science", "Associate of Arts"),
    "de": ("Bachelor of Science", "Master of Engineering"),
    "fr": ("Licence", "Master"),
    "es": ("Grado", "Máster Universitario"),
    "sv": ("Kandidatexamen", "Masterexamen"),
    "zh": ("学士", "硕士"),
    "it": ("Laurea", "Laurea magistrale"),
    "nl": ("Bachelor of Science", "Master of Science"),
    "pt": ("Licenciatura", "Mestrado"),
}


def _professional_certificate(out: Record, world: World, person: Person) -> None:
    name, level, body = PROFESSIONS[world.locale][world.rng.randrange(2)]
    out.text(qualification=name, level=level, issuing_authority=body)
    out.ids(certificate_number=digits.digits(world.rng, 17 if world.country == "CN" else 7))
    out.dates(issue_date=world.day(date(2012, 6, 1), date(2025, 7, 20)))
    out.dates(expiry_date=date(2028, 12, 31))


PROFESSIONS = {
    "en-GB": (
        ("Registered General Nurse", "Level 1", "Nursing Register Council"),
        ("Chartered Certified Accountant", "Fellow", "Institute of Accountancy Practice"),
    ),
    "en-IE": (("Registered Teacher", "Post-primary", "Teaching Register of Ireland"),) * 2,
    "en-US": (
        ("Certified Public Accountant", "Active", "State Board of Accountancy"),
        ("Professional Teaching Certificate", "Grades K-6", "State Board of Education"),
    ),
    "de": (
        ("Geprüfter Bilanzbuchhalter", "DQR 6", "Industrie- und Handelskammer Hellweg"),
        ("Elektrotechnikermeister", "DQR 6", "Handwerkskammer Oderland"),
    ),
    "fr": (("Expert-comptable", "Niveau 7", "Ordre régional des experts"),) * 2,
    "es": (("Enfermero colegiado", "Colegiado ejerciente", "Colegio Oficial de Enfermería"),) * 2,
    "sv": (("Legitimerad sjuksköterska", "Legitimation", "Socialstyrelsen"),) * 2,
    "zh": (
        ("高级中学教师资格", "高级中学", "教育局"),
        ("中级会计师", "中级", "人力资源和社会保障厅"),
    ),
    "it": (("Dottore Commercialista", "Sezione A", "Ordine dei Dottori Commercialisti"),) * 2,
    "nl": (("Verpleegkundige", "Niveau 6", "Register Zorgberoepen"),) * 2,
    "pt": (("Contabilista Certificado", "Membro efetivo", "Ordem dos Contabilistas"),) * 2,
}


def _language_test(out: Record, world: World, person: Person) -> None:
    out.dates(test_date=world.day(date(2022, 1, 8), date(2026, 9, 20)))
    out.ids(certificate_number=digits.digits(world.rng, 15 if world.country == "CN" else 10))
    parts = [world.rng.randrange(11, 18) for _ in range(4)]
    half = Decimal(sum(parts)) / 8
    out.text(listening=str(Decimal(parts[0]) / 2), reading=str(Decimal(parts[1]) / 2))
    out.text(writing=str(Decimal(parts[2]) / 2), speaking=str(Decimal(parts[3]) / 2))
    out.text(band=str((half * 2).quantize(Decimal(1)) / 2), points=str(world.rng.randrange(431, 640)))
    out.text(total=str(world.rng.randrange(78, 117)), level=world.rng.choice(["B2", "C1"]))
    out.names(institution=world.pick("universities"))


def _award_certificate(out: Record, world: World, person: Person) -> None:
    out.names(institution=world.pick("universities"))
    out.text(award=AWARDS[world.locale][world.rng.randrange(2)])
    out.dates(award_date=world.day(date(2015, 1, 8), date(2026, 9, 20)))
    out.money(world.currency, amount=Decimal(world.rng.randrange(2, 17) * 500))


AWARDS = {
    "en-GB": ("Founders' Scholarship", "Apprentice of the Year"),
    "en-IE": ("Entrance Scholarship", "President's Medal"),
    "en-US": ("Dean's Merit Scholarship", "Employee of the Year"),
    "de": ("Deutschlandstipendium", "Förderpreis für Nachwuchskräfte"),
    "fr": ("Bourse d'excellence", "Prix de la vocation"),
    "es": ("Beca de Excelencia", "Premio Extraordinario"),
    "sv": ("Rektors stipendium", "Årets lärling"),
    "zh": ("国家励志奖学金", "优秀员工"),
    "it": ("Borsa di merito", "Premio di laurea"),
    "nl": ("Excellentiebeurs", "Medewerker van het jaar"),
    "pt": ("Bolsa de mérito", "Prémio de excelência"),
}


def _business_licence(out: Record, world: World, person: Person) -> None:
    firm = out.values["employer"].canonical
    code = digits.credit_code(world.rng, world.area(firm if world.country == "CN" else ""))
    numbers = {"CN": code, "DE": f"HRB {digits.digits(world.rng, 5)}", "GB": f"0{digits.digits(world.rng, 7)}"}
    out.names(company_name=firm, legal_representative=person.name)
    out.ids(credit_code=numbers.get(world.country, digits.digits(world.rng, 6)))
    out.addresses(address=world.address())
    out.text(business_scope=SCOPES[world.locale], company_type="有限责任公司(自然人投资或控股)")
    out.dates(registration_date=world.day(date(2004, 5, 1), date(2023, 9, 30)))
    out.money(world.currency, registered_capital=Decimal(world.rng.randrange(1, 40) * 250000))


SCOPES = {
    "en-GB": "Manufacture of wooden furniture and fittings",
    "en-IE": "Operation of dairies and cheese making",
    "en-US": "General freight trucking",
    "de": "Herstellung und Vertrieb von Werkzeugmaschinen",
    "fr": "Transports routiers de marchandises",
    "es": "Fabricación de conservas de pescado",
    "sv": "Tillverkning av trävaror",
    "zh": "技术开发、技术服务；销售机械设备、电子产品。",
    "it": "Produzione di calzature in pelle",
    "nl": "Handel in bloembollen en planten",
    "pt": "Fabrico de azulejos e cerâmica",
}


def _invoice(out: Record, world: World, person: Person) -> None:
    firm = world.pick("firms")
    c, goods = world.currency, GOODS[world.locale]
    rows, net = [], Decimal(0)
    for text in world.rng.sample(goods, world.rng.randrange(2, len(goods))):
        count, each = world.rng.randrange(1, 7), _amount(world, 4, 160).quantize(CENT)
        net += count * each
        rows.append(
            {
                "text": Value("text", text),
                "count": Value("count", count),
                "each": Value("money", each, c),
                "amount": Value("money", count * each, c),
            }
        )
    out.rows["lines"] = rows
    rate = {"DE": "0.19", "SE": "0.25", "ES": "0.21", "IE": "0.23", "US": "0.0825", "CN": "0.13"}.get(
        world.country, "0.20"
    )
    vat = _share(net, rate)
    out.names(supplier=firm, company=firm, customer=person.name)
    on = world.day(date(2026, 1, 8), date(2026, 9, 20))
    out.dates(issue_date=on, date=on, due_date=on + timedelta(days=14))
    out.ids(invoice_number=f"{world.rng.choice(['INV-', 'RE', 'F', ''])}{digits.digits(world.rng, 6)}")
    out.money(c, subtotal=net, vat=vat, total=net + vat, cash=(net + vat) // 10 * 10 + 10)
    out.money(c, change=(net + vat) // 10 * 10 + 10 - net - vat)
    out.addresses(firm_address=world.address())
    if world.country not in {"US", "CN"}:
        out.ids(vat_number=digits.vat(world.rng, world.country), iban=_iban(world))


GOODS = {
    "en-GB": ["Oak shelf 90 cm", "Delivery", "Brass hinge pair", "Fitting per hour", "Varnish 1 l"],
    "en-IE": ["Site survey", "Hardcore 20 t", "Digger hire per day", "Labour"],
    "en-US": ["Brake pads front", "Labor", "Synthetic oil 5 qt", "Shop supplies", "Wheel alignment"],
    "de": ["Arbeitsstunde Meister", "Kugellager 6204", "Anfahrt pauschal", "Dichtungssatz"],
    "fr": ["Main d'œuvre", "Robinet mitigeur", "Déplacement", "Joint fibre"],
    "es": ["Mano de obra", "Azulejo blanco m2", "Transporte", "Cemento cola"],
    "sv": ["Arbetstid", "Spånskiva", "Frakt", "Skruvsats"],
    "zh": ["办公桌", "打印纸", "硒鼓", "安装服务费"],
    "it": ["Manodopera", "Piastrella 30x30", "Trasporto", "Colla cementizia"],
    "nl": ["Arbeidsloon", "Voorrijkosten", "Plafondplaat", "Verf wit 10 l"],
    "pt": ["Mão de obra", "Deslocação", "Azulejo branco", "Cimento-cola"],
}


def _insurance_policy(out: Record, world: World, person: Person) -> None:
    start = world.day(date(2025, 11, 1), date(2026, 9, 30))
    out.names(insurer=INSURERS[world.locale], insured=person.name)
    out.ids(policy_number=f"{digits.letters(world.rng, 2)}{digits.digits(world.rng, 9)}")
    c = world.currency
    out.money(c, sum_insured=Decimal(world.rng.randrange(4, 60) * 5000), premium=_amount(world, 90, 990))
    end = date(start.year + 1, start.month, min(start.day, 28)) - timedelta(days=1)
    out.dates(valid_from=start, valid_to=end, issue_date=start - timedelta(days=9))
    out.periods(validity=(start, end))


INSURERS = {
    "en-GB": "Hearthstone Mutual Insurance",
    "en-IE": "Claddagh Assurance DAC",
    "en-US": "Prairie Shield Life Insurance Company",
    "de": "Hansa-Union Versicherung AG",
    "fr": "Mutuelle des Deux Rives",
    "es": "Seguros Atlántico S.A.",
    "sv": "Norrskydd Försäkring AB",
    "zh": "长桥人寿保险股份有限公司",
    "it": "Assicurazioni del Piave S.p.A.",
    "nl": "Rijnveld Verzekeringen N.V.",
    "pt": "Seguradora do Minho, S.A.",
}


def _credit_report(out: Record, world: World, person: Person) -> None:
    c = world.currency
    out.names(subject=person.name, bureau=BUREAUS[world.locale])
    out.dates(report_date=world.day(date(2026, 5, 1), TODAY))
    out.counts(
        score=world.rng.randrange(480, 860), accounts=world.rng.randrange(2, 14), enquiries=world.rng.randrange(7)
    )
    out.ids(report_number=digits.digits(world.rng, 11))
    rows = []
    for _ in range(4):
        opened, limit = world.day(date(2014, 1, 1), date(2025, 1, 1)), _amount(world, 500, 20000) // 100 * 100
        rows.append(
            {
                "lender": Value("name", world.pick("banks")),
                "opened": Value("date", opened),
                "limit": Value("money", limit.quantize(CENT), c),
                "balance": Value("money", (limit / 3).quantize(CENT), c),
                "status": Value("text", {"CN": "正常", "DE": "ohne Störung", "SE": "aktiv"}.get(world.country, "OK")),
            }
        )
    out.rows["accounts"] = rows
    out.money(c, outstanding=sum((Decimal(str(row["balance"].data)) for row in rows), Decimal(0)))


BUREAUS = {
    "en-GB": "Sterling Credit Reference Ltd",
    "en-IE": "Central Credit File Ireland",
    "en-US": "TriPoint Credit Bureau",
    "de": "Kreditauskunft Rhein-Main",
    "fr": "Fichier Central des Crédits",
    "es": "Central de Información Crediticia",
    "sv": "Kreditupplysning Norden AB",
    "zh": "中国人民银行征信中心",
    "it": "Centrale Rischi Adriatica",
    "nl": "Stichting Kredietregister",
    "pt": "Central de Responsabilidades",
}


def _loan_statement(out: Record, world: World, person: Person) -> None:
    principal = Decimal(world.rng.randrange(5, 90) * 1000) * _FACTOR.get(world.country, 1)
    left = (principal * Decimal(world.rng.randrange(20, 88)) / 100 + Decimal("113.37")).quantize(CENT)
    c = world.currency
    out.names(lender=world.pick("banks"))
    out.ids(loan_number=f"{world.rng.choice(['L', 'KD', ''])}{digits.digits(world.rng, 9)}")
    out.money(c, principal=principal, outstanding=left, instalment=(principal / 54 + Decimal("7.19")).quantize(CENT))
    out.numbers(interest_rate=Decimal(world.rng.randrange(249, 1190)) / 100)
    out.dates(issue_date=world.day(date(2026, 6, 1), TODAY), due_date=date(2026, 11, 15), end_date=date(2030, 11, 15))
    out.dates(start_date=date(2023, 11, 15))


def _application_form(out: Record, world: World, person: Person) -> None:
    c = world.currency
    out.money(c, amount=Decimal(world.rng.randrange(3, 40) * 1000), net_monthly=_amount(world, 1500, 3900))
    out.money(c, rent=_amount(world, 400, 1100))
    out.counts(term=world.rng.choice([24, 36, 48, 60]), dependants=world.rng.randrange(4))


def _letter(out: Record, world: World, person: Person) -> None:
    out.names(institution=world.pick("universities"), bank=world.pick("banks"), company=world.pick("firms"))
    out.text(major=world.pick("majors"))
    out.dates(date=world.day(date(2026, 1, 8), date(2026, 9, 20)), start_date=date(2019, 9, 1))
    out.money(world.currency, amount=_amount(world, 20, 900), rent=_amount(world, 400, 1100))
    out.money(world.currency, salary=_amount(world, 1900, 4100))


KINDS: dict[str, Callable[[Record, World, Person], None]] = {
    "payslip": _payslip,
    "bank_statement": _bank_statement,
    "bank_account_details": _bank_account_details,
    "employment_letter": _employment_letter,
    "income_tax": _income_tax,
    "annual_wage_statement": _annual_wage_statement,
    "social_insurance": _social_insurance,
    "housing_fund": _housing_fund,
    "utility_bill": _utility_bill,
    "lease": _lease,
    "property_deed": _property_deed,
    "vehicle_registration": _vehicle_registration,
    "driving_licence": _driving_licence,
    "national_id": _identity,
    "passport": _identity,
    "residence_permit": _identity,
    "household_register": _household_register,
    "marriage_certificate": _marriage_certificate,
    "diploma": _diploma,
    "professional_certificate": _professional_certificate,
    "language_test": _language_test,
    "award_certificate": _award_certificate,
    "business_licence": _business_licence,
    "invoice": _invoice,
    "insurance_policy": _insurance_policy,
    "credit_report": _credit_report,
    "loan_statement": _loan_statement,
    "application_form": _application_form,
}
