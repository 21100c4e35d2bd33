"""Structure as it is emitted: what small specs compute, and the lines they become.

Every module must be its graph run node by node, see `tests/fuzz/reference.py`.
"""

import netspec
from netspec.link import loads
from tests.fuzz.reference import agree

VECTOR = "netspec: 1\nname: net\ninput: [8]\n"
SEQUENCE = "netspec: 1\nname: net\ninput: [6, 8]\n"
PAIR = "netspec: 1\nname: net\ninputs: {q: [6, 8], m: [5, 8]}\n"


def emitted(text: str) -> str:
    """The source of a spec whose module does what its graph says."""
    network = netspec.compile(loads(text))
    agree(network)
    return network.to_source()


# Outputs that only training has -------------------------------------------------------


def test_what_reads_a_value_of_training_runs_in_training_alone() -> None:
    emitted(
        f"{VECTOR}outputs: {{y: trunk, aux: {{from: aux, mode: train}}}}\n"
        """
graph:
  trunk: {type: Linear, out_features: 8}
  aux: {type: Linear, out_features: 2}
  debug: {type: Softmax, dim: 1}
  shown: {type: Add, from: [debug, aux]}
"""
    )
