"""The options of ``inventory …``; nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from app.domain.inventory import PartKind, State


def add_commands(commands: Any, add: Callable[..., Any]) -> None:
    """The verbs and their options; ``add`` makes a parser of one."""
    text = "what can shape a decision: owner, purpose, approval, use, retirement"
    verbs = commands.add_parser("inventory", help=text, description=text).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    listed = add(verbs, "list", "inventory", "list_", "list every part with its state")
    listed.add_argument("--kind", choices=[kind.value for kind in PartKind])
    listed.add_argument("--state", choices=[state.value for state in State])
    listed.add_argument("--in-use", action="store_true", help="those that shape cases that come now")
    show = add(verbs, "show", "inventory", "show", "show one part whole")
    register = add(verbs, "register", "inventory", "register", "say who answers for a part, and what it is for")
    approve = add(verbs, "approve", "inventory", "approve", "approve a part; not its author, nor who registered it")
    retire = add(verbs, "retire", "inventory", "retire", "say that a part is to be used no more, and why")
    for parser in (show, register, approve, retire):
        parser.add_argument("part", metavar="PART", help="kind:name, name@version, or the beginning of its SHA-256")
    for parser in (register, approve, retire):
        parser.add_argument("--person", metavar="NAME", help="who does it (default: the person of the workspace)")
    register.add_argument("--owner", metavar="NAME", required=True)
    register.add_argument("--purpose", metavar="TEXT", required=True)
    approve.add_argument("--valid-from", metavar="DATE", type=date.fromisoformat, help="default: today")
    approve.add_argument("--valid-to", metavar="DATE", type=date.fromisoformat, help="the last day (default: no end)")
    approve.add_argument("--note", metavar="TEXT", default="", help="what the approval rests on")
    retire.add_argument("--reason", metavar="TEXT", required=True)
