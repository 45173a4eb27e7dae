"""What is in sprints now."""

from collections.abc import Iterable

from sprints.models import Sprint, SprintItem


def in_active_sprints(item_ids: Iterable[int]) -> set[int]:
    """Which of the items are in an active sprint, and so out of the order."""
    entries = SprintItem.objects.filter(item__in=list(item_ids), outcome="", sprint__status=Sprint.Status.ACTIVE)
    return set(entries.values_list("item", flat=True))
