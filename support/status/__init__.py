"""What works now and what worked in the last 30 days, and what to do on paper meanwhile."""
