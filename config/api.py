"""Routes of the REST API, version 1."""

from django.urls import include, path

app_name = "api"

urlpatterns = [
    path("", include("accounts.api.urls")),
    path("", include("backlog.api.urls")),
    path("", include("sprints.api.urls")),
]
