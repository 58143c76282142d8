"""Rules without a framework."""
