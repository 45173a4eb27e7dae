"""Routes of the app in the REST API."""

from django.urls import path

from sprints.api.board import BoardColumns, History, SprintBoard
from sprints.api.calendars import Calendars
from sprints.api.debt_share import DebtShares
from sprints.api.inspections import Inspections, StatusNotes
from sprints.api.notes import Metrics, SprintNotes
from sprints.api.planning import Absences, Focus, Scope
from sprints.api.sprints import Lines, SprintItems, Sprints, SprintSuggestions, TeamVelocity

PRODUCT = "products/<str:key>"
SPRINT = f"{PRODUCT}/sprints/<int:sprint_id>"
INSPECTION = f"{SPRINT}/inspections/<int:inspection_id>"
TEAM = f"{PRODUCT}/teams/<int:team_id>"

urlpatterns = [
    path(f"{PRODUCT}/sprints", Sprints.as_view({"get": "list", "post": "plan"}), name="sprint-list"),
    path(f"{PRODUCT}/debt/shares", DebtShares.as_view({"get": "retrieve"}), name="debt-shares"),
    path(SPRINT, Sprints.as_view({"get": "retrieve", "patch": "update"}), name="sprint-detail"),
    path(f"{SPRINT}/start", Sprints.as_view({"post": "start"}), name="sprint-start"),
    path(f"{SPRINT}/close", Sprints.as_view({"post": "close"}), name="sprint-close"),
    path(f"{SPRINT}/items", SprintItems.as_view({"get": "list", "post": "add"}), name="sprint-item-list"),
    path(f"{SPRINT}/items/<int:item_id>", SprintItems.as_view({"delete": "remove"}), name="sprint-item-detail"),
    path(f"{SPRINT}/scope", Scope.as_view({"get": "retrieve"}), name="sprint-scope"),
    path(f"{SPRINT}/suggestions", SprintSuggestions.as_view({"post": "create"}), name="sprint-suggest"),
    path(f"{SPRINT}/recommended", Scope.as_view({"post": "take"}), name="sprint-recommended"),
    path(f"{SPRINT}/goal-items", Scope.as_view({"put": "choose_for_goal"}), name="sprint-goal"),
    path(f"{SPRINT}/board", SprintBoard.as_view({"get": "retrieve", "post": "move"}), name="sprint-board"),
    path(f"{SPRINT}/history", History.as_view({"get": "retrieve"}), name="sprint-history"),
    path(f"{SPRINT}/inspections", Inspections.as_view({"get": "list", "post": "make"}), name="inspection-list"),
    path(f"{INSPECTION}/correct", Inspections.as_view({"post": "correct"}), name="inspection-correct"),
    path(f"{INSPECTION}/verdict", Inspections.as_view({"put": "judge"}), name="inspection-verdict"),
    path(f"{INSPECTION}/undo", Inspections.as_view({"post": "undo"}), name="inspection-undo"),
    path(f"{PRODUCT}/status-notes", StatusNotes.as_view({"get": "list", "post": "publish"}), name="status-list"),
    path(f"{SPRINT}/notes", SprintNotes.as_view({"get": "list", "post": "write"}), name="sprint-note-list"),
    path(f"{TEAM}/metrics", Metrics.as_view({"get": "retrieve"}), name="team-metrics"),
    path(f"{TEAM}/columns", BoardColumns.as_view({"get": "list", "put": "set"}), name="board-columns"),
    path(f"{TEAM}/absences", Absences.as_view({"get": "list", "post": "add"}), name="absence-list"),
    path(f"{TEAM}/absences/<int:absence_id>", Absences.as_view({"delete": "remove"}), name="absence-detail"),
    path(f"{TEAM}/focus/<int:user_id>", Focus.as_view({"put": "set"}), name="focus"),
    path(f"{PRODUCT}/lines", Lines.as_view({"get": "retrieve"}), name="line-list"),
    path(
        "me/calendar",
        Calendars.as_view({"get": "retrieve", "put": "publish", "delete": "withdraw"}),
        name="calendar",
    ),
    path(f"{TEAM}/velocity", TeamVelocity.as_view({"get": "retrieve"}), name="velocity"),
]
