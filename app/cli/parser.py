"""The commands and their options. Nothing heavy is imported here: a command imports what it needs when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from app import __version__
from app.cli import challenger_options, inventory_options, letters, model_options, policy_options
from app.cli.watching_parser import add_document, add_watching

OUTCOMES = ("approve", "decline", "refer", "counter-offer")
REASONS = ("neutral", "maximum")
DIALECTS = ("duckdb", "postgres", "spark")


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
    _workspace(commands)
    _files(commands)
    _cases(commands)
    _decisions(commands)
    letters.add_commands(commands, _add)
    _scorecards(commands)
    challenger_options.add_commands(commands, _add)
    policy_options.add_commands(commands, _add)
    model_options.add_commands(commands, _add)
    inventory_options.add_commands(commands, _add)
    add_watching(commands, _add)
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
    portable = _add(commands, "portable", "portable", "portable", "put the program on a stick, or renew it there")
    portable.add_argument("folder", metavar="FOLDER", type=Path, help="a new or empty folder, or one that is portable")
    portable.add_argument("--program", metavar="DIR", type=Path, help="folder of the program (default: this one's)")
    init = _add(commands, "init", "desk", "init", "make a workspace")
    init.add_argument("dir", metavar="DIR", type=Path, nargs="?", help="a new or empty folder")
    init.add_argument("--person", metavar="NAME", help="who works and signs here (default: the user's login name)")
    init.add_argument("--role", default="underwriter", help="the person's role in the policy's authority table")
    init.add_argument(
        "--no-keyring", action="store_true", help="protect the key by a passphrase even where a keyring works"
    )


def _workspace(commands: Any) -> None:
    text = "back up the workspace, list its backups, go back to one"
    verbs = commands.add_parser("workspace", help=text, description=text)
    verbs = verbs.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(verbs, "backup", "workspace", "backup", "copy the closed workspace's database and prove the copy")
    _add(verbs, "backups", "workspace", "listed", "list the backups, newest first")
    restore = _add(verbs, "restore", "workspace", "restore", "go back to a backup; the state now is kept as one")
    restore.add_argument("backup", metavar="BACKUP", help="its name, as backups lists it, or its folder")


def _files(commands: Any) -> None:
    imports = _add(commands, "import", "files", "import_", "import files and folders")
    given = imports.add_mutually_exclusive_group(required=True)
    given.add_argument("paths", metavar="PATH", type=Path, nargs="*", default=[])
    given.add_argument("--resume", action="store_true", help="read the documents that wait to be read")
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
    read.add_argument("--model", metavar="NAME", help="the model that points at fields left open; 'none' for none")


def _cases(commands: Any) -> None:
    cases = _add(commands, "cases", "cases", "cases", "list the cases")
    cases.add_argument("--find", metavar="TEXT", default="", help="in id, reference or applicant")
    cases.add_argument("--status", choices=("new", "scored", "drafted", "decided", "signed"))
    cases.add_argument("--sort", metavar="FIELD", default="id")
    cases.add_argument("--descending", action="store_true")
    cases.add_argument("--limit", metavar="N", type=int)
    show = _add(commands, "show", "cases", "show", "show one case whole")
    show.add_argument("case", metavar="CASE", help="id or reference")
    transactions = _add(commands, "transactions", "transactions", "transactions", "list the lines of its statements")
    transactions.add_argument("case", metavar="CASE", help="id or reference")
    transactions.add_argument("--category", metavar="NAME", help="a class or group (docs/transactions.md)")
    transactions.add_argument("--from", dest="first", metavar="DATE", type=date.fromisoformat, help="first day")
    transactions.add_argument("--to", dest="last", metavar="DATE", type=date.fromisoformat, help="last day")
    score = _add(commands, "score", "cases", "score", "score one case or all")
    which = score.add_mutually_exclusive_group(required=True)
    which.add_argument("case", metavar="CASE", nargs="?")
    which.add_argument("--all", action="store_true")
    score.add_argument("--scorecard", metavar="NAME", help="a shipped scorecard's name or a scorecard file")
    score.add_argument("--reasons", choices=REASONS, help="rank reasons by points below neutral or below the most")
    draft = _add(commands, "draft", "cases", "draft", "draft the report of one case, or of all by rule")
    drafted = draft.add_mutually_exclusive_group(required=True)
    drafted.add_argument("case", metavar="CASE", nargs="?")
    drafted.add_argument("--all", action="store_true", help="every case not drafted yet, by rule alone")
    drafted.add_argument("--facts", metavar="CASE.json", type=Path, help="a case in a file; needs no workspace")
    draft.add_argument("--model", metavar="NAME", help="the model that words it; 'none' for rule sentences alone")
    draft.add_argument("--seed", metavar="N", type=int, default=0)
    draft.add_argument("--language", choices=("en", "zh"))
    draft.add_argument(
        "--kind",
        metavar="KIND",
        default="full",
        help="full, memo, committee, counter-offer, decline, or one of the lender's own (default: full)",
    )
    ask = _add(commands, "ask", "asking", "ask", "answer a question from the facts and documents of a case")
    ask.add_argument("case", metavar="CASE", help="id or reference")
    ask.add_argument("question", metavar="QUESTION", help="in plain words, English or Chinese")
    ask.add_argument("--language", choices=("en", "zh"), help="of the answer (default: the question's)")
    check = _add(commands, "check", "cases", "check", "check a text against the facts of a case")
    check.add_argument("case", metavar="CASE", nargs="?")
    check.add_argument("path", metavar="FILE", type=Path)
    check.add_argument("--facts", metavar="CASE.json", type=Path, help="facts in a file; needs no workspace")
    confirm = _add(commands, "confirm", "cases", "confirm", "confirm a fact, or correct it")
    confirm.add_argument("case", metavar="CASE")
    confirm.add_argument("fact", metavar="FACT", help="fact id or name")
    confirm.add_argument("--value", help="the right value, if it is another")
    confirm.add_argument("--note", default="", help="why it is another")
    wish = _add(commands, "wish", "cases", "wish", "hold the limit to the most that the applicant wishes for")
    wish.add_argument("case", metavar="CASE")
    wished = wish.add_mutually_exclusive_group(required=True)
    wished.add_argument("--at-most", metavar="A", help="the amount, in the case's currency")
    wished.add_argument("--none", action="store_true", help="take the wish back")
    classify = _add(commands, "classify", "cases", "classify", "put a document to another kind and read it anew")
    classify.add_argument("case", metavar="CASE")
    classify.add_argument("document", metavar="DOCUMENT", help="its file name, or the beginning of its SHA-256")
    classify.add_argument("kind", metavar="KIND", help="payslip, passport, ... (docs/reading.md), or unknown")


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
    decide.add_argument(
        "--despite-contradiction", metavar="TEXT", help="why it stands although the report contradicts a reason"
    )
    export = _add(commands, "export", "decisions", "export", "write the signed package")
    export.add_argument("case", metavar="CASE")
    export.add_argument("--out", metavar="FILE", type=Path, required=True)
    verify = _add(commands, "verify", "decisions", "verify", "verify a package; needs no workspace")
    verify.add_argument("path", metavar="FILE", type=Path)
    verify.add_argument(
        "--trust", metavar="PEM", type=Path, action="append", default=[], help="public key that is trusted"
    )
    replay = _add(commands, "replay", "replay", "replay", "repeat the draft of a package; needs no workspace")
    replay.add_argument("path", metavar="FILE", type=Path)
    replay.add_argument(
        "--model-folder", metavar="DIR", type=Path, help="where the model is installed (default: the models folder)"
    )
    replay.add_argument("--phrases", metavar="DIR", type=Path, help="the phrase book of then, if it is another")
    key = _add(commands, "key", "decisions", "key", "write the public key that others verify with")
    key.add_argument("--out", metavar="FILE", type=Path)


def _scorecards(commands: Any) -> None:
    text = "score tables by a scorecard, and take scorecards elsewhere; needs no workspace"
    scorecard = commands.add_parser("scorecard", help=text, description=text)
    verbs = scorecard.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _fit_scorecard(verbs)
    _score_table(verbs)
    _scorecard_forms(verbs)
    _register(verbs)
    add_document(verbs, _add)


def _fit_scorecard(verbs: Any) -> None:
    fit = _add(verbs, "fit", "fitting", "fit", "fit a scorecard on a table with known outcomes")
    fit.add_argument("table", metavar="TABLE", type=Path, help="CSV or Parquet")
    fit.add_argument("--target", metavar="COL", required=True, help="the column of the outcome")
    fit.add_argument("--bad", metavar="VALUE", required=True, help="its value that means bad")
    where = fit.add_mutually_exclusive_group(required=True)
    where.add_argument("--name", metavar="NAME", help="keep it in the workspace's register, as a draft")
    where.add_argument("--out", metavar="FILE", type=Path, help="write it to a .json file; needs no workspace")
    fit.add_argument("--exclude", metavar="COL", action="append", default=[], help="a column to leave out")
    fit.add_argument(
        "--keep", metavar="COL=REASON", action="append", default=[], help="keep a column the guards leave out, and why"
    )
    fit.add_argument("--holdout", metavar="SHARE", type=float, default=0.3, help="share of the rows held out; 0: none")
    fit.add_argument("--seed", metavar="N", type=int, default=0)
    fit.add_argument("--monotone", metavar="auto|none|FILE", default="auto", help="trend of the bad rate by column")
    fit.add_argument("--bins", metavar="FILE", type=Path, help="bins and points set by hand, JSON or TOML")
    fit.add_argument("--decided-on", metavar="COL", help="the column with the date of the decision")
    fit.add_argument("--pdo", metavar="N", type=float, default=20.0, help="points that double the odds good:bad")
    fit.add_argument("--base-points", metavar="N", type=int, default=600)
    fit.add_argument("--base-odds", metavar="ODDS", type=float, default=30.0, help="odds good:bad at the base points")
    fit.add_argument("--scorecard-version", metavar="V", default="1.0.0")
    fit.add_argument(
        "--author", metavar="NAME", help="who fits it (default: the workspace's person, or the login name)"
    )
    fit.add_argument("--missing", metavar="WORD", action="append", help="word that means missing, in place of NA etc.")
    fit.add_argument("--challenger", metavar="FILE", type=Path, help="fit a challenger as well, and write it there")


def _score_table(verbs: Any) -> None:
    score = _add(verbs, "score", "scorecards", "score", "score a table by the names of its columns")
    _scorecard_name(score)
    score.add_argument("table", metavar="TABLE", type=Path, help="CSV or Parquet")
    score.add_argument(
        "--out", metavar="FILE", type=Path, required=True, help="where to write the scores: .csv, .parquet"
    )
    score.add_argument("--reasons", choices=REASONS, help="rank reasons by points below neutral or below the most")
    score.add_argument("--reason-points", action="store_true", help="write the lost points of the reasons as well")
    which = score.add_mutually_exclusive_group()
    which.add_argument("--identifier", metavar="COLUMN", help="the column written before the scores")
    which.add_argument("--no-identifier", action="store_true", help="write the scores alone")
    score.add_argument(
        "--missing", metavar="WORD", action="append", help="word that means missing, in place of NA etc."
    )


def _scorecard_forms(verbs: Any) -> None:
    sql = _add(verbs, "sql", "scorecards", "sql", "write the scorecard as one SQL statement")
    _scorecard_name(sql)
    sql.add_argument("--dialect", choices=DIALECTS, default="duckdb")
    sql.add_argument("--table", metavar="NAME", default="applications", help="the table it reads")
    sql.add_argument("--identifier", metavar="COLUMN", action="append", default=[], help="column to give as well")
    sql.add_argument("--out", metavar="FILE", type=Path, help="write it there instead of to the screen")
    pmml = _add(verbs, "pmml", "scorecards", "pmml", "write the scorecard as PMML 4.4")
    _scorecard_name(pmml)
    pmml.add_argument("--out", metavar="FILE", type=Path, required=True)
    imported = _add(verbs, "import", "scorecards", "import_", "read a scorecard in PMML 4.4")
    imported.add_argument("path", metavar="PMML", type=Path)
    imported.add_argument("--out", metavar="FILE", type=Path, required=True, help="the scorecard file to write")
    imported.add_argument(
        "--base-points", metavar="N", type=int, help="of a file that does not say: points at the odds"
    )
    imported.add_argument("--base-odds", metavar="N", type=float, help="good:bad odds at the base points")
    imported.add_argument("--pdo", metavar="N", type=float, help="points that double the odds")


def _register(verbs: Any) -> None:
    _add(verbs, "list", "register", "list_", "list the scorecards with their state")
    add = _add(verbs, "add", "register", "add", "take a scorecard into the workspace, as a draft")
    add.add_argument("scorecard", metavar="NAME", help="a scorecard's name or its .json file")
    approve = _add(verbs, "approve", "register", "approve", "approve a scorecard; not its author")
    use = _add(verbs, "use", "register", "use", "score the cases with an approved scorecard from now on")
    for parser in (approve, use):
        parser.add_argument("scorecard", metavar="NAME", help="name, name@version, or the beginning of its SHA-256")
    approve.add_argument("--person", metavar="NAME", help="who approves (default: the person of the workspace)")
    approve.add_argument(
        "--valid-from", metavar="DATE", type=date.fromisoformat, help="first day of its use (default: today)"
    )
    approve.add_argument("--note", metavar="TEXT", default="", help="what the approval rests on")


def _scorecard_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a scorecard's name or its .json file")
