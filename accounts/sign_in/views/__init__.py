"""The web edge of signing in."""
