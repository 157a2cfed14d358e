"""Somebody with a browser: keeps cookies, finds the hidden fields of the forms on a page, and presses their buttons."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from engine.tables import person
from web.city import City

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Its hash, quick to check: a hash says itself how much work it is."""

COLLECTOR = "lijianguo"
ACCEPTOR = "zhouxiaoyan"
LEADER = "sunguoqing"
OTHER_LEADER = "hulijuan"
STRANGER = "lvshuhua"
"""People of the shipped city; the stranger's unit has nothing to do with the cases of tests."""


def give_password(city: City, *logins: str) -> None:
    """These people can log in with the password of the tests."""
    with city.core.db.write() as connection:
        now = city.core.db.now_on(connection)
        connection.execute(
            update(person)
            .where(person.c.login.in_(logins))
            .values(password_hash=QUICK, password_at=now, must_change=False)
        )


class Visitor:
    """`Visitor(app, city, "lijianguo")` is logged in; without a login it is anybody."""

    def __init__(self, app: Flask, city: City, login: str | None = None, locale: str = "zh") -> None:
        self.client = app.test_client()
        self.city = city
        self.language = {"zh": "zh-CN", "en": "en-GB"}[locale]
        if login is not None:
            give_password(city, login)
            answer = self.log_in(login, PASSWORD)
            assert answer.status_code == 303, answer.text
            if locale == "en":
                self.submit("/", "/language", locale="en")

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Accept-Language": self.language})

    def post(self, path: str, data: dict[str, Any]) -> TestResponse:
        return self.client.post(path, data=data, headers={"Accept-Language": self.language})

    def log_in(self, login: str, password: str, target: str = "") -> TestResponse:
        return self.submit("/login", "/login", login=login, password=password, next=target)

    def submit(self, page: str, action: str, /, **answers: Any) -> TestResponse:
        """Open a page and send its form that goes to `action`, with these answers over what the form holds."""
        return self.post(action, {**self.form(page, action), **answers})

    def form(self, page: str, action: str) -> dict[str, Any]:
        """The fields of a page's form as a browser would send them untouched."""
        found = Forms(self.get(page).text).of(action)
        assert found is not None, f"{page} has no form that goes to {action}"
        return found


Visit = Callable[..., Visitor]


class Forms(HTMLParser):
    """The forms of a page with what their fields hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._forms: list[tuple[str, dict[str, Any]]] = []
        self._select: str | None = None
        self._area: str | None = None
        self.feed(text)

    def of(self, action: str) -> dict[str, Any] | None:
        """The form that goes to this address; a form without one goes to its own page."""
        return next((fields for where, fields in self._forms if where in (action, "")), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        names = {k for k, _ in attrs}
        if tag == "form":
            self._forms.append((given.get("action", ""), {}))
        if not self._forms:
            return
        fields = self._forms[-1][1]
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") != "file":
            if given.get("type") not in ("radio", "checkbox") or "checked" in names:
                fields[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in names:
            fields[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area and self._forms:
            self._forms[-1][1][self._area] += data


def words(page: str) -> str:
    """A page's text, without tags and with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
