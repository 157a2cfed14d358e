"""Single sign-on against a real identity provider (npm oidc-provider), and against ones that lie."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from sqlalchemy import func, select, update

from engine.clock import RealClock
from engine.errors import Invalid
from engine.login import provider as providers
from engine.login.provider import Provider, ProviderFailed
from engine.tables import audit, login_link, membership, person, session, setting
from tests.web.single import SECRET, at_the_provider, provider
from tests.web.visitor import PASSWORD, Visit, Visitor, give_password
from web.city import City

BACK = "http://localhost/login/provider/back"
KEEPER = "feiguoqing"
HANDLER = "xiahexiang"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider(BACK) as address:
        yield address


def set_up(keeper: Visitor, issuer: str, **more: str) -> None:
    given = {"oidc_issuer": issuer, "oidc_client_id": "liandong", "oidc_client_secret": SECRET, **more}
    assert keeper.submit("/security", "/security/provider", **given).status_code == 303


def come(visitor: Visitor, name: str, target: str = "") -> Any:
    """Log in by the provider as `name`; the answer when the browser comes back."""
    away = visitor.submit("/login", "/login/provider", next=target)
    assert away.status_code == 303, away.text
    where = at_the_provider(away.headers["Location"], name, BACK)
    return visitor.get(where.removeprefix("http://localhost"))


def is_inside(visitor: Visitor) -> bool:
    return bool(visitor.get("/inbox").status_code == 200)


def test_who_is_linked_comes_in_with_their_own_rights_and_nobody_else(visit: Visit, city: City, issuer: str) -> None:
    keeper = visit(KEEPER)
    set_up(keeper, issuer)
    with city.core.db.read() as connection:
        kept = str(connection.execute(select(setting.c.value)).scalars().all())
        audited = str(connection.execute(select(audit.c.data).where(audit.c.kind == "setting_changed")).scalars().all())
        people = connection.execute(select(func.count()).select_from(person)).scalar_one()
    assert SECRET not in kept + audited
    assert issuer in kept

    # The provider knows them; here nobody is linked: no person, no rights come into being.
    visitor = visit()
    door = visitor.get("/login")
    assert f"form-action 'self' {issuer};" in door.headers["Content-Security-Policy"]
    refused = come(visitor, HANDLER)
    assert refused.status_code == 403
    assert f"身份标识：{HANDLER}" in refused.text
    assert not is_inside(visitor)
    actor = city.actor(HANDLER)
    with city.core.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(person)).scalar_one() == people
        posts = connection.execute(select(membership).where(membership.c.person_id == actor.id)).all()

    # Linked by who keeps security, they are in: with the posts they have here, and where they wanted to go.
    page = f"/accounts/{actor.id}"
    linked = keeper.submit(page, page, act="link", issuer=issuer, subject=HANDLER)
    assert linked.status_code == 303, linked.text
    visitor.client.set_cookie("liandong_session", "planted")
    answer = come(visitor, HANDLER, "/inbox?tab=late")
    assert answer.headers["Location"] == "/inbox?tab=late"
    assert is_inside(visitor)
    with city.core.db.read() as connection:
        assert connection.execute(select(membership).where(membership.c.person_id == actor.id)).all() == posts
        assert (
            connection.execute(select(session.c.method).where(session.c.person_id == actor.id)).scalar_one() == "oidc"
        )

    # Another subject with the same log-in name is not them; unlinked, neither are they, at the next request.
    assert come(visit(), "somebody").status_code == 403
    keeper.submit(page, page, act="unlink", issuer=issuer, subject=HANDLER)
    assert not is_inside(visitor)
    assert come(visitor, HANDLER).status_code == 403


def test_an_answer_is_good_once_and_in_the_browser_that_asked(visit: Visit, city: City, issuer: str) -> None:
    set_up(visit(KEEPER), issuer, oidc_claim="preferred_username")
    visitor, thief = visit(), visit()
    away = visitor.submit("/login", "/login/provider")
    asked = parse_qs(urlsplit(away.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["nonce"][0]) >= 22
    where = at_the_provider(away.headers["Location"], HANDLER, BACK).removeprefix("http://localhost")
    # An answer planted in another browser (log-in CSRF), or stolen on its way, opens nothing there.
    thief.submit("/login", "/login/provider")
    assert thief.get(where).status_code == 502
    assert not is_inside(thief)
    assert visitor.get(where.partition("&iss=")[0] + "&iss=https://evil.example").status_code == 502
    # What was begun is used up by the failure; begun anew it works once.
    assert visitor.get(where).status_code == 502
    away = visitor.submit("/login", "/login/provider")
    where = at_the_provider(away.headers["Location"], HANDLER, BACK).removeprefix("http://localhost")
    assert visitor.get(where).status_code == 303
    assert is_inside(visitor)
    assert visitor.get(where).status_code == 502


def test_a_trusted_claim_links_once_and_only_who_is_there_and_active(visit: Visit, city: City, issuer: str) -> None:
    set_up(visit(KEEPER), issuer, oidc_claim="preferred_username")
    assert come(visit(), HANDLER).status_code == 303
    with city.core.db.read() as connection:
        link = connection.execute(select(login_link)).one()
        assert (link.person_id, link.by_id) == (city.actor(HANDLER).id, None)
    assert come(visit(), "nobody.of.that.name").status_code == 403
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login.in_([HANDLER, "lvshuhua"])).values(active=False))
    for name in (HANDLER, "lvshuhua"):
        visitor = visit()
        assert come(visitor, name).status_code == 403
        assert not is_inside(visitor)
    # An e-mail address counts only when the provider says that it was verified.
    set_up(visit(KEEPER), issuer, oidc_claim="email")
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == "wangxiuying").values(login="w@city.example"))
    assert come(visit(), "w").status_code == 403


def test_a_provider_is_reached_safely_or_not_at_all(visit: Visit, city: City) -> None:
    keeper = visit(KEEPER)
    for address in ("http://city.example", "https://a@city.example", "ftp://city.example", "file:///etc/passwd"):
        answer = keeper.submit("/security", "/security/provider", oidc_issuer=address, oidc_client_id="x")
        assert answer.status_code == 422, address
    set_up(keeper, "http://127.0.0.1:9")  # nobody there
    visitor = visit()
    answer = visitor.submit("/login", "/login/provider")
    assert answer.status_code == 502
    give_password(city, HANDLER)
    assert visitor.log_in(HANDLER, PASSWORD).status_code == 303, "the other way in still works"
    assert visit(HANDLER).post("/security/provider", {}).status_code in (400, 403)


# ---------------------------------------------------------------- providers that lie


def now() -> int:
    return int(RealClock().now().timestamp())


class Liar:
    """A provider whose ID tokens are what a test makes of them."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "1"})
        self.other = RSAKey.generate_key(2048, {"kid": "1"})
        self.make: Callable[[dict[str, Any]], str] = self.sign
        liar = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.say(liar.about() if "openid" in self.path else KeySet([liar.key]).as_dict(private=False))

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                claims: dict[str, Any] = {"iss": liar.issuer, "aud": "liandong", "sub": "s", "nonce": "n", "iat": now()}
                token = liar.make({**claims, "exp": claims["iat"] + 300})
                self.say({"access_token": "a", "token_type": "Bearer", "id_token": token})

            def say(self, body: Any) -> None:
                text = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def about(self) -> dict[str, str]:
        ends = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        return {"issuer": self.issuer, **{end: f"{self.issuer}/{end}" for end in ends}}

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.close()


def unsigned(claims: dict[str, Any]) -> str:
    import base64  # noqa: PLC0415

    parts = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in ({"alg": "none"}, claims)]
    return ".".join([*parts, ""])


LIES: dict[str, Callable[[Liar, dict[str, Any]], str]] = {
    "another nonce": lambda liar, c: liar.sign({**c, "nonce": "m"}),
    "no nonce": lambda liar, c: liar.sign({k: v for k, v in c.items() if k != "nonce"}),
    "for another client": lambda liar, c: liar.sign({**c, "aud": "other"}),
    "for several, another authorised": lambda liar, c: liar.sign({**c, "aud": ["liandong", "other"], "azp": "other"}),
    "of another issuer": lambda liar, c: liar.sign({**c, "iss": "https://evil.example"}),
    "over": lambda liar, c: liar.sign({**c, "exp": c["iat"] - 3600}),
    "without end": lambda liar, c: liar.sign({k: v for k, v in c.items() if k != "exp"}),
    "of nobody": lambda liar, c: liar.sign({k: v for k, v in c.items() if k != "sub"}),
    "another's key": lambda liar, c: jwt.encode({"alg": "RS256", "kid": "1"}, c, liar.other),
    "signed by nobody": lambda _, c: unsigned(c),
    "signed with the client's secret": lambda _, c: jwt.encode(
        {"alg": "HS256"}, c, OctKey.import_key(SECRET.ljust(32, "x"))
    ),
    "no token": lambda _, __: "",
}


@pytest.mark.parametrize("lie", [None, *LIES])
def test_a_token_that_is_not_what_was_asked_for_is_refused(liar: Liar, lie: str | None) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    here = Provider(liar.issuer, "liandong", SECRET.ljust(32, "x"), "", "login", "", "")
    kept = {"state": "s", "nonce": "n", "verifier": "v" * 48, "redirect": BACK}
    liar.make = liar.sign if lie is None else lambda claims: LIES[lie](liar, claims)
    moment = datetime.fromtimestamp(now(), UTC)
    if lie is None:
        assert providers.finish(here, kept, {"state": "s", "code": "c"}, moment)["sub"] == "s"
        for given in ({"state": "t", "code": "c"}, {"code": "c"}, {"state": "s"}, {"state": "s", "error": "no"}):
            with pytest.raises(ProviderFailed):
                providers.finish(here, kept, given, moment)
        with pytest.raises(ProviderFailed):
            providers.finish(here, {}, {}, moment)
        with pytest.raises((ProviderFailed, Invalid)):
            providers.begin(Provider(liar.issuer + "/else", "c", "", "", "login", "", ""), BACK)
    else:
        with pytest.raises(ProviderFailed):
            providers.finish(here, kept, {"state": "s", "code": "c"}, moment)
