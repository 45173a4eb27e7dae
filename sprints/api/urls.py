"""Routes of the app in the REST API."""

from django.urls import path

from sprints.api.sprints import Lines, SprintItems, Sprints, TeamVelocity

PRODUCT = "products/<str:key>"
SPRINT = f"{PRODUCT}/sprints/<int:sprint_id>"

urlpatterns = [
    path(f"{PRODUCT}/sprints", Sprints.as_view({"get": "list", "post": "plan"}), name="sprint-list"),
    path(SPRINT, Sprints.as_view({"get": "retrieve", "patch": "update"}), name="sprint-detail"),
    path(f"{SPRINT}/start", Sprints.as_view({"post": "start"}), name="sprint-start"),
    path(f"{SPRINT}/close", Sprints.as_view({"post": "close"}), name="sprint-close"),
    path(f"{SPRINT}/items", SprintItems.as_view({"get": "list", "post": "add"}), name="sprint-item-list"),
    path(f"{SPRINT}/items/<int:item_id>", SprintItems.as_view({"delete": "remove"}), name="sprint-item-detail"),
    path(f"{PRODUCT}/lines", Lines.as_view({"get": "retrieve"}), name="line-list"),
    path(f"{PRODUCT}/teams/<int:team_id>/velocity", TeamVelocity.as_view({"get": "retrieve"}), name="velocity"),
]
