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
        wanted = {name.strip() for name in request.query_params["fields"].split(",") if name.strip()}
        if unknown := wanted - set(fields):
            raise BadQuery(f"There are no such fields: {', '.join(sorted(unknown))}.", allowed=sorted(fields))
        return {name: field for name, field in fields.items() if name in wanted}
