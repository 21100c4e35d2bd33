"""`python -m netspec`."""

from netspec.cli import run

if __name__ == "__main__":
    run()
