"""Who is here: organizations, people, teams, invitations, tokens, sign-in."""
