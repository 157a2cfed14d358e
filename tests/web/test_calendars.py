"""Pages of the calendars: a year to look at, a limit to try, and a change from its draft to its decision."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine import calendars
from engine.calendars import changes
from escalation import recounting
from tests.factories import HANDLER, case_at
from tests.web.visitor import Visit, Visitor
from web import health
from web.city import City

ONE, OTHER, AUDITOR = "shenjiahao", "tanwenbo", "jiaqiaoyun"
NOTICE = """国务院办公厅关于 2027 年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。
三、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。10月9日（周六）上班。
"""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # pages do not depend on the kind of database; tests/db/test_calendars.py runs on both


def send(who: Visitor, action: str, answers: dict[str, Any] | None = None, *, page: str) -> TestResponse:
    """Press the button of the page's form that goes there; where the page has none, send it all the same, as who tries would."""
    try:
        fields = who.form(page, action)
    except AssertionError:
        fields = {"csrf_token": who.form("/calendars", "/language")["csrf_token"]}
    return who.post(action, {**fields, **(answers or {})})


def draft_of(city: City) -> int:
    return changes.listing(city.core)[0].id


def test_a_year_is_shown_with_its_days_and_says_what_is_provisional(visit: Visit) -> None:
    one = visit(HANDLER)
    page = one.get("/calendars?year=2026").text
    assert "国庆节" in page
    assert page.count('<table class="cal-month">') == 12
    assert "冬令作息" in page
    assert "2027 年放假安排尚未导入" in page
    later = one.get("/calendars?year=2027&calendar=qianjiang_law").text
    assert "2027 年放假安排尚未公布，本页为暂定" in later
    assert one.get("/calendars?calendar=none").status_code == 404
    assert one.get("/calendars?year=999999&version=99999999999").status_code == 200
    assert one.get("/calendars/versions").status_code == 403
    assert one.get("/calendars/changes/1").status_code == 403


def test_a_limit_is_tried_and_explained(visit: Visit) -> None:
    one = visit(HANDLER)
    page = one.get("/calendars/try?start=2025-09-30T16:00&amount=5&unit=work_hour").text
    assert "2025-10-09 14:00" in page
    assert "10月1日至10月5日：国庆节，不计（5 天）" in page
    assert "放假安排尚未公布" in one.get("/calendars/try?start=2026-12-30T16:00&amount=5&unit=work_day").text
    for wrong in (
        "amount=-1",
        "amount=x",
        "start=tomorrow",
        "unit=moon",
        "start=9999-12-31T00:00",
        "amount=999999&unit=work_day",
    ):
        answer = one.get(f"/calendars/try?{wrong}")
        assert answer.status_code == 422, wrong
        assert 'role="alert"' in answer.text


def test_the_notice_comes_in_is_looked_at_and_decided_by_another(visit: Visit, city: City) -> None:
    case_at(city, "Handle")
    one, other = visit(ONE), visit(OTHER)
    send(one, "/calendars/changes", page="/calendars")
    draft = draft_of(city)
    at = f"/calendars/changes/{draft}"
    sent = {"year": "2027", "source": "国办发明电〔2026〕9号", "text": NOTICE, "calendar": "qianjiang"}
    looked = send(one, f"{at}/notice", sent, page=f"{at}/notice")
    assert looked.status_code == 200
    assert "核对无误" in looked.text
    assert "1月31日（周日）" in looked.text
    assert changes.get(city.core, draft).rows.count("2027") == 0
    send(one, f"{at}/notice", {**sent, "take": "1"}, page=f"{at}/notice")
    assert "2027-10-01,2027-10-07,holiday" in changes.get(city.core, draft).rows
    send(one, f"{at}/propose", {"note": "2027 年放假安排", "source": "国办发明电〔2026〕9号"}, page=at)
    shown = other.get(at).text
    assert "在办时钟" in shown
    assert "提交审批" not in shown
    assert "您" in send(one, f"{at}/review", {"decision": "approve"}, page=at).text
    assert calendars.current(city.core).version == 1
    send(other, f"{at}/review", {"decision": "approve"}, page=at)
    assert calendars.current(city.core).version == 2
    assert "正在重算" in other.get("/calendars/versions").text or changes.get(city.core, draft).moved is None
    while recounting.run_due(city.core):
        pass
    assert "在办时限已重算" in other.get(at).text
    assert "尚未导入" not in visit(HANDLER).get("/calendars?year=2027").text
    assert "国庆节" in other.get("/calendars/compare?from=1&to=2").text


@pytest.mark.parametrize(
    "text, why",
    [
        ("2027-02-30,,放假,春节", "第 1 行"),
        ("2027-10-01,2027-10-07,放假,国庆节\n2027-10-11,,上班,国庆节", "本来就上班"),
        ("2027-10-01,2027-10-07,放假,国庆节\n2026-05-01,,放假,劳动节", "第 2 行"),
        ("2027-10-01,,可能,国庆节", "应为 放假 或 上班"),
        ("2027-10-01,,放假,国庆节\n2027-10-01,,上班,国庆节", "第 2 行"),
        ("", "没有读到"),
        ("一、元旦：放假。", "没有读到放假日期"),
    ],
)
def test_what_is_wrong_with_a_notice_is_said_with_its_line(visit: Visit, city: City, text: str, why: str) -> None:
    one = visit(ONE)
    send(one, "/calendars/changes", page="/calendars")
    at = f"/calendars/changes/{draft_of(city)}/notice"
    answer = send(one, at, {"year": "2027", "source": "s", "text": text, "calendar": "qianjiang"}, page=at)
    assert answer.status_code == 422
    assert why in answer.text


def test_a_sheet_is_taken_too_and_a_broken_one_refused(visit: Visit, city: City) -> None:
    from engine import sheets  # noqa: PLC0415
    from web.telling import ZONE  # noqa: PLC0415

    one = visit(ONE)
    send(one, "/calendars/changes", page="/calendars")
    at = f"/calendars/changes/{draft_of(city)}/notice"
    rows = [["2027-10-01", "2027-10-07", "放假", "国庆节"], ["2027-10-09", "", "上班", "国庆节"]]
    body = sheets.write("2027", [sheets.Column(c) for c in ("日期", "止", "类型", "名称")], rows, ZONE)
    for content, name, status in (
        (body, "n.xlsx", 200),
        (b"PK broken", "n.xlsx", 422),
        (b"\xff\xfe\x00\x01", "n.csv", 422),
    ):
        sent = {"year": "2027", "source": "s", "calendar": "qianjiang", "file": (io.BytesIO(content), name)}
        answer = send(one, at, sent, page=at)
        assert answer.status_code == status, name
    assert "2027-10-09" not in changes.get(city.core, draft_of(city)).rows


def test_rows_are_edited_and_wrong_ones_refused_by_their_line(visit: Visit, city: City) -> None:
    one = visit(ONE)
    send(one, "/calendars/changes", page="/calendars")
    at = f"/calendars/changes/{draft_of(city)}"
    storm = {
        "calendar": "qianjiang",
        "kind": "override",
        "first": "2026-07-14",
        "value": "holiday",
        "name_zh": "暴雨",
        "source": "s",
    }
    send(one, f"{at}/rows", storm, page=at)
    assert "2026-07-14" in one.get(at).text
    wrong = send(one, f"{at}/rows", {**storm, "first": "2026-07-32"}, page=at)
    assert wrong.status_code == 422
    assert "日历表第 14 行" in wrong.text
    assert 'value="2026-07-32"' in wrong.text  # what was typed is kept
    assert send(one, f"{at}/rows", {**storm, "line": "999999"}, page=at).status_code == 422
    send(one, f"{at}/unit", {"unit": "water_supply", "like": "qianjiang", "source": "s"}, page=at)
    page = one.get(at).text
    assert "water_supply" in page
    line = re.search(r"line=(\d+)#edit", page)
    assert line is not None
    assert f"修改第 {line[1]} 行" in one.get(f"{at}?line={line[1]}").text
    assert send(one, f"{at}/propose", {"note": "", "source": ""}, page=at).status_code == 422
    send(one, f"{at}/withdraw", page=at)
    assert changes.get(city.core, draft_of(city)).state == "withdrawn"


def test_the_next_administrator_is_told_of_a_newer_version(visit: Visit, city: City) -> None:
    one, other = visit(ONE), visit(OTHER)
    storm = {
        "calendar": "qianjiang",
        "kind": "override",
        "first": "2026-07-14",
        "value": "holiday",
        "name_zh": "暴雨",
        "source": "s",
    }
    made = {}
    for who, day in ((one, "2026-07-14"), (other, "2026-07-15")):
        send(who, "/calendars/changes", page="/calendars")
        at = f"/calendars/changes/{draft_of(city)}"
        made[day] = at
        send(who, f"{at}/rows", {**storm, "first": day}, page=at)
        send(who, f"{at}/propose", {"note": "n", "source": "s"}, page=at)
    send(other, f"{made['2026-07-14']}/review", {"decision": "approve"}, page=made["2026-07-14"])
    late = made["2026-07-15"]
    assert "现行已是第 2 版" in send(one, f"{late}/review", {"decision": "approve"}, page=late).text
    send(other, f"{late}/rebase", page=late)
    assert "2026-07-15" in other.get(late).text
    send(other, f"{late}/propose", {"note": "n", "source": "s"}, page=late)
    send(one, f"{late}/review", {"decision": "refuse", "said": "重复"}, page=late)
    assert "重复" in visit(AUDITOR).get(late).text


def test_english_is_wholly_english(visit: Visit, city: City) -> None:
    from tests.web.test_wholly_english import CHINESE, Words  # noqa: PLC0415

    one = visit(ONE, "en")
    send(one, "/calendars/changes", page="/calendars")
    at = f"/calendars/changes/{draft_of(city)}"
    for address in ("/calendars", "/calendars?year=2027", "/calendars/try", "/calendars/versions", at, f"{at}/notice"):
        page = one.get(address).text
        found = [word for text in Words(page).found for word in CHINESE.findall(text)]
        own = {"沈家豪", "中文", "国务院关于职工工作时间的规定", "自然日", "放假", "上班"}
        assert not set(found) - own, (address, set(found) - own)


def test_doctor_says_which_year_is_not_settled(city: City) -> None:
    found = [one for one in health._calendars(city.core) if one.state == health.WARNING]
    assert [one.what.split(" are not")[0] for one in found] == ["the holidays of 2027"]
    assert "calendars" in found[0].mend


def test_programs_read_calendars_too(visit: Visit) -> None:
    one = visit(HANDLER)
    told = one.get("/api/v1/calendars").get_json()
    assert [each["key"] for each in told["items"]] == ["qianjiang", "qianjiang_law"]
    days = one.get("/api/v1/calendars/qianjiang/years/2025").get_json()["days"]
    assert sum(day["working"] for day in days) == 248
    due = one.get(
        "/api/v1/calendars/qianjiang/due?start=2025-09-30T16:00:00%2B08:00&amount=5&unit=work_hour"
    ).get_json()
    assert due["due"] == "2025-10-09T06:00:00+00:00"
    assert len(due["lines"]) == 5
    for wrong in ("start=x&amount=5&unit=work_hour", "start=2025-09-30T16:00:00Z&amount=x&unit=work_hour"):
        assert one.get(f"/api/v1/calendars/qianjiang/due?{wrong}").status_code == 422
    assert one.get("/api/v1/calendars/qianjiang/years/1").status_code == 404
    assert visit().get("/api/v1/calendars").status_code == 401
