"""The ways around, as base.html draws them: only pages that exist and that this person may open."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from accounts.models import Organization, Team
from accounts.permissions import organization_roles, own_roles
from backlog.models import Product
from backlog.permissions import product_roles
from core.permissions import table

# The first that a person holds is shown under the name.
ROLE_LABELS = {
    "product_owner": "Product owner",
    "technical_owner": "Technical product owner",
    "scrum_master": "Scrum master",
    "team_member": "Developer",
    "stakeholder": "Stakeholder",
    "organization_admin": "Organization admin",
    "instance_admin": "Instance admin",
}
TAB_COUNT = 4
_counts: dict[str, Callable[[Product, object], int]] = {}


@dataclass(frozen=True)
class Place:
    """A page of the navigation: its route and what that takes, what is said and drawn, its name among the
    keys (static/js/keys.js), the verb that its reader needs, and the one for whose holders it counts what waits."""

    route: str
    takes: str
    label: str
    icon: str
    key: str = ""
    verb: str = ""
    counts_for: str = ""


PRODUCT_PLACES = (
    Place("backlog:backlog", "product_key", "Backlog", "list-ordered", key="backlog", verb="backlog.read"),
    Place("backlog:refine", "product_key", "Refinement", "users", verb="refinement.join"),
    Place(
        "nightly:proposal",
        "product_key",
        "Proposal",
        "moon-star",
        key="proposal",
        verb="proposal.read",
        counts_for="proposal.decide",
    ),
    Place("sprints:sprint-list", "product_key", "Sprints", "timer", key="sprints", verb="sprint.read"),
    Place("sprints:status", "product_key", "Status", "message-square", verb="status.read"),
    Place("roadmap:roadmap", "product_key", "Roadmap", "milestone", key="roadmap", verb="roadmap.read"),
    Place("nightly:health", "product_key", "Health", "activity", verb="health.read"),
    Place("backlog:tags", "product_key", "Tags", "tag", verb="backlog.read"),
    Place("backlog:import", "product_key", "Import", "file-up", verb="import.run"),
    Place("nightly:nights", "product_key", "Nights", "moon", verb="night.read"),
    Place("backlog:history", "product_key", "History", "history", verb="order.history"),
    Place("backlog:settings", "product_key", "Product settings", "target"),
)
TECHNICAL_PLACES = (
    Place("roadmap:technical", "product_key", "Technical flow", "workflow", key="technical", verb="backlog.read"),
    Place("backlog:components", "product_key", "Components", "box", key="components", verb="backlog.read"),
    Place("backlog:debt", "product_key", "Debt register", "type-debt", key="debt", verb="backlog.read"),
    Place(
        "backlog:decisions", "product_key", "Decisions", "git-commit-vertical", key="decisions", verb="decision.read"
    ),
)
ORGANIZATION_PLACES = (
    Place("accounts:members", "organization_slug", "Members", "users"),
    Place("accounts:teams", "organization_slug", "Teams", "workflow"),
    Place("accounts:organization", "organization_slug", "Settings", "settings", verb="organization.edit"),
    Place("nightly:operations", "organization_slug", "Operations", "moon", verb="operations.read"),
    Place("api:docs", "", "API", "code-xml"),
    Place("nightly:instance", "", "Instance", "monitor", verb="operations.read_all"),
)
PLACES = {"Product": PRODUCT_PLACES, "Technical": TECHNICAL_PLACES, "Organization": ORGANIZATION_PLACES}


@dataclass(frozen=True)
class Entry:
    label: str
    icon: str
    url: str
    is_current: bool
    key: str = ""
    count: int | None = None


@dataclass(frozen=True)
class Group:
    title: str
    entries: list[Entry]


@dataclass(frozen=True)
class ProductEntry:
    key: str
    name: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Person:
    name: str
    initials: str
    email: str
    theme: str
    has_shortcuts: bool
    reads_plain: bool


@dataclass(frozen=True)
class Navigation:
    """product: the product the page is about, else the first; None for who sees none. for_you: with how much waits.
    find_url: where one finds without scripts. search_url: of its items; empty for who may not read them."""

    person: Person
    for_you: Entry
    organization_name: str
    product: ProductEntry | None
    products: list[ProductEntry]
    team_names: str
    role_label: str
    groups: list[Group]
    find_url: str
    search_url: str
    products_url: str
    profile_url: str
    theme_url: str
    tabs: list[Entry] = field(default_factory=list)


def register_count(route: str, count: Callable[[Product, object], int]) -> None:
    """Let `count(product, user)` tell how much waits for a person on this page of a product. For `apps.py`."""
    _counts[route] = count


def navigation(request):
    """Context processor: `nav`, found only if the template draws it, so that fragments cost nothing."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": None}
    return {"nav": SimpleLazyObject(lambda: _navigation(request, user))}


def _navigation(request, user):
    products = list(Product.objects.visible_to(user).active().select_related("organization").order_by("name"))
    product = _current(request, products)
    organization = product.organization if product else Organization.objects.visible_to(user).order_by("name").first()
    roles = _roles(user, product, organization)
    values = {
        "product_key": product and product.key,
        "organization_slug": organization and organization.slug,
    }
    groups = [
        Group(title, entries)
        for title, places in (
            ("Product", PRODUCT_PLACES),
            ("Technical", TECHNICAL_PLACES),
            ("Organization", ORGANIZATION_PLACES),
        )
        if (entries := [entry for place in places if (entry := _entry(request, place, values, roles, product))])
    ]
    return Navigation(
        person=Person(user.name, user.initials, user.email, user.theme, user.has_shortcuts, user.reads_plain),
        for_you=_for_you(request),
        organization_name=organization.name if organization else "",
        product=_product_entry(product, product) if product else None,
        products=[_product_entry(each, product) for each in products],
        team_names=_team_names(product) if product else "",
        role_label=next((label for role, label in ROLE_LABELS.items() if role in roles), ""),
        groups=groups,
        find_url=_url("backlog:product", product_key=product.key) if product else _url("backlog:product-list"),
        search_url=_search_url(product, roles) if product else "",
        products_url=_url("backlog:product-list"),
        profile_url=_url("accounts:profile"),
        theme_url=_url("accounts:theme"),
        tabs=groups[0].entries[:TAB_COUNT] if groups else [],
    )


def _roles(user, product, organization):
    if product:
        return product_roles(user, product)
    return organization_roles(user, organization) if organization else own_roles(user, user) - {"stakeholder"}


def _search_url(product, roles):
    may_read = roles & table().verbs["backlog.read"].cells.keys()
    return _url("api:item-search", key=product.key) if may_read else ""


def _current(request, products):
    arguments = request.resolver_match.kwargs if request.resolver_match else {}
    key = arguments.get("product_key") or arguments.get("item_key", "").partition("-")[0]
    return next((product for product in products if product.key == key), products[0] if products else None)


def _entry(request, place, values, roles, product):
    if place.verb and not roles & table().verbs[place.verb].cells.keys():
        return None
    if place.takes and not values[place.takes]:
        return None
    url = _url(place.route, **({place.takes: values[place.takes]} if place.takes else {}))
    count = _counts[place.route](product, request.user) if _is_counted(place, roles) else None
    return Entry(place.label, place.icon, url, url == request.path, place.key, count) if url else None


def _is_counted(place, roles):
    return place.route in _counts and bool(roles & table().verbs[place.counts_for].cells.keys())


def _for_you(request):
    url = _url("backlog:for-you")
    return Entry("For you", "inbox", url, url == request.path, "for-you")


def _url(route, **arguments):
    try:
        return reverse(route, kwargs=arguments)
    except NoReverseMatch:
        return ""


def _product_entry(product, current):
    return ProductEntry(product.key, product.name, _url("backlog:product", product_key=product.key), product == current)


def _team_names(product):
    teams = Team.objects.active().filter(product_links__product=product).order_by("name")
    *others, last = teams.values_list("name", flat=True) or [""]
    return f"{', '.join(others)} and {last}" if others else last
