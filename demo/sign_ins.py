"""The people of the demo, for the sign-in page."""

from django.conf import settings

from accounts.models import User
from accounts.queries.sign_ins import OfferedPerson, OfferedSignIns
from demo import world
from demo.replay import email_of


def offered() -> OfferedSignIns | None:
    """Those who are there, in one statement; nobody on a server that others can reach, whatever is loaded."""
    if settings.PRODUCTION:
        return None
    roles = {email_of(key): role for key, role in world.SIGN_INS.items()}
    loaded = {user.email: user for user in User.objects.filter(email__in=roles, is_active=True)}
    if set(loaded) != set(roles):
        return None
    people = (
        OfferedPerson(loaded[email].name, loaded[email].initials, email, role[0].upper() + role[1:])
        for email, role in roles.items()
    )
    return OfferedSignIns(tuple(people), world.PASSWORD)
