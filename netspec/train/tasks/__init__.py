"""The tasks a recipe may name, a file each."""

from netspec.train.tasks.adversarial import Adversarial
from netspec.train.tasks.classification import Classification
from netspec.train.tasks.language import LanguageModelling

TASKS = (Classification, LanguageModelling, Adversarial)
