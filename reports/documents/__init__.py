"""Official documents (公文) in Word."""

from reports.documents.paper import Block, Field, Paper, written_date

__all__ = ["Block", "Field", "Paper", "written_date"]
