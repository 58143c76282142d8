"""Pure rules and arithmetic: no database, no network."""
