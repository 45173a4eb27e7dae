"""Routes of the app in the REST API."""

from django.urls import path

from nightly.api.nights import Nights
from nightly.api.proposals import Policies, Proposals
from nightly.api.reports import HealthReports

NIGHTS = "products/<str:key>/nights"
PROPOSALS = "products/<str:key>/ordering-proposals"
HEALTH = "products/<str:key>/health"

urlpatterns = [
    path(NIGHTS, Nights.as_view({"get": "list", "post": "run"}), name="night-list"),
    path(PROPOSALS, Proposals.as_view({"get": "list"}), name="ordering-proposal-list"),
    path(f"{PROPOSALS}/<date:on>", Proposals.as_view({"get": "retrieve"}), name="ordering-proposal-detail"),
    path(f"{PROPOSALS}/<date:on>/verdicts", Proposals.as_view({"post": "decide"}), name="ordering-proposal-verdicts"),
    path(f"{PROPOSALS}/<date:on>/apply", Proposals.as_view({"post": "apply"}), name="ordering-proposal-apply"),
    path(
        "products/<str:key>/proposal-policy",
        Policies.as_view({"get": "retrieve", "put": "update"}),
        name="proposal-policy",
    ),
    path(f"{NIGHTS}/<date:on>", Nights.as_view({"get": "retrieve"}), name="night-detail"),
    path(HEALTH, HealthReports.as_view({"get": "list"}), name="health-report-list"),
    path(f"{HEALTH}/<date:on>", HealthReports.as_view({"get": "retrieve"}), name="health-report"),
]
