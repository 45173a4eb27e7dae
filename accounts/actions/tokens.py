"""Personal API tokens: keys to the API that hold no rights of their own."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.permissions import token_products, token_scopes
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require

DEFAULT_DAYS, MAX_DAYS = 90, 365
_TOKEN_BYTES = 32
_SHOWN_CHARACTERS = 12


class AlreadyRevoked(RuleViolation):
    code = "token_already_revoked"
    message = "This token has been revoked already."


@dataclass(frozen=True)
class NewToken:
    """A token and its secret, which nobody can look up again."""

    token: ApiToken
    secret: str


@transaction.atomic
def create(
    user: User,
    *,
    by: User,
    name: str,
    scopes: list[str],
    days: int = DEFAULT_DAYS,
    product_ids: Sequence[int] | None = None,
) -> NewToken:
    """Make a token that lasts 1 to 365 days.

    product_ids: what it is limited to; None for every product that the person may see, later ones too.
    Raises PermissionDenied, InvalidInput.
    """
    require(by, "account.manage_own", user)
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput(f"A token lasts from 1 to {MAX_DAYS} days.", field="days")
    if not scopes or set(scopes) - token_scopes():
        raise InvalidInput("Choose at least one thing the token may do.", field="scopes")
    if product_ids is not None and (not product_ids or set(product_ids) - token_products(user).keys()):
        raise InvalidInput("Choose products that you see, or none for all of them.", field="product_ids")
    secret = ApiToken.PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)

    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=secret[:_SHOWN_CHARACTERS],
        token_hash=ApiToken.hash(secret),
        scopes=sorted(set(scopes)),
        product_ids=None if product_ids is None else sorted(set(product_ids)),
        expires_at=timezone.now() + timedelta(days=days),
    )
    limits = {"scopes": token.scopes, "products": token.product_ids, "days": days}
    events.record("token.created", target=token, by=by, name=name, **limits)
    return NewToken(token, secret)


@transaction.atomic
def revoke(token: ApiToken, *, by: User) -> ApiToken:
    """Make a token useless at once.

    Raises PermissionDenied, AlreadyRevoked.
    """
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    require(by, "account.manage_own", token)
    if token.revoked_at is not None:
        raise AlreadyRevoked

    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    events.record("token.revoked", target=token, by=by)
    return token


def note_use(token: ApiToken) -> None:
    """Remember when the token was last used, to the minute: a write for each request would cost too much."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
