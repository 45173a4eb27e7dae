"""Products with a past: what was finished, week by week."""

from datetime import date, timedelta

from django.db.models import Max

from backlog.models import Item
from roadmap.queries.streams import morning_of
from tests import factories

TODAY = date(2026, 3, 2)


def finish(product, weeks, *, on=TODAY, team=None, by=None):
    """Items finished in each week before a day, oldest first, one after the other within the week."""
    by = by or factories.UserFactory()
    start = morning_of(product, on) - timedelta(weeks=len(weeks))
    # Far from the numbers of items that tests create.
    last = max(1_000_000, Item.objects.filter(product=product).aggregate(last=Max("number"))["last"] or 0)
    Item.objects.bulk_create(
        Item(
            organization=product.organization,
            product=product,
            number=last + 1 + 100 * week + place,
            kind="functional",
            type="story",
            title=f"Finished {week} {place}",
            team=team,
            status="accepted",
            done_at=start + timedelta(weeks=week, hours=1 + place),
            status_by=by,
            created_by=by,
        )
        for week, count in enumerate(weeks)
        for place in range(count)
    )
