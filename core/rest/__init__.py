"""Mechanics of the REST API. This package's root must not import rest_framework.views: that reads our settings."""

from core.rest.concurrency import IDEMPOTENCY_HEADER, idempotent, require_version, with_version
from core.rest.errors import problem_handler
from core.rest.pagination import KeysetPage, whole_number
from core.rest.permissions import RoutePermission, allowed_product_ids, require_product, require_scope
from core.rest.renderers import OrjsonRenderer
from core.rest.serializers import SparseFields
from core.rest.throttles import RequestThrottle

__all__ = [
    "IDEMPOTENCY_HEADER",
    "KeysetPage",
    "OrjsonRenderer",
    "RequestThrottle",
    "RoutePermission",
    "SparseFields",
    "allowed_product_ids",
    "idempotent",
    "problem_handler",
    "require_product",
    "require_scope",
    "require_version",
    "whole_number",
    "with_version",
]
