"""Stands in for the worker process: speaks its protocol, and misbehaves as its argument says.

``good`` answers; ``crash-once MARK`` dies on the first request, ``crash`` on each; ``deaf`` never stops nor hears;
``refuse`` cannot load; ``loading`` takes a minute to; ``mute`` dies before it is ready, ``exit`` before it has heard
anything; ``error`` refuses each request; ``slow`` streams until it is cancelled; ``says TEXT`` answers that to all;
``reads`` takes the first reading of each grammar, slowly. Those of ``SPOILT`` answer what is no answer, those of
``ENDLESS`` never come to an end (``#`` stands for the number of the request); ``babble`` is spoilt before it is ready.
"""

from __future__ import annotations

import json
import os
import queue
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

SPOILT = {
    "bytes": b"\xff\xfe\x00garbage\x9c\n",
    "words": b"Segmentation fault (core dumped)\n",
    "number": b"3\n",
    "no-answer": b'{"id": #}\n',
    "other-fields": b'{"id": #, "answer": {"words": "So.", "stopped": "stop"}}\n',
    "other-types": b'{"id": #, "answer": {"text": ["So."], "tokens": 1, "seconds": 1, "stopped": "stop"}}\n',
    "unasked-weights": b'{"id": #, "weights": [1.0, 2.0, 3.0]}\n',
    "unasked-cancel": b'{"id": #, "answer": {"text": "", "tokens": 0, "seconds": 0, "stopped": "cancelled"}}\n',
    "other-place": b'{"id": #, "place": 99, "part": {"text": "", "tokens": 0, "seconds": 0, "stopped": "stop"}}\n'
    b'{"id": #, "answer": {"stopped": "stop"}}\n',
    "all-left-out": b'{"id": #, "answer": {"stopped": "stop"}}\n',
    "cut-off": b'{"id": #, "tok',
    "deep": b"[" * 100_000 + b"\n",
}
ENDLESS = {
    "tokens": b'{"id": #, "token": "and "}\n',
    "placed-tokens": b'{"id": #, "place": 0, "token": "and "}\n',
    "strangers": b'{"id": 7777, "token": "and "}\n',
    "one-line": b"x" * 65_536,
}
lines: queue.Queue[str] = queue.Queue()


def say(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def shout(said: bytes, number: int) -> None:
    sys.stdout.buffer.write(said.replace(b"#", str(number).encode()))
    sys.stdout.buffer.flush()


def wording(text: str, stopped: str = "stop") -> dict[str, object]:
    return {"text": text, "tokens": 2, "seconds": 0.1, "stopped": stopped}


def answer(number: int, text: str, stopped: str = "stop") -> None:
    say(id=number, answer=wording(text, stopped))


def listen() -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def misbehave(behaviour: str, number: int) -> bool:
    """Whether the request is settled by that."""
    if behaviour == "crash" or (behaviour == "crash-once" and not Path(sys.argv[2]).exists()):
        if behaviour == "crash-once":
            Path(sys.argv[2]).write_text("seen")
        say(id=number, token="half a ")
        os._exit(7)
    if behaviour == "deaf":
        time.sleep(600)
    if behaviour == "error":
        say(id=number, error="The prompt is longer than the model's context.")
    if behaviour == "slow":
        while lines.empty():
            say(id=number, token="x ")
            time.sleep(0.01)
        lines.get()
        answer(number, "x x", "cancelled")
    if behaviour in SPOILT:
        shout(SPOILT[behaviour], number)
    if behaviour == "cut-off":
        os._exit(0)
    while behaviour in ENDLESS:
        shout(ENDLESS[behaviour], number)
    return behaviour in {"error", "slow", *SPOILT}


def first_reading(grammar: str) -> str:
    """The reading of a frame's grammar that takes each first choice."""
    rule = re.sub(r"\((\"(?:[^\"\\]|\\.)*\")[^()]*\)", r"\1", grammar.removeprefix("root ::= "))
    return "".join(part.replace('\\"', '"') for part in re.findall(r'"((?:[^"\\]|\\.)*)"', rule))


def words_for(behaviour: str, request: dict[str, Any]) -> list[str]:
    text = "Hello there."
    if behaviour == "says":
        text = sys.argv[2]
    if behaviour == "reads":
        text = first_reading(request["grammar"])
    return re.findall(r"\S+\s*", text)


def serve(behaviour: str, number: int, request: dict[str, Any]) -> None:
    words = words_for(behaviour, request)
    for word in words:
        time.sleep(0.002 if behaviour == "reads" else 0)
        say(id=number, token=word)
    answer(number, "".join(words))


def together(behaviour: str, number: int, requests: list[dict[str, Any]]) -> None:
    for place, request in enumerate(requests):
        words = words_for(behaviour, request)
        for word in words:
            say(id=number, place=place, token=word)
        say(id=number, place=place, part=wording("".join(words)))
    say(id=number, answer={"stopped": "stop"})


def weigh(behaviour: str, number: int, asked: dict[str, Any]) -> None:
    if behaviour == "crash":
        os._exit(7)
    if behaviour == "error":
        say(id=number, error="The model cannot tell the choices apart.")
        return
    count = len(asked["choices"])
    say(id=number, weights=[1 / count] * count)


def begin(behaviour: str) -> None:
    """What comes before the first request."""
    if behaviour == "exit":
        os._exit(0)
    sys.stdin.readline()
    if behaviour == "mute":
        os._exit(3)
    if behaviour == "loading":
        time.sleep(60)
    if behaviour == "refuse":
        say(fault="llama.cpp cannot load it.")
        os._exit(0)
    if behaviour == "babble":
        shout(SPOILT["bytes"], 0)
    say(ready={"runtime": "scripted 1"})


def main() -> None:
    behaviour = sys.argv[1]
    begin(behaviour)
    threading.Thread(target=listen, daemon=True).start()
    while True:
        message = json.loads(lines.get())
        number = message["id"]
        if "weigh" in message:
            weigh(behaviour, number, message["weigh"])
        elif misbehave(behaviour, number):
            continue
        elif "together" in message:
            together(behaviour, number, message["together"])
        elif "word" in message:
            serve(behaviour, number, message["word"])


if __name__ == "__main__":
    main()
