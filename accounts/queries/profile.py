"""One's own page: who one is here, how one signs in, one's tokens."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts.models import ApiToken, Membership, User
from accounts.permissions import token_products, token_scopes
from accounts.queries.preferences import MailChoices, mail_choices
from core.permissions import table


@dataclass(frozen=True)
class TokenRow:
    """products: the names of those it is limited to, as far as its owner still sees them; None: no limit."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    products: tuple[str, ...] | None
    expires_at: datetime
    last_used_at: datetime | None
    has_run_out: bool


@dataclass(frozen=True)
class ScopeRow:
    """meaning: what the scope allows, in the words of the permission table."""

    name: str
    meaning: str


@dataclass(frozen=True)
class ProfilePage:
    person: User
    organizations: tuple[tuple[str, str, str], ...]
    tokens: tuple[TokenRow, ...]
    has_two_steps: bool
    mails: MailChoices


def page(person: User) -> ProfilePage:
    """organizations: name, slug and role."""
    now = timezone.now()
    products = token_products(person)
    memberships = Membership.objects.active().filter(user=person).select_related("organization")
    return ProfilePage(
        person=person,
        organizations=tuple(
            (membership.organization.name, membership.organization.slug, membership.get_role_display())
            for membership in memberships.order_by("organization__name")
        ),
        tokens=tuple(
            TokenRow(
                id=token.pk,
                name=token.name,
                prefix=token.prefix,
                scopes=tuple(token.scopes),
                products=product_names(token, products),
                expires_at=token.expires_at,
                last_used_at=token.last_used_at,
                has_run_out=token.expires_at <= now,
            )
            for token in ApiToken.objects.filter(user=person, revoked_at=None).order_by("-id")
        ),
        has_two_steps=Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists(),
        mails=mail_choices(person),
    )


def product_names(token: ApiToken, products: dict[int, str]) -> tuple[str, ...] | None:
    """The names of the products that a token is limited to; None: no limit."""
    if token.product_ids is None:
        return None
    return tuple(name for pk, name in products.items() if pk in token.product_ids)


def scopes() -> tuple[ScopeRow, ...]:
    """Every scope, with what it allows in one sentence."""
    verbs = [verb for verb in table().verbs.values() if verb.is_built]
    return tuple(
        ScopeRow(name, _sentence([verb.title for verb in verbs if verb.scope == name]))
        for name in sorted(token_scopes())
    )


def _sentence(titles):
    return ", ".join([titles[0], *(title[0].lower() + title[1:] for title in titles[1:])])
