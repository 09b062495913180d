"""Forms of the needs lists; the services have the last word on every field."""
