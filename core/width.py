"""How wide a text stands: a Chinese letter takes the place of two others."""

from unicodedata import east_asian_width


def display_width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in text)
