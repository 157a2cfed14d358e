"""Every route names who may call it; one that names nobody is open to nobody."""

from __future__ import annotations

import pytest
from flask import Flask

from engine.powers import POWERS
from tests.web.visitor import Visit
from web.app import create_app
from web.city import City
from web.policies import PUBLIC, SIGNED_IN, policy_of
from web.setting_up import read_table


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # nothing here can depend on the kind of database


def test_every_route_has_a_policy_of_known_words(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        names = policy_of(app, rule.endpoint)
        assert names, f"{rule.rule} ({rule.endpoint}) names no policy"
        assert set(names) <= {*POWERS, PUBLIC, SIGNED_IN}, (rule.rule, names)


def test_every_power_of_a_post_is_told_in_words() -> None:
    for row in read_table("posts"):
        assert set((row["powers"] or "").split()) <= set(POWERS), row["key"]


def test_a_route_that_names_nobody_is_refused(app: Flask, visit: Visit) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    for visitor in (visit(), visit("shenjiahao")):
        answer = visitor.get("/forgotten")
        assert answer.status_code in (302, 500)
        assert "secret" not in answer.text


def test_nobody_sees_a_page_without_logging_in(app: Flask, visit: Visit) -> None:
    visitor = visit()
    for rule in app.url_map.iter_rules():
        names = policy_of(app, rule.endpoint) or ()
        if "GET" not in (rule.methods or set()) or PUBLIC in names or rule.arguments:
            continue
        answer = visitor.get(rule.rule)
        assert answer.status_code in (302, 401), rule.rule


@pytest.mark.parametrize(
    "login,path,status",
    [("lijianguo", "/report", 200), ("fengdawei", "/report", 403), ("pengshuisheng", "/start/excavation_permit", 200),
     ("lijianguo", "/start/excavation_permit", 403), ("lijianguo", "/start/no_such_process", 404)],
)  # fmt: skip
def test_powers_open_pages(visit: Visit, login: str, path: str, status: int) -> None:
    assert visit(login).get(path).status_code == status


def test_answers_carry_the_headers_of_a_hardened_site(visit: Visit) -> None:
    headers = visit("lijianguo").get("/").headers
    policy = headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert part in [each.strip() for each in policy.split(";")], part
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert visit().get("/login").headers["Cache-Control"] == "no-store"


def test_over_https_cookies_are_bound_to_this_host_and_plain_http_is_forgotten(app: Flask) -> None:
    answer = app.test_client().get("/login", base_url="https://city.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-liandong_page=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_only_a_proxy_that_is_known_says_where_a_request_comes_from(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"X-Forwarded-For": "10.9.9.9", "X-Forwarded-Proto": "https"}
    for proxies, secure in (("0", False), ("1", True)):
        monkeypatch.setenv("PROXIES", proxies)
        answer = create_app(city, b"a secret of the tests").test_client().get("/login", headers=said)
        assert ("Strict-Transport-Security" in answer.headers) is secure


def test_errors_are_pages_in_words_in_both_languages(visit: Visit) -> None:
    chinese, english = visit("lijianguo"), visit("wangxiuying", "en")
    assert "没有这个页面" in chinese.get("/nothing").text
    assert "There is no such page" in english.get("/nothing").text
    refused = english.post("/logout", {})
    assert refused.status_code == 400
    assert "The page has expired" in refused.text
    too_large = chinese.client.post(
        "/report", data=b"x" * (41 * 1024 * 1024), content_type="multipart/form-data; boundary=x"
    )
    assert too_large.status_code == 413
    assert "内容太大" in too_large.text


def test_a_program_gets_its_errors_as_json(visit: Visit) -> None:
    answer = visit().client.get("/inbox", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "log_in_first"
