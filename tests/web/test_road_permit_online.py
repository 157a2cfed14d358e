"""The permit to dig a road up, as it is shipped, applied for by somebody without an account: what meets it shows before it is sent, what is
missing is supplied with the code, the certificate verifies, and who applied stands nowhere."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from engine import certificates
from engine.public import codes
from engine.tables import application, metadata
from tests.stories import permits
from tests.stories.permits import do, facts, granted, nodes
from tests.web.visitor import Forms, Visit, words
from web.city import City

PAGE = "/apply/excavation_permit"
NAME, PHONE = "欧阳金丝雀", "13912340000"
SAID = {
    **permits.APPLIED,
    "contact": NAME,
    "phone": PHONE,
    "title": "燃气支管改造",
    "purpose": "gas",
    "begins_m": "120",
    "ends_m": "180",
}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_from_the_form_to_the_certificate(visit: Visit, city: City) -> None:
    granted(city)  # somebody digs there already
    citizen = visit()
    page = citizen.get(PAGE).text
    assert "20 个工作日" in words(page)
    look = citizen.submit(PAGE, PAGE, **SAID)
    assert "K0+100 至 K0+140" in words(look.text), words(look.text)
    assert "江汉路给水管改造" not in look.text  # when and where, not whose
    carried = Forms(look.text).of(PAGE)
    assert carried is not None
    receipt = citizen.post(PAGE, {**carried, "confirmed": "1"})
    code = re.search(r'name="code" value="(\w{28})"', receipt.text)
    assert code, words(receipt.text)
    city.run_due()
    with city.core.db.read() as connection:
        found = connection.execute(select(application.c.instance_id, application.c.code_hash)).one()
    assert found.code_hash == codes.hash_of(code[1])
    case = found.instance_id
    assert len(facts(city, case)["overlaps"]) == 1
    do(city, case, "Accept", accept_decision="supplement", missing="燃气公司同意文件")
    citizen.submit("/public/follow", "/public/follow", code=code[1])
    told = citizen.get("/application").text
    assert "燃气公司同意文件" in words(told)
    task = re.search(r"/application/tasks/\d+", told)
    assert task
    assert citizen.submit(task[0], task[0], supplement_note="已附").location == "/application"
    city.run_due()
    if "Accept" in nodes(city, case):
        do(city, case, "Accept")
    assert {"MunicipalReview", "TrafficReview"} <= set(nodes(city, case))
    do(city, case, "MunicipalReview", overlap_decision="combine", overlap_note="与给水管合并施工")
    do(city, case, "TrafficReview")
    do(city, case, "Decide", "Issue")
    (row,) = certificates.of_instance(city.core, case)
    page = citizen.get("/application").text
    assert row["number"] in page
    assert citizen.get(f"/application/certificates/{row['id']}.pdf").data.startswith(b"%PDF")
    anybody = visit()
    assert SAID["applicant"] in anybody.get(f"/verify/{row['number']}?code={certificates.code_of(row)}").text
    assert row["number"] in anybody.get("/permits?q=" + row["number"]).text
    assert "K0+120 至 K0+180" in words(anybody.get("/permits/map?q=江汉路&from=2026-07-01").text)
    with city.core.db.read() as connection:
        tables = [t for t in metadata.sorted_tables if t.name != "blob"]
        kept = "".join(str(each) for t in tables for each in connection.execute(select(t)))
    assert not [said for said in (NAME, PHONE, code[1]) if said in kept]


def test_the_applicant_withdraws_while_it_is_judged(visit: Visit, city: City) -> None:
    citizen = visit()
    carried = Forms(citizen.submit(PAGE, PAGE, **SAID).text).of(PAGE)
    assert carried is not None
    receipt = citizen.post(PAGE, {**carried, "confirmed": "1"})
    code = re.search(r'name="code" value="(\w{28})"', receipt.text)
    assert code
    city.run_due()
    with city.core.db.read() as connection:
        case = connection.execute(select(application.c.instance_id)).scalar_one()
    citizen.submit("/public/follow", "/public/follow", code=code[1])
    do(city, case, "Accept")
    citizen.submit("/application", "/application/ask", text="不做了")
    city.run_due()
    assert city.instance(case)["outcome"] == "EndWithdrawn"


def test_who_applies_is_told_what_was_found(visit: Visit, city: City) -> None:
    """条例 33 (3 years after an overhaul), an event, a stretch longer than its road; a clean application is told nothing of the sort."""
    told = {
        "moratorium": ({"segment": "qianyang-3"}, {"大修道路竣工后 3 年内，不得挖掘", "2028-03-28"}),
        "event": ({"start_on": "2026-06-20", "finish_on": "2026-06-25"}, {"处于活动禁挖期", "龙虾节"}),
        "outside": ({"begins_m": "600", "ends_m": "800"}, {"起止米数超出该路段长度"}),
        "clean": ({"begins_m": "300", "ends_m": "340"}, set[str]()),
    }
    every = set[str]().union(*(said for _, said in told.values()))
    found, english, at_once = {}, {}, {}
    for name, (other, _) in told.items():
        citizen = visit()
        carried = Forms(citizen.submit(PAGE, PAGE, **{**SAID, **other}).text).of(PAGE)
        assert carried is not None, name
        receipt = citizen.post(PAGE, {**carried, "confirmed": "1"}).text
        code = re.search(r'name="code" value="(\w{28})"', receipt)
        assert code
        city.run_due()
        citizen.submit("/public/follow", "/public/follow", code=code[1])
        page = words(citizen.get("/application").text)
        found[name] = {each for each in every if each in page}
        at_once[name] = {each for each in every if each in words(receipt)}
        citizen.submit("/application", "/language", locale="en")
        english[name] = words(citizen.get("/application").text)
    assert found == {name: said for name, (_, said) in told.items()}
    assert at_once == {"moratorium": {"2028-03-28"}, "event": {"龙虾节"}, "outside": set(), "clean": set()}
    assert "Within 3 years of an overhaul: no digging (art. 33)" in english["moratorium"]
    assert "Crayfish festival (2026-06-18 to 2026-06-22)" in english["event"]
    assert "龙虾节" not in english["event"]
    assert "Found by the system" not in english["clean"]
