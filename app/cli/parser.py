"""The commands and their options. Nothing heavy is imported here: a command imports what it needs when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from app import __version__

OUTCOMES = ("approve", "decline", "refer", "counter-offer")


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="caseworth",
        description="The credit underwriter's desk: from an applicant's files to a signed decision, offline.",
        epilog="The workspace is --workspace, else $CASEWORTH_WORKSPACE, else the user's own. Its passphrase, where "
        "the system keyring does not hold the key, is asked for or read from the file in $CASEWORTH_PASSPHRASE_FILE.",
    )
    parser.add_argument("--version", action="version", version=f"caseworth {__version__}")
    _common(parser, top=True)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _desk(commands)
    _files(commands)
    _cases(commands)
    _decisions(commands)
    return parser


def _lazy(module: str, name: str) -> Callable[[argparse.Namespace], int | None]:
    def command(given: argparse.Namespace) -> int | None:
        result: int | None = getattr(import_module(f"app.cli.{module}"), name)(given)
        return result

    return command


def _common(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """Options every command takes, before or after its name."""
    absent: Any = None if top else argparse.SUPPRESS
    parser.add_argument("--workspace", metavar="DIR", type=Path, default=absent, help="the workspace's folder")
    parser.add_argument(
        "--json", action="store_true", default=False if top else argparse.SUPPRESS, help="print one JSON object"
    )
    parser.add_argument(
        "--debug-sql",
        action="store_true",
        default=False if top else argparse.SUPPRESS,
        help="print every statement with its time on stderr",
    )


def _add(commands: Any, name: str, module: str, function: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    _common(parser)
    parser.set_defaults(command=_lazy(module, function))
    return parser


def _desk(commands: Any) -> None:
    desk = _add(commands, "desk", "desk", "desk", "open the window")
    desk.add_argument("--screenshots", metavar="DIR", type=Path, help="render each main screen to PNG there, and end")
    demo = _add(
        commands, "demo", "demo", "demo", "build a demo workspace with signed packages, then open the window on it"
    )
    demo.add_argument("--headless", action="store_true", help="render the screens to PNG instead of opening the window")
    demo.add_argument("--no-model", action="store_true", help="draft the six sample reports by rule alone")
    _add(commands, "doctor", "desk", "doctor", "say what this machine has and lacks")
    init = _add(commands, "init", "desk", "init", "make a workspace")
    init.add_argument("dir", metavar="DIR", type=Path, nargs="?", help="a new or empty folder")
    init.add_argument("--person", metavar="NAME", help="who works and signs here (default: the user's login name)")
    init.add_argument("--role", default="underwriter", help="the person's role in the policy's authority table")
    init.add_argument(
        "--no-keyring", action="store_true", help="protect the key by a passphrase even where a keyring works"
    )


def _files(commands: Any) -> None:
    imports = _add(commands, "import", "files", "import_", "import files and folders")
    imports.add_argument("paths", metavar="PATH", type=Path, nargs="+")
    imports.add_argument("--mapping", metavar="FILE", type=Path, help="TOML file: columns of a table to facts")
    imports.add_argument(
        "--rejects", metavar="FILE", type=Path, help="where to write rejected rows (default: beside the table)"
    )
    mapping = _add(commands, "mapping", "files", "mapping", "propose the mapping of a table, as TOML")
    mapping.add_argument("path", metavar="TABLE", type=Path)
    mapping.add_argument("--out", metavar="FILE", type=Path, help="write it there instead of to the screen")
    rejects = _add(
        commands, "rejects", "files", "rejects", "list the rejected rows, export them, or import them repaired"
    )
    rejects.add_argument("--export", metavar="FILE", type=Path, help="write them as CSV")
    rejects.add_argument("--repair", metavar="FILE", type=Path, help="import an exported and corrected CSV")
    read = _add(commands, "read", "files", "read", "read one document without a workspace")
    read.add_argument("path", metavar="FILE", type=Path)


def _cases(commands: Any) -> None:
    cases = _add(commands, "cases", "cases", "cases", "list the cases")
    cases.add_argument("--find", metavar="TEXT", default="", help="in id, reference or applicant")
    cases.add_argument("--status", choices=("new", "scored", "drafted", "decided", "signed"))
    cases.add_argument("--sort", metavar="FIELD", default="id")
    cases.add_argument("--descending", action="store_true")
    cases.add_argument("--limit", metavar="N", type=int)
    show = _add(commands, "show", "cases", "show", "show one case whole")
    show.add_argument("case", metavar="CASE", help="id or reference")
    score = _add(commands, "score", "cases", "score", "score one case or all")
    which = score.add_mutually_exclusive_group(required=True)
    which.add_argument("case", metavar="CASE", nargs="?")
    which.add_argument("--all", action="store_true")
    score.add_argument("--scorecard", metavar="NAME", help="a shipped scorecard's name or a scorecard file")
    draft = _add(commands, "draft", "cases", "draft", "draft the report of one case, or of all by rule")
    drafted = draft.add_mutually_exclusive_group(required=True)
    drafted.add_argument("case", metavar="CASE", nargs="?")
    drafted.add_argument("--all", action="store_true", help="every case not drafted yet, by rule alone")
    draft.add_argument("--model", metavar="NAME", help="the model that words it; 'none' for rule sentences alone")
    draft.add_argument("--seed", metavar="N", type=int, default=0)
    draft.add_argument("--language", choices=("en", "zh"))
    check = _add(commands, "check", "cases", "check", "check a text against a case's facts")
    check.add_argument("case", metavar="CASE")
    check.add_argument("path", metavar="FILE", type=Path)
    confirm = _add(commands, "confirm", "cases", "confirm", "confirm a fact, or correct it")
    confirm.add_argument("case", metavar="CASE")
    confirm.add_argument("fact", metavar="FACT", help="fact id or name")
    confirm.add_argument("--value", help="the right value, if it is another")
    confirm.add_argument("--note", default="", help="why it is another")


def _decisions(commands: Any) -> None:
    opinion = _add(commands, "opinion", "decisions", "opinion", "record a first opinion, before the draft is shown")
    opinion.add_argument("case", metavar="CASE")
    opinion.add_argument("--outcome", choices=OUTCOMES, required=True)
    decide = _add(commands, "decide", "decisions", "decide", "record the decision")
    decide.add_argument("case", metavar="CASE")
    decide.add_argument("--outcome", choices=OUTCOMES, required=True)
    decide.add_argument("--amount", metavar="A")
    decide.add_argument("--term-months", metavar="N", type=int)
    decide.add_argument("--rate-pct", metavar="R")
    decide.add_argument("--condition", metavar="TEXT", action="append", default=[])
    decide.add_argument("--reason", metavar="TEXT", required=True)
    decide.add_argument(
        "--reason-code", metavar="C", action="append", default=[], help="principal reason, at most four"
    )
    decide.add_argument("--override", metavar="TEXT", help="why the policy or authority is overridden")
    export = _add(commands, "export", "decisions", "export", "write the signed package")
    export.add_argument("case", metavar="CASE")
    export.add_argument("--out", metavar="FILE", type=Path, required=True)
    verify = _add(commands, "verify", "decisions", "verify", "verify a package; needs no workspace")
    verify.add_argument("path", metavar="FILE", type=Path)
    verify.add_argument(
        "--trust", metavar="PEM", type=Path, action="append", default=[], help="public key that is trusted"
    )
    key = _add(commands, "key", "decisions", "key", "write the public key that others verify with")
    key.add_argument("--out", metavar="FILE", type=Path)
