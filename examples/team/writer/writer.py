"""Writes a sentence about whatever it is asked about, until it is stopped."""

import os
import pathlib
import time

BOARD = pathlib.Path(os.environ["DSPATCH_WORKSPACE_DIR"]) / "board"
KEY = os.environ["DSPATCH_AGENT_KEY"]


def main():
    print(f"{KEY} waits for tasks", flush=True)
    task = BOARD / f"{KEY}.task"
    while True:
        if task.exists():
            subject = task.read_text()
            task.unlink()
            half = BOARD / f"{KEY}.half"
            half.write_text(f"{subject} is a place where nothing breaks outside.")
            half.rename(BOARD / f"{KEY}.answer")
            print(f"wrote about {subject}", flush=True)
        time.sleep(0.05)


if __name__ == "__main__":
    main()
