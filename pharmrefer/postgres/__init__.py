"""Django's PostgreSQL, but for how an old connection is looked at before it is used again."""
