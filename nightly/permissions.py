"""Who is what towards nights and what came of them: the roles in their product."""

from backlog.models import Product
from backlog.permissions import product_roles
from core.permissions import register_condition, register_roles
from nightly.models import HealthReport, Night, OrderingProposal, ProposalPolicy


def register() -> None:
    """Tell core how to find roles towards the rows of this app, and what its conditions mean."""
    for model in (Night, HealthReport, OrderingProposal, ProposalPolicy):
        register_roles(model, lambda user, row: product_roles(user, row.product))
    register_condition("policy", _has_policy)


def _has_policy(user, target):
    product_id = target.pk if isinstance(target, Product) else target.product_id
    return ProposalPolicy.objects.filter(product=product_id).exclude(classes=[]).exists()
