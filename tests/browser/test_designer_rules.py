"""A designer says on the panel who does a task."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

from engine.bpmn.settings import Choice
from engine.bpmn.values import Value
from engine.votes import Rule
from tests.browser.conftest import Sit
from tests.browser.designing import kept, publish
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from web.city import City


def field(page: Page, name: str) -> Locator:
    return page.locator(f"#bio-properties-panel-ld-bpmn-UserTask-Candidates-{name}-0")


def test_who_does_a_task_is_chosen_from_the_citys_units_and_posts(sit: Sit, city: City) -> None:
    designer = sit(DESIGNER)
    page = designer.open("/definitions/supervision/edit")
    page.locator("[data-element-id=Archive] .djs-hit").first.click()
    page.locator(".bio-properties-panel-group-header", has_text="由谁办理").click()
    expect(field(page, "unit")).to_have_value("supervision_centre")
    field(page, "unit").select_option("command_centre")
    field(page, "post").select_option("dispatcher")
    field(page, "choose").select_option("load")
    field(page, "fallbackUnit").fill("=responsible_unit")
    field(page, "fallbackPost").select_option("unit_head")
    designer.look("designer-candidates")
    page.locator("[data-act=check]").click()
    expect(page.locator(".designer-said")).to_have_text("检查通过")
    publish(designer, city)
    designer.open("/definitions/supervision")
    designer.says("在办最少者")
    wanted = city.definition("supervision").model.nodes["Archive"].settings.candidates
    assert wanted is not None
    assert (wanted.unit, wanted.post) == (Value("command_centre"), Value("dispatcher"))
    assert wanted.choose is Choice.LOAD
    assert (wanted.fallback_unit, wanted.fallback_post) == (Value("responsible_unit", is_feel=True), Value("unit_head"))


def test_a_vote_and_what_may_be_done_are_chosen_on_the_panel(sit: Sit, city: City) -> None:
    designer = sit(DESIGNER)
    page = designer.open("/definitions/document/edit")
    page.locator("[data-element-id=Countersign] .djs-hit-all").first.click()
    page.locator(".bio-properties-panel-group-header", has_text="会签（多人表决）").click()
    vote = "#bio-properties-panel-ld-bpmn-SubProcess-Vote-{}-0"
    expect(page.locator(vote.format("rule"))).to_have_value("all")
    page.locator(vote.format("rule")).select_option("ratio")
    page.locator(vote.format("share")).fill("2/3")
    page.locator(vote.format("early")).select_option("true")
    designer.look("designer-vote")
    page.locator("[data-element-id=Review] .djs-hit").first.click()
    page.locator(".bio-properties-panel-group-header", has_text="允许和不允许的操作").click()
    page.locator("#bio-properties-panel-ld-bpmn-UserTask-Acts-transfer").select_option("deny")
    page.locator("#bio-properties-panel-ld-bpmn-UserTask-Acts-reject").select_option("")
    designer.look("designer-acts")
    kept(page)
    publish(designer, city)
    nodes = city.definition("document").model.nodes
    drawn = nodes["Countersign"].settings.vote
    assert drawn is not None
    assert (drawn.terms.rule, drawn.terms.share, drawn.early) == (Rule.RATIO, Fraction(2, 3), True)
    review = nodes["Review"].settings
    assert review.denied_acts == {"transfer"}
    assert "reject" not in review.allowed_acts >= {"back", "add_before"}
