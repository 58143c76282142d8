"""The life of a contract, a use case a module."""
