"""What forms and rows say when an input can't be right: our words for Django's, set once when the app starts."""

from django import forms
from django.core import validators
from django.db import models

_NUMBER = "This has to be a number."
_WHOLE = "This has to be a whole number."
_DATE = "This has to be a date, such as 2026-03-31."
_CHOICE = "This is not among the choices."
_EMPTY = "This can't be empty."
_FORM_FIELDS = {
    forms.Field: {"required": _EMPTY},
    forms.IntegerField: {"invalid": _WHOLE},
    forms.DecimalField: {"invalid": _NUMBER},
    forms.FloatField: {"invalid": _NUMBER},
    forms.DateField: {"invalid": _DATE},
    forms.ChoiceField: {"invalid_choice": _CHOICE},
    forms.TypedMultipleChoiceField: {"invalid_choice": _CHOICE, "invalid_list": _CHOICE},
    forms.MultipleChoiceField: {"invalid_choice": _CHOICE, "invalid_list": _CHOICE},
    forms.ModelChoiceField: {"invalid_choice": "This is not among the choices any more."},
    forms.ModelMultipleChoiceField: {
        "invalid_choice": "One of these is not among the choices any more.",
        "invalid_pk_value": _CHOICE,
        "invalid_list": _CHOICE,
    },
    forms.RegexField: {"invalid": "This is not written as it has to be."},
    forms.FileField: {"required": "Choose a file.", "empty": "The file is empty.", "missing": "Choose a file."},
}
_COLUMNS = {
    models.Field: {"invalid_choice": _CHOICE, "null": _EMPTY, "blank": _EMPTY},
    models.IntegerField: {"invalid": _WHOLE},
    models.DecimalField: {"invalid": _NUMBER},
    models.DateField: {"invalid": _DATE, "invalid_date": "There is no such date."},
}
_VALIDATORS = {
    validators.MinValueValidator: "This has to be %(limit_value)s or more.",
    validators.MaxValueValidator: "This has to be %(limit_value)s or less.",
    validators.MaxLengthValidator: "At most %(limit_value)d characters; there are %(show_value)d.",
    validators.MinLengthValidator: "At least %(limit_value)d characters; there are %(show_value)d.",
    validators.ProhibitNullCharactersValidator: "A text can't hold a null character.",
    validators.EmailValidator: "This has to be an e-mail address, such as ines@example.org.",
}
_DECIMAL = {
    "invalid": _NUMBER,
    "max_digits": "At most %(max)s digits in all.",
    "max_decimal_places": "At most %(max)s digits after the point.",
    "max_whole_digits": "At most %(max)s digits before the point.",
}


def speak() -> None:
    """Take our words from here on. For `apps.py`."""
    for classes in (_FORM_FIELDS, _COLUMNS):
        for field, words in classes.items():
            field.default_error_messages = field.default_error_messages | words
    for validator, words in _VALIDATORS.items():
        validator.message = words
    validators.DecimalValidator.messages = validators.DecimalValidator.messages | _DECIMAL
