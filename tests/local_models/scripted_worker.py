"""Stands in for the worker process: speaks its protocol, and misbehaves as its argument says.

``good`` answers; ``crash-once MARK`` dies on the first request, ``crash`` on each; ``deaf`` never stops nor hears;
``refuse`` cannot load; ``loading`` takes a minute to; ``mute`` dies before it is ready; ``error`` refuses each
request; ``slow`` streams until it is cancelled.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from pathlib import Path

lines: queue.Queue[str] = queue.Queue()


def say(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def answer(number: int, text: str, stopped: str = "stop") -> None:
    say(id=number, answer={"text": text, "tokens": 2, "seconds": 0.1, "stopped": stopped})


def listen() -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def serve(behaviour: str, message: dict[str, object]) -> None:
    number = int(str(message["id"]))
    if behaviour == "crash" or (behaviour == "crash-once" and not Path(sys.argv[2]).exists()):
        if behaviour == "crash-once":
            Path(sys.argv[2]).write_text("seen")
        say(id=number, token="half a ")
        os._exit(7)
    if behaviour == "error":
        say(id=number, error="The prompt is longer than the model's context.")
        return
    if behaviour == "deaf":
        time.sleep(600)
    if behaviour == "slow":
        while lines.empty():
            say(id=number, token="x ")
            time.sleep(0.01)
        lines.get()
        answer(number, "x x", "cancelled")
        return
    for token in ("Hello ", "there."):
        say(id=number, token=token)
    answer(number, "Hello there.")


def weigh(behaviour: str, message: dict[str, object]) -> None:
    number, asked = int(str(message["id"])), message["weigh"]
    if behaviour == "crash":
        os._exit(7)
    if behaviour == "error":
        say(id=number, error="The model cannot tell the choices apart.")
        return
    assert isinstance(asked, dict)
    count = len(asked["choices"])
    say(id=number, weights=[1 / count] * count)


def main() -> None:
    behaviour = sys.argv[1]
    sys.stdin.readline()
    if behaviour == "mute":
        os._exit(3)
    if behaviour == "loading":
        time.sleep(60)
    if behaviour == "refuse":
        say(fault="llama.cpp cannot load it.")
        return
    say(ready={"runtime": "scripted 1"})
    threading.Thread(target=listen, daemon=True).start()
    while True:
        message = json.loads(lines.get())
        if "weigh" in message:
            weigh(behaviour, message)
        if "word" in message:
            serve(behaviour, message)


main()
