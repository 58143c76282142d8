"""Arithmetic and rules of trading without Django."""
