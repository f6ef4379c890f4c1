"""Help and whom to ask: what a user reads who is stuck, and what the service desk sees of it."""
