"""Rows of the night."""

from nightly.models.nights import Night

__all__ = ["Night"]
