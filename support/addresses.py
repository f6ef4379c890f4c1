"""How the addresses begin of pages that are shown also while the database is away. Pure."""

WITHOUT_DATABASE = ("/help/", "/status/", "/connection/", "/about/")
