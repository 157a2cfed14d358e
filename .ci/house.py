"""House rules that no linter knows. Each says what is wrong, where, and why it matters. `./run check` runs them."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README_LINES = 150


def main() -> int:
    problems = [problem for rule in (locks_hold_no_addresses, readme_is_short) for problem in rule()]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def locks_hold_no_addresses() -> Iterator[str]:
    why = "lock files name no download address, so that any mirror serves; write them with ./run lock"
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"://|^--?(index|extra-index|find-links|i\b)", line):
                yield f"{path.relative_to(ROOT)}:{number}: {why}"
    lock = ROOT / "web" / "frontend" / "package-lock.json"
    for name, package in json.loads(lock.read_text())["packages"].items():
        if "resolved" in package:
            yield f"{lock.relative_to(ROOT)}: {name}: {why}"


def readme_is_short() -> Iterator[str]:
    lines = len((ROOT / "README.md").read_text().splitlines())
    if lines >= README_LINES:
        yield f"README.md: {lines} lines; under {README_LINES}, so that a stranger reads it: move detail to a package's README"


if __name__ == "__main__":
    sys.exit(main())
