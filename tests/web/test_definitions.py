"""Processes on their pages: looked at by all, changed by designers; a bad file is told in full and changes nothing."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from engine import bundles, definitions, drafts, publishing
from engine.bundles import BundleRefused
from tests.bpmn.drawing import end, flow, process, start, tag
from tests.factories import LEADER, case_at
from tests.web.visitor import COLLECTOR, Visit, Visitor, words
from web.city import City
from web.setting_up import bundle
from web.wiring import PROCESSES

DESIGNER = "xuguangming"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what differs between databases is tested where definitions are


def shipped() -> dict[str, bytes]:
    return bundle(PROCESSES / "supervision")


def changed(old: str = "<bpmn:documentation>", new: str = "<bpmn:documentation>改。") -> dict[str, bytes]:
    files = shipped()
    return {**files, "supervision.bpmn": files["supervision.bpmn"].replace(old.encode(), new.encode(), 1)}


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    out.seek(0)
    return out


def upload(designer: Visitor, files: dict[str, bytes]) -> Any:
    return designer.submit("/definitions/upload", "/definitions/upload", files=(zipped(files), "bundle.zip"))


def test_everybody_may_read_a_process(visit: Visit) -> None:
    reader = visit(COLLECTOR)
    assert "城市管理案件处置" in reader.get("/definitions").text
    page = reader.get("/definitions/case_dispatch/1").text
    assert "0.5 紧急工作时" in page
    assert "不得由 派遣、签收、处置、反馈的人办理" in words(page)
    for path in ("files/case_dispatch.bpmn", "forms/report"):
        assert reader.get(f"/definitions/case_dispatch/1/{path}").status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(reader.get("/definitions/case_dispatch/1.zip").data))
    assert "report.json" in archive.namelist()
    assert reader.get("/definitions/case_dispatch/9").status_code == 404
    assert reader.get("/definitions/nothing").status_code == 404


def test_every_form_of_every_process_is_drawn(visit: Visit, city: City) -> None:
    reader = visit(COLLECTOR, "en")
    for key in ("case_dispatch", "supervision", "excavation_permit", "plan_snow"):
        for name in city.definition(key).forms:
            assert reader.get(f"/definitions/{key}/1/forms/{name}").status_code == 200, (key, name)


@pytest.mark.parametrize("path", ["/definitions/upload", "/definitions/case_dispatch/edit"])
def test_only_designers_change_processes(visit: Visit, path: str) -> None:
    assert visit(COLLECTOR).get(path).status_code == 403
    assert visit(DESIGNER).get(path).status_code == 200


def carried(page: str) -> dict[str, str]:
    found = {name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("bundle", "csrf_token")}
    assert all(found.values())
    return found


def test_what_is_sent_is_looked_at_and_becomes_a_draft(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    checked = upload(designer, changed())
    assert "检查通过" in checked.text
    assert "与现行第 1 版相比" in checked.text
    answer = designer.post("/definitions/import", carried(checked.text))
    (draft,) = drafts.listing(city.core)
    assert answer.headers["Location"].endswith(f"/definitions/drafts/{draft.id}")
    assert (draft.key, draft.base) == ("supervision", 1)
    assert drafts.files_of(city.core, draft.id) == changed()
    assert city.definition("supervision").version == 1
    assert "督办" in designer.get("/definitions").text


def test_a_package_goes_out_and_comes_in_the_same(visit: Visit, city: City) -> None:
    reader = visit(DESIGNER)
    answer = reader.get("/definitions/supervision/1.zip")
    assert answer.data == reader.get("/definitions/supervision/1.zip").data
    digest = city.definition("supervision").hash.partition(":")[2]
    assert f"supervision-1-{digest[:12]}.zip" in answer.headers["Content-Disposition"]
    opened = bundles.opened([("p.zip", answer.data)])
    assert opened.files == shipped()
    assert (opened.manifest or {})["hash"] == city.definition("supervision").hash
    page = reader.submit("/definitions/upload", "/definitions/upload", files=(io.BytesIO(answer.data), "p.zip"))
    assert "与清单" in page.text or "清单与内容一致" in page.text
    assert "与现行版本相同" in page.text


def test_a_new_process_comes_in_as_a_draft_of_its_own(visit: Visit, city: City) -> None:
    files = {n: c.replace(b'"supervision"', b'"supervision_two"') for n, c in shipped().items()}
    designer = visit(DESIGNER)
    checked = upload(designer, files)
    assert "新流程" in checked.text
    designer.post("/definitions/import", carried(checked.text))
    (draft,) = drafts.listing(city.core)
    assert (draft.key, draft.base, draft.name_zh) == ("supervision_two", 0, "督办")


def test_every_problem_of_a_bad_bundle_is_told_and_nothing_deployed(visit: Visit, city: City) -> None:
    files = changed('ref="reply"', 'ref="nope"')
    files = {**files, "archive.json": b"{"}
    answer = upload(visit(DESIGNER), files)
    assert answer.status_code == 422
    page = words(answer.text)
    assert "nope" in page
    assert "Reply" in page
    assert "archive.json" in page
    assert 'name="bundle"' in answer.text  # as a draft it may be mended here
    assert city.definition("supervision").version == 1


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bpmn", b"0" * 50_000_000)
    return out.getvalue()


def lying() -> bytes:
    """An archive that says its one file is small."""
    content = bytearray(bomb())
    size = (50_000_000).to_bytes(4, "little")
    return bytes(content.replace(size, (10).to_bytes(4, "little")))


def raw(*entries: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo("x")
            entry.filename = name  # as it stands, whatever the library thinks of it
            archive.writestr(entry, content)
    return out.getvalue()


def linked() -> bytes:
    """An archive with a symbolic link for a diagram."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("a.bpmn")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def packaged(**changed: bytes) -> bytes:
    """A package in which something was changed after its manifest was written."""
    whole = zipfile.ZipFile(io.BytesIO(bundles.package(shipped(), "supervision", 1, {})))
    files = {name: whole.read(name) for name in whole.namelist()} | changed
    return zipped(files).getvalue()


@pytest.mark.parametrize(
    "uploads",
    [
        [("b.zip", bomb())],
        [("b.zip", lying())],
        [("b.zip", b"no archive")],
        [("a.exe", b"MZ")],
        [("a.json", b"{}")],
        [],
        [("a.bpmn", b"<a/>"), ("x/a.bpmn", b"<a/>")],
        [("a.bpmn", b"0" * (bundles.MOST_BYTES + 1))],
        [("a.bpmn", b"<a/>"), *((f"{i}.json", b"{}") for i in range(bundles.MOST_FILES))],
        [("b.zip", raw(("../a.bpmn", b"<a/>")))],
        [("b.zip", raw(("/etc/a.bpmn", b"<a/>")))],
        [("b.zip", raw(("x\\..\\..\\a.bpmn", b"<a/>")))],
        [("b.zip", raw(("C:\\a.bpmn", b"<a/>")))],
        [("b.zip", raw(("a.bpmn", b"<a/>"), ("A.bpmn", b"<b/>")))],
        [("b.zip", linked())],
        [("b.zip", packaged(**{"reply.json": b"{}"}))],
        [("b.zip", packaged(**{"more.json": b"{}"}))],
        [("b.zip", packaged(**{"liandong-package.json": b"[" * 100_000}))],
        [("b.zip", packaged(**{"liandong-package.json": b'{"format": "liandong-package/1", "files": {}}'}))],
        [("b.zip", bytes(b ^ 255 if 300 < i < 320 else b for i, b in enumerate(zipped(shipped()).getvalue())))],
    ],
    ids=[
        "bomb",
        "lying",
        "broken",
        "exe",
        "none",
        "empty",
        "doubled",
        "large",
        "many",
        "up",
        "root",
        "windows",
        "drive",
        "case",
        "link",
        "hash",
        "unlisted",
        "deep",
        "missing",
        "damaged",
    ],
)
def test_what_is_no_bundle_is_refused(uploads: list[tuple[str, bytes]]) -> None:
    with pytest.raises(BundleRefused):
        bundles.collect(uploads)


def test_the_upload_page_says_what_it_refuses(visit: Visit) -> None:
    answer = visit(DESIGNER).submit(
        "/definitions/upload", "/definitions/upload", files=(io.BytesIO(b"MZ"), "virus.exe")
    )
    assert answer.status_code == 422
    assert "virus.exe" in answer.text


def test_a_package_holds_the_same_bytes_whatever_the_order() -> None:
    files = shipped()
    turned = dict(reversed(files.items()))
    assert bundles.package(files, "k", 1, {"zh": "名"}) == bundles.package(turned, "k", 1, {"zh": "名"})


# ---------------------------------------------------------------- the editor


def send(designer: Visitor, path: str, base: int = 1, **more: object) -> Any:
    config = designer.get("/definitions/supervision/edit").text
    token = config.partition("csrf&#34;: &#34;")[2].partition("&#34;")[0]
    assert token
    headers = {"X-CSRFToken": token, "Content-Type": "application/json", "Accept": "application/json"}
    return designer.client.post(path, data=json.dumps({"base": base, "tab": "one", **more}), headers=headers)


def begin(designer: Visitor, xml: bytes) -> Any:
    return send(designer, "/definitions/supervision/drafts", xml=xml.decode())


def test_a_drawing_becomes_a_draft_with_the_forms_it_had(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    answer = begin(designer, changed()["supervision.bpmn"])
    assert answer.status_code == 201
    assert drafts.files_of(city.core, answer.json["draft"]) == changed()
    more = changed(new="<bpmn:documentation>又改。")["supervision.bpmn"]
    saved = send(designer, answer.json["save"], xml=more.decode(), revision=1)
    assert saved.json["revision"] == 2
    assert drafts.files_of(city.core, answer.json["draft"])["supervision.bpmn"] == more
    assert designer.get(answer.json["url"]).status_code == 200
    assert city.definition("supervision").version == 1


@pytest.mark.parametrize(
    "old,new,told",
    [
        ('ref="reply"', 'ref="nope"', "nope"),
        ('<bpmn:process id="supervision"', '<bpmn:process id="other"', "other"),
        ("<bpmn:definitions", "<!DOCTYPE x><bpmn:definitions", "DOCTYPE"),
    ],
)
def test_a_bad_drawing_is_kept_and_told_and_cannot_be_proposed(
    visit: Visit, city: City, old: str, new: str, told: str
) -> None:
    xml = changed(old, new)["supervision.bpmn"]
    if told == "other":
        xml = xml.replace(b'processRef="supervision"', b'processRef="other"')
    designer = visit(DESIGNER)
    answer = send(designer, "/definitions/supervision/lint", xml=xml.decode())
    assert any(told in p["text"] for p in answer.json["problems"]), answer.json
    made = begin(designer, xml).json
    page = designer.get(made["propose"])
    assert page.status_code == 200
    assert told in page.text
    refused = designer.submit(made["propose"], made["propose"], note="改", follows="1", revision="1")
    assert refused.status_code == 422
    assert city.definition("supervision").version == 1


def test_two_who_draw_are_told_and_both_drawings_stay(visit: Visit, city: City) -> None:
    designer, other = visit(DESIGNER), visit("fangzhiyuan")
    made = begin(designer, changed()["supervision.bpmn"]).json
    for who, tab, seen in ((designer, "one", 0), (other, "two", 1)):
        here = send(who, "/definitions/supervision/here", tab=tab, draft=made["draft"])
        assert len(here.json["others"]) == seen
    assert "许光明" in here.json["others"][0]
    theirs = changed(new="<bpmn:documentation>别人。")["supervision.bpmn"]
    send(designer, made["save"], xml=changed(new="<bpmn:documentation>先。")["supervision.bpmn"].decode(), revision=1)
    late = send(other, made["save"], xml=theirs.decode(), revision=1, tab="two").json
    assert late["draft"] != made["draft"]
    assert "许光明" in late["sentence"]
    assert drafts.files_of(city.core, late["draft"])["supervision.bpmn"] == theirs
    assert other.get(late["compare"]).status_code == 200
    here = send(designer, "/definitions/supervision/here", draft=late["draft"], tab="one")
    assert "方志远" in here.json["saved"]
    gone = send(other, "/definitions/supervision/here", tab="two", leaving=True)
    assert gone.json == {"others": []}


def test_a_draft_is_proposed_and_published_by_two(visit: Visit, city: City) -> None:
    designer, other = visit(DESIGNER), visit("fangzhiyuan")
    made = begin(designer, changed()["supervision.bpmn"]).json
    answer = designer.submit(made["propose"], made["propose"], note="加一句", follows="1", revision="1")
    where = answer.headers["Location"]
    assert "须由另一位流程设计员批准" in designer.get(where).text
    own = designer.post(f"{where}/review", {**designer.form(where, f"{where}/withdraw"), "decision": "approve"})
    assert own.status_code == 403
    assert "加一句" in other.get("/definitions").text
    page = words(other.get(where).text)
    assert "改。" in page
    other.submit(where, f"{where}/review", decision="approve", said="同意")
    assert city.definition("supervision").version == 2
    listed = words(other.get("/definitions/supervision/versions").text)
    assert "批准： 方志远" in listed or "批准：方志远" in listed
    back = "/definitions/supervision/1/again"
    answer = other.submit(back, back, note="先恢复", follows="2")
    designer.submit(answer.headers["Location"], f"{answer.headers['Location']}/review", decision="approve")
    assert definitions.files_of(city.core, city.definition("supervision").id) == shipped()
    assert city.definition("supervision").version == 3


def test_drafts_are_for_designers(visit: Visit, city: City) -> None:
    made = begin(visit(DESIGNER), changed()["supervision.bpmn"]).json
    reader = visit(COLLECTOR)
    for path in (made["url"], made["propose"], f"{made['url']}/discard", f"{made['url']}/files/supervision.bpmn"):
        assert reader.get(path).status_code == 403
    assert reader.get(f"/definitions/supervision/compare?from=1&to=draft-{made['draft']}").status_code == 404
    assert reader.get("/definitions/supervision/compare?from=0&to=1").status_code == 200
    assert "草稿" not in reader.get("/definitions").text
    designer = visit(DESIGNER)
    assert designer.get("/definitions/drafts/99999999999").status_code == 404
    assert "许光明" in designer.get(f"{made['url']}/discard").text
    designer.submit(f"{made['url']}/discard", f"{made['url']}/discard")
    assert drafts.listing(city.core) == []


def test_what_runs_on_a_version_is_counted_and_opens(visit: Visit, city: City) -> None:
    case = case_at(city, "Dispatch")
    with city.core.db.read() as connection:
        assert publishing.proposals.newest_version(connection, "case_dispatch") == 1
    reader = visit(LEADER)
    page = reader.get("/definitions/case_dispatch/versions").text
    assert "version=1" in page
    number = city.instance(case)["number"]
    assert number in reader.get("/cases?process=case_dispatch&version=1&status=active").text
    assert number not in reader.get("/cases?process=case_dispatch&version=2&status=active").text


def test_only_the_pages_that_draw_may_style_by_attribute(visit: Visit) -> None:
    designer = visit(DESIGNER)
    assert "unsafe-inline" in designer.get("/definitions/supervision/edit").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in designer.get("/definitions").headers["Content-Security-Policy"]


def test_a_process_is_begun_from_nothing(visit: Visit, city: City) -> None:
    designer, other = visit(DESIGNER), visit("fangzhiyuan")
    assert "/definitions/new" in designer.get("/definitions").text
    for key in ("supervision", "upload", "Permit", "1st"):
        answer = designer.submit("/definitions/new", "/definitions/new", zh="噪声许可", en="Noise permit", key=key)
        assert (answer.status_code, "data-problems" in answer.text) == (422, True), key
    assert designer.submit("/definitions/new", "/definitions/new", zh="噪声许可", en="").status_code == 422
    answer = designer.submit("/definitions/new", "/definitions/new", zh='噪声 <{key}> "许可"', en="Noise permit")
    where = answer.headers["Location"]
    assert "噪声" in designer.get(where).text
    again = designer.submit("/definitions/new", "/definitions/new", zh="噪声", en="Noise permit")
    assert (again.status_code, "noise_permit" in again.text) == (422, True)
    asked = designer.submit(f"{where}/propose", f"{where}/propose", note="新流程", follows="0", revision="1")
    assert asked.status_code == 303, words(asked.text)
    other.submit(asked.headers["Location"], f"{asked.headers['Location']}/review", decision="approve")
    found = city.definition("noise_permit")
    assert (found.version, found.names.text("zh"), found.names.text("en")) == (1, '噪声 <{key}> "许可"', "Noise permit")


@pytest.mark.parametrize(
    "due, said",
    [("2020-01-01T08:00", "已经过去"), ("2031/12/01 8点", "看不懂"), ("0001-01-01T00:00", "已经过去")],
)
def test_a_time_that_cannot_be_meant_publishes_nothing(visit: Visit, city: City, due: str, said: str) -> None:
    designer = visit(DESIGNER)
    made = begin(designer, changed()["supervision.bpmn"]).json
    answer = designer.submit(made["propose"], made["propose"], note="改", follows="1", revision="1", due=due)
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert due in answer.text
    assert publishing.listing(city.core) == []


def test_what_differs_is_told_in_words_though_it_has_no_name(visit: Visit, city: City) -> None:
    parts = (
        start("S_1x", name="开始"),
        tag("exclusiveGateway", id="Gateway_0t5rotw", default="Flow_a"),
        end("Event_1ljynsa"),
        end("Event_b", name="不办"),
        flow("S_1x", "Gateway_0t5rotw"),
        flow("Gateway_0t5rotw", "Event_1ljynsa", id_="Flow_a"),
        flow("Gateway_0t5rotw", "Event_b", "area > 3"),
    )
    form = {"type": "object", "title": "表", "x-title": {"en": "Form"}, "properties": {
        "helpers": {"type": "array", "title": "协办", "x-title": {"en": "Helpers"}, "x-control": "unit",
                    "items": {"type": "string", "maxLength": 64}, "maxItems": 9}}}  # fmt: skip
    files = {"plain.bpmn": process(*parts, id="plain"), "asked.json": json.dumps(form).encode()}
    made = drafts.begin(city.core, "plain", files, DESIGNER)
    page = words(visit(DESIGNER).get(f"/definitions/plain/compare?from=0&to=draft-{made.id}").text)
    for said in ("默认去向： 判断 → 结束", "判断 → 不办", "终点： 判断", "类型： 列表", "控件： 选单位"):
        assert said in page or said.replace("： ", "：") in page, (said, page)
    english = words(visit(DESIGNER, "en").get(f"/definitions/plain/compare?from=0&to=draft-{made.id}").text)
    assert "Type: list" in english
