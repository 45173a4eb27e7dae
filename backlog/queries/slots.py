"""Technical slots: the places a technical product owner may permute (RELIABILITY 3.4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from backlog.models import Delegation, Item, OrderedList, OrderEntry

# By the database's clock at this moment, not at the transaction's start: it may have queued for the list (D11).
# FOR SHARE: a revocation that is under way ends first, and is seen; a later one waits for this commit (D7).
_LENT = """
    SELECT delegation.component_id, delegation.id, delegation.granted_by_id
    FROM backlog_delegation delegation
    JOIN backlog_componentowner owner
        ON owner.component_id = delegation.component_id AND owner.user_id = delegation.grantee_id
    WHERE delegation.product_id = %s AND delegation.grantee_id = %s AND delegation.power = 'order'
        AND delegation.revoked_at IS NULL AND delegation.suspended_at IS NULL
        AND delegation.until > clock_timestamp()
    FOR SHARE OF delegation
"""


@dataclass(frozen=True)
class Loan:
    delegation_id: int
    granted_by_id: int


@dataclass(frozen=True)
class Slots:
    """items: the technical items in their order; component_of: item → component; loans: component → loan,
    empty where nothing is lent."""

    items: list[int]
    component_of: dict[int, int]
    rank_of: dict[int, str]
    loans: dict[int, Loan]

    def authority(self, item: int) -> dict:
        """What the log says of the loan that a move of this item uses; nothing where the product owner moves."""
        if not self.loans:
            return {}
        loan = self.loans[self.component_of[item]]
        return {"delegation_id": loan.delegation_id, "on_behalf_of_id": loan.granted_by_id}


def lent(ordered: OrderedList, user) -> Slots:
    """The slots lent to a person, under live order delegations, which stay locked; call it under the list's lock."""
    with connection.cursor() as cursor:
        cursor.execute(_LENT, [ordered.product_id, user.pk])
        loans = {component: Loan(delegation, by) for component, delegation, by in cursor.fetchall()}
    return _slots(ordered, loans, item__component_id__in=list(loans))


def lent_items(user) -> frozenset[int]:
    """The items in slots lent to a person, in whatever products, as a screen shows them: nothing is locked."""
    loans = Delegation.objects.live().filter(grantee=user, power=Delegation.Power.ORDER, component__owners__user=user)
    entries = OrderEntry.objects.filter(
        is_listed=True, is_pinned=False, item__kind=Item.Kind.TECHNICAL, item__component__in=loans.values("component")
    )
    return frozenset(entries.values_list("item", flat=True))


def of_components(ordered: OrderedList, components: Iterable[int]) -> Slots:
    """The places of the unpinned technical items that these components own."""
    return _slots(ordered, {}, item__component_id__in=list(components))


def of_items(ordered: OrderedList, items: Iterable[int]) -> Slots:
    """The places of those of the items that are unpinned and technical, whoever owns them."""
    return _slots(ordered, {}, item_id__in=list(items))


def _slots(ordered, loans, **which):
    entries = OrderEntry.objects.filter(
        list=ordered, is_listed=True, is_pinned=False, item__kind=Item.Kind.TECHNICAL, **which
    )
    found = list(entries.order_by("rank").values_list("item_id", "item__component_id", "rank"))
    return Slots(
        items=[item for item, _, _ in found],
        component_of={item: component for item, component, _ in found},
        rank_of={item: rank for item, _, rank in found},
        loans=loans,
    )
