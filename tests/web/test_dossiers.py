"""The page of a dossier and its two files: for whom, and that each is recorded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from engine.audit import signing
from engine.clock import ManualClock
from engine.tables import audit, recusal, unit
from escalation import dossier
from escalation.dossier import paper
from tests.db.test_dossier import KEYS, worked
from tests.factories import COLLECTOR, HANDLER, LEADER
from tests.web.visitor import Visit
from web.city import City

SUPERVISOR = "wangjianjun"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what is in it is asked of both in tests/db/test_dossier.py


def test_the_page_and_its_files(city: City, clock: ManualClock, visit: Visit) -> None:
    case = worked(city, clock)
    clock.advance(timedelta(minutes=1))
    made = dossier.make(city.core, case)
    leader = visit(LEADER)
    assert f"/cases/{case}/dossier" in leader.get(f"/cases/{case}").text
    page = leader.get(f"/cases/{case}/dossier").text
    assert made.hash in page
    data = leader.get(f"/cases/{case}/dossier.json?event={made.event}")
    assert (data.data, data.mimetype) == (made.content, "application/json")
    assert dossier.verify(data.data, KEYS).good
    pdf = leader.get(f"/cases/{case}/dossier.pdf")
    assert pdf.mimetype == "application/pdf"
    assert paper.attached(pdf.data) == made.content
    with city.core.db.read() as connection:
        rows = connection.execute(select(audit.c.about, audit.c.data).where(audit.c.kind == "dossier_made")).all()
    assert [(r.about, r.data["hash"], r.data["form"]) for r in rows] == [
        (f"case:{case}", made.hash, "json"),
        (f"case:{case}", made.hash, "pdf"),
    ]
    assert leader.get(f"/cases/{case}/dossier.json?event=77").status_code in (400, 422)
    assert signing.signer().id in page


def test_not_for_who_handles_it_nor_for_whom_it_is_about(city: City, clock: ManualClock, visit: Visit) -> None:
    case = worked(city, clock)
    for ending in ("", ".json", ".pdf"):
        assert visit(HANDLER).get(f"/cases/{case}/dossier{ending}").status_code == 403
        assert visit(COLLECTOR).get(f"/cases/{case}/dossier{ending}").status_code == 403
        assert visit(LEADER).get(f"/cases/{case + 1}/dossier{ending}").status_code == 404
    assert "/dossier" not in visit(HANDLER).get(f"/cases/{case}").text
    with city.core.db.write() as connection:
        centre = connection.execute(select(unit.c.id).where(unit.c.key == "supervision_centre")).scalar_one()
        connection.execute(insert(recusal).values(instance_id=case, unit_id=centre))
    assert visit(LEADER).get(f"/cases/{case}/dossier").status_code == 404
