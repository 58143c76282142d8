"""How fast, beside known baselines: see README.md here."""
