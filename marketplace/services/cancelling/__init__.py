"""Parts of an order that aren't sent, one use case a module."""
