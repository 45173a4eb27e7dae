"""Parse what pages send."""
