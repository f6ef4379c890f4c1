"""The connection test: what lies between a browser and PharmRefer, and whom to ask about it."""
