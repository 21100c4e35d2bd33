"""What is checked on a whole network, a file a pass, in this order."""

from netspec.passes import expect, redundant, unread, unused

PASSES = (
    expect.check,
    unread.check,
    unused.params,
    unused.blocks,
    redundant.conditions,
    redundant.biases,
)
