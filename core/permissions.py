"""Who may do what: the table in config/permissions.yml, read aloud by `can` and `require`.

A role is a name; each app registers a resolver that tells which roles a person has towards a target,
and the conditions (`own`, `delegated`) that a cell may name. A cell that is missing says no.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import structlog
import yaml
from django.conf import settings
from django.core.exceptions import PermissionDenied

_log = structlog.get_logger(__name__)

ROLES = (
    "anonymous",
    "stakeholder",
    "team_member",
    "scrum_master",
    "technical_owner",
    "product_owner",
    "organization_admin",
    "instance_admin",
    "service",
)


@dataclass(frozen=True)
class Verb:
    """One row of the matrix. cells: role → "yes" or the name of a condition; a missing role may not."""

    name: str
    title: str
    rows: tuple[int, ...]
    cells: dict[str, str]
    scope: str
    is_built: bool


@dataclass(frozen=True)
class Table:
    verbs: dict[str, Verb]
    routes: dict[str, dict[str, str]]
    open_routes: frozenset[str]


_role_resolvers: dict[type, Callable] = {}
_conditions: dict[str, Callable] = {}


def register_roles(model: type, resolver: Callable[[object, object], set[str]]) -> None:
    """Let `resolver(user, target)` tell the roles of a person towards targets of this model."""
    _role_resolvers[model] = resolver


def register_condition(name: str, condition: Callable[[object, object], bool]) -> None:
    """Let cells of the table say `name`: `condition(user, target)` decides."""
    _conditions[name] = condition


@cache
def table() -> Table:
    """The table as written; raises ValueError where it names an unknown role, verb or condition."""
    document = yaml.safe_load(settings.PERMISSIONS_FILE.read_text())
    verbs = {}
    for name, entry in document["verbs"].items():
        cells = entry.get("roles", {})
        if unknown := set(cells) - set(ROLES):
            raise ValueError(f"{name}: unknown roles {sorted(unknown)}")
        verbs[name] = Verb(
            name=name,
            title=entry["title"],
            rows=tuple(entry.get("rows", ())),
            cells={role: "yes" if cell is True else cell for role, cell in cells.items() if cell},
            scope=entry.get("scope", ""),
            is_built=entry.get("built", True),
        )
    routes = document["routes"]
    for route, methods in routes.items():
        if unknown := set(methods.values()) - set(verbs):
            raise ValueError(f"{route}: unknown verbs {sorted(unknown)}")
    return Table(verbs=verbs, routes=routes, open_routes=frozenset(document["open_routes"]))


def roles_of(user, target) -> set[str]:
    """The roles of a person towards a target, by the resolver of its model."""
    if not user.is_authenticated:
        return {"anonymous"}
    if user.is_service:
        return {"service"}
    # Not type(): request.user is a lazy object around its row.
    return _role_resolvers[target._meta.model](user, target)


def can(user, verb: str, target) -> bool:
    """May this person do this to the target, now?"""
    return verb in allowed(user, [verb], target)


def allowed(user, verbs: Iterable[str], target) -> set[str]:
    """Which of the verbs the person may do to the target, asking for the roles once."""
    return granted(roles_of(user, target), verbs, user, target)


def granted(roles: set[str], verbs: Iterable[str], user, target) -> set[str]:
    """Which of the verbs these roles give, which the person has towards the target."""
    return {verb for verb in verbs if _is_granted(table().verbs[verb].cells, roles, user, target)}


def _is_granted(cells, roles, user, target):
    granted = {cells[role] for role in roles if role in cells}
    if "yes" in granted:
        return True
    return any(_conditions[condition](user, target) for condition in sorted(granted))


def require(user, verb: str, target) -> None:
    """Raise PermissionDenied, with a sentence, unless `can`."""
    if not can(user, verb, target):
        # Every refusal leaves a trace (D12, ASVS 16.3.2); an event would be rolled back with the action.
        _log.warning("permission.refused", verb=verb, user=user.pk, target=f"{target._meta.label_lower}:{target.pk}")
        title = table().verbs[verb].title
        raise PermissionDenied(f"Your role here does not allow this: {title[0].lower()}{title[1:]}.")


def verb_of(route: str, method: str) -> str | None:
    """The verb that a route's method stands for; None where the table has no such entry."""
    methods = table().routes.get(route, {})
    return methods.get("GET" if method == "HEAD" else method)


def require_route(request, target) -> None:
    """Require, on the target, what the table says this route's method needs."""
    require(request.user, verb_of(request.resolver_match.view_name, request.method), target)
