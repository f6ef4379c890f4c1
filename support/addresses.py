"""How the addresses begin of what is shown also while the database is away. Pure.

No view below them may ask it for anything: they share a thread, which it must not hold up.
"""

WITHOUT_DATABASE = (
    *("/help/", "/status/", "/connection/", "/about/"),
    *("/static/", "/health/live"),  # what such pages look like, and whether anybody is there
)
