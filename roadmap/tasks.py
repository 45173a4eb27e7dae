"""Work of the roadmap outside requests."""

from accounts.models import User
from backlog.models import ImportRun, Item, Product
from core.consume import consumer
from core.models import Event
from roadmap.actions import releases


@consumer
def take_over_fix_versions(*, event_id: int) -> None:
    """Make releases of the fix versions that came in: follows `import.applied`."""
    event = Event.objects.get(pk=event_id)
    run = ImportRun.objects.get(pk=event.target_id)
    named = Item.objects.filter(organization=run.organization_id).exclude(source_fix_versions=[])
    for product in Product.objects.filter(pk__in=named.values("product")).order_by("pk"):
        releases.take_over_fix_versions(product, by=User.objects.service("imports"))
