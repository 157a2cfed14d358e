"""What a hand does on the drawing of the editor, by places of the diagram: coming near, making room, putting down, joining."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

STEPS = 12


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a place of the diagram is on the screen."""
    script = """([x, y]) => {
        const m = document.querySelector(".designer-canvas .viewport").getScreenCTM();
        return [m.a * x + m.e, m.d * y + m.f];
    }"""
    found = page.evaluate(script, [x, y])
    return float(found[0]), float(found[1])


def near(page: Page, x: float, y: float, scale: float = 0.8) -> None:
    """Zoom in with the wheel, as people do, until the drawing is large enough to work on, and bring the place to the middle."""
    for _ in range(40):
        now = page.evaluate("document.querySelector('.designer-canvas .viewport').getScreenCTM().a")
        if now >= scale:
            break
        page.mouse.move(*at(page, x, y))
        page.keyboard.down("Control")
        page.mouse.wheel(0, -100)
        page.keyboard.up("Control")
        page.wait_for_timeout(30)
    box = page.locator(".designer-stage").bounding_box()
    assert box is not None
    here = at(page, x, y)
    blank = (box["x"] + box["width"] / 2, box["y"] + box["height"] - 12)
    page.mouse.move(*blank)
    page.mouse.down()
    page.mouse.move(
        blank[0] + box["x"] + box["width"] / 2 - here[0], blank[1] + box["y"] + box["height"] / 2 - here[1], steps=STEPS
    )
    page.mouse.up()


def make_room(page: Page, x: float, y: float, by: float) -> None:
    """What lies right of a place moves to the right."""
    page.locator("[data-action=space-tool]").click()
    page.mouse.move(*at(page, x, y))
    page.mouse.down()
    page.mouse.move(*at(page, x + by, y), steps=STEPS)
    page.mouse.up()
    page.keyboard.press("Escape")  # the tool stays in the hand otherwise


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """What is drawn at one place is moved to another."""
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *end), steps=STEPS)
    page.mouse.up()


def put_on(page: Page, what: str, x: float, y: float) -> str:
    """A new element from the palette, put down on a flow, which then leads through it; gives its id."""
    known = ids(page)
    page.locator(f"[data-action='{what}']").click()
    target = at(page, x, y)
    page.mouse.move(target[0] - 40, target[1] + 30, steps=4)
    page.mouse.move(*target, steps=STEPS)
    page.mouse.click(*target)
    new = [one for one in ids(page) - known if not one.endswith("_label")]
    shapes = [one for one in new if page.locator(f".djs-shape[data-element-id='{one}']").count()]
    flows = [one for one in new if one not in shapes]
    assert (len(shapes), len(flows)) == (1, 1), new
    return shapes[0]


def ids(page: Page) -> set[str]:
    """The ids of all that is drawn."""
    return set(
        page.locator(".designer-canvas [data-element-id]").evaluate_all("found => found.map(e => e.dataset.elementId)")
    )


def join(page: Page, source: str, target: str) -> str:
    """A flow from one element to another; gives its id."""
    known = ids(page)
    shape(page, source).click()
    page.locator(".djs-context-pad.open [data-action=connect]").click()
    for _ in range(2):  # the canvas moves along when the mouse comes near its edge
        box = shape(page, target).bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(middle[0] - 10, middle[1] + 10, steps=STEPS)
    page.mouse.move(*middle, steps=4)
    page.mouse.click(*middle)
    new = [one for one in ids(page) - known if not one.endswith("_label")]
    assert len(new) == 1, new
    return new[0]


def shape(page: Page, id_: str) -> Locator:
    """What of an element takes clicks."""
    return page.locator(f"[data-element-id='{id_}'] > .djs-hit").first


def become(page: Page, kind: str) -> None:
    """Another kind of what is chosen, from the menu of its pad."""
    page.locator(".djs-context-pad.open [data-action=replace]").click()
    page.locator(f".djs-popup [data-id={kind}]").click()


def open_group(page: Page, group: str) -> None:
    """Open a group of the panel, or close it."""
    page.locator(f"[data-group-id='group-{group}'] .bio-properties-panel-group-header").first.click()


def entry(page: Page, name: str) -> Locator:
    """An input of the panel."""
    return page.locator(f"#bio-properties-panel-{name}")
