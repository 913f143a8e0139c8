"""Computed facts: what follows from the documents' facts, the statements and the bureau reports.

``docs/facts.md`` gives each formula. Each fact names its method and the facts it used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.domain import bureau, cash_flow
from app.domain.affordability import gap_pct
from app.domain.balances import broken_balances, daily_balances, gaps
from app.domain.bureau import Account, BureauReport
from app.domain.case import Transaction
from app.domain.cash_flow import Obligation, rows_method
from app.domain.credentials import CredentialRules
from app.domain.cross_checks import Sign
from app.domain.debts import FoundDebt, Undisclosed, found_debts, undisclosed
from app.domain.derivation import Derivation
from app.domain.money import to_cents
from app.domain.ratios import INCOME_SOURCES, INCOME_USED, RATIOS
from app.domain.transactions.ledger import Ledger, Parties, recognise
from app.domain.transactions.regularity import months_covered
from app.domain.transactions.rules import Rules

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the policy lets the computations assume."""

    tolerance_pct: Decimal = Decimal(5)  # stated and documented amounts this close agree
    debt_instalment_pct: Decimal = Decimal(3)  # monthly instalment of a debt whose instalment is unknown
    unit: Decimal = Decimal(1)  # units of the currency in one policy unit
    credentials: CredentialRules | None = None  # how far documents move the limit


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a case's documents hold beyond facts."""

    currency: str
    applied_on: date | None
    transactions: tuple[Transaction, ...] = ()
    reports: tuple[BureauReport, ...] = ()
    assumptions: Assumptions = field(default_factory=Assumptions)
    rules: Rules = field(default_factory=lambda: Rules(()))

    def ledger(self, employer: object = None, applicant: object = None) -> Ledger:
        """Booked entries in the case's currency, each once and recognised."""
        accounts = (account.lender for account in self.accounts())
        asked = (enquiry.lender for enquiry in bureau.merged_enquiries(self.reports))
        lenders = sorted({lender for lender in (*accounts, *asked) if lender})
        known = Parties(
            (applicant,) if isinstance(applicant, str) else (),
            (employer,) if isinstance(employer, str) else (),
            tuple(lenders),
        )
        return recognise((line for line in self.transactions if line.currency == self.currency), self.rules, known)

    def accounts(self) -> tuple[Account, ...]:
        return bureau.merged_accounts(self.reports)


@dataclass(frozen=True, slots=True)
class Observations:
    """What the evidence showed, for the findings."""

    broken: tuple[tuple[str, int], ...] = ()  # document, entries whose balance does not follow
    gaps: tuple[str, ...] = ()  # "32013000: 2026-06-30 to 2026-08-01, -120.00 unexplained"
    undisclosed: Undisclosed | None = None
    other_currencies: tuple[str, ...] = ()  # "SEK: 12 entries"
    problems: tuple[str, ...] = ()  # what could not be read of bureau reports
    has_statements: bool = False
    has_report: bool = False
    signs: tuple[Sign, ...] = ()  # of one document held against another, and of doubtful readings


def derive(facts: Derivation, evidence: Evidence) -> Observations:
    """Put every computed fact that does not depend on the price of the loan into ``facts``."""
    ledger = evidence.ledger(facts.value("employment.employer"), facts.value("applicant.name"))
    if ledger.lines:
        _statement_facts(facts, ledger)
    if evidence.reports:
        _bureau_facts(facts, evidence)
    _income_facts(facts)
    beyond = _debt_facts(facts, evidence, ledger)
    if ledger.lines:
        _reserve_facts(facts, ledger)
    for ratio in RATIOS:
        facts.put_ratio(ratio)
    return Observations(
        broken=tuple(sorted(broken_balances(evidence.transactions).items())),
        gaps=tuple(gap.detail for gap in gaps(evidence.transactions)),
        undisclosed=beyond,
        other_currencies=_other_currencies(evidence),
        problems=tuple(problem for report in evidence.reports for problem in report.problems),
        has_statements=bool(evidence.transactions),
        has_report=bool(evidence.reports),
    )


def _statement_facts(facts: Derivation, ledger: Ledger) -> None:
    ledger = cash_flow.with_salary(ledger, _salary_facts(facts, ledger))
    rent = cash_flow.find_rent(ledger)
    if rent:
        facts.put_rows("expenses.rent_seen", rent[0], "rent", rent[1])
    months = _months(facts)
    _source_facts(facts, ledger, months)
    _spending_facts(facts, ledger, months)
    _conduct_facts(facts, ledger, months)


def _months(facts: Derivation) -> int:
    months = facts.value("income.months_covered")
    assert isinstance(months, int)
    return max(1, months)


def _salary_facts(facts: Derivation, ledger: Ledger) -> cash_flow.Salary | None:
    lines = ledger.entries
    salary = cash_flow.find_salary(ledger)
    if salary is None:
        facts.put_rows("income.months_covered", months_covered(lines), "months of statements", lines[:1])
        facts.put_rows("income.salary_months_seen", 0, "salary", lines[:1])
        return None
    entries = salary.entries
    facts.put_rows("income.net_monthly_banked", salary.median, "median salary", entries)
    facts.put_rows("income.salary_months_seen", len(salary.by_month), "salary months", entries)
    facts.put_rows("income.months_covered", salary.months_covered, "months of statements", entries[:1])
    if salary.variation_pct is not None:
        facts.put_rows("income.variation_pct", salary.variation_pct, "salary variation", entries)
    return salary


def _source_facts(facts: Derivation, ledger: Ledger, months: int) -> None:
    """Income a month by where it comes from, and how much of it is regular."""
    sources = cash_flow.income_sources(ledger, months)
    for name, purposes in _INCOMES:
        _put_sources(facts, name, [each for each in sources if each.purpose in purposes], months)
    others = {purpose for _, purposes in _INCOMES for purpose in purposes} | {"salary"}
    _put_sources(facts, "income.other_monthly", [each for each in sources if each.purpose not in others], months)
    if not sources:
        return
    entries = [line for each in sources for line in each.entries]
    total = sum((line.amount for line in entries), ZERO)
    regular = sum((line.amount for each in sources if each.regular for line in each.entries), ZERO)
    facts.put_rows("income.received_monthly", to_cents(total / months), "income a month", entries)
    facts.put_rows("income.regular_sources", sum(each.regular for each in sources), "regular sources", entries)
    facts.put_rows("income.regular_share_pct", to_cents(regular * 100 / total), "regular share of income", entries)


_INCOMES = (
    ("income.pension_monthly", ("pension",)),
    ("income.benefits_monthly", ("benefits",)),
)


def _put_sources(facts: Derivation, name: str, sources: Sequence[cash_flow.Source], months: int) -> None:
    if sources:
        entries = [line for each in sources for line in each.entries]
        total = sum((line.amount for line in entries), ZERO)
        facts.put_rows(name, to_cents(total / months), "received a month", entries)


def _spending_facts(facts: Derivation, ledger: Ledger, months: int) -> None:
    """What goes out a month: all of it, what cannot be left out, cash and fees."""
    parts = (
        ("cashflow.spending_monthly", "spent a month", cash_flow.living_spending(ledger)),
        ("cashflow.essential_monthly", "essential spending a month", cash_flow.essential_spending(ledger)),
        ("cashflow.cash_monthly", "cash withdrawn a month", cash_flow.spent(ledger, "cash")),
        ("cashflow.fees_monthly", "fees a month", cash_flow.spent(ledger, "fees")),
    )
    for name, method, lines in parts:
        total = -sum((line.amount for line in lines), ZERO)
        facts.put_rows(name, to_cents(total / months), method, lines or ledger.entries[:1])


def _conduct_facts(facts: Derivation, ledger: Ledger, months: int) -> None:
    """Returned payments, gambling, overdraft, the mean balance and where it is going."""
    lines = ledger.entries
    returned = cash_flow.find_returned(ledger)
    facts.put_rows("cashflow.returned_items", len(returned), "returned", returned or lines[:1])
    bets = cash_flow.find_gambling(ledger)
    staked = to_cents(-sum((line.amount for line in bets), ZERO) / months)
    facts.put_rows("cashflow.gambling_monthly", staked, "gambling a month", bets or lines[:1])
    received = facts.amount("income.received_monthly")
    if received:
        inputs = ("cashflow.gambling_monthly", "income.received_monthly")
        method = "100 * cashflow.gambling_monthly / income.received_monthly"
        facts.put("cashflow.gambling_share_pct", to_cents(staked * 100 / received), "percent", method, inputs)
    balances = daily_balances(lines)
    if balances is not None and balances.mean is not None:
        below = balances.below or lines[:1]
        facts.put_rows("cashflow.overdraft_days", len(balances.overdrawn), "overdrawn after", below)
        facts.put_rows("cashflow.mean_balance", balances.mean, "mean of daily balances from", lines[:1])
        trend = cash_flow.balance_trend(balances)
        if trend is not None:
            facts.put_rows("cashflow.balance_trend", trend, "least squares of daily balances from", lines[:1])


def _reserve_facts(facts: Derivation, ledger: Ledger) -> None:
    """How many months the last balance would pay for; after the instalments are known."""
    balances = daily_balances(ledger.entries)
    essential, seen = facts.amount("cashflow.essential_monthly"), facts.amount("debt.instalments_seen")
    if balances is None or essential is None:
        return
    ends = list(balances.total.values())[-1]
    months = cash_flow.months_of_reserve(ends, essential, seen or ZERO)
    if months is None:
        return
    inputs = tuple(name for name in ("cashflow.essential_monthly", "debt.instalments_seen") if name in facts)
    method = "last balance / (cashflow.essential_monthly + debt.instalments_seen)"
    facts.put("cashflow.reserve_months", months, "number", method, inputs, lines=ledger.entries[-1:])


def _bureau_facts(facts: Derivation, evidence: Evidence) -> None:
    accounts = evidence.accounts()
    document = evidence.reports[0].document
    put = facts.put_report
    put("history.accounts", len(accounts), document, "$.accounts", "accounts counted")
    put(
        "history.delinquent_accounts",
        sum(account.days_past_due > 0 for account in accounts),
        document,
        "$.accounts[*].days_past_due",
        "accounts past due counted",
    )
    worst = max((account.worst for account in accounts), default=0)
    put("history.worst_days_past_due_12m", worst, document, "$.accounts[*].worst_days_past_due_12m", "largest")
    if evidence.applied_on is not None:
        _dated_bureau_facts(facts, evidence, accounts, evidence.applied_on)


def _dated_bureau_facts(facts: Derivation, evidence: Evidence, accounts: Sequence[Account], applied: date) -> None:
    document = evidence.reports[0].document
    opened = [account.opened_on for account in accounts if account.opened_on and account.opened_on <= applied]
    if opened or not accounts:
        age = bureau.full_months(min(opened), applied) if opened else 0
        facts.put_report("history.oldest_account_months", age, document, "$.accounts[*].opened_on", "full months")
    enquiries = bureau.merged_enquiries(evidence.reports)
    for months in bureau.WINDOWS:
        count = bureau.enquiries_in_window(enquiries, applied, months)
        start = bureau.months_before(applied, months)
        method = f"enquiries from {start.isoformat()} to {applied.isoformat()}"
        facts.put_report(f"history.enquiries_{months}m", count, document, "$.enquiries", method)


def _income_facts(facts: Derivation) -> None:
    """Income used, and the gap between the stated income and the best evidence of it."""
    used = next((facts[name] for name in INCOME_SOURCES if name in facts), None)
    if used is not None:
        facts.put_money(INCOME_USED, used.value, f"first known of {', '.join(INCOME_SOURCES)}", (used.name,))
    proof = next((name for name in INCOME_SOURCES[:2] if name in facts), None)
    stated = facts.amount("income.net_monthly_stated")
    if proof is None or stated is None or not facts.same_unit(proof, "income.net_monthly_stated"):
        return
    gap = gap_pct(stated, facts.amount(proof) or ZERO)
    if gap is not None:
        facts.put("income.gap_pct", gap, "percent", f"stated above {proof}", ("income.net_monthly_stated", proof))


def _debt_facts(facts: Derivation, evidence: Evidence, ledger: Ledger) -> Undisclosed | None:
    accounts = _running_accounts(evidence)
    asked = {enquiry.lender for enquiry in bureau.merged_enquiries(evidence.reports) if enquiry.lender}
    lenders = [account.lender for account, _ in accounts if account.lender]
    seen = cash_flow.find_obligations(ledger, lenders, sorted(asked))
    if ledger.lines:
        _put_seen(facts, seen, ledger.entries)
    if evidence.reports:
        total = sum((monthly for _, monthly in accounts), ZERO)
        facts.put_report(
            "debt.instalments_bureau",
            to_cents(total),
            evidence.reports[0].document,
            "$.accounts[*].instalment",
            f"sum over open accounts, {evidence.assumptions.debt_instalment_pct} % of the balance where none is given",
        )
    found = found_debts(accounts, seen)
    _put_instalments_used(facts, evidence, found)
    return _put_undisclosed(facts, evidence, found)


def _running_accounts(evidence: Evidence) -> list[tuple[Account, Decimal]]:
    """Open accounts in the case's currency with their monthly instalment; those without one to pay are left out."""
    day = evidence.applied_on or max((report.report_date or date.min for report in evidence.reports), default=date.min)
    out = []
    for account in evidence.accounts():
        if not account.open_on(day) or account.currency not in (None, evidence.currency):
            continue
        monthly = account.instalment
        if monthly is None:
            monthly = to_cents((account.balance or ZERO) * evidence.assumptions.debt_instalment_pct / 100)
        if monthly > 0:
            out.append((account, monthly))
    return out


def _put_seen(facts: Derivation, seen: Sequence[Obligation], lines: Sequence[Transaction]) -> None:
    entries = [line for obligation in seen for line in obligation.entries]
    total = sum((obligation.monthly for obligation in seen), ZERO)
    facts.put_rows("debt.instalments_seen", to_cents(total), "instalments", entries or lines[:1])


def _put_instalments_used(facts: Derivation, evidence: Evidence, found: Sequence[FoundDebt]) -> None:
    """The larger of what is stated and what was found; an assumed share of the debt when neither is known."""
    stated = facts.amount("debt.instalments_stated")
    inputs = [name for name in _FOUND if name in facts]
    if stated is not None or inputs:
        total = sum((debt.monthly for debt in found), ZERO)
        names = (*(("debt.instalments_stated",) if stated is not None else ()), *inputs)
        facts.put_money(
            "debt.instalments_monthly", max(stated or ZERO, to_cents(total)), "larger of stated and found", names
        )
        return
    outstanding = facts.amount("debt.outstanding")
    if outstanding is not None:
        share = evidence.assumptions.debt_instalment_pct
        monthly = to_cents(outstanding * share / 100)
        facts.put_money(
            "debt.instalments_monthly", monthly, f"{share} % of the outstanding debt", ("debt.outstanding",)
        )


_FOUND = ("debt.instalments_bureau", "debt.instalments_seen")


def _put_undisclosed(facts: Derivation, evidence: Evidence, found: Sequence[FoundDebt]) -> Undisclosed | None:
    """Debts beyond the form's total; not judged when the form says nothing of debts or no document could show any."""
    stated_name = "debt.instalments_stated"
    stated = facts.amount(stated_name)
    if stated is None and facts.amount("debt.outstanding") == 0:
        stated_name, stated = "debt.outstanding", ZERO
    inputs = [name for name in _FOUND if name in facts]
    if stated is None or not inputs:
        return None
    beyond = undisclosed(found, stated, evidence.assumptions.tolerance_pct)
    entries = [line for debt in beyond.debts for line in debt.entries]
    method = rows_method("undisclosed", entries) if entries else "found beyond the stated total"
    facts.put_money("debt.undisclosed_instalment", to_cents(beyond.monthly), method, (stated_name, *inputs), entries)
    return beyond


def _other_currencies(evidence: Evidence) -> tuple[str, ...]:
    """Entries and accounts left out because they are in another currency than the case."""
    counts: dict[str, list[int]] = {}
    _count(counts, 0, (line.currency for line in evidence.transactions), evidence.currency)
    _count(counts, 1, (account.currency or "" for account in evidence.accounts()), evidence.currency)
    return tuple(f"{code}: {lines} entries, {loans} accounts" for code, (lines, loans) in sorted(counts.items()))


def _count(counts: dict[str, list[int]], place: int, codes: Iterable[str], own: str) -> None:
    for code in codes:
        if code and code != own:
            counts.setdefault(code, [0, 0])[place] += 1
