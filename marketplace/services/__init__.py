"""What the marketplace does, one use case a module."""
