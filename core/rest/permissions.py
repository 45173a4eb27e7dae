"""The permission table at the door of the API: what it does not name is refused."""

from django.core.exceptions import PermissionDenied
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import SAFE_METHODS, BasePermission

from core import permissions


class RoutePermission(BasePermission):
    """Signed in, named in the table, and within the token's scope; the action asks for the role."""

    def has_permission(self, request, view):
        route = request.resolver_match.view_name
        if route in permissions.table().open_routes:
            return True
        if not request.user.is_authenticated:
            return False
        if request.method not in view.allowed_methods:
            raise MethodNotAllowed(request.method)
        verb = permissions.verb_of(route, request.method)
        if verb is None:
            raise PermissionDenied("This address is not open to anybody.")
        require_scope(request, verb)
        is_of_product = "key" in request.resolver_match.kwargs
        if request.method not in SAFE_METHODS and not is_of_product and allowed_product_ids(request) is not None:
            raise PermissionDenied("This token is limited to some products; it changes nothing else.")
        return True

    def has_object_permission(self, request, view, target):
        if product_id := getattr(target, "product_id", None):
            require_product(request, product_id)
        return True


def require_product(request, product_id: int) -> None:
    """Refuse a token that was made for other products."""
    allowed = allowed_product_ids(request)
    if allowed is not None and product_id not in allowed:
        raise PermissionDenied("This token was made for other products.")


def allowed_product_ids(request) -> list[int] | None:
    """The products that the request's token is for; None: all that its owner may see."""
    return None if request.auth is None else request.auth.product_ids


def require_scope(request, verb: str) -> None:
    """Refuse a token whose scopes don't hold the verb; people who signed in have no scopes."""
    if request.auth is None:
        return
    scope = permissions.table().verbs[verb].scope
    if not scope:
        raise PermissionDenied("No token may do this: sign in instead.")
    if scope not in request.auth.scopes:
        raise PermissionDenied(f"This token lacks the scope {scope}.")
