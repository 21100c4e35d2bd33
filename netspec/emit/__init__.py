"""Graph -> Python source -> `nn.Module`.

forms       what nodes and bodies are in the file: modules, lines, chains or classes
inplace     what may be overwritten
trees       modules as trees, each value a slot over the instances of a class
unify       the trees of several instances as one
runs        the children of a repeat that are one line
modules     what each node of a body is as a tree
members     the modules of a class, its bodies laid over each other
probes      bodies at other numbers, to see what depends on what
classes     which bodies are one class
parameters  what a constructor takes
arithmetic  the expressions of a spec over those parameters
names       how a class's numbers are written: constants, parameters or arithmetic
construct   modules as code
calls       a node's call as code
unpacking   how the tuple that a call returns is taken apart
flow        who reads a value last, and in which variable it is
forward     a class's `forward`, a line a node
reset       the spec's `init` rules
results     what a network returns
writer      one class as text
layout      lines of at most 88 columns
support     classes that torch itself lacks, as text
imports     the user's own modules
source      the whole file
allowed     what the file may hold
live        the file as a live module
own         the user's own modules, held to what the spec states
places      from a line of the file back to its node
"""
