"""Graph -> Python source -> `nn.Module`.

inplace    what may be overwritten
trees      modules as trees, each value a slot over the instances of a class
unify      the trees of several instances as one
modules    what each node of a body is as a tree
probes     bodies at other numbers, to see what depends on what
classes    which bodies are one class
names      how a class's numbers are written: constants, parameters or arithmetic
construct  modules as code
flow       who reads a value last, and in which variable it is
forward    a class's `forward`, a line a node
reset      the spec's `init` rules
writer     one class as text
layout     lines of at most 88 columns
source     the whole file
live       the file as a live module
"""
