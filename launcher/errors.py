"""What stops the launcher, and says so to a person."""


class LauncherError(Exception):
    """Something a person can put right; its text is the sentence they read."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or the system asked the launcher to end."""
