"""Who is named in a text: `@` and a person's full name, @Marek Osei."""

import re
from collections.abc import Iterable

from django.db.models import Q

from accounts.models import User
from backlog.models import Item

MOST = 8


def named_in(text: str, item) -> list[User]:
    """The people whom the text mentions and who may see the item: a mention must not tell others that it exists."""
    return readers(item, _named(text, item.organization_id))


def readers(item, people: Iterable[User]) -> list[User]:
    """Those of the people who may see the item beside others."""
    return [person for person in people if Item.objects.readable_by(person).filter(pk=item.pk).exists()]


def completions(item, start: str) -> list[User]:
    """Up to eight people who may see the item, whose name or a word of it begins so, by name."""
    begins = Q(name__istartswith=start) | Q(name__icontains=f" {start}")
    people = _members(item.organization_id).filter(begins).order_by("name", "pk")
    found = []
    for person in people[: MOST * 4]:
        found += readers(item, [person])
        if len(found) == MOST:
            break
    return found


def _named(text, organization_id):
    if "@" not in text:
        return []
    by_name = {}
    for person in _members(organization_id).order_by("pk"):
        by_name.setdefault(person.name.casefold(), []).append(person)
    # The longest name first: @Ann Lee is not @Ann.
    names = "|".join(re.escape(name) for name in sorted(by_name, key=len, reverse=True))
    found = re.findall(rf"(?<!\w)@({names})(?!\w)", text.casefold()) if names else []
    return [person for name in dict.fromkeys(found) for person in by_name[name]]


def _members(organization_id):
    members = User.objects.filter(memberships__organization=organization_id, memberships__deactivated_at=None)
    return members.exclude(name="")
