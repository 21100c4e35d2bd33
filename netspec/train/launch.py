"""Several processes on this machine, started and watched by torch's elastic agent."""

import atexit
import logging
import os
import re
import signal
import sys
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from netspec.errors.training import RankFailed

if TYPE_CHECKING:
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

SHUTDOWN = 10  # seconds that processes have to save and end


def launch(arguments: Sequence[str], processes: int, restarts: int) -> int:
    """Run `netspec train` with these arguments in so many processes.

    Gives the exit status. Raises RankFailed with the first failure's cause.
    """
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # What it logs of a failure stands in the error that is raised.
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    os.environ.setdefault("OMP_NUM_THREADS", str(_threads(processes)))
    # In the shared store, processes started again find the addresses of those that died
    # (https://github.com/pytorch/pytorch/issues/135712).
    os.environ.setdefault("TORCH_DISABLE_SHARE_RDZV_TCP_STORE", "1")
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=restarts,
        logs_specs=DefaultLogsSpecs(),
        signals_to_handle="SIGTERM,SIGINT,SIGUSR1",
    )
    if hasattr(config, "shutdown_timeout"):  # torch 2.11 always waits for 30 seconds
        config.shutdown_timeout = SHUTDOWN
    try:
        elastic_launch(config, sys.executable)("-m", "netspec.train", *arguments)
    except SignalException as error:
        return 128 + int(error.sigval)
    except ChildFailedError as error:
        raise _failure(error) from None
    return 0


def _failure(error: "ChildFailedError") -> RankFailed:
    """What the others' failures follow from: a kill, an error in words, the first."""
    first, _ = error.get_first_failure()

    def weight(item: tuple[int, Any]) -> tuple[bool, bool, bool]:
        rank, failure = item
        killed = failure.exitcode < 0 and failure.exitcode != -signal.SIGTERM
        worded = "Cause: error[" in str(failure.message)
        return killed, worded, rank == first

    rank, failure = max(error.failures.items(), key=weight)
    return RankFailed(rank=rank, reason=_reason(failure.message))


def _threads(processes: int) -> int:
    return max((os.cpu_count() or 1) // processes, 1)


def _reason(message: object) -> str:
    """What a process left as its cause, or how it was ended."""
    text = message.get("message", "") if isinstance(message, dict) else str(message)
    killed = re.search(r"Signal \d+ \((\w+)\)", text)
    if killed:
        return f"it was ended by {killed[1]}"
    return text.removeprefix("Cause: ").strip()


def is_child() -> bool:
    """Whether an elastic agent started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def was_restarted() -> bool:
    """Whether the agent started this process again after a failure."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0


def leave(status: int) -> NoReturn:
    """End one of several processes, once what is registered for its end is done.

    Threads of torch's may still wait for the others; as the interpreter takes them
    down, one in some runs aborts the process, which the agent takes for a failure.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def leave_cause(text: str) -> None:
    """Tell the agent why this process ends: it says so once, for all."""
    from torch.distributed.elastic.multiprocessing.errors import get_error_handler

    handler = get_error_handler()
    handler.initialize()
    handler.record_exception(Cause(text))


class Cause(Exception):
    """A failure that is already in words."""
