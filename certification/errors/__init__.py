"""What can go wrong, with stable codes, a module a part."""
