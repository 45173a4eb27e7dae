"""What a team takes on, and when."""
