"""The connection test's page, and what its script asks: nothing here knows who anyone is."""
