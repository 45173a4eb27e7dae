"""How the nights and the jobs go, for those who keep the house running: states and errors, no content."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min, Q

from accounts.models import Organization
from backlog.models import Product
from core import jobs
from nightly.models import Digest, Night
from nightly.queries import schedule

DATES = 14
TROUBLES = 50


@dataclass(frozen=True)
class Progress:
    """The last due night of an organization's products. waiting: those it has not begun for."""

    organization: str
    slug: str
    zone: str
    on: date
    next_start: datetime
    products: int
    done: int
    running: int
    failed: int

    @property
    def waiting(self) -> int:
        return max(self.products - self.done - self.running - self.failed, 0)

    @property
    def percent(self) -> int:
        return round(100 * (self.done + self.failed) / self.products) if self.products else 100


@dataclass(frozen=True)
class Trouble:
    product: str
    key: str
    on: date
    state: str
    label: str
    error: str


@dataclass(frozen=True)
class DateRow:
    on: date
    nights: int
    failed: int
    began_at: datetime | None
    ended_at: datetime | None
    digests: int


@dataclass(frozen=True)
class OrganizationOperations:
    progress: Progress
    troubles: tuple[Trouble, ...]
    dates: tuple[DateRow, ...]


@dataclass(frozen=True)
class InstanceOperations:
    organizations: tuple[Progress, ...]
    jobs: tuple[jobs.Standing, ...]


def of_organization(organization, *, now: datetime) -> OrganizationOperations:
    """The nights of one organization, in five statements."""
    (progress,) = _progress([organization], now)
    nights = Night.objects.filter(product__organization=organization, on__gt=progress.on - timedelta(days=DATES))
    wrong = nights.filter(on=progress.on).exclude(error="").select_related("product").order_by("product__name")
    by_date = nights.values("on").annotate(
        nights=Count("pk"),
        failed=Count("pk", filter=Q(state=Night.State.FAILED)),
        began_at=Min("started_at"),
        ended_at=Max("finished_at"),
    )
    written = Digest.objects.filter(organization=organization, on__gt=progress.on - timedelta(days=DATES))
    digests = dict(written.order_by().values_list("on").annotate(Count("pk")))
    return OrganizationOperations(
        progress=progress,
        troubles=tuple(_trouble(night) for night in wrong[:TROUBLES]),
        dates=tuple(DateRow(**row, digests=digests.get(row["on"], 0)) for row in by_date.order_by("-on")),
    )


def of_instance(*, now: datetime) -> InstanceOperations:
    """The nights of every organization and all jobs, in four statements."""
    organizations = list(Organization.objects.order_by("name"))
    return InstanceOperations(tuple(_progress(organizations, now)), tuple(jobs.standings()))


def _progress(organizations, now):
    due = {each.pk: schedule.latest_due(each.time_zone, now) for each in organizations}
    starts = {each.pk: schedule.starts_at(each.time_zone, due[each.pk]) for each in organizations}
    active = Product.objects.active().filter(organization__in=due).values_list("organization", "pk", "created_at")
    nights = Night.objects.filter(product__organization__in=due, product__archived_at=None, on__in=set(due.values()))
    states, products = defaultdict(Counter), defaultdict(set)
    for organization, product, created_at in active:
        if not starts[organization] <= created_at <= now:
            products[organization].add(product)
    for organization, product, on, state in nights.values_list("product__organization", "product", "on", "state"):
        if on == due[organization]:
            states[organization][state] += 1
            # Asked for by hand, though it is too new for this night.
            products[organization].add(product)
    for each in organizations:
        counted = states[each.pk]
        yield Progress(
            organization=each.name,
            slug=each.slug,
            zone=each.time_zone,
            on=due[each.pk],
            next_start=schedule.next_start(each.time_zone, now),
            products=len(products[each.pk]),
            done=counted[Night.State.DONE],
            running=counted[Night.State.RUNNING],
            failed=counted[Night.State.FAILED],
        )


def _trouble(night):
    return Trouble(
        product=night.product.name,
        key=night.product.key,
        on=night.on,
        state=night.state,
        label=night.get_state_display(),
        error=night.error,
    )
