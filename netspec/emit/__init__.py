"""Graph -> Python source -> `nn.Module`.

modules    what each node is as a module: one tree for an instance, one for all of a class
classes    which bodies are one class
names      how a class's numbers are written: as constants, parameters or arithmetic
forward    a class's `forward`: variables, order, what runs in place
layout     lines of at most 88 columns
source     the whole file
live       the file as a live module
"""
