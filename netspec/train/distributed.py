"""The processes of a run: who they are, and the few things they agree on."""

import os
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist

from netspec.errors.training import CannotMeet, NoDevice

if TYPE_CHECKING:
    from torch import Tensor


class World:
    """This process among all of the run; alone, every method is trivial."""

    def __init__(self, device: str | None = None) -> None:
        self.rank = int(os.environ.get("RANK", "0"))
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.local_rank = int(os.environ.get("LOCAL_RANK", "0"))
        self.device = pick_device(device, self.local_rank)
        if self.size > 1:
            self._join()

    def _join(self) -> None:
        own: dict[str, Any] = {"backend": "gloo"}
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
            own = {"backend": "cpu:gloo,cuda:nccl", "device_id": self.device}
        try:
            dist.init_process_group(**own)
        except (RuntimeError, ValueError) as error:
            reason = str(error).split("\n")[0]
            raise CannotMeet(rank=self.rank, reason=reason) from None

    @property
    def main(self) -> bool:
        """Whether this is the process that writes files and speaks."""
        return self.rank == 0

    def sum(self, tensor: "Tensor") -> "Tensor":
        """The sum over all processes, on the CPU."""
        total = tensor.detach().cpu().clone()
        if self.size > 1:
            dist.all_reduce(total)
        return total

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in any process."""
        return bool(self.sum(torch.tensor([int(flag)]))) if self.size > 1 else flag

    def gather(self, value: Any) -> list[Any]:
        """Every process's value, in the order of ranks."""
        if self.size == 1:
            return [value]
        found: list[Any] = [None] * self.size
        dist.all_gather_object(found, value)
        return found

    def barrier(self) -> None:
        """Wait for all."""
        if self.size > 1:
            dist.barrier()

    def leave(self) -> None:
        """Part from the others."""
        if self.size > 1 and dist.is_initialized():
            dist.destroy_process_group()


def pick_device(name: str | None, index: int = 0) -> torch.device:
    """The device asked for, or CUDA where there is one. Raises NoDevice."""
    if name is None:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError:
        reason = "expected cpu, cuda or cuda:N"
        raise NoDevice(device=name, reason=reason) from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise NoDevice(device=name, reason="torch finds no CUDA device")
    if device.type not in ("cpu", "cuda"):
        raise NoDevice(device=name, reason="netspec trains on cpu and cuda")
    if device.type == "cuda" and device.index is None:
        device = torch.device("cuda", index)
    if device.type == "cuda" and device.index >= torch.cuda.device_count():
        raise NoDevice(device=name, reason=f"there are {torch.cuda.device_count()}")
    return device
