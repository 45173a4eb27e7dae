"""System checks of the house: two database roles, and a line in the permission table for each route."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.urls import URLPattern, get_resolver

from core import permissions


@register(Tags.security, deploy=True)
def runtime_role_is_not_owner(app_configs, **kwargs):
    databases = settings.DATABASES
    if databases["default"].get("USER") != databases["owner"].get("USER"):
        return []
    return [
        Error(
            "DATABASE_URL and DATABASE_OWNER_URL name the same role: the app could rewrite its audit trail.",
            hint="Create a second role and give it to DATABASE_URL; docs/operations.md says how.",
            id="core.E001",
        )
    ]


@register(Tags.security)
def every_route_is_in_the_table(app_configs, **kwargs):
    """Deny by default: a route that nobody has decided about does not start."""
    table = permissions.table()
    listed, existing = set(table.routes) | table.open_routes, set(route_names())
    forgotten = [
        Error(
            f"The route {route} has no entry in {settings.PERMISSIONS_FILE.name}.",
            hint="Name its methods and verbs under `routes`, or add it to `open_routes` if anybody may reach it.",
            id="core.E002",
        )
        for route in sorted(existing - listed)
    ]
    left_over = [
        Error(f"{settings.PERMISSIONS_FILE.name} names {route}, and there is no such route.", id="core.E003")
        for route in sorted(listed - existing)
    ]
    return forgotten + left_over


@register(Tags.security)
def every_rate_limit_has_its_route(app_configs, **kwargs):
    existing = set(route_names())
    return [
        Error(f"The rate limit {rule['name']} names {route}, and there is no such route.", id="core.E004")
        for rule in settings.RATE_LIMITS
        for route in sorted(rule["routes"] - existing)
    ]


def route_names() -> Iterator[str]:
    """The view name of each URL pattern; a pattern without a name is told by its address."""
    yield from _names(get_resolver().url_patterns, (), "/")


def _names(patterns, namespaces: tuple[str, ...], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        address = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            yield ":".join((*namespaces, pattern.name or address))
        else:
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _names(pattern.url_patterns, inner, address)
