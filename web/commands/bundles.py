"""Files named on a command line, as bundles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

KINDS = (".bpmn", ".json", ".dmn")


def named(paths: Iterable[Path]) -> dict[str, bytes]:
    """Their contents by path; of a folder every BPMN, DMN and JSON file in it. OSError names a file that cannot be read."""
    found: dict[str, bytes] = {}
    for path in paths:
        inside = sorted(f for f in path.iterdir() if f.suffix.lower() in KINDS) if path.is_dir() else [path]
        for file in inside:
            found[str(file)] = file.read_bytes()
    return found


def companions(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """For each diagram that was named without any form: those beside it, else those shipped under its folder's name; and the decisions
    beside it."""
    from web.wiring import SCHEMAS

    if any(name.endswith(".json") for name in files):
        return {}
    found: dict[str, bytes] = {}
    for name in files:
        diagram = Path(name).resolve()
        if diagram.suffix.lower() != ".bpmn":
            continue
        beside = sorted(diagram.parent.glob("*.json"))
        shipped = sorted((SCHEMAS / diagram.parent.name).glob("*.json"))
        for file in (*(beside or shipped), *sorted(diagram.parent.glob("*.dmn"))):
            found[str(Path(name).parent / file.name)] = file.read_bytes()
    return {name: content for name, content in found.items() if name not in files}
