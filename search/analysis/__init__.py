"""Text into tokens: pure functions, the same for documents and queries and for every engine."""
