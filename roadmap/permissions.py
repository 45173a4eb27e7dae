"""Who is what towards the rows of this app: the roles in the product they belong to."""

from backlog.models import Product
from backlog.permissions import product_roles
from core.permissions import register_roles
from roadmap.models import Forecast, Release


def register() -> None:
    """Tell core how to find roles towards the rows of this app."""
    for model in (Forecast, Release):
        register_roles(model, lambda user, row: product_roles(user, Product(pk=row.product_id)))
