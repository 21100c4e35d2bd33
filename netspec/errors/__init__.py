"""Every message netspec can say: a file a stage, a small class each.

A code never changes its meaning and is never used again for another finding.
"""
