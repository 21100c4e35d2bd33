"""What can go wrong once training starts: in the world, or by a field of the recipe."""

from pathlib import Path

from netspec.failures import CodedError

GO_ON = "what was saved before is whole: make room, and go on by --resume"


class TrainingError(CodedError):
    """A run that cannot start or go on."""


class FolderInUse(TrainingError):
    code = "NS0901"
    message = "{folder} is in use by another trainer ({owner})"
    help = "wait for it to end, stop it, or choose another --out"


class FolderNotEmpty(TrainingError):
    code = "NS0902"
    message = "{folder} already holds a run"
    help = "go on with it by --resume, or choose another --out"


class RunChanged(TrainingError):
    code = "NS0903"
    message = "this is not the run that {folder} holds"
    details = "{difference}"
    help = "undo the change, choose another --out, or pass --allow-change"


class NoGoodCheckpoint(TrainingError):
    code = "NS0904"
    message = "none of the {count} checkpoints in {folder} is whole"
    details = "{reasons}"
    help = "restore one from a copy, or start again with another --out"


class BadCheckpoint(TrainingError):
    code = "NS0905"
    severity = "warning"
    message = "{path} is not a whole checkpoint: {reason}"
    help = "it is set aside, and the one before it is taken"


class CannotWrite(TrainingError):
    code = "NS0906"
    message = "cannot write {path}: {reason}"
    help = "{advice}"

    @classmethod
    def of(cls, path: Path, error: OSError, advice: str = GO_ON) -> "CannotWrite":
        """The error that the system's own is, as it writes this file."""
        return cls(path=path, reason=error.strerror or error, advice=advice)


class NotFinite(TrainingError):
    code = "NS0907"
    message = "the loss of step {step} is {value}; nothing was changed by it"
    details = "samples: {ids}\n{where}"
    help = (
        "lower the learning rate, clip with `clip_norm`, or look at these samples; "
        "what was saved before is whole"
    )


class OutOfMemory(TrainingError):
    code = "NS0908"
    message = "out of memory {when}: {asked}"
    help = "{advice}"


class UnmatchedGlob(TrainingError):
    code = "NS0909"
    message = "`{glob}` in {where} matches no {what}"
    help = "{advice}"


class NothingToTrain(TrainingError):
    code = "NS0910"
    field = "freeze"
    message = "{reason}: there is nothing to train"
    help = "{advice}"


class UnknownOutput(TrainingError):
    code = "NS0911"
    field = "task.losses"
    blames_name = True
    message = "the network has no output `{name}`"
    help = "{advice}"


class DataMismatch(TrainingError):
    code = "NS0912"
    field = "data"
    message = "the data does not fit the network: {reason}"
    help = "{advice}"


class DataMissing(TrainingError):
    code = "NS0913"
    field = "data"
    message = "cannot read the data set {name}: {reason}"
    help = "{advice}"


class ImageUnreadable(TrainingError):
    code = "NS0927"
    message = "cannot use the image {path}: {reason}"
    help = "{advice}"


class TooManyBadSamples(TrainingError):
    code = "NS0914"
    message = "{count} of {total} samples cannot be used; the first: {examples}"
    help = "above 1 % a run stops; mend or remove these files"


class NoDevice(TrainingError):
    code = "NS0915"
    message = "the device `{device}` cannot be used: {reason}"
    help = "pass --device cpu, or leave --device out"


class NotARun(TrainingError):
    code = "NS0917"
    message = "{folder} is not a run folder: {reason}"
    help = "give a folder that `netspec train --out` wrote, with all its files whole"


class CannotSample(TrainingError):
    code = "NS0918"
    field = "batch_size"
    message = "an epoch of {samples} samples has no whole batch of {batch}"
    help = "lower `batch_size` to {samples} or less"


class CheckpointDoesNotFit(TrainingError):
    code = "NS0931"
    message = "{path} does not fit the network as it is now"
    details = "{report}"
    help = "undo the change, or start a run of its own with these `weights`: {weights}"


class CannotSplit(TrainingError):
    code = "NS0932"
    message = "a step of {batch} samples cannot be cut into {parts}"
    help = "every part needs a sample: {advice}"


class RankFailed(TrainingError):
    code = "NS0919"
    message = "process {rank} failed and all were ended"
    details = "{reason}"


class NeedsExtra(CodedError):
    code = "NS0920"
    message = "{what} needs the package {package}"
    help = "pip install {package}"


class WeightsNotFinite(TrainingError):
    code = "NS0922"
    message = "{name} is not finite after step {step}; it was not saved"
    help = (
        "lower the learning rate or clip with `clip_norm`; then use --resume and "
        "--allow-change"
    )


class WorkerEnded(TrainingError):
    code = "NS0923"
    message = "a worker process that reads data ended: {reason}"
    help = "if memory ran out, lower `workers`; what was saved before is whole"


class NotSupported(TrainingError):
    code = "NS0921"
    message = "{what}"
    help = "{advice}"


class CannotMeet(TrainingError):
    code = "NS0925"
    message = "process {rank} cannot reach the others: {reason}"
    help = "are all nodes started, and is the port of MASTER_ADDR open between them?"


class CannotReport(TrainingError):
    code = "NS0924"
    message = "cannot report to {place}: {reason}"
    help = "to train without it, add --set {field}=null"
