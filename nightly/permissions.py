"""Who is what towards nights and what came of them: the roles in their product."""

from backlog.permissions import product_roles
from core.permissions import register_roles
from nightly.models import Night


def register() -> None:
    """Tell core how to find roles towards the rows of this app."""
    register_roles(Night, lambda user, night: product_roles(user, night.product))
