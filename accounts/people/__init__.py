"""A practice's people: who they are there, and what its administrators may do."""
