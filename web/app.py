"""The web application: pages and JSON API over one city."""

from __future__ import annotations

import os
import secrets
from importlib import import_module
from importlib.util import find_spec

from flask import Flask, Response, g, request
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from web import auth, errors, live, looking, pages, policies, telling
from web.city import City

LARGEST_BODY = 40 * 1024 * 1024
"""Bytes of one request: six photos from a phone and their form."""

MOST_PARTS = 2000

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self), payment=(), usb=()",
}


def create_app(city: City, secret: bytes | None = None) -> Flask:
    """The application. `secret` signs what is kept in the browser of somebody not logged in (the CSRF token, the language); without one
    the environment's LIANDONG_SECRET is used, else a new one, which only this process knows."""
    app = Flask("web", static_folder="static", template_folder="templates")
    app.config.update(
        SECRET_KEY=secret or os.environ.get("LIANDONG_SECRET", "").encode() or secrets.token_bytes(32),
        SESSION_COOKIE_NAME="liandong_page",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=MOST_PARTS,
        SEND_FILE_MAX_AGE_DEFAULT=0,
    )
    app.jinja_env.undefined = StrictUndefined  # a name that a template has wrong is an error, not a blank
    app.extensions["liandong_city"] = city
    policies.name_policy(app, "static", policies.PUBLIC)
    auth.install(app)
    app.before_request(policies.enforce)
    errors.install(app)
    telling.install(app)
    live.install(app, city.core)
    pages.register(app)
    if find_spec("web.api") is not None:
        import_module("web.api").register(app)
    app.after_request(_harden)
    proxies = int(os.environ.get("PROXIES", "0"))
    if proxies:  # else anybody could say where they come from, and wait for nothing after a failed log-in
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    looking.install(app)
    return app


def _harden(response: Response) -> Response:
    """Headers of every answer (OWASP ASVS 5.0, 3.4)."""
    styles = "'self' 'unsafe-inline'" if policies.allows_inline_styles() else "'self'"
    targets = (
        f"'self' {g.form_action}" if "form_action" in g else "'self'"
    )  # an identity provider, on the page that leads to it
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; "
        f"form-action {targets}; frame-src 'none'; frame-ancestors 'none'",
    )
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.path.startswith("/static/dist/assets/"):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif not request.path.startswith("/static/"):
        response.headers.setdefault(
            "Cache-Control", "no-store"
        )  # pages of nobody too: they hold codes, receipts, CSRF tokens
    return response
