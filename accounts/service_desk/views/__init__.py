"""The web edge of the service desk."""
