"""Hypothesis in a run of ours: other examples each time, and nothing kept on the disk."""

from hypothesis import settings

# A busy machine is no fault of the rule; what fails is printed so that it can be run again.
settings.register_profile("pharmrefer", database=None, deadline=None, print_blob=True)
settings.load_profile("pharmrefer")
