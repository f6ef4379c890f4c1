"""The service desk: cases, and what is done for callers."""
