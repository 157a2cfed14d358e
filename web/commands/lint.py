"""Judge BPMN and form files."""

from __future__ import annotations

import argparse
from pathlib import Path

DESCRIPTION = """A line for each problem: `file:line: element: sentence`. Give the files of a bundle together (a folder is taken with
all BPMN and JSON files in it); a diagram given alone is judged with the forms beside it, or those shipped for it,
and so are their errors told, for which it would not be taken."""


def main(arguments: list[str]) -> int:
    """Exit code 1 if any file has an error, 0 if there are only warnings or nothing to say."""
    from engine.bpmn.lint import lint
    from engine.bpmn.problems import Severity
    from web.commands.bundles import companions, named
    from web.setting_up import shipped_registers

    parser = argparse.ArgumentParser(prog="liandong lint", description=DESCRIPTION)
    parser.add_argument("file", nargs="+", type=Path)
    parser.add_argument("--zh", action="store_true", help="in Chinese")
    given = parser.parse_args(arguments)
    files = named(given.file)
    found = lint({**files, **companions(files)}, registers=shipped_registers())
    problems = [p for p in found if p.file in files or p.severity is Severity.ERROR]
    for problem in problems:
        warning = "" if problem.severity is Severity.ERROR else "warning: "
        file, _, rest = problem.line_for("zh" if given.zh else "en").partition(f"{problem.element or '-'}: ")
        print(f"{file}{problem.element or '-'}: {warning}{rest}")
    return 1 if any(p.severity is Severity.ERROR for p in problems) else 0
