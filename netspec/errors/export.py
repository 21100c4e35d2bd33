"""What can keep a network from being exported, or run on inputs that are made up."""

from netspec.failures import CodedError


class ExportError(CodedError):
    """A network that could not be exported."""


class UnknownFormat(ExportError):
    code = "NS1111"
    message = "{path} names no format"
    help = "write FILE.onnx or FILE.pt2"


class NoFolder(ExportError):
    code = "NS1112"
    message = "cannot write {path}: there is no folder {folder}"
    help = "make it first: mkdir -p {folder}"


class ExportDiffers(ExportError):
    code = "NS1113"
    message = "{path} does not give what the network gives: {reason}"
    help = "{advice}"


class NoSize(CodedError):
    code = "NS1114"
    message = "`{symbol}` of an input has no example size"
    help = "`--size {symbol}=224` gives it one, or `example` of the input"
