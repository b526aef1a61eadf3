"""Says how large a project is, and how much it grew since the last time."""

import os
import pathlib

import humanize

WORKSPACE = pathlib.Path(os.environ["DSPATCH_WORKSPACE_DIR"])
# The home is kept, so this is there the next time.
MEMORY = pathlib.Path.home() / "surveyor" / "last"


def files():
    for directory, names, found in os.walk(WORKSPACE):
        names[:] = [name for name in names if not name.startswith(".")]
        yield from (pathlib.Path(directory, name) for name in found)


def main():
    sizes = {path: path.stat().st_size for path in files() if path.is_file()}
    total = sum(sizes.values())
    print(f"{len(sizes)} files, {humanize.naturalsize(total, binary=True)}")
    if MEMORY.exists():
        growth = total - int(MEMORY.read_text())
        print(f"{growth:+} bytes since the last time")
    MEMORY.write_text(str(total))
    largest = sorted(sizes, key=sizes.get, reverse=True)
    for path in largest[: int(os.environ["LARGEST"])]:
        print(f"  {humanize.naturalsize(sizes[path], binary=True):>10}  {path.relative_to(WORKSPACE)}")


if __name__ == "__main__":
    main()
