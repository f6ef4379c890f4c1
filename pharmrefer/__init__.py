"""Wiring: settings, addresses, health, and what runs PharmRefer on one machine."""
