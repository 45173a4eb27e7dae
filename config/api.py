"""Routes of the REST API, version 1."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularYAMLAPIView

from core import views

app_name = "api"

urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("schema.yaml", SpectacularYAMLAPIView.as_view(), name="schema-yaml"),
    path("docs/", views.api_reference, name="docs"),
    path("", include("accounts.api.urls")),
    path("", include("backlog.api.urls")),
    path("", include("sprints.api.urls")),
    path("", include("roadmap.api.urls")),
    path("", include("nightly.api.urls")),
]
