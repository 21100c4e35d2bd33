"""The small image sets that torchvision downloads: CIFAR and the MNIST family."""

from typing import Any, ClassVar

from netspec.errors.training import DataMissing
from netspec.kinds import Bool, Str
from netspec.train.samples import DataSource, Splits, TensorSamples


class TorchvisionSet(DataSource):
    """A set of torchvision's that fits in memory, downloaded once into `root`."""

    torchvision_name: ClassVar[str]
    paths = ("root",)
    root: Str = "data"
    download: Bool = True

    def load(self) -> Splits:
        train, heldout = self._open(True), self._open(False)
        return Splits(_tensors(train), _tensors(heldout), tuple(train.classes))

    def _open(self, train: bool) -> Any:
        from torchvision import datasets

        kind = getattr(datasets, self.torchvision_name)
        try:
            return kind(self.root, train=train, download=self.download)
        except (OSError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            advice = f"put the set under {self.root}, or allow the download"
            name = self.torchvision_name
            raise DataMissing(
                field="data.root", name=name, reason=reason, advice=advice
            ) from None


class Cifar10(TorchvisionSet):
    """60,000 colour images of 32x32 in 10 classes (Krizhevsky 2009)."""

    type_name = torchvision_name = "CIFAR10"


class Cifar100(TorchvisionSet):
    """60,000 colour images of 32x32 in 100 classes (Krizhevsky 2009)."""

    type_name = torchvision_name = "CIFAR100"


class Mnist(TorchvisionSet):
    """70,000 grey handwritten digits of 28x28 (LeCun et al. 1998)."""

    type_name = torchvision_name = "MNIST"


class FashionMnist(TorchvisionSet):
    """70,000 grey pictures of clothes, 28x28 (Xiao et al. 2017)."""

    type_name = torchvision_name = "FashionMNIST"


class KMnist(TorchvisionSet):
    """70,000 grey cursive Japanese characters, 28x28 (Clanuwat et al. 2018)."""

    type_name = torchvision_name = "KMNIST"


def _tensors(found: Any) -> TensorSamples:
    """uint8 [N, C, H, W], from CIFAR's [N, H, W, C] or MNIST's [N, H, W]."""
    import torch

    images = torch.as_tensor(found.data)
    images = images[:, None] if images.dim() == 3 else images.permute(0, 3, 1, 2)
    return TensorSamples(images.contiguous(), torch.as_tensor(found.targets).long())
