"""The components of a product: a tree, its owners, and what is lent."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from backlog.models import Component, ComponentOwner, Delegation, Item, Product
from backlog.queries.component_detail import Carried, carried
from backlog.queries.filter_language import asking
from backlog.queries.readers import reader
from core.permissions import allowed, can


@dataclass(frozen=True)
class ComponentRow:
    """depth: of the tree, from 0. filter: of the backlog, for what it owns."""

    component: Component
    depth: int
    filter: str
    owners: tuple[User, ...]
    carried: Carried


@dataclass(frozen=True)
class Loan:
    """state: live, over (its time has come), suspended or ended."""

    id: int
    component: str
    power: str
    grantee: str
    granted_by: str
    until: datetime
    intent: str
    state: str
    may_revoke: bool


@dataclass(frozen=True)
class ComponentPage:
    product: Product
    rows: tuple[ComponentRow, ...]
    archived: tuple[Component, ...]
    loans: tuple[Loan, ...]
    former_loans: tuple[Loan, ...]
    members: tuple[User, ...]
    may_manage: bool
    may_grant: bool

    @property
    def components(self) -> tuple[Component, ...]:
        return tuple(row.component for row in self.rows)


def component_page(product, user) -> ComponentPage:
    """The components page, in a fixed number of statements."""
    components = list(product.components.order_by("name"))
    rights = allowed(user, ("component.manage", "delegation.grant", "delegation.read"), product)
    loans = tuple(_loans(product, user)) if "delegation.read" in rights else ()
    members = User.objects.filter(
        memberships__organization=product.organization_id, memberships__deactivated_at=None, is_service=False
    )
    return ComponentPage(
        product=product,
        rows=tuple(_rows(product, user, [component for component in components if not component.archived_at])),
        archived=tuple(component for component in components if component.archived_at),
        loans=tuple(loan for loan in loans if loan.state in ("live", "suspended")),
        former_loans=tuple(loan for loan in loans if loan.state not in ("live", "suspended")),
        members=tuple(members.order_by("name")) if rights & {"component.manage", "delegation.grant"} else (),
        may_manage="component.manage" in rights,
        may_grant="delegation.grant" in rights,
    )


def _rows(product, user, components):
    owners = defaultdict(list)
    for owner in ComponentOwner.objects.filter(product=product).select_related("user").order_by("user__name"):
        owners[owner.component_id].append(owner.user)
    seen = reader(product, user).readable()
    counts = carried(Item.objects.open().filter(seen, product=product))
    known = {component.pk for component in components}
    parts = defaultdict(list)
    for component in components:
        parts[component.parent_id if component.parent_id in known else None].append(component)
    for component, depth in _walk(parts, None, 0):
        yield ComponentRow(
            component=component,
            depth=depth,
            filter=asking("component", component.name),
            owners=tuple(owners[component.pk]),
            carried=counts.get(component.pk, Carried()),
        )


def _walk(parts, parent, depth):
    for component in parts[parent]:
        yield component, depth
        yield from _walk(parts, component.pk, depth + 1)


def _loans(product, user):
    may_revoke_any = can(user, "delegation.revoke", Delegation(product_id=product.pk))
    found = product.delegations.select_related("component", "grantee", "granted_by")
    for delegation in found.order_by("-granted_at")[:100]:
        state = delegation.state
        yield Loan(
            id=delegation.pk,
            component=delegation.component.name,
            power=delegation.get_power_display(),
            grantee=str(delegation.grantee),
            granted_by=str(delegation.granted_by),
            until=delegation.until,
            intent=delegation.intent,
            state=state,
            may_revoke=state in ("live", "suspended") and (may_revoke_any or delegation.grantee_id == user.pk),
        )
