"""Numbers about the state of the house, without content, for Prometheus."""

from collections.abc import Callable

from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from core import jobs, mail
from core.models import OutboxMessage, OutgoingMail

_gauges: dict[str, tuple[str, Callable[[], float]]] = {}


def register(name: str, description: str, read: Callable[[], float]) -> None:
    """Show `read()` as the gauge underpin_<name>. For `apps.py`."""
    _gauges[name] = (description, read)


class _Collector:
    def collect(self):
        for name, (description, read) in sorted(_gauges.items()):
            gauge = GaugeMetricFamily(f"underpin_{name}", description)
            gauge.add_metric([], read())
            yield gauge


def exposition() -> bytes:
    """All gauges, read now, in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector())
    return generate_latest(registry)


def _outbox_age() -> float:
    oldest = OutboxMessage.objects.filter(done_at=None).order_by("id").values_list("created_at", flat=True).first()
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


register(
    "outbox_backlog", "Messages that wait for the relay", lambda: OutboxMessage.objects.filter(done_at=None).count()
)
register("outbox_oldest_seconds", "Age of the oldest message that waits", _outbox_age)
register("mails_waiting", "Mails not yet handed over", lambda: OutgoingMail.objects.filter(sent_at=None).count())
register(
    "mails_given_up",
    "Mails that the mail server refused each time",
    lambda: OutgoingMail.objects.filter(sent_at=None, attempts__gte=mail.MAX_ATTEMPTS).count(),
)
register("jobs_failed", "Slots given up in the last 7 days", lambda: jobs.failed_since(7))
register("jobs_late", "Slots unfinished after an hour", lambda: jobs.unfinished_for(3600))
