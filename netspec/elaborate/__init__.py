"""A linked spec -> one typed graph: params, `when` and `repeat` worked out.

instance   a whole network: its params, inputs and symbols
settings   values given from outside, as trees
wiring     who reads whom, before any value is known
walk       a graph's nodes in that order, their shapes inferred on the way
body       a graph under construction: what its names stand for
uses       a node as what its type says: an operator, a block, an inline block
repeats    nodes that stand for several, and nodes that share
binding    arguments for operators, values for params
reports    what is found, with the way that led there
values     trees worked out in an environment
shapes     operators asked for the types of their outputs
"""

from netspec.elaborate.instance import instantiate
from netspec.elaborate.settings import text_tree

__all__ = ["instantiate", "text_tree"]
