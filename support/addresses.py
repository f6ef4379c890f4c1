"""How the addresses begin of pages that are shown also while the database is away. Pure.

No view below them may ask it for anything: they share a thread, which it must not hold up.
"""

WITHOUT_DATABASE = ("/help/", "/status/", "/connection/", "/about/")
