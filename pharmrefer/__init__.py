"""Wiring: settings, addresses, health, and what runs PharmRefer on one machine."""

import atexit
import gc

# Where a process ends, Python looks several times through all that it has loaded for what could
# be collected: a quarter of the processor time that a worker's start and end take.
atexit.register(gc.freeze)
