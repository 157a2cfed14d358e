"""The set-up says what is missing in a line that can be run, and does nothing twice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "run"
# Loads ./run without running it, then does what follows.
LOAD = f"import runpy, sys; run = runpy.run_path({str(RUN)!r}, run_name='loaded'); "


def script(then: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOAD + then],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_second_set_up_does_nothing() -> None:
    done = script("run['set_up'](with_tests=True); run['build_pages']()")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_python_without_venv_gets_the_line_that_mends_it(tmp_path: Path) -> None:
    (tmp_path / "ensurepip.py").write_text("raise ImportError")
    then = (
        f"from pathlib import Path; run['make_environment'].__globals__['PYTHON'] = Path({str(tmp_path)!r}, 'none'); "
    )
    done = script(then + "run['make_environment']()", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"apt-get install -y python{version}-venv" in done.stderr


def test_an_environment_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    """It is another clone's."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "kept").touch()
    link = tmp_path / ".venv"
    link.symlink_to(tmp_path / "theirs")
    then = f"from pathlib import Path; own = run['set_up'].__globals__; own['VENV'] = link = Path({str(link)!r}); "
    then += "own['STAMP'] = link / 'stamp'; own['step'] = lambda *a, **k: print('STEP'); run['set_up'](with_tests=True)"
    done = script(then)
    assert done.returncode == 1
    assert ".venv is a symbolic link" in done.stderr
    assert "STEP" not in done.stdout
    assert [each.name for each in link.iterdir()] == ["kept"]


def test_too_old_a_python_is_told_so() -> None:
    done = script("sys.version_info = (3, 9, 2); run['use_a_new_enough_python']()", PATH="/nowhere")
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; this one is 3.9" in done.stderr


@pytest.mark.parametrize(
    "root, line",
    [
        (False, "sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium"),
        (True, "apt-get update"),
    ],
)
def test_no_chromium_is_never_skipped(tmp_path: Path, root: bool, line: str) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\nexit 1\n")
    apt.chmod(0o755)
    then = f"import os; os.geteuid = lambda: {0 if root else 1000}; run['need_a_browser']()"
    done = script(then, LIANDONG_CHROMIUM="/nowhere/chromium", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert line in done.stdout + done.stderr


def test_no_office_program_is_never_skipped_by_the_long_tests(tmp_path: Path) -> None:
    then = "import os; os.geteuid = lambda: 1000; run['need_a_browser'](with_office={})"
    (tmp_path / "apt-get").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "apt-get").chmod(0o755)
    found = {
        "LIANDONG_OFFICE": "/nowhere/soffice",
        "LIANDONG_CHROMIUM": "/bin/sh",
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    assert script(then.format("False"), **found).returncode == 0
    done = script(then.format("True"), **found)
    assert done.returncode == 1
    assert "apt-get install -y --no-install-recommends libreoffice-calc-nogui" in done.stderr
