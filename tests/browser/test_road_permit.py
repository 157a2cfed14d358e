"""The permit to dig a road up, as it is shipped, at browsers: somebody without an account applies, the window asks once for what is
missing, municipal works and the traffic police review side by side, the certificate is printed, and its QR code leads whoever scans it to
what stands on it. Once with the applicant on a phone and the offices at desks, once the other way round and in English."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import NewPage, Sit
from tests.browser.desk import Accessible, Desk, Screenshot
from tests.stories import permits

if TYPE_CHECKING:
    from web.city import City

TITLE, CONTACT, PHONE = "燃气支管改造", "欧阳金丝雀", "13912340000"
SAID = {
    "applicant": "潜江市燃气公司", "contact": CONTACT, "phone": PHONE, "title": TITLE, "begins_m": "120", "ends_m": "180",
    "width_m": "1.2", "place": "江汉路 55 号门前", "start_on": "2026-07-27", "finish_on": "2026-08-07",
}  # fmt: skip
PERSONAL = {"applicant", "contact", "phone"}
"""May be somebody's name: stays in no browser."""
ROAD = ("江汉路（红梅路—园林路）", "Jianghan Road (Hongmei–Yuanlin)")
CHOSEN = {"applicant_kind": "unit", "works": "excavation"}
OTHERS = "江汉路给水管改造"
"""What is dug there already: its name is nobody's to know but the office's."""


def paper(name: str) -> FilePayload:
    """A file as an applicant has it."""
    return {"name": name, "mimeType": "application/pdf", "buffer": f"%PDF-1.4\n%{name}\n%%EOF\n".encode()}


class People:
    """Who sits where, and in which language; `say` picks a text in it."""

    def __init__(self, sit: Sit, applicant: Desk, *, english: bool, offices_phone: bool, name: str) -> None:
        self._sit, self.applicant, self.english, self._phone, self._name = sit, applicant, english, offices_phone, name

    def say(self, zh: str, en: str) -> str:
        return en if self.english else zh

    def office(self, login: str) -> Desk:
        return self._sit(login, phone=self._phone, locale="en-GB" if self.english else "zh-CN")

    def shot(self, of: str) -> str:
        """What a picture is called."""
        return f"road-{of}-{self._name}"


@pytest.fixture(params=["zh-phone", "en-desk"])
def people(
    request: pytest.FixtureRequest,
    site: str,
    sit: Sit,
    new_page: NewPage,
    accessible: Accessible,
    screenshot: Screenshot,
) -> People:
    """`zh-phone`: the applicant has a phone and reads Chinese, offices have desks. `en-desk`: the other way round, in English."""
    english = request.param == "en-desk"
    page = new_page(site, phone=not english, locale="en-GB" if english else "zh-CN", accept_downloads=True)
    applicant = Desk(page, "", accessible, screenshot)
    return People(sit, applicant, english=english, offices_phone=english, name=request.param)


def test_from_the_form_to_a_certificate_that_verifies(people: People, city: City) -> None:
    permits.granted(city)  # somebody digs there already
    code = applied(people)
    city.run_due()
    asked_once_for_what_is_missing(people, city)
    corrected_with_the_code(people, city, code)
    clerk = take(people, permits.WINDOW, ("窗口受理", "Accept"), "accept-again")
    choose(clerk, "accept_decision", "accept")
    hand_in(people, clerk)
    city.run_due()
    reviewed_side_by_side(people, city)
    if not people.english:
        hearing_waived(people, city)
    deciding = take(people, permits.DECIDES, ("许可决定", "Decide"), "decide")
    choose(deciding, "decision", "grant")
    hand_in(people, deciding)
    city.run_due()
    issued(people, city)
    verified(people, downloaded(people))


# ---------------------------------------------------------------- the applicant


def applied(people: People) -> str:
    """The form, kept in this browser, refused, looked over with what it meets, and sent; answers the receipt code."""
    desk, say = people.applicant, people.say
    page = desk.page
    desk.open("/apply", people.shot("listing"))
    page.get_by_role("link", name=re.compile(say("申请占用、挖掘城市道路", "Apply to occupy or dig up a road"))).click()
    desk.look(people.shot("form"))
    for name, value in SAID.items():
        page.locator(f"[name={name}]").fill(value)
    for name, value in CHOSEN.items():
        page.locator(f"[name={name}][value={value}]").check()
    page.locator("[name=purpose]").select_option("gas")
    page.locator("[name=method]").select_option("open")
    on_the_map(desk)
    while SAID["place"] not in page.evaluate("localStorage.getItem('draft:apply-excavation_permit') ?? ''"):
        page.wait_for_timeout(100)  # kept a moment after the last key
    page.reload()
    for name, value in SAID.items():
        expect(page.locator(f"[name={name}]")).to_have_value("" if name in PERSONAL else value)
    for name, value in CHOSEN.items():
        expect(page.locator(f"[name={name}][value={value}]")).to_be_checked()
    desk.look(people.shot("draft"))
    page.locator("[name=plan_files]").set_input_files(paper("管线设计.pdf"))
    desk.press(say("下一步：核对", "Next: look it over"), picture=people.shot("refused"))
    desk.says(say("有 4 项需要修改", "4 answers need a change"))
    for name in PERSONAL:
        page.locator(f"[name={name}]").fill(SAID[name])
    page.get_by_label(say("路段", "Road segment"), exact=True).select_option(permits.FREE)
    desk.press(say("下一步：核对", "Next: look it over"), picture=people.shot("confirm"))
    desk.says(say("同一路段、同一时间已有 1 项", "One more at the same place in the same time"))
    desk.says(say("K0+100 至 K0+140", "K0+100 to K0+140"))
    desk.says(say("建议您与其合并施工", "propose to combine both works"))
    desk.says("管线设计.pdf")  # it came through the refusal
    assert OTHERS not in page.content()
    desk.press(say("确认提交", "Send it"), picture=people.shot("receipt"))
    return re.sub(r"\s", "", page.locator("#receipt-code").inner_text())


def on_the_map(desk: Desk) -> None:
    """The place is also a point: a tap on the map."""
    drawn = desk.page.locator(".map.leaflet-container")
    drawn.scroll_into_view_if_needed()
    drawn.click(position={"x": 120, "y": 90})
    expect(desk.page.locator("[name=lat]")).to_have_value(re.compile(r"^30\.\d+"))


def corrected_with_the_code(people: People, city: City, code: str) -> None:
    """What is missing is supplied by whoever has the code."""
    desk, say = people.applicant, people.say
    page = desk.page
    desk.open("/public/follow")
    page.get_by_label(say("查询码", "Receipt code")).fill(code.lower())
    desk.press(say("查看", "Show"), picture=people.shot("missing"))
    desk.says(say("与其他工程在路段和时间上重叠，建议合并施工或错开", "combine them, or shift one"))
    desk.says("燃气公司同意文件")
    page.get_by_role("link", name=say("现在办理", "Do it now")).click()
    desk.look(people.shot("correct"))
    desk.press(say("提交", "Send"))
    desk.says(say("有 1 项需要修改", "One answer needs a change"))
    page.get_by_label(say("补正说明", "What was supplied")).fill("已附同意文件")
    page.locator("[name=supplement_files]").set_input_files(paper("同意文件.pdf"))
    desk.press(say("提交", "Send"), picture=people.shot("corrected"))
    desk.says(say("已提交", "Sent. The office goes on"))
    city.run_due()
    desk.open("/application", people.shot("supplied"))
    desk.says("同意文件.pdf")


def downloaded(people: People) -> Path:
    """The certificate, as the applicant gets it."""
    desk, say = people.applicant, people.say
    desk.open("/application", people.shot("granted"))
    desk.says(say("城市道路挖掘许可证", "Road excavation permit"))
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name=say("下载证书", "Download the certificate")).click()
    assert download.value.suggested_filename.startswith("WJ2026-")
    return download.value.path()


def verified(people: People, certificate: Path) -> None:
    """Whoever scans the paper reads what stands on it; another code does not open it; the public register names nobody."""
    desk, say = people.applicant, people.say
    address = scanned(certificate)
    parts = urlsplit(address)
    number = parts.path.rpartition("/")[2]
    desk.open(f"{parts.path}?{parts.query}", people.shot("verify"))
    assert desk.page.url == address, "the QR code leads to this very city"
    for text in (number, SAID["applicant"], say("未到生效日期", "Not valid yet"), "120–180"):
        desk.says(text)
    last = address[-1]
    desk.open(f"{parts.path}?{parts.query[:-1]}{'A' if last != 'A' else 'B'}", people.shot("forged"))
    desk.says(say("核验码不对", "the code is wrong"))
    assert SAID["applicant"] not in desk.page.content()
    desk.open(f"/permits?q={number}", people.shot("register"))
    desk.says(number)
    desk.says(say(*ROAD))
    assert CONTACT not in desk.page.content()
    assert PHONE not in desk.page.content()


def scanned(certificate: Path) -> str:
    """What the QR code on the first page of a PDF says."""
    document = pypdfium2.PdfDocument(certificate)
    try:
        picture = document[0].render(scale=2).to_pil()
    finally:
        document.close()
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


# ---------------------------------------------------------------- the offices


def take(people: People, login: str, step: tuple[str, str], picture: str) -> Desk:
    """Somebody finds the task in the inbox of their unit, opens and claims it."""
    desk = people.office(login)
    desk.open("/inbox?tab=unit")
    desk.press(TITLE, desk.row(people.say(*step)).filter(has_text=TITLE))
    desk.press(people.say("领取", "Claim"), picture=people.shot(picture))
    return desk


def choose(desk: Desk, name: str, value: str) -> None:
    desk.page.locator(f"[name={name}][value={value}]").check()


def hand_in(people: People, desk: Desk) -> None:
    desk.press(people.say("提交", "Submit"), desk.page.locator("form.form"))


def asked_once_for_what_is_missing(people: People, city: City) -> None:
    clerk = take(people, permits.WINDOW, ("窗口受理", "Accept"), "accept")
    clerk.says(people.say("建议合并施工或错开", "combine them, or shift one"))
    clerk.says(OTHERS)  # the office knows whose it is
    choose(clerk, "accept_decision", "supplement")
    hand_in(people, clerk)
    clerk.says(people.say("有 1 项需要修改", "One answer needs a change"))
    clerk.page.get_by_label(people.say("需补正的全部内容", "All that is missing")).fill("燃气公司同意文件")
    hand_in(people, clerk)
    city.run_due()


def reviewed_side_by_side(people: People, city: City) -> None:
    """Both have it at once; who is second need not wait for who is first, and nothing is decided before both have answered."""
    engineer = take(people, permits.MUNICIPAL, ("市政审查", "Municipal review"), "municipal")
    police = take(people, permits.TRAFFIC, ("交警审查", "Traffic review"), "traffic")
    choose(engineer, "municipal_opinion", "agree")
    hand_in(people, engineer)
    engineer.look(people.shot("municipal-refused"))
    choose(engineer, "overlap_decision", "combine")
    engineer.page.locator("[name=overlap_note]").fill("与给水管合并施工，同沟敷设")
    if not people.english:  # half of them hear whoever is concerned
        choose(engineer, "hearing_kind", "interests")
        engineer.page.locator("[name=hearing_parties]").fill("沿线商户")
    hand_in(people, engineer)
    city.run_due()
    deciding = people.office(permits.DECIDES)
    deciding.open("/inbox?tab=unit")
    expect(deciding.row(TITLE)).to_have_count(0)
    choose(police, "traffic_opinion", "agree")
    police.page.locator("[name=traffic_plan]").select_option("half")
    hand_in(people, police)
    city.run_due()


def hearing_waived(people: People, city: City) -> None:
    """Important interests are at stake: both sides are told of their right (行政许可法 47), and neither wants to be heard."""
    say = people.say
    clerk = take(people, permits.WINDOW, ("告知听证权利", "Tell of the right to a hearing"), "tell-right")
    choose(clerk, "right_told_how", "direct")
    clerk.page.locator("[name=right_told_on]").fill("2026-06-10")
    clerk.page.locator("[name=right_document]").fill("潜城听告〔2026〕1 号")
    hand_in(people, clerk)
    city.run_due()
    desk = people.applicant
    desk.open("/application", people.shot("hearing"))
    desk.press(say("现在办理", "Do it now"), picture=people.shot("hearing-asked"))
    choose(desk, "hearing_answer", "waive")
    desk.press(say("提交", "Send"))
    clerk = take(people, permits.WINDOW, ("利害关系人：是否要求听证", "Others concerned: a hearing?"), "parties")
    choose(clerk, "parties_answer", "waive")
    hand_in(people, clerk)
    city.run_due()


def issued(people: People, city: City) -> None:
    clerk = take(people, permits.WINDOW, ("颁发、送达许可证", "Issue the permit"), "issue")
    for name, value in {"fee_paid_on": "2026-06-10", "fee_receipt": "鄂财 0001", "delivered_on": "2026-06-10"}.items():
        clerk.page.locator(f"[name={name}]").fill(value)
    choose(clerk, "delivered_how", "electronic")
    hand_in(people, clerk)
    city.run_due()
