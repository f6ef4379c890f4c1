"""The web edge of people."""
