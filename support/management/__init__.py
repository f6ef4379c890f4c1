"""What operators type at the console."""
