"""FIELD_KEYS before, during and after a rotation."""

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
BEFORE, DURING, AFTER = {1: OLD}, {2: NEW, 1: OLD}, {2: NEW}
