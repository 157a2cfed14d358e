"""Reporting and working a case at its pages: forms that keep what was typed, photos without their place, one act for two clicks."""

from __future__ import annotations

import io
from datetime import timedelta

from PIL import Image
from sqlalchemy import insert

from engine import files
from engine.clock import ManualClock
from engine.tables import membership
from tests.bench.story import OLD, YOUNG, Walker
from tests.web.visitor import COLLECTOR, LEADER, OTHER_LEADER, STRANGER, Forms, Visit, Visitor, words
from web.city import City

REPORT = {"source": "collector", "title": "章华中路井盖缺失", "area": "yuanlin", "place": "章华中路 18 号"}
MAKE, GPS_TAG = 0x010F, 0x8825


def photo(secret: str = "") -> io.BytesIO:
    """A photo as a phone takes it: it says where and with what."""
    image = Image.new("RGB", (640, 480), "grey")
    exif = image.getexif()
    exif[MAKE] = f"Phone {secret}"
    exif.get_ifd(GPS_TAG)[1] = "N"
    exif.get_ifd(GPS_TAG)[2] = (30.0, 24.0, 7.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    out.seek(0)
    return out


def started(answer_location: str) -> int:
    return int(answer_location.rpartition("/")[2])


def report(visitor: Visitor, **answers: object) -> int:
    answer = visitor.submit("/report", "/report", **{**REPORT, **answers})
    assert answer.status_code == 303, words(answer.text)
    return started(answer.headers["Location"])


def test_a_report_from_the_street_becomes_a_case_and_its_photo_tells_no_place(visit: Visit, city: City) -> None:
    collector = visit(COLLECTOR)
    case = report(collector, lat="30.4", lon="112.9", photos=(photo("canary"), "IMG_0001.jpg"))
    facts = city.instance(case)["facts"]
    assert (facts["title"], facts["lat"], facts["place"]) == ("章华中路井盖缺失", 30.4, "章华中路 18 号")
    page = collector.get(f"/cases/{case}").text
    assert f"/files/{case}/{facts['photos'][0]}" in page
    kept = collector.get(f"/files/{case}/{facts['photos'][0]}")
    assert kept.headers["Content-Type"] == "image/jpeg"
    assert b"canary" not in kept.data
    with Image.open(io.BytesIO(kept.data)) as image:
        assert not dict(image.getexif())
    small = collector.get(f"/files/{case}/{facts['photos'][0]}?small=1")
    assert small.status_code == 200
    assert len(small.data) < len(kept.data) + 1
    assert visit(STRANGER).get(f"/files/{case}/{facts['photos'][0]}").status_code == 404


def test_a_wrong_report_keeps_what_was_typed_and_the_photo_too(visit: Visit, city: City) -> None:
    collector = visit(COLLECTOR)
    wrong = collector.submit(
        "/report",
        "/report",
        **{**REPORT, "title": "x", "place": "", "photos": (photo(), "a.jpg"), "description": "<b>路口"},
    )
    assert wrong.status_code == 422
    text = words(wrong.text)
    assert "有 2 项需要修改" in text
    assert "“问题简述”至少 2 个字" in text
    assert "&lt;b&gt;路口" in wrong.text
    assert "已上传：a.jpg" in text
    fields = Forms(wrong.text).of("/report")
    assert fields is not None
    right = collector.post("/report", {**fields, "title": "井盖缺失", "place": "章华中路"})
    assert right.status_code == 303
    assert len(city.instance(started(right.headers["Location"]))["facts"]["photos"]) == 1


def test_what_is_no_photo_is_refused_at_its_field(visit: Visit) -> None:
    collector = visit(COLLECTOR)
    for content, name in (
        (b"<svg onload=alert(1)>", "a.svg"),
        (b"%PDF-1.7 ...", "a.pdf"),
        (b"\xff\xd8\xff broken", "a.jpg"),
    ):
        answer = collector.submit("/report", "/report", **{**REPORT, "photos": (io.BytesIO(content), name)})
        assert answer.status_code == 422
        assert 'id="f-photos-error"' in answer.text


def test_fields_that_the_form_does_not_ask_for_are_refused(visit: Visit, city: City) -> None:
    collector = visit(COLLECTOR)
    answer = collector.submit("/report", "/report", **REPORT, responsible_unit="police", rework="7")
    assert answer.status_code == 422


def test_the_same_report_sent_twice_is_one_case(visit: Visit) -> None:
    collector = visit(COLLECTOR)
    fields = {**collector.form("/report", "/report"), **REPORT}
    first, second = (collector.post("/report", fields) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]


def test_a_task_is_worked_on_one_page(visit: Visit, city: City) -> None:
    case = city.start("case_dispatch", REPORT, by=COLLECTOR)
    ref = city.tasks(case)[0].ref
    leader = visit(LEADER)
    page = words(leader.get(f"/tasks/{ref}").text)
    assert "立案" in page
    assert "章华中路 18 号" in page
    assert "还剩 15 分钟" in page
    answer = leader.submit(f"/tasks/{ref}", f"/tasks/{ref}", file_decision="file", standard_code="C-0101-1")
    assert answer.headers["Location"] == "/inbox"
    assert city.tasks(case)[0].node == "Dispatch"


def test_a_wrong_answer_stays_on_the_page_with_its_error(visit: Visit, city: City) -> None:
    case = city.start("case_dispatch", REPORT, by=COLLECTOR)
    ref = city.tasks(case)[0].ref
    answer = visit(LEADER, "en").submit(f"/tasks/{ref}", f"/tasks/{ref}", file_decision="void", file_note="雨天再看")
    assert answer.status_code == 422
    assert 'id="f-void_reason-error"' in answer.text
    assert "雨天再看" in answer.text
    assert "One answer needs a change" in answer.text
    assert city.tasks(case)[0].ref == ref


def test_a_stale_page_gets_a_conflict_that_says_who_and_a_way_back(visit: Visit, city: City) -> None:
    case = city.start("case_dispatch", REPORT, by=COLLECTOR)
    ref = city.tasks(case)[0].ref
    leader, other = visit(LEADER), visit(OTHER_LEADER)
    answers = {"file_decision": "file", "standard_code": "C-0101-1"}
    stale = {**other.form(f"/tasks/{ref}", f"/tasks/{ref}"), **answers}
    fresh = {**leader.form(f"/tasks/{ref}", f"/tasks/{ref}"), **answers}
    assert leader.post(f"/tasks/{ref}", fresh).status_code == 303
    assert leader.post(f"/tasks/{ref}", fresh).status_code == 303, "the same click again is the same act"
    refused = other.post(f"/tasks/{ref}", stale)
    assert refused.status_code == 409
    assert "已办结：孙国庆" in refused.text
    assert 'href="/inbox"' in refused.text
    assert [row["kind"] for row in city.trail(case)].count("completed") == 1
    opened = other.get(f"/tasks/{ref}")
    assert opened.headers["Location"] == f"/cases/{case}"


def test_a_second_round_is_asked_afresh_but_proposals_stand(visit: Visit, city: City) -> None:
    walker = Walker(city)
    case = walker.start()
    walker.walk(case, YOUNG[:2])
    dispatcher = visit(walker.who("Dispatch"))
    ref = city.tasks(case)[0].ref
    proposed = dispatcher.form(f"/tasks/{ref}", f"/tasks/{ref}")
    assert proposed["responsible_unit"] == "water_supply"
    walker.walk(case, YOUNG[2:])
    handler = visit(walker.who("SignFor"))
    ref = city.tasks(case)[0].ref
    sent_back = {"sign_decision": "return", "return_reason": "place_unclear", "return_note": "位置不清，请核实后再派"}
    assert handler.submit(f"/tasks/{ref}", f"/tasks/{ref}", **sent_back).status_code == 303
    ref = city.tasks(case)[0].ref
    assert "位置不清，请核实后再派" in dispatcher.get(f"/tasks/{ref}").text
    again = dispatcher.form(f"/tasks/{ref}", f"/tasks/{ref}")
    assert again.get("responsible_unit", "") == ""
    answers = {"dispatch_decision": "dispatch", "responsible_unit": "water_supply"}
    assert dispatcher.submit(f"/tasks/{ref}", f"/tasks/{ref}", **answers).status_code == 303
    ref = city.tasks(case)[0].ref
    fresh = handler.form(f"/tasks/{ref}", f"/tasks/{ref}")
    assert fresh.get("sign_decision") != "return"
    assert not fresh.get("return_note")


def test_the_case_page_tells_all_in_both_languages_and_prints(visit: Visit, city: City, clock: ManualClock) -> None:
    walker = Walker(city)
    case = walker.start()
    walker.walk(case, YOUNG)
    clock.advance(timedelta(hours=3))
    city.run_due()
    chinese = words(visit(walker.who("Dispatch")).get(f"/cases/{case}").text)
    for wanted in ("办理中", "供水公司", "超时：签收", "C-0101", "2 紧急工作时", "当前环节", "立案 → 派遣"):
        assert wanted in chinese, wanted
    english_page = visit(LEADER, "en").get(f"/cases/{case}").text
    english = words(english_page)
    for wanted in (
        "Under way",
        "Water Supply Company",
        "Overdue: Sign for",
        "2 urgent",
        "To be done now",
        "File → Dispatch",
    ):
        assert wanted in english, wanted
    assert 'data-island="diagram"' in english_page
    assert "&#34;SignFor&#34;" in english_page
    sheet = words(visit(walker.who("Check")).get(f"/cases/{case}/print").text)
    assert city.instance(case)["number"] in sheet
    diagram = visit("hulijuan").get(f"/cases/{case}/diagram.bpmn")
    assert b"bpmn:process" in diagram.data


def test_a_case_does_not_exist_for_other_units(visit: Visit, city: City) -> None:
    case = city.start("case_dispatch", REPORT, by=COLLECTOR)
    stranger = visit(STRANGER)
    none = stranger.get("/cases/12345")
    hidden = stranger.get(f"/cases/{case}")
    assert (none.status_code, hidden.status_code) == (404, 404)
    assert words(none.text) == words(hidden.text)
    for path in ("print", "diagram.bpmn"):
        assert stranger.get(f"/cases/{case}/{path}").status_code == 404
    token = stranger.form("/", "/logout")
    assert stranger.post(f"/cases/{case}/comment", {**token, "text": "x"}).status_code == 404
    assert stranger.post(f"/cases/{case}/files", {**token, "files": (photo(), "a.jpg")}).status_code == 404


def test_comments_and_files_belong_to_the_case(visit: Visit, city: City) -> None:
    case = city.start("case_dispatch", REPORT, by=COLLECTOR)
    leader = visit(LEADER)
    fields = leader.form(f"/cases/{case}", f"/cases/{case}/comment")
    for _ in range(2):
        assert leader.post(f"/cases/{case}/comment", {**fields, "text": "附近有<学校>"}).status_code == 303
    page = leader.get(f"/cases/{case}").text
    assert page.count("附近有&lt;学校&gt;") == 1
    note = (io.BytesIO("名单\n".encode()), "名单.txt")
    assert leader.submit(f"/cases/{case}", f"/cases/{case}/files", files=note).status_code == 303
    (stored,) = files.listing(city.core, case, LEADER)
    download = leader.get(f"/files/{case}/{stored['id']}")
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in download.headers["Content-Security-Policy"]
    empty = leader.submit(f"/cases/{case}", f"/cases/{case}/comment", text="  ")
    assert empty.status_code == 422


def test_who_did_the_step_before_cannot_check_it_and_is_told_so(visit: Visit, city: City) -> None:
    walker = Walker(city)
    case = walker.start()
    walker.walk(case, (*YOUNG, *OLD[:3]))
    handler = walker.who("Handle")
    row = {
        "person_id": city.actor(handler).id,
        "unit_id": city.core.unit_id("supervision_centre"),
        "post_key": "collector",
    }
    with city.core.db.write() as connection:
        connection.execute(insert(membership).values(**row))
    visitor = visit(handler)
    ref = city.tasks(case)[0].ref
    page = visitor.get(f"/tasks/{ref}").text
    assert "四眼原则" in page
    token = visitor.form("/", "/logout")
    refused = visitor.post(f"/tasks/{ref}", {**token, "check_result": "pass"})
    assert refused.status_code == 403
    assert "此环节须由他人办理" in refused.text
    assert city.tasks(case)[0].ref == ref
