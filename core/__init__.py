"""Mechanics with no domain word in them: events, outbox, jobs, permissions, errors, live stream."""
