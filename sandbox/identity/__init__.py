"""The provider of identity checks: registry, portrait, small amounts."""
