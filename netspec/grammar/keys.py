"""The keys of every mapping a document may hold, and the words of closed sets."""

DOCUMENT_KEYS = {
    "netspec": "the language version, 1",
    "name": "an identifier; the emitted class is its PascalCase form",
    "doc": "what this network is",
    "extends": "another spec that this one changes",
    "imports": "files whose blocks are taken in",
    "params": "what may be changed from outside",
    "inputs": "the network's inputs",
    "input": "the shape of a single input",
    "blocks": "reusable parts",
    "graph": "the network",
    "outputs": "what the network gives",
    "init": "how parameters are initialised, later rules winning",
    "tie": "parameters that are one",
    "expect": "figures that `netspec check` compares",
}
BLOCK_KEYS = {
    "doc": "what this block is",
    "params": "what its uses give",
    "inputs": "the names of its inputs, by default `input`",
    "outputs": "its outputs by name, by default the last node",
    "graph": "its nodes",
}
NODE_KEYS = {
    "type": "an operator, a block, or a param of type `block`",
    "graph": "an inline block",
    "inputs": "the names of an inline block's inputs",
    "outputs": "an inline block's outputs by name",
    "share": "run the named sibling again with the same weights",
    "from": "where the input comes from, by default the node above",
    "when": "false: no module, and the input flows through",
    "else": "what stands for a node whose `when` is false",
    "repeat": "a count or a list; makes a container",
    "doc": "a line for drawings and emitted code",
}
KINDS = ("type", "graph", "share")  # a node has one of them
# Types that take no input and are read by name alone, never as "the node above".
TENSORS = ("Parameter", "Buffer")
SHARE_KEYS = ("share", "from", "when", "else", "doc")  # all else is the sibling's
REPEAT_KEYS = {
    "over": "a count or a list",
    "as": "the element's name, by default `item`",
    "index": "the index's name, by default `i`",
    "prefix": "what the children's names start with",
    "start": "the first child's number",
    "splice": "true: the children join the enclosing graph",
}
PARAM_KEYS = {
    "type": "the param's type",
    "default": "its value where none is given",
    "choices": "the values it may have",
    "doc": "what it is for",
}
INPUT_KEYS = {
    "shape": "the sizes without the batch",
    "dtype": "the element type, by default float32",
    "where": "a condition on the symbols",
    "example": "a size for each symbol",
}
EXPECT_KEYS = {
    "params": "the number of parameters",
    "macs": "multiply-adds at the example sizes",
    "output": "the shape of the output",
    "outputs": "the shapes of several outputs",
}
RECIPE_KEYS = {"data", "optimizer", "epochs", "batch_size"}  # any recipe has these
PARAM_TYPES = ("int", "float", "bool", "str", "pair", "list", "row", "block")
# What other languages call what a spec holds.
DTYPES_ELSEWHERE = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "short": "int16",
}
TRUTH_ELSEWHERE = {"true": ("yes", "on"), "false": ("no", "off")}
TRUTH = {*TRUTH_ELSEWHERE, *(w for each in TRUTH_ELSEWHERE.values() for w in each)}
INHERITED = "inherited"  # the type of a bare text, which only an extended spec knows
JOINS = {"add": "Add", "concat": "Concat", "mul": "Mul"}
MODES = ("train",)
