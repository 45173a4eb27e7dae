"""What serializers of the API share."""

from core.rest.errors import BadQuery


class SparseFields:
    """For read-only serializers: `?fields=key,title` answers only these."""

    def get_fields(self):
        fields = super().get_fields()
        request = self.context.get("request")
        is_answer = self.parent is None or (self.parent.parent is None and getattr(self.parent, "many", False))
        if request is None or not is_answer or "fields" not in request.query_params:
            return fields
        return {name: fields[name] for name in _wanted(request, fields)}


def only_wanted(request, rows: list[dict], serializer_class) -> list[dict]:
    """Rows made without a serializer, of which `?fields=` wants only some."""
    if "fields" not in request.query_params:
        return rows
    wanted = _wanted(request, serializer_class().fields)
    return [{name: row[name] for name in wanted} for row in rows]


def _wanted(request, known) -> list[str]:
    wanted = {name.strip() for name in request.query_params["fields"].split(",") if name.strip()}
    if unknown := wanted - set(known):
        raise BadQuery(f"There are no such fields: {', '.join(sorted(unknown))}.", allowed=sorted(known))
    return [name for name in known if name in wanted]
