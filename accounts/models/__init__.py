"""People and how they belong together."""

from accounts.models.invitations import Invitation
from accounts.models.organizations import Membership, Organization
from accounts.models.preferences import NotificationPreference
from accounts.models.teams import Team, TeamMembership
from accounts.models.tokens import ApiToken
from accounts.models.users import User

__all__ = [
    "ApiToken",
    "Invitation",
    "Membership",
    "NotificationPreference",
    "Organization",
    "Team",
    "TeamMembership",
    "User",
]
