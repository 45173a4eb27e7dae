"""Who gets a digest after a night."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Q

from accounts.models import Membership, NotificationPreference, Organization, TeamMembership, User
from backlog.models import ComponentOwner, ProductRole, ProductTeam
from nightly.models import Digest

# A digest of a day that no night came on is made up for; one before these is forgotten.
LOOKS_BACK = timedelta(days=14)
Rhythm = NotificationPreference.Rhythm
_DAYS = tuple(rhythm for rhythm in Rhythm if rhythm != Rhythm.DAILY)


@dataclass(frozen=True)
class Role:
    """What a person is to a product. owned_components: ids, of a technical owner."""

    is_owner: bool = False
    owned_components: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Addressee:
    """roles: by product's id, of those that the person owns, owns components of, or is scrum master of."""

    person: User
    roles: dict[int, Role]


def addressees(organization: Organization, on: date) -> list[Addressee]:
    """Whom a digest is due for after the night of a date and not written yet, in seven statements."""
    roles = _roles(organization)
    wanted = _rhythms(roles)
    last = dict(
        Digest.objects.filter(organization=organization, on__gt=on - LOOKS_BACK, on__lte=on)
        .order_by()
        .values_list("user")
        .annotate(Max("on"))
    )
    members = Membership.objects.active().filter(organization=organization, user__is_active=True, user__in=roles)
    people = members.select_related("user").order_by("user__pk")
    return [
        Addressee(member.user, roles[member.user_id])
        for member in people
        if is_due(wanted.get(member.user_id, NotificationPreference.USUAL_RHYTHM), on, last.get(member.user_id))
    ]


def is_due(rhythm: str | None, on: date, last: date | None) -> bool:
    """Whether a digest is due on a date. rhythm: None for never; last: the date of the one before, if it is known.

    One that was missed, since no night came on its day, comes after the next night.
    """
    if rhythm is None or last == on:
        return False
    if rhythm == Rhythm.DAILY:
        return True
    day = on - timedelta(days=(on.weekday() - _DAYS.index(rhythm)) % 7)
    return on == day or (last is not None and last < day)


def _roles(organization):
    """By person and product."""
    of_product = Q(product__organization=organization, product__archived_at=None)
    owners = ProductRole.objects.filter(of_product, role=ProductRole.Role.PRODUCT_OWNER)
    technical = ComponentOwner.objects.filter(of_product, component__archived_at=None)
    masters = TeamMembership.objects.filter(
        organization=organization, role=TeamMembership.Role.SCRUM_MASTER, team__archived_at=None
    )
    links = ProductTeam.objects.filter(of_product)
    roles: dict[int, dict[int, Role]] = defaultdict(dict)
    products_of = defaultdict(list)
    for team, product in links.values_list("team", "product"):
        products_of[team].append(product)
    for user, team in masters.values_list("user", "team"):
        roles[user] |= dict.fromkeys(products_of[team], Role())
    components = defaultdict(set)
    for user, product, component in technical.values_list("user", "product", "component"):
        components[user, product].add(component)
    for (user, product), owned in components.items():
        roles[user][product] = Role(owned_components=frozenset(owned))
    for user, product in owners.values_list("user", "product"):
        roles[user][product] = Role(True, frozenset(components[user, product]))
    return {user: products for user, products in roles.items() if products}


def _rhythms(people: Iterable[int]):
    """None for never, by person; those without a choice are left out."""
    chosen = NotificationPreference.objects.filter(user__in=people, kind=NotificationPreference.Kind.DIGEST)
    return {
        user: (rhythm or NotificationPreference.USUAL_RHYTHM) if is_mailed else None
        for user, is_mailed, rhythm in chosen.values_list("user", "is_mailed", "rhythm")
    }
