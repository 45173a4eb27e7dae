"""Every refusal of the API is RFC 9457 problem details."""

from django.core.exceptions import ValidationError as ModelValidationError
from rest_framework import exceptions
from rest_framework.fields import get_error_detail

from core import problems


class BadQuery(exceptions.APIException):
    """The query string asks for something that does not exist."""

    status_code = 400
    default_code = "bad_query"
    default_detail = "The query string is not right."

    def __init__(self, detail: str, **extra):
        super().__init__(detail)
        self.extra = extra


def problem_handler(exception, view_context):
    """The answer for an exception in an API view; None for a fault of ours."""
    if isinstance(exception, ModelValidationError):
        exception = exceptions.ValidationError(get_error_detail(exception))
    if isinstance(exception, exceptions.ValidationError):
        errors = list(_flat(exception.detail, ""))
        return problems.problem(422, errors[0]["detail"] if errors else "", code="invalid_input", errors=errors)
    if isinstance(exception, exceptions.APIException):
        return _of_api_exception(exception)
    return problems.of_exception(exception)


def _of_api_exception(exception):
    headers = {}
    if auth_header := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    code = exception.get_codes()
    return problems.problem(
        exception.status_code,
        str(exception.detail),
        code=_OUR_CODES.get(code, code) if isinstance(code, str) else "",
        headers=headers,
        **getattr(exception, "extra", {}),
    )


_OUR_CODES = {
    "throttled": "too_fast",
    "permission_denied": "not_allowed",
    "parse_error": "bad_request",
    "authentication_failed": "not_authenticated",
}


def _flat(detail, pointer):
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flat(inner, pointer if name == "non_field_errors" else f"{pointer}/{name}")
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            is_leaf = not isinstance(inner, dict | list)
            yield from _flat(inner, pointer if is_leaf else f"{pointer}/{number}")
    else:
        yield {"pointer": pointer, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}
