"""What a document may say: trees in, declarations out, a finding for each wrong part.

keys       every key, with what it means
reader     values of plain kinds
params     params and inputs
wiring     `from`, `outputs` and `repeat`
layout     what is indented too little
graphs     blocks, graphs and nodes
document   the whole
"""

from netspec.grammar.document import document
from netspec.grammar.keys import (
    BLOCK_KEYS,
    DOCUMENT_KEYS,
    EXPECT_KEYS,
    INHERITED,
    INPUT_KEYS,
    JOINS,
    MODES,
    NODE_KEYS,
    PARAM_KEYS,
    PARAM_TYPES,
    REPEAT_KEYS,
)
from netspec.grammar.params import is_long
from netspec.grammar.reader import kind_of

__all__ = [
    "BLOCK_KEYS",
    "DOCUMENT_KEYS",
    "EXPECT_KEYS",
    "INHERITED",
    "INPUT_KEYS",
    "JOINS",
    "MODES",
    "NODE_KEYS",
    "PARAM_KEYS",
    "PARAM_TYPES",
    "REPEAT_KEYS",
    "document",
    "is_long",
    "kind_of",
]
