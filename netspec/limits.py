"""The limits that keep a stranger's spec from flooding the machine.

Each is checked before what it bounds is allocated, and long before torch is imported.
"""

from netspec.record import Record


def raised_by(name: str) -> str:
    """What to do about a limit that is in the way."""
    return f"`--limit {name}=N` raises it"


class Limits(Record):
    """What one call accepts. Raise a limit with `Limits(nodes=500_000)`."""

    file_bytes: int = 256 * 1024
    import_bytes: int = 1024 * 1024
    import_files: int = 64
    import_depth: int = 8
    yaml_nodes: int = 50_000
    yaml_depth: int = 64
    path_length: int = 512
    integer: int = 2**53
    expression_length: int = 256
    expression_depth: int = 32
    exponent: int = 64
    steps: int = 500_000  # of all expressions and params worked out
    params: int = 1024  # of a spec or a block
    block_depth: int = 16
    repeat: int = 16_384
    nodes: int = 200_000
    distinct_nodes: int = 20_000  # those that differ; equal blocks count once
    list_length: int = 1024  # lists within a list counted too
    init_matches: int = 1_000_000  # rules times modules
    rank: int = 8
    dimension: int = 2**31 - 1
    elements: int = 2**40
    parameters: int = 2**33


DEFAULT = Limits()
