"""The pages of the organisation: who sees what of it, who sets substitutes and duty, changes proposed by one and approved by another,
and the workbook that goes out and comes in."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from engine.organisation import changes, moving
from engine.queries import organisation as reading
from engine.queries import rosters
from engine.tables import audit, membership, person, unit
from tests.web.visitor import Visit, Visitor, words
from web.telling import ZONE

if TYPE_CHECKING:
    from web.city import City

ADMINISTRATOR, HEAD, STAFF, CITIZEN = "shenjiahao", "zhengguodong", "hejianping", "pengshuisheng"
PUT = "/organisation/duty/put"
COLLEAGUE, OUTSIDER_HEAD = "guohongxia", "suyongfu"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # the acts themselves are tested on both in tests/db


def holder(city: City, post: str) -> str:
    with city.core.db.read() as connection:
        return str(
            connection.execute(
                select(person.c.login)
                .join(membership, membership.c.person_id == person.c.id)
                .where(membership.c.post_key == post)
                .order_by(person.c.id)
            )
            .scalars()
            .first()
        )


def number(city: City, login: str) -> int:
    return city.actor(login).id


def local(city: City, **later: int) -> str:
    return f"{city.core.db.now().astimezone(ZONE) + timedelta(**later):%Y-%m-%dT%H:%M}"


def carried_out(city: City) -> None:
    while moving.run_due(city.core):
        pass


def test_staff_see_the_organisation_and_only_keepers_see_accounts(visit: Visit, city: City) -> None:
    staff, citizen, keeper = visit(STAFF), visit(CITIZEN), visit(ADMINISTRATOR, locale="en")
    me = number(city, STAFF)
    pages = ["/organisation", "/organisation?q=园林", "/organisation/units/town_yuanlin", "/organisation/units/command_centre",
             "/organisation/people", f"/organisation/people/{me}", "/organisation/areas", "/organisation/areas?q=章华",
             "/organisation/duty", "/substitutes", "/organisation.xlsx"]  # fmt: skip
    for path in pages:
        assert citizen.get(path).status_code == 403, path
        for visitor in (staff, keeper):
            assert visitor.get(path).status_code == 200, path
    tree = words(staff.get("/organisation").text)
    assert "园林街道综合执法中心" in tree
    assert "章华社区居委会" in tree
    unit_page = staff.get("/organisation/units/command_centre").text
    assert "郑国栋" in unit_page
    assert "zhengguodong" not in unit_page
    assert "zhengguodong" in keeper.get("/organisation/units/command_centre").text
    listed = staff.get("/organisation/people?q=peng").text
    assert "彭水生" not in listed, "citizens are in no directory"
    assert staff.get(f"/organisation/people/{number(city, CITIZEN)}").status_code == 404
    assert staff.get("/organisation/changes").status_code == 403
    assert staff.get("/organisation/people/99999999999").status_code == 404
    text = str(_sheet(staff, "任职"))
    assert "郑国栋" in text
    assert "zhengguodong" not in text


def test_a_substitute_is_named_and_ended_by_those_who_may(visit: Visit, city: City) -> None:
    staff, head, outsider = visit(STAFF), visit(HEAD), visit(OUTSIDER_HEAD)
    fields = {"substitute": str(number(city, COLLEAGUE)), "until": local(city, days=3), "reason": "出差"}
    assert staff.submit("/substitutes", "/substitutes", **fields).status_code == 303
    (made,) = rosters.substitutions(city.core, person_ids=[number(city, STAFF)])
    assert (made.principal_id, made.substitute_id, made.state) == (number(city, STAFF), number(city, COLLEAGUE), "now")
    assert number(city, STAFF) in city.actor(COLLEAGUE).principals
    assert "出差" in words(head.get("/substitutes").text)
    assert "出差" not in words(visit("majunjie").get("/organisation/units/command_centre").text), (
        "why is not everybody's"
    )
    end = f"/substitutes/{made.id}/end"
    for stranger in (outsider, visit("majunjie")):
        assert end not in stranger.get("/substitutes").text
        token = stranger.form("/substitutes", "/substitutes")["csrf_token"]
        assert stranger.post(end, {"csrf_token": token}).status_code in (403, 404)
    assert outsider.get(f"/substitutes?principal={number(city, STAFF)}").status_code == 403
    assert head.submit("/substitutes", end).status_code == 303
    assert rosters.substitutions(city.core, person_ids=[number(city, STAFF)]) == []
    by_head = f"/substitutes?principal={number(city, STAFF)}"
    assert head.submit(by_head, "/substitutes", **fields).status_code == 303
    colleague = visit(COLLEAGUE)  # named by others: they see it where they begin, and may decline
    for path in ("/", "/substitutes"):
        assert "由郑国栋安排；您可以谢绝" in words(colleague.get(path).text), path
    (made,) = rosters.substitutions(city.core, person_ids=[number(city, COLLEAGUE)])
    assert colleague.submit("/", f"/substitutes/{made.id}/end").status_code == 303
    assert rosters.substitutions(city.core, person_ids=[number(city, COLLEAGUE)]) == []
    assert "您可以谢绝" not in colleague.get("/").text
    with city.core.db.read() as connection:
        ended = connection.execute(select(audit.c.actor_id).where(audit.c.kind == "substitution_ended"))
        assert ended.scalars().all()[-1] == number(city, COLLEAGUE)
    refused = staff.submit("/substitutes", "/substitutes", **{**fields, "substitute": str(number(city, STAFF))})
    assert refused.status_code in (403, 422)


def test_a_head_plans_duty_of_their_unit_and_nobody_elses(visit: Visit, city: City) -> None:
    head, outsider = visit(HEAD), visit(OUTSIDER_HEAD)
    page = "/organisation/duty?unit=command_centre"
    fields = {"who": f"dispatcher|{number(city, STAFF)}", "since": local(city, hours=1), "until": local(city, hours=9),
              "days": "3", "note": "夜班"}  # fmt: skip
    assert head.submit(page, PUT, **fields).status_code == 303
    now = city.core.db.now()
    found = rosters.duties(city.core, now, now + timedelta(days=30))
    assert [d.person_id for d in found] == [number(city, STAFF)] * 3
    shown = words(visit(STAFF).get(page).text)
    assert "何建平" in shown or "何建平" in words(visit(STAFF).get(page + f"&week={local(city, days=1)[:10]}").text)
    assert "排班" not in re.findall(r"<form[^>]*duty-form", outsider.get(page).text)
    stolen = {**outsider.form("/substitutes", "/substitutes"), **fields, "unit": "command_centre"}
    assert outsider.post(PUT, stolen).status_code == 403
    assert outsider.post(f"/organisation/duty/{found[0].id}/remove", stolen).status_code in (403, 404)
    assert len(rosters.duties(city.core, now, now + timedelta(days=30))) == 3
    assert head.post(f"/organisation/duty/{found[0].id}/remove", {**stolen, **head.form(page, PUT)}).status_code == 303
    assert len(rosters.duties(city.core, now, now + timedelta(days=30))) == 2


def previewed(visitor: Visitor, page: str, **answers: Any) -> str:
    answer = visitor.submit(page, "/organisation/changes/preview", **answers)
    assert answer.status_code == 200, words(answer.text)
    return answer.text


def proposed(visitor: Visitor, preview: str, reason: str = "机构改革") -> int:
    from tests.web.visitor import Forms  # noqa: PLC0415

    fields = Forms(preview).of("/organisation/changes")
    assert fields is not None, words(preview)
    answers = [visitor.post("/organisation/changes", {**fields, "reason": reason}) for _ in range(2)]
    assert {a.headers["Location"] for a in answers} == {answers[0].headers["Location"]}, "a double click is one change"
    return int(answers[0].headers["Location"].rpartition("/")[2])


def test_a_change_is_proposed_by_one_and_approved_by_another(visit: Visit, city: City) -> None:
    administrator, security = visit(ADMINISTRATOR), visit(holder(city, "security_administrator"))
    auditor = visit(holder(city, "audit_administrator"))
    text = previewed(
        administrator, "/organisation/changes/new/people?unit=drainage", login="newcomer", name="新来的人", staff_no="QJ9001",
        **{"g0.post": "handler"},
    )  # fmt: skip
    assert "新来的人" in words(text)
    change = proposed(administrator, text)
    page, review = f"/organisation/changes/{change}", f"/organisation/changes/{change}/review"
    assert review not in administrator.get(page).text
    own = {**administrator.form(page, f"{page}/withdraw"), "decision": "approve"}
    assert administrator.post(review, own).status_code == 403
    assert auditor.get(page).status_code == 200
    assert visit(STAFF).get(page).status_code == 403
    assert "newcomer" not in str(reading.people(city.core, "newcomer"))
    assert security.submit(page, review, decision="approve").status_code == 303
    carried_out(city)
    assert "已执行" in words(security.get(page).text)
    (person_now,), _ = reading.people(city.core, "newcomer")
    assert [(h.unit_key, h.post) for h in person_now.posts] == [("drainage", "handler")]
    with city.core.db.read() as connection:
        kinds = list(connection.execute(select(audit.c.kind).where(audit.c.stream == "organisation")).scalars())
    assert len(kinds) >= 3, kinds
    refused = administrator.submit(
        f"/organisation/changes/new/people?person={person_now.id}", "/organisation/changes/preview",
        **{"g0.unit": "supervision_centre", "g0.post": "collector"},
    )  # fmt: skip
    assert "处置者不核查" in words(refused.text)
    renamed = previewed(administrator, "/organisation/changes/new/people", login="newcomer", name="改名的人")
    assert "QJ9001" not in words(renamed), "the number of staff stays when the form says none"
    assert "改名的人" in words(renamed)
    assert "待审批的机构变更" not in words(security.get("/").text)
    proposed(administrator, renamed)
    assert "改名的人" in words(security.get("/").text)
    assert "改名的人" not in words(auditor.get("/").text)
    assert "提交审批" not in refused.text


def test_units_are_renamed_merged_and_split_and_somebody_leaves(visit: Visit, city: City) -> None:
    administrator, security = visit(ADMINISTRATOR, locale="en"), visit(holder(city, "security_administrator"))

    def do(page: str, **answers: Any) -> None:
        change = proposed(administrator, previewed(administrator, page, **answers))
        where = f"/organisation/changes/{change}"
        assert security.submit(where, f"{where}/review", decision="approve").status_code == 303
        carried_out(city)
        assert changes.get(city.core, change).state == "applied"

    do("/organisation/changes/new/rename?unit=drainage", name_zh="排水中心", name_en="Drainage")
    do("/organisation/changes/new/merge?unit=drainage", units=["drainage", "street_lighting"], into="municipal_works")
    new = {
        "p0.into": "+new",
        "p0.key": "town_new",
        "p0.name_zh": "新设街道",
        "p0.name_en": "New Street",
        "p0.unit_kind": "town",
    }
    do("/organisation/changes/new/split?unit=town_yuanlin", **new, **{"p0.areas": ["zhanghua"], "p0.people": []})
    do(
        "/organisation/changes/new/create?unit=town_new",
        name_zh="新社区",
        name_en="New",
        key="community_new",
        unit_kind="community",
    )
    leaver = number(city, STAFF)
    do(f"/organisation/changes/new/leave?person={leaver}", successor=COLLEAGUE)
    with city.core.db.read() as connection:
        rows = {row.key: row for row in connection.execute(select(unit))}
    assert rows["drainage"].name_zh == "排水中心"
    assert rows["drainage"].ended_at is not None
    assert rows["drainage"].successor_id == rows["municipal_works"].id
    assert rows["community_new"].parent_id == rows["town_new"].id
    assert reading.areas(city.core)["zhanghua"].unit_id == rows["town_new"].id
    assert "Left on" in administrator.get(f"/organisation/people/{leaver}").text
    assert "ended on" in administrator.get("/organisation/units/drainage").text
    wrong = administrator.submit(
        "/organisation/changes/new/merge?unit=sanitation", "/organisation/changes/preview", into=""
    )
    assert wrong.status_code == 422
    assert administrator.get("/organisation/changes/new/nonsense").status_code == 404


def _sheet(visitor: Visitor, title: str) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(visitor.get("/organisation.xlsx").data))
    return [tuple(cell.value for cell in row) for row in book[title].iter_rows()]


def test_the_workbook_goes_out_and_comes_in_with_a_preview(visit: Visit, city: City) -> None:
    administrator, head = visit(ADMINISTRATOR), visit(HEAD)
    head.submit("/substitutes", "/substitutes", substitute=str(number(city, STAFF)), until=local(city, days=3))
    body = administrator.get("/organisation.xlsx").data
    assert load_workbook(io.BytesIO(body)).sheetnames == ["机构", "人员", "任职", "区域", "代理", "值班"]

    def send(content: bytes) -> Any:
        return administrator.submit(
            "/organisation/import", "/organisation/import", book=(io.BytesIO(content), "a.xlsx")
        )

    same = send(body)
    assert same.status_code == 422, words(same.text)
    assert "与现状相同" in words(same.text)
    book = load_workbook(io.BytesIO(body))
    book["机构"].append(["community_new", "新社区居委会", "New Committee", "社区（村）", "town_yuanlin"])
    book["人员"].append(["newcomer", "新来的人", 9001])
    book["任职"].append(["newcomer", "", "community_new", "", "grid_worker", "", None, None])
    changed = send(_saved(book))
    assert changed.status_code == 200, words(changed.text)
    proposed(administrator, changed.text)
    book["人员"].append(["broken", "", ""])
    book["机构"].append(["community_more", "更多", "More", "不存在的类型", "town_yuanlin"])
    wrong = words(send(_saved(book)).text)
    assert re.search(r"工作表“人员”，第 \d+ 行，“姓名”列： “姓名”不能为空", wrong), wrong
    assert re.search(r"工作表“机构”，第 \d+ 行，“类型”列： “类型”的“不存在的类型”不对", wrong)
    for content in (b"", b"PK\x03\x04nonsense", _saved(Workbook())):
        assert send(content).status_code == 422


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
