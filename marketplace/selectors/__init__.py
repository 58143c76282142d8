"""Reads: plain values and contracts, never ORM objects."""
