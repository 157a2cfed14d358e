"""Processes on their pages: looked at by all, changed by designers; a bad file is told in full and changes nothing."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from engine import bundles, definitions
from engine.bundles import BundleRefused
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


def test_a_good_bundle_is_checked_then_deployed(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    checked = upload(designer, changed())
    assert "检查通过" in checked.text
    assert city.definition("supervision").version == 1
    packed = checked.text.partition('name="bundle" value="')[2].partition('"')[0]
    token = checked.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = designer.post("/definitions/deploy", {"csrf_token": token, "bundle": packed, "note": "加一句"})
    assert answer.headers["Location"].endswith("/definitions/supervision/2")
    made = city.definition("supervision")
    assert made.version == 2
    assert definitions.files_of(city.core, made.id) == changed()


def test_every_problem_of_a_bad_bundle_is_told_and_nothing_deployed(visit: Visit, city: City) -> None:
    files = changed('ref="reply"', 'ref="nope"')
    files = {**files, "archive.json": b"{"}
    answer = upload(visit(DESIGNER), files)
    assert answer.status_code == 422
    page = words(answer.text)
    assert "nope" in page
    assert "Reply" in page
    assert "archive.json" in page
    assert 'name="bundle"' not in answer.text
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
    ],
    ids=["bomb", "lying", "broken", "exe", "none", "empty", "doubled", "large", "many"],
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


# ---------------------------------------------------------------- the editor


def draw(designer: Visitor, act: str, xml: bytes, **more: object) -> Any:
    config = designer.get("/definitions/supervision/edit").text
    token = config.partition("csrf&#34;: &#34;")[2].partition("&#34;")[0]
    assert token
    body = {"xml": xml.decode(), "base": 1, **more}
    headers = {"X-CSRFToken": token, "Content-Type": "application/json", "Accept": "application/json"}
    return designer.client.post(f"/definitions/supervision/{act}", data=json.dumps(body), headers=headers)


def test_a_drawing_becomes_a_version_with_the_forms_it_had(visit: Visit, city: City) -> None:
    answer = draw(visit(DESIGNER), "save", changed()["supervision.bpmn"], note="改说明")
    assert answer.json == {"url": "/definitions/supervision/2"}
    assert definitions.files_of(city.core, city.definition("supervision").id) == changed()


@pytest.mark.parametrize(
    "old,new,told",
    [
        ('ref="reply"', 'ref="nope"', "nope"),
        ('<bpmn:process id="supervision"', '<bpmn:process id="other"', "other"),
        ("<bpmn:definitions", "<!DOCTYPE x><bpmn:definitions", "DOCTYPE"),
    ],
)
def test_a_bad_drawing_is_told_and_not_deployed(visit: Visit, city: City, old: str, new: str, told: str) -> None:
    xml = changed(old, new)["supervision.bpmn"]
    if told == "other":
        xml = xml.replace(b'processRef="supervision"', b'processRef="other"')
    for act in ("lint", "save"):
        answer = draw(visit(DESIGNER), act, xml)
        assert answer.status_code == (200 if act == "lint" else 422)
        assert any(told in p["text"] for p in answer.json["problems"]), answer.json
    assert city.definition("supervision").version == 1


def test_who_drew_on_an_old_version_is_told_before_it_is_replaced(visit: Visit, city: City) -> None:
    city.deploy(changed("<bpmn:documentation>", "<bpmn:documentation>别人改的。"), by=DESIGNER)
    designer = visit(DESIGNER)
    answer = draw(designer, "save", changed()["supervision.bpmn"])
    assert answer.status_code == 409
    assert answer.json["newer"] is True
    assert "第 2 版" in answer.json["sentence"]
    assert city.definition("supervision").version == 2
    assert draw(designer, "save", changed()["supervision.bpmn"], force=True).json["url"].endswith("/3")


def test_only_the_pages_that_draw_may_style_by_attribute(visit: Visit) -> None:
    designer = visit(DESIGNER)
    assert "unsafe-inline" in designer.get("/definitions/supervision/edit").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in designer.get("/definitions").headers["Content-Security-Policy"]
