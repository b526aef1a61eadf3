"""Gives each peer a task, waits for the answers and prints them."""

import os
import pathlib
import sys
import time

BOARD = pathlib.Path(os.environ["DSPATCH_WORKSPACE_DIR"]) / "board"
PATIENCE = 30


def ask(peer):
    (BOARD / f"{peer}.answer").unlink(missing_ok=True)
    (BOARD / f"{peer}.task").write_text(os.environ["SUBJECT"])


def answer(peer):
    path = BOARD / f"{peer}.answer"
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > deadline:
            sys.exit(f"{peer} does not answer")
        time.sleep(0.05)
    return path.read_text()


def main():
    peers = os.environ["DSPATCH_PEERS"].split(",")
    for peer in peers:
        ask(peer)
    for peer in peers:
        print(f"{peer}: {answer(peer)}")


if __name__ == "__main__":
    main()
