"""JSON as far as a request of ours ever goes: what is nested without end is refused, not followed."""

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 32


class ShallowJSONParser(JSONParser):
    def parse(self, stream, media_type=None, parser_context=None):
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_SENTENCE) from error
        if _is_deeper(data, DEEPEST):
            raise ParseError(_SENTENCE)
        return data


_SENTENCE = f"JSON nested more than {DEEPEST} levels deep is not read."


def _is_deeper(data, levels):
    within = [data]
    for _ in range(levels):
        within = [inner for outer in within for inner in _contents(outer)]
        if not within:
            return False
    return True


def _contents(value):
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
