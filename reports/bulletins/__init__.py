"""Monthly bulletins (通报): drafted from indicators and cases, edited, approved, frozen, sent."""
