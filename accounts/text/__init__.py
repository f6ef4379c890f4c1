"""What people type and paste, as it is understood. Pure."""
