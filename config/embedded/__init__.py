"""What one machine needs to run the product by itself: a PostgreSQL server and kept secrets."""
