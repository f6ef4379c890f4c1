"""The demonstration region and its pharmacy system: they import nothing of ours."""
