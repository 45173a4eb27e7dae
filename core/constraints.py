"""Constraints that Django has no class for."""

from django.db import models


class CompositeForeignKey(models.BaseConstraint):
    """A foreign key over several columns, so that a row can't refer into another organization.

    to: model label; to_fields: field names of a unique constraint there.
    A null in any column leaves the reference unchecked (MATCH SIMPLE).
    """

    def __init__(self, *, name, fields, to, to_fields):
        super().__init__(name=name)
        self.fields, self.to, self.to_fields = tuple(fields), to, tuple(to_fields)

    def create_sql(self, model, schema_editor):
        """Runs at the end of the migration: the unique constraint it refers to may come later than this one."""
        quote = schema_editor.quote_name
        target = model._meta.apps.get_model(self.to)
        columns = ", ".join(quote(model._meta.get_field(field).column) for field in self.fields)
        to_columns = ", ".join(quote(target._meta.get_field(field).column) for field in self.to_fields)
        schema_editor.deferred_sql.append(
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY ({columns}) REFERENCES {quote(target._meta.db_table)} ({to_columns})"
        )

    constraint_sql = create_sql

    def remove_sql(self, model, schema_editor):
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, model, instance, exclude=None, using=None):
        """The database alone checks it: there is no message a user could act on."""

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        kwargs |= {"fields": self.fields, "to": self.to, "to_fields": self.to_fields}
        return path, args, kwargs

    def __eq__(self, other):
        return isinstance(other, CompositeForeignKey) and self.deconstruct() == other.deconstruct()

    __hash__ = models.BaseConstraint.__hash__
