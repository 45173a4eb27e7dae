"""Which proposed moves are still to be made, and which were refused lately."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.db.models import Q

from backlog.models import Move
from nightly.models import OrderingProposal, ProposedMove
from planning.moves import REFUSED_DAYS


def pending(proposal: OrderingProposal, known: Iterable[ProposedMove]) -> list[ProposedMove]:
    """Those that are not rejected and not made, or were made and taken back; in one statement."""
    known = list(known)
    back = taken_back(proposal.product_id, {move.applied_version for move in known} - {None})
    return [
        move
        for move in known
        if move.verdict != ProposedMove.Verdict.REJECTED
        and (move.applied_version is None or move.applied_version in back)
    ]


def is_among(move: ProposedMove, items: Collection[int]) -> bool:
    """Does the move change the places of these items alone?"""
    return move.anchor_id in items and all(pk in items for pk in move.bundle)


def taken_back(product_id: int, versions: set[int]) -> set[int]:
    """Which steps of the order an undo has taken back that no redo has made again; in one statement."""
    later = Move.objects.filter(
        Q(undoes__isnull=False) | Q(redoes__isnull=False),
        list__product=product_id,
        version__gt=min(versions, default=0) if versions else 2**62,
    )
    undone_by, gone = {}, set()
    for version, undoes, redoes in later.order_by("version").values_list("version", "undoes", "redoes"):
        if undoes in versions:
            undone_by[version] = undoes
            gone.add(undoes)
        elif redoes in undone_by:
            gone.discard(undone_by[redoes])
    return gone


def rejected_lately(product, on: date) -> list[ProposedMove]:
    """Rejections that are not too old to be remembered, the latest last; in one statement."""
    rejected = ProposedMove.objects.filter(
        proposal__product=product,
        verdict=ProposedMove.Verdict.REJECTED,
        verdict_at__date__gt=on - timedelta(days=REFUSED_DAYS),
    )
    return list(rejected.order_by("verdict_at", "pk"))
