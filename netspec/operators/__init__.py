"""The operators, by name; importing this package declares those of all its files."""

from importlib import import_module
from pkgutil import iter_modules

from netspec.operators.base import OPERATORS, Category, Operator, OperatorError

__all__ = ["OPERATORS", "Category", "Operator", "OperatorError"]

for family in iter_modules(__path__):
    import_module(f"{__name__}.{family.name}")
