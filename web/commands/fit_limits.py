"""Find another city's limits in its due times."""

from __future__ import annotations

import argparse
from pathlib import Path

DESCRIPTION = """Fit one limit for each type of the requests of a file, by the other city's calendar
(processes/replay/boston/calendar.csv), and say how many of its due times come out within a minute, and why the others do not. Needs
no database."""


def main(arguments: list[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="liandong fit-limits", description=DESCRIPTION)
    parser.add_argument("file", type=Path)
    parser.add_argument("--write", type=Path, metavar="CSV", help="write the fitted limits there")
    parser.add_argument("--shipped", action="store_true", help="count by the limits that ship instead")
    given = parser.parse_args(arguments)
    from web.replay import fitting
    from web.replay.rows import Request, read

    requests = [row for row in read(given.file) if isinstance(row, Request)]
    city = fitting.calendar()
    found = fitting.fit(requests, city)
    limits = fitting.read() if given.shipped else {kind: each.limit for kind, each in found.items()}
    report = fitting.compare(requests, city, limits)
    print(f"{'types':<18}{len(limits)}")
    print(f"{'due times':<18}{report.compared}")
    print(f"{'within a minute':<18}{report.matched}  ({report.share:.2%})")
    often = [each for each in found.values() if each.requests >= fitting.FEW]
    print(
        f"{'of types with':<18}{fitting.FEW} requests or more: {sum(e.matched for e in often) / max(1, sum(e.requests for e in often)):.2%}"
    )
    for why, count in report.misses.most_common():
        print(f"  missed {count:>4}  {fitting.MISSES[why][1]}")
    if given.write is not None:
        fitting.write(found, given.write)
    return 0
