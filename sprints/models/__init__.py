"""Rows of the sprints."""

from sprints.models.sprints import Sprint, SprintItem

__all__ = ["Sprint", "SprintItem"]
