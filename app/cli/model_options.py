"""The options of ``models …``; nothing heavy is imported here."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Add = Callable[[Any, str, str, str, str], argparse.ArgumentParser]


def add_commands(commands: Any, add: Add) -> None:
    """The commands of the language models of this machine; ``add`` makes one that runs a function."""
    text = "the language models of this machine: bring them in, qualify them, compare them"
    verbs = commands.add_parser("models", help=text, description=text).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    add(verbs, "list", "models", "list_", "list the installed models, and those the desk knows of")
    show = add(verbs, "show", "models", "show", "say what a model's file says of itself; nothing is loaded")
    show.add_argument("model", metavar="NAME|FILE", help="an installed model, or any .gguf file")
    bring = add(verbs, "import", "models", "import_", "take a .gguf file into the models folder")
    bring.add_argument("path", metavar="FILE", type=Path, help="from a disk or a USB stick")
    bring.add_argument("--name", metavar="NAME", help="what to call it (default: its file's name)")
    bring.add_argument("--licence", metavar="TEXT", help="where the file does not say it, or says it wrong")
    bring.add_argument("--style", choices=("frames", "free"), help="how it words (docs/models.md)")
    remove = add(verbs, "remove", "models", "remove", "take a model off the list, and delete its copy")
    remove.add_argument("model", metavar="NAME")
    hardware = add(verbs, "hardware", "models", "hardware", "say what this machine has, and how a model fits it")
    hardware.add_argument("model", metavar="NAME", nargs="?", help="an installed model")
    hardware.add_argument("--measure", action="store_true", help="load it, time it, and keep the result")
    qualify = add(
        verbs, "qualify", "models", "qualify", "try a model on this machine, grade it, and keep the signed record"
    )
    qualify.add_argument("model", metavar="NAME")
    qualify.add_argument("--language", choices=("en", "zh"), action="append", help="only in this one (default: both)")
    compare = add(verbs, "compare", "models", "compare", "have two models word a case side by side; nothing is kept")
    compare.add_argument("one", metavar="A")
    compare.add_argument("other", metavar="B")
    compare.add_argument("--case", metavar="CASE", required=True, help="id or reference")
    compare.add_argument("--language", choices=("en", "zh"), help="of the report (default: the case's)")
