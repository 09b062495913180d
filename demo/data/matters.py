"""Everything firms ask for, by kinds; see ``demo.data.matter``."""

from demo.data.element_matters import ELEMENTS
from demo.data.matter import Matter
from demo.data.service_matters import SERVICES

__all__ = ["MATTERS", "Matter"]

MATTERS = ELEMENTS + SERVICES
