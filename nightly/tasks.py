"""Work of the nights outside requests."""
