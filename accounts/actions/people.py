"""Make accounts for people whose e-mail address is known to be theirs."""

from allauth.account.models import EmailAddress
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from accounts.models import User
from core.errors import InvalidInput


def create_account(*, name: str, email: str, password: str, is_superuser: bool = False) -> User:
    """Make an account with a verified address, for other actions inside their own transaction.

    Raises InvalidInput for a password that is too easy to guess.
    """
    person = User(email=email.lower(), name=name, is_superuser=is_superuser)
    try:
        password_validation.validate_password(password, person)
    except ValidationError as refusal:
        raise InvalidInput(" ".join(refusal.messages), field="password") from refusal
    person.set_password(password)
    person.save(force_insert=True)
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)
    return person
