"""The data sources a recipe may name, a file each."""

from netspec.train.data.digits import Digits
from netspec.train.data.fake import Fake
from netspec.train.data.folder import ImageFolder, ImageNet
from netspec.train.data.hub import HuggingFace
from netspec.train.data.shards import WebDataset
from netspec.train.data.text import Text
from netspec.train.data.torchvision_sets import (
    Cifar10,
    Cifar100,
    FashionMnist,
    KMnist,
    Mnist,
)

SOURCES = (
    Digits,
    Cifar10,
    Cifar100,
    Mnist,
    FashionMnist,
    KMnist,
    ImageFolder,
    ImageNet,
    Fake,
    Text,
    HuggingFace,
    WebDataset,
)
