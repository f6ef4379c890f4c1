"""The operator's pages for regional content."""
