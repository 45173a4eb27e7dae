"""Routes of the app in the REST API."""

from django.urls import path

from roadmap.api.curves import Curves
from roadmap.api.forecasts import Forecasts, Held
from roadmap.api.releases import ReleaseItems, Releases
from roadmap.api.technical import TechnicalFlow, TechnicalOrder

PRODUCT = "products/<str:key>"
TECHNICAL = f"{PRODUCT}/technical-flow"
RELEASE = f"{PRODUCT}/releases/<int:release_id>"

urlpatterns = [
    path(f"{PRODUCT}/curves", Curves.as_view({"get": "retrieve"}), name="curves"),
    path(f"{PRODUCT}/forecasts", Forecasts.as_view({"get": "list", "post": "record"}), name="forecast-list"),
    path(f"{PRODUCT}/forecasts/latest", Forecasts.as_view({"get": "latest"}), name="forecast-latest"),
    path(f"{PRODUCT}/forecasts/held", Held.as_view({"get": "retrieve"}), name="forecasts-held"),
    path(f"{PRODUCT}/releases", Releases.as_view({"get": "list", "post": "create"}), name="release-list"),
    path(RELEASE, Releases.as_view({"get": "retrieve", "patch": "update"}), name="release-detail"),
    path(f"{RELEASE}/items", ReleaseItems.as_view({"get": "list", "post": "add"}), name="release-item-list"),
    path(f"{RELEASE}/items/<int:item_id>", ReleaseItems.as_view({"delete": "remove"}), name="release-item-detail"),
    path(f"{RELEASE}/release", Releases.as_view({"post": "release"}), name="release-release"),
    path(TECHNICAL, TechnicalFlow.as_view({"get": "retrieve"}), name="technical-flow"),
    path(f"{TECHNICAL}/order", TechnicalOrder.as_view({"get": "list"}), name="technical-flow-order"),
    path(f"{TECHNICAL}/order/moves", TechnicalOrder.as_view({"post": "move"}), name="technical-flow-move"),
    path(f"{TECHNICAL}/order/apply", TechnicalOrder.as_view({"post": "apply"}), name="technical-flow-apply"),
    path(f"{TECHNICAL}/order/suggest", TechnicalOrder.as_view({"post": "suggest"}), name="technical-flow-suggest"),
    path(f"{RELEASE}/take-back", Releases.as_view({"post": "take_back"}), name="release-take-back"),
]
