"""A linked spec -> one typed graph: params, `when` and `repeat` worked out.

A network as a whole
    network     its params, then its inputs, then its graph
    params      the values of its params
    settings    values given from outside, as trees
    inputs      its inputs, their symbols and example sizes
    where       what is promised of the symbols
A graph
    wiring      who reads whom, before any value is known
    walk        the nodes in that order, their shapes inferred on the way
    body        a graph under construction: what its names stand for
    uses        a node as what its type says: an operator, a block, an inline block
    repeats     nodes that stand for several, and nodes that share
    splices     lists that join the list around them
    shapes      operators asked for the types of their outputs
    remedies    what makes an operator take what it refused
    changes     changes of arguments that it tries
A value
    types       what a `type:` names
    words       what a word that is not known was meant to be
    arguments   arguments for operators, values for params
    conditions  `when` and `repeat`
    reader      trees worked out in a scope
    given       where the values are given that an expression refers to
    scope       what names mean at one place
    values      rows and types as values
    outside     where values were set from outside
    references  which names a declaration mentions
    budget      the limits, and what is used of them
"""

from netspec.elaborate.network import elaborate
from netspec.elaborate.settings import text_tree

__all__ = ["elaborate", "text_tree"]
