"""The query language: chains of operations and conditions, written as JSON inside the fields of steps."""

from ocella.workflows.query.chain import Operations
from ocella.workflows.query.conditions import Condition

__all__ = ["Condition", "Operations"]
