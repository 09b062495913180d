"""Every write of the needs lists."""
