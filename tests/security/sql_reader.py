"""Reads Python code for SQL that is made of anything but constants: which call, in which line, and of what it is made.

A text is *known* when it can only be what somebody wrote in the code: a literal; a name in capitals (a constant of a
module); a local name that only ever holds known texts; a known text with known texts put in (f-string, `%`, `format`,
`join`, `replace`); what a function of KNOWN_CALLS gives (files of `insights/sql`, SQLAlchemy's own expressions, the names
and types of contracts, a path through the one quoting function). Everything else is told.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

TAKERS = {"execute", "executemany", "executescript", "exec_driver_sql", "scalar", "scalars", "read_arrow", "read_sql",
          "read_sql_query", "from_query"}  # fmt: skip
BY_OWNER = {"read", "rows", "sql", "query"}  # take SQL where their owner is a store
OWNERS = {"lake", "writer", "store", "page", "reader", "connection", "cursor", "duckdb", "engine", "session"}
EXPRESSIONS = {"select", "insert", "update", "delete", "exists", "func", "union", "union_all"}  # SQLAlchemy's own
KNOWN_CALLS = {"sql", "_quoted", "quoted", "text"} | EXPRESSIONS
KEEPERS = {"format", "join", "replace", "strip", "splitlines", "lower", "upper"}  # of known texts make known texts
CONTRACT = {"name", "type", "partition", "key", "column_names", "columns"}  # attributes of a contract
CONTRACTS = {"table", "column", "contract"}  # names under which contracts go
CONTAINERS = {"list", "tuple", "sorted", "set", "dict", "zip", "enumerate", "reversed", "frozenset"}
ANY = re.compile(
    rf"\.({'|'.join(sorted(TAKERS | BY_OWNER))})\(|\btext\(|[\"'\\s][A-Z]{{3,}}(?: [A-Z]{{4,}})? "
)  # worth parsing
BEGINNINGS = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|DROP|ATTACH|INSTALL|LOAD|CALL|ALTER|COPY|PRAGMA|SET|USE|WITH) "
)


@dataclass(frozen=True)
class Finding:
    """A call that takes SQL made of something unknown. `function`: where; `made_of`: the part that is not known."""

    function: str
    line: int
    made_of: str


def findings(code: str) -> list[Finding]:
    """Every call in this code that hands over SQL made of something that is not known."""
    if not ANY.search(code):
        return []
    tree = ast.parse(code)
    takes_text = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "sqlalchemy"
        and any(one.name == "text" for one in node.names)
        for node in ast.walk(tree)
    )
    found = _calls(tree, "", Scope(tree, None), {"text"} if takes_text else set())
    return sorted(set(found), key=lambda one: (one.line, one.made_of))


class Scope:
    """What the names of one function may hold; of names it does not bind, what the scope around it says."""

    def __init__(self, node: ast.AST, around: Scope | None) -> None:
        self.around = around
        self.given: dict[str, list[ast.expr | None]] = {}
        self.asked: set[str] = set()
        for one in _own(node):
            self._bind(one)
        arguments = getattr(node, "args", None)
        if isinstance(arguments, ast.arguments):
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                self.given.setdefault(argument.arg, []).append(None)

    def _bind(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._to(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            self._to(node.target, node.value)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            self._to(node.target, node.iter)

    def _to(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            same = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
            for place, one in enumerate(target.elts):
                self._to(one, value.elts[place] if same else value)  # type: ignore[union-attr]
        elif isinstance(target, ast.Name):
            self.given.setdefault(target.id, []).append(value)

    def unknown(self, node: ast.expr | None) -> ast.expr | None:
        """The first part of an expression that is not known; None when all of it is."""
        if node is None or isinstance(node, ast.Constant):
            return None
        if isinstance(node, ast.Name):
            return None if self._name_is_known(node.id) else node
        if isinstance(node, ast.Call):
            return self._unknown_call(node)
        if isinstance(node, ast.Attribute):
            owner = node.value
            if node.attr.isupper() or (node.attr in CONTRACT and isinstance(owner, ast.Name) and owner.id in CONTRACTS):
                return None
            return node
        if isinstance(node, ast.FormattedValue | ast.Starred | ast.Subscript):
            return self.unknown(node.value)
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            inner = Scope(node, self)
            return inner.unknown(node.elt)
        parts: list[ast.expr | None]
        if isinstance(node, ast.JoinedStr):
            parts = list(node.values)
        elif isinstance(node, ast.BinOp):
            parts = [node.left, node.right]
        elif isinstance(node, ast.BoolOp):
            parts = list(node.values)
        elif isinstance(node, ast.IfExp):
            parts = [node.body, node.orelse]
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            parts = list(node.elts)
        elif isinstance(node, ast.Dict):
            parts = [*node.keys, *node.values]
        elif isinstance(node, ast.Compare):
            return None  # SQLAlchemy's `column == value`: a parameter
        else:
            return node
        return next((bad for part in parts if (bad := self.unknown(part)) is not None), None)

    def _unknown_call(self, node: ast.Call) -> ast.expr | None:
        called = node.func
        parts: list[ast.expr | None] = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(called, ast.Name) and called.id in KNOWN_CALLS - {"text"}:
            return None
        if isinstance(called, ast.Attribute):
            root = _root(called)
            if isinstance(root, ast.Name) and (root.id in EXPRESSIONS or self._is_expression(root.id)):
                return None  # a chain of SQLAlchemy: values go as parameters
            if called.attr not in {*KEEPERS, "items", "values", "keys"}:
                return node
            parts.append(called.value)
        elif not (isinstance(called, ast.Name) and called.id in CONTAINERS | {"text"}):
            return node
        return next((bad for part in parts if (bad := self.unknown(part)) is not None), None)

    def _is_expression(self, name: str) -> bool:
        """Whether a local name only ever holds expressions of SQLAlchemy."""
        if name in self.asked:
            return True
        self.asked.add(name)
        try:
            roots = [None if value is None else _root(value) for value in self.given.get(name, [None])]
            return all(
                isinstance(one, ast.Name) and (one.id in EXPRESSIONS or self._is_expression(one.id)) for one in roots
            )
        finally:
            self.asked.discard(name)

    def _name_is_known(self, name: str) -> bool:
        if name.strip("_").isupper():
            return True
        if name not in self.given:
            return self.around is not None and self.around._name_is_known(name)
        if name in self.asked:
            return True  # `told = told + more`: the other values decide
        self.asked.add(name)
        try:
            return all(value is not None and self.unknown(value) is None for value in self.given[name])
        finally:
            self.asked.discard(name)


def _root(node: ast.expr) -> ast.expr:
    """What a chain of calls and attributes begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What lies in a node, without the functions defined in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own(child)


def _calls(node: ast.AST, function: str, scope: Scope, takers: set[str]) -> Iterator[Finding]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = scope if isinstance(child, ast.ClassDef) else Scope(child, scope)
            yield from _calls(child, f"{function}.{child.name}".strip("."), inner, takers)
            continue
        given = _sql_of(child, takers)
        if given is not None and (bad := scope.unknown(given)) is not None:
            yield Finding(function, child.lineno, ast.unparse(bad))  # type: ignore[attr-defined]
        yield from _calls(child, function, scope, takers)


def _sql_of(node: ast.AST, takers: set[str]) -> ast.expr | None:
    """The SQL in a node: what a call hands to a store, or a text that is put together and begins as SQL does."""
    if isinstance(node, ast.Call) and node.args and _takes_sql(node.func, takers):
        return node.args[0]
    if isinstance(node, ast.JoinedStr | ast.BinOp) and _begins_as_sql(node):
        return node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return node if _begins_as_sql(node.func.value) else None
    return None


def _takes_sql(called: ast.expr, takers: set[str]) -> bool:
    if isinstance(called, ast.Name):
        return called.id in takers
    if not isinstance(called, ast.Attribute):
        return False
    owner = called.value
    owner_name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return called.attr in TAKERS or (called.attr in BY_OWNER and owner_name.strip("_") in OWNERS)


def _begins_as_sql(node: ast.expr) -> bool:
    while isinstance(node, ast.BinOp | ast.JoinedStr):
        node = node.left if isinstance(node, ast.BinOp) else (node.values or [ast.Constant("")])[0]
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(BEGINNINGS.match(node.value))
