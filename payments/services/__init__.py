"""Use cases, one module each. Outside calls come in three parts: ``prepare`` commits what is about
to be asked, ``perform`` asks (no transaction), ``record`` commits what was answered."""
