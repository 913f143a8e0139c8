"""``policy check | list | add | diff | test | activate | simulate``, and ``offers``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.output import emit, table, terminal_progress
from app.errors import InputError

if TYPE_CHECKING:
    from app.bootstrap.policies import PolicyBook


@contextmanager
def _book(given: Namespace, *names: str) -> Iterator[PolicyBook]:
    """The policies of the workspace; files alone need none."""
    from app.bootstrap.policies import PolicyBook

    if names and all(Path(name).suffix == ".json" for name in names):
        yield PolicyBook()
        return
    from app.cli.session import open_desk, workspace_path

    if names and not given.workspace and not (workspace_path(given) / "workspace.json").exists():
        yield PolicyBook()
        return
    with open_desk(given) as desk:
        yield desk.policies


def check(given: Namespace) -> int:
    """Exit status 0 only if nothing keeps the policy from being used."""
    with _book(given, given.policy) as book:
        report = book.check(given.policy)
    lines = [f"{each.level}: {each.place}: {each.message}{_example(each.to_json())}" for each in report.findings]
    state = "in order" if report.ok else "not in order"
    lines.append(f"{report.policy} {report.version} ({report.sha256[:12]}): {state}, {len(report.findings)} findings")
    emit(given, report.to_json(), lines)
    return 0 if report.ok else 1


def _example(finding: dict[str, Any]) -> str:
    example = finding["example"]
    if not example:
        return ""
    return " Example: " + ", ".join(f"{name} {value}" for name, value in example.items()) + "."


def list_(given: Namespace) -> None:
    """Every policy with its versions."""
    with _book(given) as book:
        listed = [each.to_json() for each in book.listed()]
    rows = [
        (
            each["policy"],
            each["version"],
            each["sha256"][:12],
            "in force" if each["in_force"] else "",
            f"added by {each['added']['person']}" if each["added"] else "ships with the program",
            f"activated by {each['activated']['person']}" if each["activated"] else "",
        )
        for each in listed
    ]
    emit(given, {"policies": listed}, table(rows))


def add(given: Namespace) -> None:
    """Take a file into the workspace."""
    from app.cli.session import open_desk

    with open_desk(given) as desk:
        added = desk.policies.add(given.policy, given.note, given.by)
    line = (
        f"{added.policy} {added.version} ({added.sha256[:12]}), added by {added.person}; a second person activates it"
    )
    emit(given, added.to_json(), [line])


def diff(given: Namespace) -> None:
    """What changed."""
    with _book(given, given.old, given.new) as book:
        found = book.diff(given.old, given.new)
    emit(given, {"changes": [each.to_json() for each in found]}, [each.words for each in found] or ["No difference."])


def test(given: Namespace) -> int:
    """Exit status 0 only if there are tests and all pass."""
    with _book(given, given.policy) as book:
        policy, results = book.test(given.policy)
    passed = sum(each.passed for each in results)
    lines = [f"{'passed' if each.passed else 'FAILED'}  {each.name}" for each in results]
    lines = [line for each, line in zip(results, lines, strict=True) for line in (line, *_indented(each.problems))]
    lines.append(f"{policy.name} {policy.version}: {passed} of {len(results)} tests pass")
    data = {"policy": policy.name, "version": policy.version, "sha256": policy.sha256}
    ok = bool(results) and passed == len(results)
    emit(given, {**data, "ok": ok, "passed": passed, "tests": [each.to_json() for each in results]}, lines)
    return 0 if ok else 1


def _indented(problems: tuple[str, ...]) -> list[str]:
    return [f"        {problem}" for problem in problems]


def activate(given: Namespace) -> None:
    """Put a version in force."""
    from app.cli.session import open_desk

    with open_desk(given) as desk:
        policy = desk.policies.activate(given.policy, given.note, given.by)
        person = given.by or desk.person
    data = {"policy": policy.name, "version": policy.version, "sha256": policy.sha256, "activated_by": person}
    emit(given, data, [f"{policy.name} {policy.version} ({policy.sha256[:12]}) is in force, activated by {person}"])


def simulate(given: Namespace) -> None:
    """What a version would have said of the past cases."""
    from app.cli.session import open_desk
    from app.domain.simulation import Period

    period = Period(_day(given.since, "since"), _day(given.until, "until"))
    with open_desk(given) as desk:
        lgd_pct = _percent(given.lgd_pct)
        found = desk.policies.simulate(given.policy, given.against, lgd_pct, terminal_progress(), period)
    data = found.to_json()
    emit(given, data, _simulation_lines(data))


def _simulation_lines(data: dict[str, Any]) -> list[str]:
    shown = ("approvals", "referrals", "declines", "approval_rate", "observed", "bad", "bad_rate", "expected_loss")
    rows: list[tuple[str, ...]] = [("", f"{data['against']['version']} (active)", data["version"])]
    for name in shown:
        rows.append((name.replace("_", " "), *(_told(data[side][name]) for side in ("active", "candidate"))))
    lines = table(rows)
    for change in data["changes"]:
        ids = ", ".join(change["cases"][:5]) + (", …" if change["count"] > 5 else "")
        lines.append(f"{change['from']} → {change['to']}: {change['count']:,} ({ids})")
    unscored = f"; {data['unscored']:,} without a score left out" if data["unscored"] else ""
    speed = f"{data['cases_per_second']:,} a second" if data["cases_per_second"] else "none"
    return [*lines, f"{data['cases']:,} cases in {data['seconds']:.2f} s ({speed}){unscored}"]


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{amount} {code}" for code, amount in value.items()) or "–"
    return "–" if value is None else str(value)


def _day(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as exc:
        raise InputError(option, f"--{option} is no date: {text!r}.", remedy="Write it as 2026-01-31.") from exc


def _percent(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= 100:
        raise InputError("lgd-pct", f"--lgd-pct is no percentage: {text!r}.", remedy="Give 0 to 100, such as 45.")
    return value


def offers(given: Namespace) -> None:
    """The offer grid of a case."""
    from app.cli.session import open_desk

    with open_desk(given) as desk:
        amounts = [_amount(text) for text in given.amount]
        found = desk.policies.offers(desk.case_id(given.case), amounts, given.term_months)
    grid, data = found.grid, found.to_json()
    rows: list[tuple[str, ...]] = [("", *(f"{term} months" for term in grid.terms))]
    for amount in grid.amounts:
        cells = [grid.at(amount, term) for term in grid.terms]
        rows.append((f"{amount:,.2f}", *(_cell(cell) for cell in cells)))
    lines = table(rows)
    for limit in grid.limits:
        largest = f"{limit.offer.amount:,.2f} {grid.currency}" if limit.offer else "nothing fits"
        lines.append(f"{limit.term_months} months: {largest}, bound by {limit.bound_by or 'nothing known'}")
    emit(given, data, lines)


def _cell(cell: Any) -> str:
    if not cell.fits:
        return "– " + (cell.reasons[0].clause if cell.reasons else "")
    return f"{cell.price.rate_pct} % {cell.price.instalment:,.2f}" if cell.price else ""


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation as exc:
        raise InputError("amount", f"--amount is not a number: {text!r}.", remedy="Write it as 12000.00.") from exc
