"""The help pages, the questions that lead to them, and the guides."""
