"""A closed assessment is handed in: prepared, reviewed, sent back once, signed, received; by four people."""

from __future__ import annotations

import pytest

from engine import files
from engine.errors import NotAllowed
from tests.factories import only_task
from web.city import City

SUPERVISOR, HEAD, ASSESSOR = "yuhaiyan", "jiaxinhua", "yuanzhigang"


def test_prepared_reviewed_signed_and_received(city: City) -> None:
    paper = files.accept(city.core, "报告.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    facts = {
        "title": "2026年5月考核报告",
        "edition": "2026-05/1",
        "edition_hash": "sha256:x",
        "report_file": [paper.id],
    }
    with pytest.raises(NotAllowed):
        city.start("assessment_report", facts, "lijianguo", accepted=[paper])
    case = city.start("assessment_report", facts, SUPERVISOR, accepted=[paper])
    city.complete(only_task(city, case), {"review_decision": "return", "review_note": "请补充说明"}, HEAD)
    assert only_task(city, case).node == "Prepare"
    city.complete(
        only_task(city, case), {**{k: facts[k] for k in ("title", "report_file")}, "prepare_note": "已补充"}, SUPERVISOR
    )
    city.complete(only_task(city, case), {"review_decision": "agree"}, HEAD)
    assert only_task(city, case).node == "Sign"
    city.complete(only_task(city, case), {"sign_decision": "agree"}, head_of_the_bureau(city))
    city.complete(only_task(city, case), {"received_on": "2026-06-08"}, ASSESSOR)
    row = city.instance(case)
    assert (row["status"], row["outcome"]) == ("completed", "EndReceived")
    assert row["facts"]["edition"] == "2026-05/1"


def head_of_the_bureau(city: City) -> str:
    """Who heads the bureau that signs."""
    from sqlalchemy import select  # noqa: PLC0415

    from engine.tables import membership, person, unit  # noqa: PLC0415

    with city.core.db.read() as connection:
        query = (
            select(person.c.login)
            .join(membership, membership.c.person_id == person.c.id)
            .join(unit, unit.c.id == membership.c.unit_id)
            .where(unit.c.key == "city_management_bureau", membership.c.post_key == "unit_head")
        )
        login: str = connection.execute(query).scalars().first() or ""
    return login
