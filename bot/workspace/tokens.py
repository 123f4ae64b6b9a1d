"""Tokens: random, made once, kept in the state file, and never mapped to anybody when unknown."""

import hmac
import secrets

from bot.workspace.shapes import Caller, Refusal, TokenKind
from bot.workspace.state import World

_PREFIX: dict[TokenKind, str] = {"bot": "xoxb-", "app": "xapp-1-", "user": "xoxp-"}


def token_of(world: World, kind: TokenKind, user_id: str) -> str:
    """The token of this kind and user; minted at the first ask."""
    for token, owner in world.tokens.items():
        if owner == {"kind": kind, "user": user_id}:
            return token
    token = f"{_PREFIX[kind]}{user_id}-{secrets.token_urlsafe(24)}"
    world.tokens[token] = {"kind": kind, "user": user_id}
    world.touch()
    return token


def mint_all(world: World) -> None:
    """Makes the bot's and the app's token and one for every person."""
    token_of(world, "bot", world.bot_user)
    token_of(world, "app", world.app["id"])
    for user_id, user in world.users.items():
        if not user.get("is_bot"):
            token_of(world, "user", user_id)


def caller_of(world: World, token: str | None) -> Caller:
    """Who holds the token.

    Refuses with `not_authed` (none), `invalid_auth` (unknown), and for one that was revoked `token_revoked`, or
    `account_inactive` where it is a bot's (docs.slack.dev/reference/methods/auth.test, errors common to all methods).
    """
    if not token:
        raise Refusal("not_authed")
    for known, owner in world.tokens.items():
        if hmac.compare_digest(known.encode(), token.encode()):
            if owner.get("revoked"):
                raise Refusal("account_inactive" if owner["kind"] == "bot" else "token_revoked")
            if world.users.get(owner["user"], {}).get("deleted"):
                raise Refusal("account_inactive")
            scopes = world.app.get("scopes") if owner["kind"] == "bot" else None
            return Caller(owner["kind"], owner["user"], frozenset(scopes) if scopes else None)
    raise Refusal("invalid_auth")


def revoke(world: World, caller: Caller) -> None:
    """Makes the caller's tokens worthless for ever; the next ask for one makes a new one."""
    for owner in world.tokens.values():
        if owner["kind"] == caller.kind and owner["user"] == caller.user_id:
            owner["revoked"] = True
    world.touch()


def bearer(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer ...` header (RFC 6750, 2.1)."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
