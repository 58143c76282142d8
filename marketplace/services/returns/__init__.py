"""Returns, one use case a module."""
