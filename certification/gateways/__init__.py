"""Who issues certificates: a documented port, the platform's own test authority behind it."""
