"""Graph -> Python source -> `nn.Module`.

modules    what each node is as a module, in one body or in all bodies of a class
probes     bodies at other numbers, to see what depends on what
classes    which bodies are one class
names      how a class's numbers are written: constants, parameters or arithmetic
construct  modules as code
forward    a class's `forward`: variables, order, what is overwritten
reset      the spec's `init` rules
writer     one class as text
layout     lines of at most 88 columns
source     the whole file
live       the file as a live module
"""
