"""Signing in, the session, and the means of a user's own account."""
