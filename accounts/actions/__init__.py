"""Everything that happens to people and their logging in, one plain verb each."""
