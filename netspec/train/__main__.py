"""`torchrun -m netspec.train SPEC --recipe RECIPE …`: one process of several."""

from netspec.cli import run

if __name__ == "__main__":
    import sys

    run(["train", *sys.argv[1:]])
