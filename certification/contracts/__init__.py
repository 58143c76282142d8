"""What crosses this context's border: frozen dataclasses and enums, a module a part."""
