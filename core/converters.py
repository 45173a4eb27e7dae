"""Parts of addresses that Django has no converter for."""

from datetime import date


class DateConverter:
    """`<date:on>` is a day such as 2026-11-24; what is no day is no address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value) -> str:
        return str(value)
