"""What can be wrong with what a network is verified against."""

from netspec.failures import CodedError


class NoReference(CodedError):
    """A reference that cannot be had."""


class UnknownReference(NoReference):
    code = "NS1121"
    message = "`{name}` is no reference: {reason}"
    help = "{advice}"


class FactoryFailed(NoReference):
    code = "NS1122"
    message = "{name} gives no module: {reason}"
    help = "{advice}"


class ProgramUnreadable(NoReference):
    code = "NS1123"
    message = "{path} holds no exported program: {reason}"
    help = "write one by `netspec export SPEC -o FILE.pt2`, or by torch.export.save"
