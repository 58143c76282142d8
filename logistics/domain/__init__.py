"""Rules of shipping without Django: regions and rates."""
