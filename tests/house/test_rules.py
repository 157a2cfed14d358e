"""The house rules bite: each is broken here once, on a copy."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["engine", "escalation", "forms", "web"]
NOW = "from datetime import UTC, datetime\n\nSTARTED = datetime.now(UTC)\n"


@pytest.mark.parametrize(
    "path, allowed", [("engine/cases.py", False), ("engine/clock.py", True), ("web/demo.py", False)]
)
def test_only_the_clock_asks_for_the_time(path: str, allowed: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", path, "-"],
        cwd=ROOT, input=NOW, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ("Time comes from engine/clock.py" in done.stdout) is not allowed


@pytest.mark.slow
def test_each_import_contract_can_be_broken(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("frontend", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    sound = lint_imports(tmp_path)
    assert sound
    assert set(sound.values()) == {"KEPT"}
    for path, line in {
        "forms/planted.py": "import engine",
        "engine/planted.py": "import SpiffWorkflow\nimport jsonschema\nimport flask\nimport sklearn",
        "escalation/planted.py": "import apscheduler\nimport apprise",
        "engine/states.py": "import sqlalchemy",
    }.items():
        with (tmp_path / path).open("a") as planted:
            planted.write(f"\n{line}\n")
    assert set(lint_imports(tmp_path).values()) == {"BROKEN"}


def lint_imports(folder: Path) -> dict[str, str]:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(folder)},
    )  # fmt: skip
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)", done.stdout, re.MULTILINE))
    assert verdicts, done.stdout + done.stderr
    return verdicts
