"""A spec and the values of its params -> the elaborated network."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from netspec import expressions, init
from netspec import limits as limits_
from netspec.declarations import GraphDecl, InputDecl, ParamDecl
from netspec.diagnostics import Finding, Span, did_you_mean
from netspec.dimensions import Dim, Dimension
from netspec.elaborate.binding import PARAM_KINDS
from netspec.elaborate.reports import Reports
from netspec.elaborate.settings import place
from netspec.elaborate.settings import tree as as_tree
from netspec.elaborate.values import Env, Failure, Unknown
from netspec.elaborate.walk import Elaborator
from netspec.elaborate.wiring import DEFAULT_INPUT
from netspec.errors import elaborate as errors
from netspec.errors.verify import ExampleRefused
from netspec.expressions import Binary, Expression, Literal, Name, Reference
from netspec.graph import Elaborated, Graph
from netspec.kinds import KindError
from netspec.limits import Limits
from netspec.link import Spec
from netspec.passes import PASSES
from netspec.record import MISSING
from netspec.source import Scalar, Tree
from netspec.tensors import TensorType
from netspec.ties import ties


def instantiate(
    spec: Spec,
    settings: Mapping[str, Any] | None = None,
    sizes: Mapping[str, int] | None = None,
    limits: Limits = limits_.DEFAULT,
) -> tuple[Elaborated, tuple[Finding, ...]]:
    """The network with its params settled, and the findings that are no errors.

    `settings` are param values, as Python values or as the `Tree` of a text; `sizes`
    give symbols other example sizes. Raises SpecError.
    """
    return _Instance(spec, limits).network(settings or {}, sizes or {})


class _Instance:
    def __init__(self, spec: Spec, limits: Limits) -> None:
        self.spec = spec
        self.document = spec.document
        self.elaborator = Elaborator(limits)
        self.reports: Reports = self.elaborator.reports
        self.binder = self.elaborator.binder
        self.symbols: dict[str, Span] = {}

    def network(
        self, settings: Mapping[str, Any], sizes: Mapping[str, int]
    ) -> tuple[Elaborated, tuple[Finding, ...]]:
        values = self.params(settings)
        example = self.sizes(sizes)
        ports = {decl.name: self.input(decl, values) for decl in self.document.inputs}
        self.stop()
        self.wheres(values)
        self.stop()
        graph = self.graph(values, ports)
        if graph is not None:
            span = self.spec.span
            self.binder.within(span, "nodes", graph.size, "nodes")
            self.binder.within(span, "parameters", graph.parameters, "parameters")
        self.stop()
        assert graph is not None
        self.example(example)
        self.stop()
        result = Elaborated(
            name=self.spec.name,
            doc=self.document.doc,
            graph=graph,
            sizes=example,
            constraints=tuple(self.elaborator.assume.report()),
            values=values,
            is_default=not settings,
            init=init.rules(self.document, self.spec.scope, graph, self.binder),
            ties=ties(self.document, graph, self.reports),
        )
        for check in PASSES:
            check(result, self.document, self.reports)
        self.stop()
        found = self.reports.findings.values()
        return result, tuple(f for f in found if not f.is_silenced)

    def stop(self) -> None:
        """End here if an error was found."""
        self.reports.stop()

    def params(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        decls, scope = self.document.params, self.spec.scope
        values: dict[str, Any] = {}
        trees = self.settings(settings)
        for position, (name, decl) in enumerate(decls.items()):
            if name in settings and name not in trees:
                continue  # it is wrong, and that is said
            tree = trees.get(name, decl.default)
            if tree is None:
                self.required(decl)
                continue
            env = Env(values, {}, later=tuple(decls)[position:])
            value = self.binder.param(decl, tree, env, scope, self.spec.name)
            if value is not MISSING:
                values[name] = value
        return values

    def settings(self, settings: Mapping[str, Any]) -> dict[str, Tree]:
        """The values given from outside, those left out that cannot be taken."""
        decls, trees = self.document.params, {}
        for name, value in settings.items():
            span = place(name, value)
            if name not in decls:
                listed = f"it has {', '.join(decls)}" if decls else "it has none"
                self.reports.add(
                    errors.UnknownParam,
                    span,
                    what=f"`{self.spec.name}`",
                    name=name,
                    advice_text=did_you_mean(name, decls, listed),
                )
                continue
            try:
                trees[name] = as_tree(value, span, self.elaborator.limits)
            except KindError as error:
                self.reports.add(
                    errors.WrongArgument,
                    span,
                    type=self.spec.name,
                    name=name,
                    reason=str(error),
                )
        return trees

    def required(self, decl: ParamDecl) -> None:
        kind = PARAM_KINDS.get(decl.kind)
        self.reports.add(
            errors.MissingParam,
            decl.span,
            spec=self.spec.name,
            name=decl.name,
            expected=kind.description if kind else f"a {decl.kind}",
        )

    def sizes(self, sizes: Mapping[str, int]) -> dict[str, int]:
        example: dict[str, int] = {}
        for decl in self.document.inputs:
            example |= decl.example
        return example | dict(sizes)

    # Inputs -------------------------------------------------------------------------

    def input(self, decl: InputDecl, values: Mapping[str, Any]) -> TensorType | None:
        shape = [self.size(decl, scalar, values) for scalar in decl.shape]
        self.binder.within(decl.span, "dimensions of a tensor", len(shape), "rank")
        if None in shape:
            return None
        return TensorType.batched(
            [size for size in shape if size is not None], decl.dtype
        )

    def size(
        self, decl: InputDecl, scalar: Scalar, values: Mapping[str, Any]
    ) -> Dim | None:
        try:
            tree = self.binder.reader.expression(scalar)
            names = {
                part.name for part in expressions.walk(tree) if isinstance(part, Name)
            }
            for name in names:
                self.symbols.setdefault(name, scalar.span)
            env = Env(values, {}, frozenset(names))
            found = self.binder.reader.evaluate(scalar, env)
        except Failure as failure:
            self.reports.failure(failure)
            return None
        except Unknown:
            return None
        lowest = 1
        if isinstance(found, Dimension) or (type(found) is int and found >= lowest):
            if isinstance(found, int):
                self.binder.within(scalar.span, "one dimension", found, "dimension")
            return found
        reason = f"a size is a positive integer, and this is {expressions.show(found)}"
        self.reports.add(errors.WrongShape, scalar.span, name=decl.name, reason=reason)
        return None

    def wheres(self, values: Mapping[str, Any]) -> None:
        for decl in self.document.inputs:
            if decl.where is None:
                continue
            try:
                tree = self.binder.reader.expression(decl.where)
            except Failure as failure:
                self.reports.failure(failure)
                continue
            if self.is_known(decl.where, tree, values) and self.holds_somewhere(
                decl.where, _condition(tree, values)
            ):
                for assume in (self.elaborator.assume, self.elaborator.train_assume):
                    assume.multiples |= dict(_multiples(tree))
                    for part in _parts(tree):
                        assume.assume(_condition(part, values))

    def is_known(
        self, where: Scalar, tree: Expression, values: Mapping[str, Any]
    ) -> bool:
        """Whether every name of a `where` is a symbol or a param."""
        env = Env(values, {}, frozenset(self.symbols))
        try:
            for part in expressions.walk(tree):
                if isinstance(part, Name | Reference):
                    env.lookup(part)
        except expressions.ExpressionError as error:
            self.reports.failure(Failure(where, error))
            return False
        return True

    def holds_somewhere(self, where: Scalar, condition: Callable[..., Any]) -> bool:
        """Whether it is a condition, and some sizes meet it."""
        try:
            found = list(map(condition, self.elaborator.assume.samples(self.symbols)))
        except expressions.ExpressionError as error:
            self.reports.failure(Failure(where, error))
            return False
        is_condition = all(isinstance(value, bool) for value in found)
        if is_condition and any(found):
            return True
        self.reports.add(
            errors.WrongCondition,
            where.span,
            what="no sizes meet this `where`"
            if is_condition
            else "`where` must be true or false",
            reason="it never holds" if is_condition else "this is no condition",
            advice_text=None,
        )
        return False

    def example(self, sizes: Mapping[str, int]) -> None:
        """The example must be about symbols that exist, and meet what must hold."""
        assume = self.elaborator.assume
        for name in sizes.keys() - self.symbols.keys():
            self.unknown_symbol(name)
        shown = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        for constraint in assume.report():
            names = constraint.symbols()
            if names <= sizes.keys() and not constraint.holds(sizes):
                self.refused(str(constraint), min(names), shown)
        for decl in self.document.inputs:
            known = sizes.keys() >= self.symbols.keys()
            if decl.where and known and not assume.allowed(sizes):
                self.refused(decl.where.text, min(self.symbols), shown)

    def unknown_symbol(self, name: str) -> None:
        listed = ", ".join(f"`{symbol}`" for symbol in self.symbols)
        symbols = f"the symbols are {listed}" if listed else "every size is fixed"
        advice = did_you_mean(name, self.symbols, symbols)
        place = self.place(name)
        self.reports.add(errors.UnknownSymbol, place, name=name, advice_text=advice)

    def refused(self, condition: str, name: str, sizes: str) -> None:
        span = self.place(name)
        self.reports.add(ExampleRefused, span, condition=condition, sizes=sizes)

    def place(self, name: str) -> Span:
        """Where an example gives a symbol its size, else the first input."""
        inputs = self.document.inputs
        places = (decl.places[name] for decl in inputs if name in decl.places)
        return next(places, inputs[0].span)

    # The graph ----------------------------------------------------------------------

    def graph(
        self, values: Mapping[str, Any], ports: Mapping[str, TensorType | None]
    ) -> Graph | None:
        inputs: dict[str, TensorType | None] = dict(ports)
        if len(ports) == 1:
            inputs.setdefault(DEFAULT_INPUT, next(iter(ports.values())))
        env = Env(values, inputs, frozenset(self.symbols))
        return self.elaborator.graph(
            self.root,
            env,
            self.spec.scope,
            tuple(ports.items()),
            "network",
            self.spec.name,
            arguments=values,
            doc=self.document.doc,
            again=self.again,
        )

    @cached_property
    def root(self) -> GraphDecl:
        """The document's graph with the document's outputs."""
        decl = self.document.graph
        assert decl is not None
        outputs = self.document.outputs
        return decl if outputs is None else decl._replace(outputs=outputs)

    def again(
        self, values: Mapping[str, Any], _: tuple[TensorType, ...]
    ) -> Graph | None:
        """The network at other params; None, and nothing reported, if it has none."""
        found = None
        with self.elaborator.quiet():
            ports = {
                decl.name: self.input(decl, values) for decl in self.document.inputs
            }
            found = None if None in ports.values() else self.graph(values, ports)
        return found


def _condition(
    tree: Expression, values: Mapping[str, Any]
) -> Callable[[Mapping[str, int]], Any]:
    def holds(sizes: Mapping[str, int]) -> Any:
        def lookup(part: Reference | Name) -> Any:
            if part.name in sizes:
                return sizes[part.name]
            if isinstance(part, Reference) and part.name in values:
                return values[part.name]
            raise KeyError(part.name)

        return expressions.evaluate(tree, lookup)

    return holds


def _parts(tree: Expression) -> Iterable[Expression]:
    """What `and` joins, each to be known of its own symbols alone."""
    match tree:
        case Binary(operator="and"):
            yield from _parts(tree.left)
            yield from _parts(tree.right)
        case _:
            yield tree


def _multiples(tree: Expression) -> Iterable[tuple[str, int]]:
    """`H % 32 == 0`, alone or joined by `and`: what symbols are multiples of."""
    match tree:
        case Binary(operator="and"):
            yield from _multiples(tree.left)
            yield from _multiples(tree.right)
        case Binary(
            operator="==",
            left=Binary(
                operator="%", left=Name(name=name), right=Literal(value=int(by))
            ),
            right=Literal(value=0),
        ):
            yield name, by
