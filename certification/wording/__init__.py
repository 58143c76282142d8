"""Contract templates and their typed fields: what they accept and how they read."""
