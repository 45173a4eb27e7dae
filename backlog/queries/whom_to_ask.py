"""Who can help a person whose role is not enough."""

from accounts.models import Membership
from backlog.models import Product, ProductRole

MOST = 3


def whom_to_ask(request) -> str:
    """A sentence that names the product owner and the admins, where the address is about a product that one sees."""
    key = (request.resolver_match.kwargs if request.resolver_match else {}).get("product_key", "")
    product = Product.objects.visible_to(request.user).filter(key=key).select_related("organization").first()
    if product is None:
        return ""
    owners = ProductRole.objects.filter(product=product, role=ProductRole.Role.PRODUCT_OWNER)
    owner = owners.exclude(user=request.user).values_list("user__name", flat=True).first()
    admins = Membership.objects.active().filter(organization=product.organization_id, role=Membership.Role.ADMIN)
    names = [name for name in admins.order_by("user__name").values_list("user__name", flat=True) if name][:MOST]
    asked = [f"{owner}, the product owner of {product}"] if owner else []
    if names:
        asked.append(f"{' or '.join(names)}, who can give roles in {product.organization}")
    return f"You can ask {'; or '.join(asked)}." if asked else ""
