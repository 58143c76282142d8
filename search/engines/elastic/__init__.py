"""Elasticsearch 8 and 9, and OpenSearch: the engine for more than one machine."""
