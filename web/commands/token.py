"""API tokens."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import timedelta

DESCRIPTION = "Tokens let a program act for a person over the JSON API. A token is shown once."


def main(arguments: list[str]) -> int:
    """Make, list or revoke."""
    from engine import tokens
    from web import settings
    from web.wiring import open_city

    parser = argparse.ArgumentParser(prog="liandong token", description=DESCRIPTION)
    acts = parser.add_subparsers(dest="act", required=True)
    make = acts.add_parser("make", help="a new token of a person")
    make.add_argument("login")
    make.add_argument("--name", default="token", help="what it is for")
    make.add_argument(
        "--scope",
        action="append",
        choices=tokens.SCOPES,
        help="what it may be used for, once for each (default: everything its person may)",
    )
    make.add_argument("--days", type=int, default=90, help="how long it works (at most 366)")
    acts.add_parser("list", help="tokens that work")
    revoke = acts.add_parser("revoke", help="end one at once")
    revoke.add_argument("id", type=int)
    given = parser.parse_args(arguments)
    with closing(open_city(settings.from_environment().app_database_url)) as city:
        if given.act == "make":
            print(
                tokens.create(
                    city.core,
                    given.login,
                    given.name,
                    timedelta(days=given.days),
                    scopes=given.scope or (tokens.ALL,),
                )
            )
        elif given.act == "revoke":
            tokens.revoke(city.core, given.id)
            print(f"token {given.id} is revoked")
        else:
            for row in tokens.listing(city.core):
                used = f"{row['seen_at']:%Y-%m-%d}" if row["seen_at"] else "never"
                ends = f"until {row['expires_at']:%Y-%m-%d}  last used {used}"
                print(f"{row['id']:>4}  {row['login']:<20}{row['name']:<30}{' '.join(row['scopes']):<20}{ends}")
    return 0
