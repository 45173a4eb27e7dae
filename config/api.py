"""Routes of the REST API, version 1."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView, SpectacularYAMLAPIView

app_name = "api"

# The only page that may style inline: Swagger's own does.
_docs = csp_update({"style-src": [UNSAFE_INLINE]})(SpectacularSwaggerSplitView.as_view(url_name="api:schema"))

urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("schema.yaml", SpectacularYAMLAPIView.as_view(), name="schema-yaml"),
    path("docs/", _docs, name="docs"),
    path("", include("accounts.api.urls")),
    path("", include("backlog.api.urls")),
    path("", include("sprints.api.urls")),
]
