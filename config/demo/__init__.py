"""What `make demo` shows: believable merchants and goods, and the first trade."""
