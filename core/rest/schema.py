"""OpenAPI of the API: what each operation may answer besides its own success."""

import re

from django.urls import resolve
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from core.permissions import table, verb_of
from core.problems import MEDIA_TYPE
from core.rest.concurrency import IDEMPOTENCY_HEADER

# What stands for a name in an address, where a number won't do.
_MADE_UP = {"on": "2000-01-01"}


class ProblemError(serializers.Serializer):
    pointer = serializers.CharField(help_text="JSON pointer to the field.")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """RFC 9457 problem details; `type` is stable, `code` its last part."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemError(many=True, required=False)


class AutoSchema(SpectacularSchema):
    """Describes an operation by what the house knows of it already.

    The first line of a handler's docstring is its summary; a view's `tag` groups operations and names them; the
    permission table says which scope a token needs. A view names the methods that need If-Match in
    `versioned_methods`. Every operation may be refused with problem details.
    """

    def get_operation_id(self):
        if not (tag := getattr(self.view, "tag", "")):
            return super().get_operation_id()
        return f"{tag.replace(' ', '_')}_{self.view.action}"

    def get_tags(self):
        tag = getattr(self.view, "tag", "")
        return [tag] if tag else super().get_tags()

    def get_summary(self):
        summary, _, _ = super().get_description().partition("\n")
        return summary.removesuffix(".")

    def get_description(self):
        _, _, rest = super().get_description().partition("\n")
        return "\n\n".join(part for part in (rest.strip(), self._scope()) if part)

    def get_override_parameters(self):
        return [parameter for parameter in (self._idempotency_key(), self._if_match(), self._etag()) if parameter]

    def _scope(self):
        address = re.sub(r"\{([^}]*)\}", lambda found: _MADE_UP.get(found[1], "1"), self.path)
        verb = verb_of(resolve(address).view_name, self.method)
        if verb is None:
            return ""
        scope = table().verbs[verb].scope
        return f"A token needs the scope `{scope}`." if scope else "Not open to tokens: sign in instead."

    def _idempotency_key(self):
        need = getattr(self._handler(), "idempotency_key", None)
        return need and OpenApiParameter(
            IDEMPOTENCY_HEADER,
            {"type": "string", "maxLength": 100, "pattern": "^[ -~]*$"},
            OpenApiParameter.HEADER,
            required=need == "required",
            description="The same key and body have one effect and one answer, for 24 hours.",
        )

    def _if_match(self):
        return self._is_versioned() and OpenApiParameter(
            "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag that you read."
        )

    def _etag(self):
        if not getattr(self.view, "versioned_methods", ()) or self.method == "DELETE" or self._is_list_view():
            return None
        return OpenApiParameter(
            "ETag", str, OpenApiParameter.HEADER, response=[200, 201], description="The version, for If-Match."
        )

    def _is_versioned(self):
        return self.method in getattr(self.view, "versioned_methods", ())

    def _handler(self):
        return getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        problem = self._get_response_for_code(
            OpenApiResponse(Problem, description="Refused: problem details."), "default", [MEDIA_TYPE], direction
        )
        return bodies | {"default": problem}
