"""YAML text -> a tree of plain data in which every key and value knows its place.

tree       what is read
files      files, found and decoded
events     what the scanner finds
problems   what is not YAML, in words of our own
guesses    what was likely meant instead
build      text to a tree
"""

from netspec.source.build import parse
from netspec.source.events import LOADER
from netspec.source.files import load, read
from netspec.source.tree import Entry, Mapping, Scalar, Sequence, Tree, plain

__all__ = [
    "LOADER",
    "Entry",
    "Mapping",
    "Scalar",
    "Sequence",
    "Tree",
    "load",
    "parse",
    "plain",
    "read",
]
