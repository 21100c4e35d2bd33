"""Training: a checked recipe, a loop that reads top to bottom, and a folder to trust.

`netspec.train.recipe` never imports torch; the other modules do.
"""
