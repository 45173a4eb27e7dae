"""Rows of the sprints."""

from sprints.models.availability import Absence, FocusShare
from sprints.models.board import BoardColumn
from sprints.models.calendars import CalendarFeed
from sprints.models.inspections import CorrectiveAction, Inspection, StatusNote
from sprints.models.notes import SprintNote
from sprints.models.sprints import Sprint, SprintItem

__all__ = [
    "Absence",
    "BoardColumn",
    "CalendarFeed",
    "CorrectiveAction",
    "FocusShare",
    "Inspection",
    "Sprint",
    "SprintItem",
    "SprintNote",
    "StatusNote",
]
