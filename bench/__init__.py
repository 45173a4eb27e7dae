"""bin/bench: how fast Underpin is, beside the floor PostgreSQL alone sets in the same run."""
