"""Run in a process of its own: DOT on standard input, a picture on standard output.

It imports nothing of netspec, so that it starts fast and can be killed at any time.
"""

import sys


def main(format: str) -> int:
    """Lay the graph out with Graphviz's `dot` and write it in the given format."""
    from pygraphviz import _graphviz as graphviz

    graph = graphviz.agread(sys.stdin, None)
    context = graphviz.gvContextWithBuiltins()
    if graphviz.gvLayout(context, graph, b"dot"):
        return 1
    status, data = graphviz.gvRenderData(context, graph, format.encode())
    if status:
        return 1
    sys.stdout.buffer.write(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
