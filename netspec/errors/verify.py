"""Findings about a network that is well formed: what it promises, what it wastes."""

from netspec.diagnostics import Finding


class ExpectedOther(Finding):
    code = "NS0601"
    message = "`expect` says `{key}: {expected}`, which {verdict}"
    label = "the network has {found}"
    help = "{advice_text}"
    key: str
    expected: str
    found: str
    advice_text: str
    verdict: str = "is not so"


class UnknownExpected(Finding):
    code = "NS0602"
    message = "the network has no output `{name}`"
    label = "it has {known}"
    help = "{advice_text}"
    name: str
    known: str
    advice_text: str | None = None


class UnreadNode(Finding):
    code = "NS0603"
    severity = "warning"
    message = "nothing reads `{name}`"
    label = "its result is thrown away"
    help = "{advice_text}"
    name: str
    advice_text: str


class UnusedParam(Finding):
    code = "NS0604"
    severity = "warning"
    message = "nothing uses the param `{name}`"
    label = "setting it changes nothing"
    help = "{advice_text}"
    name: str
    advice_text: str


class WrongInit(Finding):
    code = "NS0605"
    message = "this initialisation cannot be done"
    label = "{reason}"
    help = "{advice_text}"
    reason: str
    advice_text: str | None = None


class UnmatchedInit(Finding):
    code = "NS0606"
    severity = "warning"
    message = "this rule initialises nothing"
    label = "{reason}"
    help = "{advice_text}"
    reason: str
    advice_text: str | None = None


class ExampleRefused(Finding):
    code = "NS0607"
    message = "the example sizes do not meet `{condition}`"
    label = "{sizes}"
    help = "choose {what} that does"
    condition: str
    sizes: str
    what: str = "an `example`"


class WrongTie(Finding):
    code = "NS0608"
    message = "`{first}` and `{second}` cannot be one parameter"
    label = "{reason}"
    help = "{advice_text}"
    first: str
    second: str
    reason: str
    advice_text: str | None = None


class UnusedBlock(Finding):
    code = "NS0609"
    severity = "warning"
    message = "nothing uses the block `{name}`"
    label = "no node is of this type"
    help = "use it as `type: {name}`, or remove it"
    name: str


class UnusedImport(Finding):
    code = "NS0610"
    severity = "warning"
    message = "nothing uses what `{path}` brings in"
    label = "it has {known}"
    help = "remove the import"
    path: str
    known: str


class ConstantCondition(Finding):
    code = "NS0611"
    severity = "warning"
    message = "this `when` decides nothing"
    label = "it is the same whatever the params are"
    help = "use a param or a shape in it, or remove it"
    value: str


class UndoneBias(Finding):
    code = "NS0612"
    severity = "warning"
    message = "the bias of `{name}` has no effect"
    label = "`{norm}` subtracts it again with the mean"
    help = "`bias: false` saves its parameters and changes nothing else"
    name: str
    norm: str


class UnreadInput(Finding):
    code = "NS0613"
    severity = "warning"
    message = "nothing reads the input `{name}`"
    label = "it flows in and no further"
    help = "name it in a `from`, or remove it"
    name: str
