"""Values that come in: made fit for a row, and what they change there."""

from django.core.exceptions import ValidationError

from core.errors import InvalidInput, PreconditionFailed

# The search index takes no text beyond a megabyte, and nobody reads one.
LONGEST_TEXT = 100_000
_ONE_LINE = {"title", "plain_title", "name"}


def cleaned(model, values: dict) -> dict:
    """Turn plain values into what the model's fields hold; related rows pass as they are.

    Raises InvalidInput with the field's name.
    """
    return {name: _cleaned(model._meta.get_field(name), value) for name, value in values.items()}


def change(row, values: dict) -> dict:
    """Set what differs and return it as {field: [old, new]}, in plain values; saves nothing."""
    changes = {}
    for name, value in values.items():
        old = getattr(row, name)
        if old != value:
            setattr(row, name, value)
            changes[name] = [_plain(old), _plain(value)]
    return changes


def expect(row, version: int | None) -> None:
    """Raise PreconditionFailed unless the row still has the version that the person saw; None: any."""
    if version is not None and version != row.version:
        raise PreconditionFailed(version=row.version)


def _cleaned(field, value):
    if field.is_relation or (value is None and field.null):
        return value
    if isinstance(value, str):
        value = " ".join(value.split()) if field.name in _ONE_LINE else value.strip()
        if "\x00" in value:
            raise InvalidInput("A text can't hold a null character.", field=field.name)
        if len(value) > LONGEST_TEXT:
            raise InvalidInput(f"At most {LONGEST_TEXT:,} characters.", field=field.name)
    if value in ("", None) and not field.blank:
        raise InvalidInput("This can't be empty.", field=field.name)
    try:
        return field.clean(value, None)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field=field.name) from error


def _plain(value):
    return value.pk if hasattr(value, "pk") else value
