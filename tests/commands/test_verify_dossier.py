"""./run verify-dossier as somebody types it who was handed a file."""

from __future__ import annotations

import base64
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from engine.audit import signing
from engine.clock import ManualClock
from engine.tables import history
from escalation import dossier
from escalation.dossier import paper
from tests.commands.conftest import Run
from tests.conftest import MakeDatabase
from tests.db.test_dossier import worked
from web import fonts
from web.wiring import open_city


def test_it_says_in_words_and_exit_code_whether_a_dossier_is_whole(
    run: Run, make_database: MakeDatabase, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = make_database("sqlite", "city")
    with closing(open_city(url, clock)) as city:
        case = worked(city, clock)
        made = dossier.make(city.core, case)
        file, pdf = tmp_path / "d.json", tmp_path / "d.pdf"
        file.write_bytes(made.content)
        pdf.write_bytes(paper.render(made.content, made.name, fonts.folders()))
        for each in (file, pdf):  # no database is there
            whole = run("verify-dossier", each)
            assert (whole.code, "卷宗完整" in whole.out, made.hash in whole.out) == (0, True, True)
        assert "as it was made" in run("verify-dossier", file, "--language", "en").out

        file.write_bytes(made.content.replace("井盖".encode(), "井圈".encode(), 1))
        broken = run("verify-dossier", file)
        assert (broken.code, "“answers”" in broken.out or "“history”" in broken.out) == (1, True)
        file.write_bytes(made.content)
        content = bytearray(pdf.read_bytes())
        content[len(content) // 8] ^= 1
        (tmp_path / "e.pdf").write_bytes(content)
        assert run("verify-dossier", tmp_path / "e.pdf").code == 1

        signing.publish(tmp_path / "keys", signing.signer().public)
        signing.publish(tmp_path / "others", Ed25519PrivateKey.generate().public_key())
        (own,), (other,) = (tmp_path / "keys").glob("*.pub"), (tmp_path / "others").glob("*.pub")
        assert run("verify-dossier", file, "--key", own).code == 0
        assert run("verify-dossier", file, "--key", other).code == 1

        monkeypatch.setenv("DATABASE_URL", url)
        assert run("verify-dossier", file, "--database").code == 0
        with city.core.db.write() as connection:
            changed = update(history).where(history.c.instance_id == case, history.c.seq == 1).values(node="x")
            connection.execute(changed)
        differs = run("verify-dossier", file, "--database")
        assert (differs.code, "“history”" in differs.out) == (1, True)
    assert run("verify-dossier", tmp_path / "nothing.json").code == 2
    (tmp_path / "k.pub").write_text(base64.b64encode(b"short").decode())
    assert run("verify-dossier", file, "--key", tmp_path / "k.pub").code == 2
