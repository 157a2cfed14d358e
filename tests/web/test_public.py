"""The public's pages: what is sent, what is told, and what is not."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from engine.public import codes, holding
from engine.tables import attachment, instance, metadata, public_report, setting
from tests.factories import do
from tests.web.visitor import Forms, Visit, Visitor, words

if TYPE_CHECKING:
    from flask import Flask

    from web.city import City

SAID = {
    "topic": "C-01", "title": "路灯不亮", "place": "", "lat": "30.4021", "lon": "112.8993", "contact": "anonymous",
}  # fmt: skip
UNITS = ("自来水", "指挥中心", "监督中心", "李建国", "夏荷香")


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what depends on the database is tested below the pages


@pytest.fixture(autouse=True)
def patient(city: City) -> None:
    set_to(city, "public_hold_seconds", 0)


def set_to(city: City, key: str, value: Any) -> None:
    with city.core.db.write() as connection:
        connection.execute(update(setting).where(setting.c.key == key).values(value=value))


def count(city: City, table: Any) -> int:
    with city.core.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def report(who: Visitor, **said: Any) -> Any:
    return who.submit("/public/report", "/public/report", **{**SAID, **said})


def sent(page: Any) -> dict[str, Any]:
    """What the page that offers cases carries along."""
    found = Forms(page.text).of("/public/report")
    assert found is not None
    return found


def code_of(page: str) -> str:
    found = re.search(r'name="code" value="(\w{28})"', page)
    assert found, words(page)
    return found[1]


def test_a_receipt_is_shown_once_and_opens_the_report(visit: Visit, city: City) -> None:
    citizen = visit()
    sent = {**citizen.form("/public/report", "/public/report"), **SAID}
    first = citizen.post("/public/report", sent)
    code = code_of(first.text)
    assert code_of(citizen.post("/public/report", sent).text) == code  # a double click
    changed = citizen.post("/public/report", {**sent, "title": "井盖缺失", "topic": "C-02"})  # back, and another report
    assert changed.status_code == 409
    assert "这份表单已经提交过" in changed.text
    assert code not in changed.text
    fresh = Forms(changed.text).of("/public/report")
    assert fresh is not None
    assert fresh["ticket"] != sent["ticket"]
    assert fresh["title"] == "井盖缺失"
    assert count(city, instance) == count(city, public_report) == 1
    assert first.headers["Cache-Control"] == "no-store"
    entered = visit().get("/public/case")
    assert entered.location == "/public/follow"
    other = visit()
    assert "没有这个查询码" in other.submit("/public/follow", "/public/follow", code=code[::-1]).text
    answer = other.submit("/public/follow", "/public/follow", code=codes.spaced(code).lower())
    assert answer.location == "/public/case"  # never with the code
    assert code not in str(answer.headers)
    page = other.get("/public/case")
    assert "正在核实" in words(page.text)
    assert code not in page.text
    with city.core.db.read() as connection:
        kept = "".join(
            str(r) for t in metadata.sorted_tables if t.name != "blob" for r in connection.execute(select(t))
        )
    assert code not in kept
    other.submit("/public/case", "/public/leave")
    assert other.get("/public/case").location == "/public/follow"


def test_nothing_is_sent_without_the_pages_own_token_and_ticket(visit: Visit, city: City) -> None:
    citizen = visit()
    form = {**citizen.form("/public/report", "/public/report"), **SAID}
    assert citizen.post("/public/report", {**form, "csrf_token": "x"}).status_code == 400
    stale = citizen.post("/public/report", {**form, "ticket": form["ticket"][:-2] + "xx"})
    assert stale.status_code == 422
    assert "请再提交一次" in stale.text
    assert SAID["title"] in stale.text
    assert count(city, public_report) == 0
    for path in ("/public/case/tell", "/public/case/judge", "/public/leave", "/public/follow"):
        assert citizen.post(path, {}).status_code == 400, path


def test_photos_lose_what_they_say_and_survive_a_refusal(visit: Visit, city: City) -> None:
    exif = Image.Exif()
    exif[0x010F] = "CANARY-MAKER"
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG", exif=exif)
    citizen = visit()
    form = citizen.form("/public/report", "/public/report")
    files = {"photos": [(io.BytesIO(out.getvalue()), "现场.jpg")]}
    refused = citizen.post("/public/report", {**form, **SAID, **files, "title": ""})
    assert refused.status_code == 422
    kept = re.search(r'name="_kept.photos" value="([^"]+)"', refused.text)
    assert kept
    other = visit()  # a word for a file is worth nothing to somebody else
    other.post(
        "/public/report",
        {**other.form("/public/report", "/public/report"), **SAID, "_kept.photos": kept[1], "lat": "30.41"},
    )
    assert count(city, attachment) == 0
    code = code_of(citizen.post("/public/report", {**form, **SAID, "_kept.photos": kept[1]}).text)
    citizen.submit("/public/follow", "/public/follow", code=code)
    source = re.search(r"/public/case/photos/\w+", citizen.get("/public/case").text)
    assert source
    picture = citizen.get(source[0])
    assert picture.mimetype == "image/jpeg"
    assert b"CANARY" not in picture.data
    assert visit().get(source[0]).status_code == 404
    svg = {"photos": [(io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "a.jpg")]}
    assert report(visit(), **svg).status_code == 422


def test_who_reported_stands_on_no_page(visit: Visit, city: City) -> None:
    citizen = visit()
    code = code_of(report(citizen, contact="named", reporter_name="金丝雀", reporter_phone="13912345678").text)
    citizen.submit("/public/follow", "/public/follow", code=code)
    pages = [citizen.get("/public/case").text]
    with city.core.db.read() as connection:
        case = connection.execute(select(instance.c.id)).scalar_one()
    for login in ("zhouxiaoyan", "hejianping", "sunguoqing"):
        desk = visit(login)
        pages += [
            desk.get(path).text for path in (f"/cases/{case}", f"/cases/{case}/print", "/cases", "/public-reports")
        ]
    assert not [1 for page in pages if "金丝雀" in page or "13912345678" in page]


def test_the_public_learns_neither_units_nor_people(visit: Visit, city: City) -> None:
    citizen = visit()
    code = code_of(report(citizen).text)
    citizen.submit("/public/follow", "/public/follow", code=code)
    with city.core.db.read() as connection:
        case = connection.execute(select(instance.c.id)).scalar_one()
    desk = visit("zhouxiaoyan")
    asked = desk.submit(f"/cases/{case}", f"/cases/{case}/reporter", text="哪一盏灯？", kind="question")
    assert asked.status_code == 303
    for node in ("Verify", "File", "Dispatch", "SignFor"):
        do(city, case, node)
        page = citizen.get("/public/case").text
        assert not [name for name in (*UNITS, "周小燕") if name in page], node
    assert "哪一盏灯？" in page
    assert "承办单位" not in words(page)
    set_to(city, "public_shows_units", value=True)
    assert "承办单位：" in words(citizen.get("/public/case").text)


def test_a_trap_holds_a_report_and_the_office_decides(visit: Visit, city: City) -> None:
    citizen = visit()
    receipt = report(citizen, website="http://spam.example")
    assert "已收到您的上报" in receipt.text  # nobody learns what is looked at
    assert count(city, instance) == 0
    desk, stranger = visit("zhouxiaoyan"), visit("lvshuhua")
    assert "疑似程序自动填写" in desk.get("/public-reports").text
    assert stranger.get("/public-reports").status_code == 403
    (held,) = holding.waiting(city.core, city.actor("zhouxiaoyan"))
    where = f"/public-reports/{held.instance_id}"
    for act in ("release", "refuse"):
        token = stranger.form("/", "/logout")["csrf_token"]
        assert stranger.post(f"{where}/{act}", {"csrf_token": token, "reason": "x"}).status_code == 403
    released = desk.submit("/public-reports", f"{where}/release")
    assert released.location == f"/cases/{held.instance_id}"
    assert "审核后放行" in desk.get(released.location).text


def test_a_case_nearby_is_offered_without_what_another_wrote(visit: Visit, city: City) -> None:
    report(visit(), title="欧阳家门口的灯", place="欧阳家门口")
    citizen = visit()
    offered = report(citizen)
    assert "附近已有类似的上报" in offered.text
    assert "欧阳" not in offered.text
    assert count(city, public_report) == 1
    form = sent(offered)
    (word,) = re.findall(r'name="same" value="([^"]+)">\s*是同一个', offered.text)
    assert word != "new"
    forged = citizen.post("/public/report", {**form, "same": word[:-3] + "abc"})
    assert "已收到您的上报" in forged.text  # a report of its own: nobody is joined to what they were not offered
    assert count(city, instance) == 2
    joined = visit()
    page = report(joined, title="也是这盏灯")
    form = sent(page)
    word = re.findall(r'name="same" value="([^"]+)">\s*是同一个', page.text)[0]
    receipt = joined.post("/public/report", {**form, "same": word})
    assert "已加入附近的同一个问题" in receipt.text
    assert count(city, instance) == 2


def test_a_closed_public_side_is_not_there(visit: Visit, city: City) -> None:
    set_to(city, "public_open", value=False)
    assert visit().get("/public").status_code == 404
    assert visit().get("/public/report").status_code == 404


def test_a_flood_is_refused_in_words(visit: Visit, city: City) -> None:
    set_to(city, "public_reports_by_address_and_hour", 2)
    for i in range(2):
        assert report(visit(), lat=f"30.4{i}").status_code == 200
    flooded = report(visit(), lat="30.44")
    assert flooded.status_code == 429
    assert "操作过于频繁" in flooded.text
    assert count(city, public_report) == 2


def test_whoever_is_logged_in_sees_the_page_as_anybody(visit: Visit, app: Flask) -> None:
    page = visit("zhouxiaoyan").get("/public").text
    assert "周小燕" not in page
    assert 'class="side"' not in page
    assert "Report a problem" in visit(locale="en").get("/public").text
