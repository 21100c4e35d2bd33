"""What is checked on a whole network, a file a pass, in this order."""

from netspec.diagnostics import Finding
from netspec.elaborate.budget import Budget
from netspec.elaborate.reader import Reader
from netspec.graph import Elaborated
from netspec.limits import Limits
from netspec.link import Spec
from netspec.passes import expect, init, redundant, ties, unread, unused
from netspec.reports import Reports

PASSES = (
    expect.check,
    unread.check,
    unused.params,
    unused.blocks,
    redundant.conditions,
    redundant.biases,
)


def check(
    network: Elaborated, spec: Spec, reports: Reports, limits: Limits
) -> tuple[Elaborated, tuple[Finding, ...]]:
    """The network with its init rules and ties, and the warnings.

    Raises SpecError with all errors about `init`, `tie` and `expect`.
    """
    reader = Reader(Budget(reports, limits))
    network = network._replace(
        init=init.rules(spec, network.graph, reader),
        ties=ties.ties(spec.document, network.graph, reports),
    )
    for each in PASSES:
        each(network, spec.document, reports)
    reports.stop()
    return network, reports.warnings
