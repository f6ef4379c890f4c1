"""The web edge of accounts: HTTP in, one call, HTTP out."""
