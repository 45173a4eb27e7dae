"""Celery: settings measured to lose nothing (docs/operations.md says what each one prevents)."""

import os

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("underpin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Each line of a task carries the ids of the request and of the task.
app.steps["worker"].add(DjangoStructLogInitStep)
