"""The pages for an outage."""
