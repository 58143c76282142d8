"""What logistics does, one use case a module."""
