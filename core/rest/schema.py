"""OpenAPI of the API: what each operation may answer besides its own success."""

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from core.problems import MEDIA_TYPE


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
    """Adds problem details to every operation, and the headers of the two concurrency mechanics.

    A view names methods that need If-Match in `versioned_methods`.
    """

    def get_operation_id(self):
        """By address: `teams_list`, `teams_retrieve`, and `teams_read` for what is neither a list nor one of many."""
        name = super().get_operation_id()
        if self.method == "GET" and name.endswith("_retrieve") and not self.path.rstrip("/").endswith("}"):
            return f"{name.removesuffix('_retrieve')}_read"
        return name

    def get_override_parameters(self):
        parameters = []
        if self.method == "POST":
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    description="The same key and body have one effect, for 24 hours.",
                )
            )
        if self.method in getattr(self.view, "versioned_methods", ("PUT", "PATCH")):
            parameters.append(
                OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The ETag that you read.")
            )
        return parameters

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        problem = self._get_response_for_code(
            OpenApiResponse(Problem, description="Refused: problem details."), "default", [MEDIA_TYPE], direction
        )
        return bodies | {"default": problem}
