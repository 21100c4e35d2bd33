"""What can be wrong with weights from a file, or with those that are published."""

from netspec.failures import CodedError


class WeightsError(CodedError):
    """Weights that cannot be had, or do not fit."""


class WeightsDoNotFit(WeightsError):
    code = "NS0916"
    field = "weights.file"
    message = "{path} does not fit the network"
    details = "{report}"
    help = "{advice}"


class WeightsUnreadable(WeightsError):
    code = "NS0926"
    field = "weights.file"
    message = "cannot take weights from {path}: {reason}"
    help = "{advice}"


class UnknownHead(WeightsError):
    code = "NS1101"
    message = "there is no node `{head}` with weights"
    help = "{advice}"


class UnknownWeights(WeightsError):
    code = "NS1102"
    message = "torchvision publishes no weights `{name}`: {reason}"
    help = "{advice}"


class WeightsNotHere(WeightsError):
    code = "NS1103"
    message = "torchvision cannot give {name}: {reason}"
    help = "download {url} and put it at {file}"


class WeightsNeedParam(WeightsError):
    code = "NS1104"
    message = "{name} would give wrong numbers: {reason}"
    help = "{advice}"
