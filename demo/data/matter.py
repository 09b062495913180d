"""What firms ask for, and how it is answered. Blanks are filled by ``demo.wording``:

{n} {m} small numbers, {wan} 万元, {mu} 亩, {product} what the firm makes, {place} its village or street,
{month} last month, {day} a day of this one.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Matter:
    category: str
    unit: str
    """Who handles it; "territory" is the firm's township or park."""
    content: str
    answer: str
    basis: str = ""
    assisting: tuple[str, ...] = ()
    effects: dict[str, str] = field(default_factory=dict)
    """What the answer achieved: kind → the blank that says how much."""
    industries: str = ""
    """Sections of GB/T 4754 it makes sense for; empty for all."""
    shops: bool = False
    """Also something a 个体工商户 would ask."""


FACTORIES = "BCD"
