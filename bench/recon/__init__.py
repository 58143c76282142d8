"""A month told by three parties, and faults put into their files. Knows nothing of the product."""
