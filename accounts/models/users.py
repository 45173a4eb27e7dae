"""A person, or a service that signs for the jobs."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.crypto import salted_hmac


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def service(self, name):
        """The service principal of that name, such as `night`; it signs what no person did."""
        user, _ = self.get_or_create(
            email=f"{name}@service.invalid",
            defaults={"name": name.capitalize(), "is_service": True, "password": "!"},
        )
        return user


class User(AbstractBaseUser, PermissionsMixin):
    class Theme(models.TextChoices):
        SYSTEM = "system", "Like the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    has_shortcuts = models.BooleanField(default=True, help_text="Single-key shortcuts (WCAG 2.1.4).")
    reads_plain = models.BooleanField(
        default=False, db_default=False, help_text="Titles and leads in plain language where there are any."
    )
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False)
    session_epoch = models.PositiveIntegerField(default=0, db_default=0, help_text="Counting up ends every session.")
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_an_email"),
            models.CheckConstraint(
                condition=models.Q(is_service=False) | models.Q(is_superuser=False),
                name="service_is_no_admin",
            ),
        ]

    def __str__(self):
        return self.name or self.email

    @property
    def is_staff(self):
        return self.is_superuser

    @property
    def initials(self):
        words = (self.name or self.email).split()
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()

    @property
    def event_stream(self):
        return f"user:{self.pk}"

    def get_full_name(self):
        return self.name

    def _get_session_auth_hash(self, secret=None):
        """Django compares this with the session's on each request: one update ends all sessions of a person."""
        return salted_hmac(
            "accounts.User.session", f"{self.password}:{self.session_epoch}", secret=secret, algorithm="sha256"
        ).hexdigest()
