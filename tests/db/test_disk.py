"""The files on disk and the versions in the database are held beside each other, and brought together either way."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine import definitions
from engine.errors import DefinitionRefused, NotFound
from tests.db.test_drafts import DIAGRAM, KEY, drawn, files
from web import disk
from web.city import City
from web.wiring import PROCESSES, SCHEMAS


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # files are the same on both


@pytest.fixture
def folders(tmp_path: Path) -> disk.Folders:
    """A copy of the shipped files."""
    for key in disk.on_disk(disk.Folders(PROCESSES, SCHEMAS)):
        shutil.copytree(PROCESSES / key, tmp_path / "processes" / key)
        if (SCHEMAS / key).exists():
            shutil.copytree(SCHEMAS / key, tmp_path / "forms" / key)
    return disk.Folders(tmp_path / "processes", tmp_path / "forms")


def told(city: City, folders: disk.Folders, *keys: str) -> dict[str, tuple[tuple[str, str], ...]]:
    return {one.key: one.files for one in disk.compared(city.core, folders, keys) if one.files}


def test_what_differs_is_told_and_written(city: City, folders: disk.Folders) -> None:
    assert told(city, folders) == {}
    changed = {**files(), DIAGRAM: drawn("甲"), "more.json": files()["reply.json"]}
    del changed["archive.json"]
    changed[DIAGRAM] = changed[DIAGRAM].replace(b'ref="archive"', b'ref="more"')
    city.deploy(changed)
    (readme,) = (folders.processes / KEY).glob("README.md")
    assert told(city, folders) == {
        KEY: (("archive.json", "only on disk:"), ("more.json", "only deployed:"), (DIAGRAM, "differs:"))
    }
    assert list(disk.write(city.core, folders, disk.compared(city.core, folders))) == [(KEY, 2)]
    assert disk.read(folders, KEY) == dict(sorted(changed.items()))
    assert readme.exists()
    assert told(city, folders) == {}


def test_what_is_on_disk_becomes_versions(city: City, folders: disk.Folders) -> None:
    (folders.processes / KEY / DIAGRAM).write_bytes(drawn("乙"))
    (made,) = disk.load(city.core, folders, disk.compared(city.core, folders), "从磁盘")
    assert (made.key, made.version) == (KEY, 2)
    assert definitions.files_of(city.core, made.id)[DIAGRAM] == drawn("乙")
    assert told(city, folders) == {}
    (folders.processes / KEY / DIAGRAM).write_bytes(b"<broken/>")
    with pytest.raises(DefinitionRefused):
        disk.load(city.core, folders, disk.compared(city.core, folders, [KEY]))
    with pytest.raises(NotFound):
        disk.compared(city.core, folders, ["nothing"])


def test_a_name_that_leads_elsewhere_is_not_written(
    city: City, folders: disk.Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert city.definition(KEY).version == 1  # parsed already: the files below are only written
    monkeypatch.setattr(definitions, "files_of", lambda *_: {**files(), "../../out.json": b"{}"})
    found = disk.compared(city.core, folders, [KEY])
    with pytest.raises(ValueError, match="cannot be the name"):
        list(disk.write(city.core, folders, found))
    assert not (folders.processes.parent.parent / "out.json").exists()
