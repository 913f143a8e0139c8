"""The man page, written from the parser of the command line, so that it tells what the program takes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator


def man_page(parser: argparse.ArgumentParser, version: str, day: str) -> str:
    """``caseworth(1)`` in roff; ``day`` as ISO 8601."""
    lines = [
        f'.TH CASEWORTH 1 "{day}" "Caseworth {version}" "User Commands"',
        ".SH NAME",
        f"caseworth \\- {_escaped(_summary(parser))}",
        ".SH SYNOPSIS",
        ".B caseworth",
        "[\\fIOPTION\\fR]... \\fICOMMAND\\fR [\\fIARGUMENT\\fR]...",
        ".SH DESCRIPTION",
        _escaped(parser.description or ""),
        ".SH OPTIONS",
        *_arguments(parser),
        ".SH COMMANDS",
    ]
    for path, command in _commands(parser, ""):
        lines += [f".SS {_escaped(path)}", _escaped(_sentence(command.description or "")), *_arguments(command)]
    lines += [
        ".SH ENVIRONMENT",
        *_named("CASEWORTH_WORKSPACE", "The workspace where --workspace does not name one."),
        *_named("CASEWORTH_PASSPHRASE_FILE", "A file whose first line is the passphrase of the workspace."),
        *_named("CASEWORTH_MODELS", "The folder of further language models, with its models.toml."),
        *_named("CASEWORTH_SPEECH", "The folder of the model that recognises recordings."),
        *_named("CASEWORTH_SCORECARDS", "The folder of scorecards that are found by name."),
        ".SH EXIT STATUS",
        *_named("0", "Done."),
        *_named("1", "What was given cannot be used, or a package does not verify."),
        *_named("2", "Wrong usage."),
        *_named("3", "The machine lacks something."),
        *_named("130", "Cancelled."),
        ".SH FILES",
        *_named(
            "~/.local/share/caseworth", "The user's own workspace and models, under $XDG_DATA_HOME where it is set."
        ),
    ]
    return "\n".join(lines) + "\n"


def _summary(parser: argparse.ArgumentParser) -> str:
    return re.split(r"[.:]", (parser.description or "").replace("The ", "the ", 1))[0]


def _sentence(text: str) -> str:
    return (
        text[:1].upper()
        + text[1:]
        + ("" if text.endswith((".", "")) and not text else "" if text.endswith(".") else ".")
    )


def _commands(parser: argparse.ArgumentParser, above: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that does something, by its whole name."""
    for action in parser._actions:  # noqa: SLF001 (argparse has no other way to walk)
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, command in action.choices.items():
                path = f"{above} {name}".strip()
                below = list(_commands(command, path))
                yield from below or [(path, command)]


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    """What a command takes; the options that all take are told once, at the top."""
    common = {"--help", "--workspace", "--json", "--debug-sql"} if parser.prog != "caseworth" else set()
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction) or common & set(action.option_strings):  # noqa: SLF001
            continue
        if action.help is argparse.SUPPRESS:
            continue
        value = "" if action.nargs == 0 else _value(action)
        term = ", ".join(f"{option} {value}".strip() for option in action.option_strings) or value
        yield from _named(term, _told(parser, action))


def _value(action: argparse.Action) -> str:
    if action.metavar is not None:
        return str(action.metavar)
    return "|".join(str(choice) for choice in action.choices) if action.choices else action.dest.upper()


def _told(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    text = (action.help or "") % {**vars(action), "prog": parser.prog} if action.help else ""
    return _sentence(text) if text else ""


def _named(term: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield f"\\fB{_escaped(term)}\\fR"
    yield _escaped(text) or "\\&"


def _escaped(text: str) -> str:
    """Safe in roff: no line begins a request, hyphens are those that are typed."""
    safe = re.sub(r"\s+", " ", text).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe
