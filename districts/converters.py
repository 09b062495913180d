"""The district in a public address: six digits, so that it never hides a staff page."""


class DistrictCode:
    regex = "[0-9]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
