"""The JSON API under /api/v1: the same acts as the pages, described by OpenAPI 3.1 at /api/v1/openapi.json."""

from web.api.registering import register

__all__ = ["register"]
