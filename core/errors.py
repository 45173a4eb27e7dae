"""Refusals: exceptions that carry a sentence for people and a code for programs."""


class RuleViolation(Exception):
    """A rule of the house says no. Subclasses live beside the action that raises them.

    status: 409 for a conflict with the present state, 422 for input that can't be right.
    """

    code = "rule_violation"
    message = "That is not possible."
    status = 409
    field = ""

    def __init__(self, message: str = "", **extra):
        self.message = message or self.message
        self.extra = extra
        super().__init__(self.message)


class InvalidInput(RuleViolation):
    """Input that can't be right, whatever the state."""

    code = "invalid_input"
    status = 422

    def __init__(self, message: str = "", *, field: str = "", **extra):
        super().__init__(message, **extra)
        self.field = field


class PreconditionFailed(RuleViolation):
    """Somebody changed it since it was read (If-Match)."""

    code = "precondition_failed"
    message = "Somebody has changed this since you opened it. Look at the fresh version, then change it again."
    status = 412
