"""Assembles the product; the only place that knows every context."""

from config.frozen import make_lean

make_lean()  # before any is made
