"""Logging in as people do: by the city's identity provider, whose address the page's policy lets the form lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from engine.login import provider as providers
from tests.browser.conftest import Sit
from tests.web.single import SECRET, provider

if TYPE_CHECKING:
    from web.city import City

WHO = "xiahexiang"


def test_by_the_identity_provider_and_the_second_factor_set_up(sit: Sit, site: str, city: City) -> None:
    with provider(f"{site}/login/provider/back") as issuer:
        given = {"oidc_issuer": issuer, "oidc_client_id": "liandong", "oidc_client_secret": SECRET}
        providers.save(city.core, city.actor("feiguoqing"), {**given, "oidc_claim": "preferred_username"})
        desk = sit(WHO, form=True)
        page = desk.open("/login?next=/account", "login-with-provider")
        page.context.route(
            "https://fonts.googleapis.com/**", lambda route: route.fulfill(content_type="text/css", body="")
        )
        page.get_by_role("button", name="统一身份认证登录").click()
        page.locator("input[name=login]").fill(WHO)
        page.locator("input[name=password]").fill("anything")
        page.locator("button[type=submit]").click()
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"{site}/account")
        desk.look("account")
        expect(page.get_by_role("row", name="本设备")).to_contain_text("统一身份")
        desk.press("启用两步验证", picture="second-factor")
        expect(page.locator(".qr svg")).to_be_visible()
    keeper = sit("feiguoqing", phone=True)
    keeper.open("/accounts", "accounts-phone")
    keeper.open(f"/accounts/{city.actor(WHO).id}", "account-kept-phone")
    keeper.open("/security", "security-phone")
