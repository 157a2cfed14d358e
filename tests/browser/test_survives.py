"""The served product as real processes: server and worker are killed with -9 in between, and the case goes on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.bpmn.drawing import boundary, chain, end, ext, start, tag, timer, user
from tests.browser.conftest import ROOT, NewPage, seats
from tests.browser.desk import Accessible, Desk, Screenshot
from tests.conftest import MakeDatabase
from tests.db.talking import bundle
from tests.factories import COLLECTOR, DISPATCHER, HANDLER, LEADER, OTHER_COLLECTOR

if TYPE_CHECKING:
    from web.city import City

# ruff: noqa: PLC0415

TITLE = "章华中路上水井盖缺失"
SUPERVISOR = "zhuxiaodong"
PATIENCE_SECONDS = 60  # until a process has come up on a machine that has much else to do
SERVER = ("serve", "--processes", "1", "--threads", "4")
WORKER = ("worker",)


class House:
    """The processes of one installation, each in a session of its own, on one database."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "DATABASE_URL": url,
            "PORT": str(self.port),
            "LIANDONG_SECRET_FILE": str(folder / "secret"),
        }
        self._log = folder / "log"
        self._running: dict[tuple[str, ...], subprocess.Popen[bytes]] = {}

    def start(self, *command: str) -> None:
        with self._log.open("ab") as log:
            self._running[command] = subprocess.Popen(
                [sys.executable, "-P", "-m", "web.cli", *command],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, *command: str) -> None:
        """kill -9 of the process and of all it started."""
        process = self._running.pop(command)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_until_served(self) -> None:
        def answers() -> bool:
            try:
                with urllib.request.urlopen(self.address + "/login", timeout=5) as answer:
                    return bool(answer.status == 200)
            except OSError:
                return False

        self.wait_for(answers)

    def wait_for(self, holds: Callable[[], bool]) -> None:
        deadline = threading.Event()
        timer = threading.Timer(PATIENCE_SECONDS, deadline.set)
        timer.start()
        try:
            while not holds():
                assert not deadline.wait(0.1), self._log.read_text()
        finally:
            timer.cancel()

    def close(self) -> None:
        for command in list(self._running):
            self.kill(*command)


@pytest.fixture
def living_city(make_database: MakeDatabase, password_hash: str) -> Iterator[City]:
    """A city on the database's own time, as it is served."""
    from engine.tables import person
    from web.wiring import open_city

    with closing(open_city(make_database("sqlite", "city"))) as city:
        with city.core.db.write() as connection:
            connection.execute(person.update().values(password_hash=password_hash))
        yield city


@contextmanager
def house_of(city: City, folder: Path) -> Iterator[House]:
    with closing(House(city.core.db.engine.url.render_as_string(hide_password=False), folder)) as house:
        house.start(*SERVER)
        house.start(*WORKER)
        house.wait_until_served()
        yield house


def work(desk: Desk, *, question: str | None = None, answer: str = "", fill: dict[str, str] | None = None) -> None:
    """Claim the case's task and hand in its form."""
    desk.open("/inbox?tab=unit")
    desk.press(f"领取 {TITLE}", desk.row(TITLE))
    if question is not None:
        desk.choose(question, answer)
    for label, text in (fill or {}).items():
        desk.page.get_by_label(label).fill(text)
    desk.submit()
    desk.says("已提交")


def test_a_case_and_a_timer_outlive_the_processes(
    living_city: City,
    tmp_path: Path,
    new_page: NewPage,
    accessible: Accessible,
    screenshot: Screenshot,
) -> None:
    city = living_city
    with house_of(city, tmp_path) as house:
        house.kill(*WORKER)
        urged = supervise(city)
        desks: list[Desk] = []

        def sit(person: str) -> Desk:
            desks.append(seat(person))
            return desks[-1]

        def kill_server() -> None:
            # A page whose pictures are still on their way would lose them: a server that dies in between is not what is tried here.
            for desk in desks:
                desk.page.wait_for_load_state("load")
            house.kill(*SERVER)

        seat = seats(house.address, city, new_page, accessible, screenshot)
        collector = sit(COLLECTOR)
        page = collector.open("/report")
        page.get_by_label("问题简述").fill(TITLE)
        page.get_by_label("所在街镇、社区").select_option("zhanghua")
        page.get_by_label("具体位置").fill("章华中路 12 号")
        collector.submit()
        case = int(collector.path.rpartition("/")[2])
        leader = sit(LEADER)
        leader.open("/inbox?tab=unit")
        leader.press(f"领取 {TITLE}", leader.row(TITLE))
        leader.page.locator("#f-standard_code").select_option("C-0101-1")

        # The server dies while the leader's form is filled in; it comes back, and the form is handed in as it stands.
        kill_server()
        house.start(*SERVER)
        house.wait_until_served()
        leader.submit()
        leader.says("“立案”已提交")
        work(sit(DISPATCHER))
        handler = sit(HANDLER)
        work(handler, question="处理意见", answer="签收")
        assert "timer_fired" not in kinds(city, urged)
        kill_server()
        house.start(*SERVER)
        house.start(*WORKER)
        house.wait_until_served()
        work(handler, question="处置结果", answer="处置完毕", fill={"处置情况": "已更换井盖"})
        work(sit(DISPATCHER), question="处理意见", answer="转核查")
        work(sit(OTHER_COLLECTOR), question="核查结果", answer="通过")
        work(leader)
        collector.open(f"/cases/{case}", "survived")
        collector.says("已结案")
        assert [row["kind"] for row in city.trail(case)].count("completed") == 7

        # The reminder came due while no worker lived; the next one sent it, once.
        house.wait_for(lambda: kinds(city, urged).count("action_done") == 1)
        assert kinds(city, urged).count("timer_fired") == 1
        supervisor = sit(SUPERVISOR)
        supervisor.open(f"/cases/{urged}", "survived-reminder")
        expect(supervisor.page.locator(".timeline")).to_contain_text("到时：到期催办")
        kill_server()


def kinds(city: City, case: int) -> list[str]:
    return [row["kind"] for row in city.trail(case)]


def supervise(city: City) -> int:
    """A matter whose reminder comes due a few seconds from now."""
    soon = city.core.db.now().astimezone(UTC) + timedelta(seconds=4)
    told = ext(
        '<ld:action name="notify" unit="supervision_centre" post="supervisor" zh="请尽快办理" en="Please see to it"/>'
    )
    city.deploy(
        bundle(
            start(),
            user("A", settings='<ld:candidates unit="supervision_centre" post="supervisor"/>', name="答复"),
            boundary(
                "A", "B", timer(f"{soon:%Y-%m-%dT%H:%M:%SZ}", "timeDate"), cancelActivity="false", name="到期催办"
            ),
            tag("serviceTask", told, id="N", name="催办"),
            end(),
            chain("S", "A", "E"),
            chain("B", "N", "E"),
            key="reminded",
        )
    )
    return city.start("reminded", {}, SUPERVISOR)
