"""The training loop, from top to bottom.

run: resume -> for each epoch: train, evaluate, save -> the last weights
step: for each learner: forward and backward over the parts, guard, step
"""

import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from netspec.errors.training import NotFinite, WeightsNotFinite, WorkerEnded
from netspec.train import seeds
from netspec.train.checkpoint import newest, save_checkpoint, set_aside
from netspec.train.diagnosis import bad_weights, first_not_finite
from netspec.train.evaluate import evaluate
from netspec.train.folder import BEST, LAST
from netspec.train.guard import LossGuard
from netspec.train.learner import Learner, autocast
from netspec.train.parallel import exchanging
from netspec.train.position import Clock, Position
from netspec.train.preparation import set_training
from netspec.train.resumption import restore
from netspec.train.weights import weights_bytes

if TYPE_CHECKING:
    from netspec.train.folder import RunFolder
    from netspec.train.progress import Display
    from netspec.train.samples import Batch
    from netspec.train.setup import Job
    from netspec.train.signals import Signals
    from netspec.train.writers import Writer


class Loop:
    """Trains a job in its folder until the recipe's end or a signal."""

    def __init__(
        self,
        job: "Job",
        folder: "RunFolder",
        signals: "Signals",
        display: "Display",
        open_writers: Callable[[int], list["Writer"]] = lambda step: [],
    ) -> None:
        self.job = job
        self.recipe = job.recipe
        self.world = job.world
        self.folder = folder
        self.signals = signals
        self.display = display
        self.open_writers = open_writers
        self.writers: list[Writer] = []
        self.guard = LossGuard(job.world.device)
        self.at = Position()
        self.best: float | None = None
        self.meter = job.meter()
        self.clock = Clock()
        self.lr = job.main.lr  # of the last step: the schedule is one ahead
        self.saved = ""

    def run(self) -> bool:
        """Train; True if the recipe's end was reached, False after a signal."""
        self.resume()
        if self.world.main:
            self.folder.describe()
            self.writers = self.open_writers(self.at.step)
        epochs = self.recipe.epochs
        self.display.start(self.at.step, epochs * self.job.plan.steps, epochs)
        self.signals.can_save = True
        finished = self.train()
        self.save()
        return finished

    def train(self) -> bool:
        """All epochs that are left; False after a signal."""
        try:
            while self.at.epoch < self.recipe.epochs:
                if not (self.train_epoch() and self.finish_epoch()):
                    return False
        except WorkerEnded:  # a signal to the whole group ended the workers, too
            if self.world.size > 1 or not self.signals.comes():
                raise
            return False
        return True

    def train_epoch(self) -> bool:
        """The rest of the epoch's steps; False after a signal."""
        for learner in self.job.learners:
            set_training(learner.model, frozen_norms=self.recipe.frozen_norms)
        self.clock.reset()
        if self.world.any(self.signals.received):
            return False
        for parts in self.steps():
            self.train_step(parts)
            self.at.batch += 1
            self.at.step += 1
            self.display.step(self.at.step)
            if self.at.step % self.recipe.log_every == 0:
                self.log_training()
            if self.world.any(self.signals.received):
                return False
            every = self.recipe.checkpoint.every
            if (
                every
                and self.at.step % every == 0
                and self.at.batch < self.job.plan.steps
            ):
                self.save()
        return True

    def steps(self) -> Iterator[list["Batch"]]:
        """The parts of every step that is left of the epoch."""
        plan, epoch = self.job.plan, self.at.epoch
        order = plan.order(epoch)
        left = range(self.at.batch, plan.steps)
        ids = [part for number in left for part in plan.step(order, number)]
        batches = self.job.train_loader.batches(ids, epoch)
        for number in left:
            parts = list(islice(batches, self.recipe.accumulate))
            yield [self.job.mixing(part, epoch, self._place(number)) for part in parts]

    def _place(self, number: int) -> int:
        return number * self.world.size + self.world.rank

    def train_step(self, parts: list["Batch"]) -> None:
        """One step of every learner, in turn, on the same samples."""
        samples = self.job.plan.step_samples(self.at.batch)
        self.lr = self.job.main.lr
        for learner in self.job.learners:
            for number, batch in enumerate(parts, 1):
                ready = learner.model if number == len(parts) else None
                with exchanging(ready, [one.model for one in self.job.learners]):
                    self.learn(learner, batch, len(batch.ids) / samples)
            bad = self.guard.check()
            if self.world.any(bad is not None):
                self.stop_at(bad, learner, parts)
            learner.step()
            for one in self.job.learners:  # a loss fills what it passes through, too
                one.forget()
        self.clock.count(samples)

    def learn(self, learner: Learner, batch: "Batch", share: float) -> None:
        """Forward and backward of one part, which is a `share` of the step."""
        with autocast(self.recipe, self.world.device):
            outcome = self.recipe.task.loss(learner, self.job.learners, batch)
        self.guard.note(outcome.loss)
        if len(batch.ids):
            self.meter.add(outcome)
        # Processes average their gradients: each counts by its samples.
        learner.backward(outcome.loss * share * self.world.size)

    def stop_at(
        self, bad: float | None, learner: Learner, parts: list["Batch"]
    ) -> None:
        """End the run, in all processes, because of a loss in one. Raises NotFinite."""
        total = self.job.plan.samples
        ids = [number % total for batch in parts for number in batch.ids.tolist()]
        shown = ", ".join(map(str, ids[:20])) + (", …" if len(ids) > 20 else "")
        where, span = first_not_finite(self.job, learner, parts)
        found = self.world.gather((bad, shown, where, span))
        value, ids, where, span = next(one for one in found if one[0] is not None)
        step = self.at.step + 1
        raise NotFinite(step=step, value=value, ids=ids, where=where, span=span)

    def finish_epoch(self) -> bool:
        """Evaluate, keep the best, go on to the next epoch; False after a signal."""
        if self.world.any(bool(self.meter.sums.any())):
            self.log_training()
        last = self.at.epoch + 1 == self.recipe.epochs
        due = last or (self.at.epoch + 1) % self.recipe.evaluate_every == 0
        if self.recipe.task.evaluates and due and not self.evaluate():
            return False
        self.at.epoch, self.at.batch = self.at.epoch + 1, 0
        self.save()
        return True

    def evaluate(self) -> bool:
        """Score the held-out samples and keep the weights if they are the best."""
        self.need_finite()
        meter, clock = self.job.meter(), Clock()
        model = self.job.main.scored
        stopped = lambda: self.signals.received  # noqa: E731
        loader, world = self.job.heldout_loader, self.world
        if not evaluate(model, loader, self.recipe, meter, world, stopped):
            return False
        clock.count(len(loader))
        metrics = meter.read(world)
        self.log("heldout", metrics, clock)
        score = metrics[self.recipe.task.score]
        sign = 1 if self.recipe.task.higher_is_better else -1
        better = self.best is None or sign * score > sign * self.best
        if better and math.isfinite(score):
            self.best = score
            self.write_weights(BEST)
        return True

    def log_training(self) -> None:
        """Write what the meter saw since it was last read, and start it afresh."""
        self.log("train", self.meter.read(self.world), self.clock)
        self.meter = self.job.meter()
        self.clock.reset()

    def log(self, split: str, metrics: dict[str, float], clock: Clock) -> None:
        """One line for the folder and the display; what cannot be read is named."""
        train = split == "train"
        loader = self.job.train_loader if train else self.job.heldout_loader
        for text in loader.news(self.world):
            self.display.say(f"left out, unreadable: {text}")
        line: dict[str, Any] = {
            "step": self.at.step,
            "epoch": self.at.epoch + 1,
            "split": split,
            **metrics,
            "lr": self.lr,
            f"{self.recipe.data.unit}_per_s": round(clock.rate, 1),
            "seconds": round(self.clock.total, 3),
            **({"unreadable": len(loader.bad)} if loader.bad else {}),
        }
        if self.world.main:
            self.folder.log(line)
            self.display.line(line)
            for write in self.writers:
                write(line)

    def write_weights(self, name: str) -> None:
        """The network's weights, alone, as safetensors."""
        data = weights_bytes(self.job)
        if self.world.main:
            self.folder.write(name, data)

    def save(self) -> None:
        """Save everything that decides the rest of the run."""
        if self.saved == self.at.name:
            return
        self.saved = self.at.name
        self.need_finite()
        state = {
            "position": vars(self.at),
            "steps": self.job.plan.steps,
            "learners": {one.name: one.state() for one in self.job.learners},
            "processes": self.world.gather(self.own_state()),
            "best": self.best,
            "lines": self.folder.lines,
            "lr": self.lr,
            "seconds": self.clock.total,
        }
        self.write_weights(LAST)
        if self.world.main:
            keep = self.recipe.checkpoint.keep
            save_checkpoint(self.folder.checkpoints, self.at.name, state, keep)
        self.world.barrier()

    def need_finite(self) -> None:
        """All processes agree on weights that are good. Raises WeightsNotFinite."""
        for learner in self.job.learners:
            learner.agree()
            name = bad_weights(learner.module) or bad_weights(learner.scored)
            if name is not None:
                raise WeightsNotFinite(name=name, step=self.at.step)

    def own_state(self) -> dict[str, Any]:
        """What differs between the processes of a run."""
        return {"random": seeds.random_state(), "meter": self.meter.sums.cpu()}

    def resume(self) -> None:
        """Go back to the newest whole checkpoint, if there is one."""
        found = newest(self.folder.checkpoints, partial(restore, self))
        if found is None:
            if self.world.main:
                self.folder.keep_lines(0)
            return
        path, said, bad = found
        self.world.barrier()
        if self.world.main:
            for error in bad:
                set_aside(error.fields["path"])
                self.display.say(str(error))
            self.display.say(f"resumed at step {self.at.step} from {path}")
            for text in dict.fromkeys(said):
                self.display.say(f"changed: {text}")
