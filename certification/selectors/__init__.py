"""Reads, a module a part: contracts, never ORM objects for strangers."""
