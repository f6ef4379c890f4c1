"""What differs by region: who helps with what, which apps are approved, notices, legal names."""
