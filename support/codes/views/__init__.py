"""The pages of support codes."""
