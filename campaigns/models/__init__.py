"""What the campaigns keep, by subject: each module is imported here, so that Django finds its models."""
