"""Rows of the mechanics."""

from core.models.events import Event
from core.models.idempotency import IdempotentRequest
from core.models.jobs import JobRun
from core.models.mail import OutgoingMail
from core.models.outbox import OutboxMessage, OutboxReceipt

__all__ = ["Event", "IdempotentRequest", "JobRun", "OutboxMessage", "OutboxReceipt", "OutgoingMail"]
