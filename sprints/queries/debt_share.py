"""How much of what closed sprints delivered was debt and other technical work."""

from dataclasses import dataclass

from django.db.models import Q, Sum

from backlog.models import Item
from backlog.queries.agreed_share import DebtVerdict, debt_verdict
from sprints.models import Sprint, SprintItem

LAST = 8


@dataclass(frozen=True)
class SprintShare:
    """Of one closed sprint; debt, technical: per cent of the points that it delivered."""

    team: str
    number: int
    debt: int
    technical: int


@dataclass(frozen=True)
class DebtShare:
    """sprints: the last closed ones with points, oldest first. debt, technical: per cent of all their points.

    agreed: least and most per cent of technical work; verdict: the share of debt beside the one agreed.
    """

    sprints: tuple[SprintShare, ...]
    debt: int
    technical: int
    agreed: tuple[int, int]
    verdict: DebtVerdict


def debt_share(product, user) -> DebtShare | None:
    """The shares of the product's last closed sprints, in two statements; None where none delivered points."""
    closed = Sprint.objects.closed().filter(team__product_links__product=product).select_related("team")
    last = list(closed.order_by("-closed_at", "-number")[:LAST])
    done = SprintItem.objects.filter(
        sprint__in=last,
        outcome=SprintItem.Outcome.DONE,
        item__in=Item.objects.readable_by(user).filter(product=product),
    )
    sums = {
        row["sprint"]: (row["points"], row["debt"] or 0, row["technical"] or 0)
        for row in done.order_by()
        .values("sprint")
        .annotate(
            points=Sum("points_at_end"),
            debt=Sum("points_at_end", filter=Q(item__type=Item.Type.DEBT)),
            technical=Sum("points_at_end", filter=Q(item__kind=Item.Kind.TECHNICAL)),
        )
        if row["points"]
    }
    if not sums:
        return None
    shares = tuple(
        SprintShare(str(sprint.team), sprint.number, *_percent(sums[sprint.pk]))
        for sprint in reversed(last)
        if sprint.pk in sums
    )
    agreed = (product.technical_share_min, product.technical_share_max)
    debt, technical = _percent([sum(column) for column in zip(*sums.values(), strict=True)])
    return DebtShare(
        shares, debt, technical, agreed, debt_verdict("Closed sprints delivered", product.debt_share, debt)
    )


def _percent(sums):
    points, *parts = sums
    return [round(100 * part / points) for part in parts]
