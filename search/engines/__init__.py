"""The engines behind one port (``base``): embedded (tantivy) and Elasticsearch."""
