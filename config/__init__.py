"""Assembles the product; the only place that knows every context."""
