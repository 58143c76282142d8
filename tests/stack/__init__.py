"""The product on real servers: PostgreSQL and Redis of the distribution, separate processes."""
