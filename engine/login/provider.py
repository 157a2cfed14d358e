"""Single sign-on: the identity provider of the city (OpenID Connect, code flow with PKCE and nonce). Who comes from there is somebody
only by a link that an administrator made, or by a claim that settings trust; rights never come from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import Connection, delete, select

from engine import settings, vault
from engine.access import check_power
from engine.errors import Invalid, LiandongError
from engine.login import rules
from engine.login.accounts import make_link
from engine.tables import login_link, person, setting

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

SETTINGS: dict[str, Any] = {
    "oidc_issuer": "",
    "oidc_client_id": "",
    "oidc_client_secret": "",
    "oidc_claim": "",
    "oidc_claim_is": "login",
    "oidc_second_factor": "here",
    "oidc_label_zh": "统一身份认证登录",
    "oidc_label_en": "Single sign-on",
}
ALGORITHMS = ["RS256", "PS256", "ES256"]
"""Signatures taken of an ID token: never none, never one keyed with the client's secret."""
TIMEOUT = 10
"""Seconds that the provider may take for an answer."""
LEEWAY = 60
"""Seconds its clock may be away from the database's."""


class ProviderFailed(LiandongError):
    """The provider did not answer, or not as it should; nobody is logged in."""

    code = "provider_failed"
    status = 502
    zh = "统一身份认证没有完成：{why_zh}。请重试，或用用户名和密码登录。"
    en = "Single sign-on did not work: {why_en}. Try again, or log in with name and password."


class NotLinked(LiandongError):
    """The provider knows them; this city does not."""

    code = "not_linked"
    status = 403
    zh = "您的统一身份尚未关联本系统的人员，请联系安全管理员。身份标识：{subject}"
    en = "The provider knows you, but nobody here is linked to you. Ask a security administrator; your subject: {subject}"


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider as it is set up."""

    issuer: str
    client_id: str
    secret: str
    claim: str
    claim_is: str
    label_zh: str
    label_en: str

    @property
    def origin(self) -> str:
        """Where browsers are sent."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class Begun:
    """A log-in under way: where the browser goes, and what it must bring back, kept for this browser alone."""

    address: str
    kept: dict[str, str]


def known(core: Core) -> Provider | None:
    """The provider, when one is set up."""
    with core.db.read() as connection:
        now = settings.read(connection, SETTINGS)
    if not now["oidc_issuer"] or not now["oidc_client_id"]:
        return None
    secret = vault.unseal_setting(now["oidc_client_secret"]) if now["oidc_client_secret"] else ""
    return Provider(
        now["oidc_issuer"],
        now["oidc_client_id"],
        secret,
        now["oidc_claim"],
        now["oidc_claim_is"],
        now["oidc_label_zh"],
        now["oidc_label_en"],
    )


def begin(provider: Provider, redirect_uri: str) -> Begun:
    """Where to send the browser. ProviderFailed."""
    about = _discover(provider)
    kept = {name: generate_token(48) for name in ("nonce", "verifier")}
    with _client(provider, redirect_uri) as client:
        address, state = client.create_authorization_url(
            about["authorization_endpoint"], nonce=kept["nonce"], code_verifier=kept["verifier"]
        )
    return Begun(address, {**kept, "state": state, "redirect": redirect_uri})


def finish(provider: Provider, kept: Mapping[str, str], given: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The verified claims of who came back. ProviderFailed: another browser's answer, a forged or stale one, a refusal there."""
    if not kept or given.get("state") != kept.get("state"):
        raise ProviderFailed(why_zh="登录请求已失效", why_en="this log-in is not the one that was begun here")
    if "error" in given or not given.get("code"):
        raise ProviderFailed(why_zh="认证方没有同意登录", why_en="the provider refused")
    if given.get("iss", provider.issuer) != provider.issuer:  # RFC 9207: an answer of another provider
        raise ProviderFailed(why_zh="认证方不符", why_en="the answer comes from another provider")
    about = _discover(provider)
    try:
        with _client(provider, kept["redirect"]) as client:
            token = client.fetch_token(
                about["token_endpoint"],
                code=given["code"],
                code_verifier=kept["verifier"],
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        keys = KeySet.import_key_set(cast("Any", _get(_safe(about["jwks_uri"]))))
        found = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            found.claims,
            found.header,
            {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            {"nonce": kept["nonce"], "client_id": provider.client_id, "access_token": token.get("access_token")},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        more = _more(provider, about, token["access_token"]) if provider.claim not in {"", *claims} else {}
    except (OAuthError, JoseError, requests.RequestException, KeyError, TypeError, ValueError) as error:
        raise ProviderFailed(why_zh="认证结果无法核实", why_en="what it said could not be verified") from error
    if more.get("sub", claims["sub"]) != claims["sub"]:  # OpenID Connect Core 1.0, 5.3.2: an answer about somebody else
        raise ProviderFailed(why_zh="认证结果前后不符", why_en="it spoke of two people")
    return {**more, **claims}


def _more(provider: Provider, about: Mapping[str, Any], access: str) -> dict[str, Any]:
    """What the provider tells only where it is asked: many keep names out of the ID token."""
    if not about.get("userinfo_endpoint"):
        return {}
    found = _get(_safe(str(about["userinfo_endpoint"])), access)
    return {key: found[key] for key in ("sub", provider.claim, "email_verified") if key in found}


def person_of(core: Core, connection: Connection, provider: Provider, claims: Mapping[str, Any]) -> int:
    """Who this is, inside a transaction: by a link, else by the trusted claim, which makes the link. NotLinked."""
    subject = str(claims["sub"])[:200]
    found = connection.execute(
        select(login_link.c.person_id).where(login_link.c.issuer == provider.issuer, login_link.c.subject == subject)
    ).scalar()
    if found is not None:
        return int(found)
    value = claims.get(provider.claim) if provider.claim else None
    verified = provider.claim != "email" or claims.get("email_verified") is True
    if isinstance(value, str) and value and verified:
        column = person.c.staff_no if provider.claim_is == "staff_no" else person.c.login
        ids = connection.execute(select(person.c.id).where(column == value, person.c.active).limit(2)).scalars().all()
        if len(ids) == 1:
            make_link(core, connection, ids[0], provider.issuer, subject, None)
            return int(ids[0])
    raise NotLinked(subject=subject)


def save(core: Core, by: Actor, given: Mapping[str, str]) -> None:
    """Set the provider up; an empty secret keeps the one there is. Invalid: the address is not safe. NotAllowed."""
    check_power(by, "secure", "设置统一身份认证", "set up single sign-on")
    issuer = given.get("oidc_issuer", "").strip()
    if issuer:
        _safe(issuer)
    if given.get("oidc_claim_is", "login") not in ("login", "staff_no"):
        raise Invalid(why_zh="对应字段不正确", why_en="a claim is a log-in name or a staff number")
    if given.get("oidc_second_factor", "here") not in ("here", "provider"):
        raise Invalid(why_zh="两步验证选项不正确", why_en="the second factor is asked here or at the provider")
    new = {key: str(given[key]).strip()[:500] for key in SETTINGS if key in given and key != "oidc_client_secret"}
    if given.get("oidc_client_secret"):
        new["oidc_client_secret"] = vault.seal_setting(given["oidc_client_secret"].strip())
    rules.put(core, by, new)


def forget(core: Core, by: Actor) -> None:
    """No provider any more; links stay for the day it comes back. NotAllowed."""
    check_power(by, "secure", "取消统一身份认证", "take single sign-on away")
    with core.db.write() as connection:
        connection.execute(delete(setting).where(setting.c.key == "oidc_client_secret"))
    rules.put(core, by, {"oidc_issuer": "", "oidc_client_id": ""})


def _client(provider: Provider, redirect_uri: str) -> OAuth2Session:
    return OAuth2Session(
        provider.client_id,
        provider.secret or None,
        scope="openid profile email",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )


def _discover(provider: Provider) -> dict[str, Any]:
    about = _get(_safe(provider.issuer).rstrip("/") + "/.well-known/openid-configuration")
    if about.get("issuer") != provider.issuer:
        raise ProviderFailed(why_zh="认证方名称不符", why_en="it says it is another issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _safe(str(about.get(name, "")))
    return about


def _get(address: str, access: str | None = None) -> dict[str, Any]:
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {access}"} if access else {})}
    try:
        answer = requests.get(address, timeout=TIMEOUT, allow_redirects=False, headers=headers)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderFailed(why_zh="认证服务没有响应", why_en="it does not answer") from error
    if answer.status_code != 200 or not isinstance(found, dict):
        raise ProviderFailed(why_zh="认证服务答复有误", why_en="its answer is not as it should be")
    return found


def _safe(address: str) -> str:
    """The address when it is https; plain http only on this machine. Invalid."""
    parts = urlsplit(address)
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or here) or parts.username or parts.fragment:
        raise Invalid(why_zh="认证服务地址须以 https:// 开头", why_en="the provider's address begins with https://")
    return address
