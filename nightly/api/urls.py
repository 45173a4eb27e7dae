"""Routes of the app in the REST API."""

from django.urls import path

from nightly.api.nights import Nights

NIGHTS = "products/<str:key>/nights"

urlpatterns = [
    path(NIGHTS, Nights.as_view({"get": "list", "post": "run"}), name="night-list"),
    path(f"{NIGHTS}/<date:on>", Nights.as_view({"get": "retrieve"}), name="night-detail"),
]
