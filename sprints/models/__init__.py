"""Rows of the sprints."""

from sprints.models.availability import Absence, FocusShare
from sprints.models.sprints import Sprint, SprintItem

__all__ = ["Absence", "FocusShare", "Sprint", "SprintItem"]
