"""The kinds of document that are searched, by declaration (``types``)."""
