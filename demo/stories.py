class StandStill(Exception):
    """Somebody owes the next step, and does not do it while the story lasts."""
