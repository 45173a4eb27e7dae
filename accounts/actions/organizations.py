"""Make and change organizations."""

import zoneinfo

from django.db import connection, transaction
from django.utils.text import slugify

from accounts.actions import people
from accounts.models import Membership, Organization, User
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require

_FIRST_RUN_LOCK = 0x756E6472


class NotTheFirst(RuleViolation):
    code = "not_the_first"
    message = "This installation has been set up already. Sign in, or ask your organization's admin to invite you."


@transaction.atomic
def create(*, name: str, admin: User, by: User, time_zone: str = "UTC") -> Organization:
    """Make an organization with its first admin.

    Raises PermissionDenied, InvalidInput.
    """
    require(by, "organization.create", by)
    return _create(name, time_zone, admin, by)


@transaction.atomic
def create_first(*, name: str, time_zone: str, admin_name: str, email: str, password: str) -> tuple[Organization, User]:
    """Set up an installation in which nobody exists: its organization, and the admin of both.

    Raises NotTheFirst, InvalidInput.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FIRST_RUN_LOCK])
    if User.objects.filter(is_service=False).exists():
        raise NotTheFirst
    admin = people.create_account(name=admin_name, email=email, password=password, is_superuser=True)
    return _create(name, time_zone, admin, admin), admin


@transaction.atomic
def edit(organization: Organization, *, by: User, name: str, time_zone: str) -> Organization:
    """Change the organization's name and the time zone its nights follow.

    Raises PermissionDenied, InvalidInput.
    """
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    require(by, "organization.edit", organization)
    _check_time_zone(time_zone)
    before = {"name": organization.name, "time_zone": organization.time_zone}

    organization.name, organization.time_zone = name, time_zone
    organization.save(update_fields=["name", "time_zone"])
    events.record("organization.edited", target=organization, by=by, before=before, name=name, time_zone=time_zone)
    return organization


def _create(name, time_zone, admin, by):
    _check_time_zone(time_zone)
    organization = Organization.objects.create(name=name, slug=_free_slug(name), time_zone=time_zone)
    membership = Membership.objects.create(organization=organization, user=admin, role=Membership.Role.ADMIN)
    events.record("organization.created", target=organization, by=by, name=name, time_zone=time_zone)
    events.record("member.added", target=membership, by=by, user_id=admin.pk, role=membership.role)
    return organization


def _check_time_zone(time_zone):
    if time_zone not in zoneinfo.available_timezones():
        raise InvalidInput("There is no such time zone.", field="time_zone")


def _free_slug(name):
    stem = slugify(name)[:50].strip("-") or "organization"
    taken = set(Organization.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for slug in [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))] if slug not in taken)
