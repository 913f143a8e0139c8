"""``opinion``, ``decide``, ``export``, ``verify``, ``key``."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from decimal import Decimal

from app.cli.letters import print_conflicts
from app.cli.output import emit
from app.domain.case import Outcome
from app.errors import InputError


def opinion(given: Namespace) -> None:
    """Record what the underwriter thinks before the draft is shown."""
    from app.cli.session import open_desk

    with open_desk(given) as desk:
        case_id = desk.case_id(given.case)
        desk.record_first_opinion(case_id, Outcome(given.outcome))
    emit(given, {"case": case_id, "first_opinion": given.outcome}, [f"{case_id}: first opinion {given.outcome}"])


_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")


def _decimal(field: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise InputError(field, f"--{field} is not a number: {text!r}.", remedy="Write it as 12000.00.")
    return Decimal(text.strip())


def decide(given: Namespace) -> None:
    """Record the decision within policy and authority."""
    from app.cli.session import open_desk
    from app.usecases.record_decision import RecordDecision
    from app.usecases.show_case import show_case

    with open_desk(given) as desk:
        case_id = desk.case_id(given.case)
        decision = desk.decide(
            RecordDecision(
                case_id=case_id,
                outcome=Outcome(given.outcome),
                amount=_decimal("amount", given.amount),
                term_months=given.term_months,
                rate_pct=_decimal("rate-pct", given.rate_pct),
                conditions=tuple(given.condition),
                reason_text=given.reason,
                reason_codes=tuple(given.reason_code),
                override=given.override,
                despite=given.despite_contradiction,
            )
        )
        against = desk.letters.conflicts(show_case(case_id, desk.workspace))
    lines = [f"{case_id}: {decision.outcome.value} by {decision.person} ({decision.authority})"]
    lines += [f"  {reason.code} {reason.text}" for reason in decision.reasons]
    print_conflicts(against)
    data = {"case": case_id, "decision": decision.to_json(), "contradictions": [each.to_json() for each in against]}
    emit(given, data, lines)


def export(given: Namespace) -> None:
    """Write the signed package of a decided case."""
    from app.cli.session import open_desk
    from app.usecases.show_case import show_case

    with open_desk(given) as desk:
        case_id = desk.case_id(given.case)
        result = desk.export(case_id, given.out)
        against = desk.letters.conflicts(show_case(case_id, desk.workspace))
        warnings = desk.inventory.warnings(case_id)
    print_conflicts(against)
    for warning in warnings:
        print(f"caseworth: {warning}", file=sys.stderr)
    data = {"case": case_id, **result.to_json(), "contradictions": [each.to_json() for each in against]}
    data |= {"inventory_warnings": warnings}
    emit(given, data, [f"{case_id}: signed and written to {given.out}"])


def verify(given: Namespace) -> int:
    """Exit status 0 only if the package is whole and its signatures hold."""
    from app.bootstrap import verify_file

    result = verify_file(given.path, given.trust)
    data = result.to_json()
    lines = [f"{'VALID' if result.valid else 'NOT VALID'}  {given.path}"]
    for signature in data["signatures"]:
        trust = "trusted" if signature["trusted"] else "not among the trusted keys"
        state = "intact" if signature["intact"] else "broken"
        lines.append(f"  signed by {signature['person']} ({signature['role']}), {state}, {trust}: {signature['key']}")
    lines += [f"  {part['name']:24} {part['status']}  {part['detail']}".rstrip() for part in data["parts"]]
    lines += [f"  ! {problem}" for problem in data["problems"]]
    emit(given, data, lines)
    return 0 if result.valid else 1


def key(given: Namespace) -> None:
    """Write or print the signer's public key."""
    from app.cli.session import open_desk

    with open_desk(given) as desk:
        pem = desk.signer.public_key_pem()
        person = desk.person
    if given.out:
        try:
            given.out.write_bytes(pem)
        except OSError as error:
            raise InputError("out", f"{given.out} cannot be written: {error.strerror}.") from error
    emit(
        given,
        {"person": person, "public_key": pem.decode()},
        [f"written to {given.out}"] if given.out else [pem.decode().rstrip()],
    )
