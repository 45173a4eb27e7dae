"""Rows of the roadmap."""

from roadmap.models.forecasts import Forecast, ForecastDate
from roadmap.models.releases import Release, ReleaseItem

__all__ = ["Forecast", "ForecastDate", "Release", "ReleaseItem"]
