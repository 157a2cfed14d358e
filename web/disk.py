"""Processes on disk: a folder for each with its diagram and tables, and one with its forms; beside the newest versions of a database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import definitions, deployment
from engine.core import Core
from engine.definitions import Definition
from engine.errors import DefinitionRefused, NotFound

_PLAIN = re.compile(r"\w[\w.-]*")
"""A name that is a file's or folder's own, on any system: nothing of a database is written elsewhere."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where diagrams and tables lie, and where forms do."""

    processes: Path
    forms: Path


@dataclass(frozen=True, slots=True)
class Compared:
    """A process: its newest version (0: not deployed), whether it is on disk, and the files that differ, each with whether it is
    `only on disk`, `only deployed` or `differs`."""

    key: str
    version: int
    on_disk: bool
    files: tuple[tuple[str, str], ...]

    def line(self) -> str:
        """What a person reads."""
        if not self.version:
            return f"{self.key}: on disk, not deployed"
        if not self.on_disk:
            return f"{self.key}: version {self.version} is not on disk"
        return f"{self.key}: version {self.version} " + (
            f"differs from disk in {len(self.files)} files" if self.files else "is as on disk"
        )


def compared(core: Core, folders: Folders, keys: Iterable[str] = ()) -> list[Compared]:
    """Every process of the database and the disk, or those named, by key. NotFound: one that is in neither."""
    with core.db.read() as connection:
        newest = definitions.newest_ids(connection)
    known = newest.keys() | on_disk(folders)
    wanted = sorted(set(keys) or known)
    missing = next((key for key in wanted if key not in known), None)
    if missing is not None:
        raise NotFound(what=f"process {missing}")
    return [_compared(core, folders, key, newest.get(key)) for key in wanted]


def on_disk(folders: Folders) -> set[str]:
    """The processes that have a folder with their diagram in it."""
    return {one.name for one in folders.processes.iterdir() if (one / f"{one.name}.bpmn").is_file()}


def read(folders: Folders, key: str) -> dict[str, bytes]:
    """The files of a process on disk; none where it has no folder."""
    found = {f.name: f.read_bytes() for kind in ("bpmn", "dmn") for f in (folders.processes / key).glob(f"*.{kind}")}
    found |= {f.name: f.read_bytes() for f in (folders.forms / key).glob("*.json")}
    return dict(sorted(found.items()))


def write(core: Core, folders: Folders, found: Iterable[Compared]) -> Iterator[tuple[str, int]]:
    """Write the newest versions of those that differ, and take away what they no longer have; answers each with the number of files
    written. A file is there whole or as it was before."""
    for one in found:
        if not one.files:
            continue
        wanted = definitions.files_of(core, definitions.newest(core, one.key).id)
        before = read(folders, one.key)
        targets = _targets(folders, one.key, {**before, **wanted})
        written = 0
        for name, content in wanted.items():
            if before.get(name) != content:
                _put(targets[name], content)
                written += 1
        for name in before.keys() - wanted.keys():
            targets[name].unlink()
        yield one.key, written


def load(core: Core, folders: Folders, found: Iterable[Compared], note: str = "") -> list[Definition]:
    """Deploy those that differ as one bundle each. DefinitionRefused as `engine.deployment.deploy`; those before it are deployed."""
    made: list[Definition] = []
    left = [one for one in found if one.files]
    while left:
        refused: list[tuple[Compared, DefinitionRefused]] = []
        for one in left:
            try:
                made += deployment.deploy(core, read(folders, one.key), note=note or "自磁盘载入 / loaded from disk")
            except DefinitionRefused as error:  # it may call one that comes after it
                refused.append((one, error))
        if len(refused) == len(left):
            raise refused[0][1]
        left = [one for one, _ in refused]
    return made


# ---------------------------------------------------------------- inside


def _compared(core: Core, folders: Folders, key: str, newest: int | None) -> Compared:
    disk = read(folders, key) if _PLAIN.fullmatch(key) else {}
    deployed = definitions.files_of(core, newest) if newest is not None else {}
    version = definitions.get(core, newest).version if newest is not None else 0
    return Compared(key, version, bool(disk), tuple(_differing(disk, deployed)))


def _differing(disk: Mapping[str, bytes], deployed: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for name in sorted({*disk, *deployed}):
        if disk.get(name) != deployed.get(name):
            yield (
                name,
                "only deployed:" if name not in disk else "only on disk:" if name not in deployed else "differs:",
            )


def _targets(folders: Folders, key: str, files: Mapping[str, bytes]) -> dict[str, Path]:
    bad = next((name for name in (key, *files) if not _PLAIN.fullmatch(name)), None)
    if bad is not None:
        raise ValueError(f"{bad!r} cannot be the name of a file")
    return {name: (folders.forms if name.endswith(".json") else folders.processes) / key / name for name in files}


def _put(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.new")
    beside.write_bytes(content)
    beside.replace(target)
