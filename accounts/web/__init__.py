"""What the pages of every room share."""
