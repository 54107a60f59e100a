"""Nothing that is read can become code: no pickle, no eval, no YAML objects, no shell, no pickled arrays, in any package."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = {
    "pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle",
    "ctypes", "xml.etree", "xml.dom", "xml.sax.expatreader", "lxml", "xmlrpc",
}  # fmt: skip
NAMES = {"eval", "exec", "compile", "__import__", "execfile"}
ATTRIBUTES = {
    "read_pickle", "to_pickle", "unsafe_load", "full_load", "load_all", "unsafe_load_all", "literal_eval",
    "system", "popen", "getoutput", "getstatusoutput", "unpack_archive", "extractall", "mktemp", "from_string",
    "set_environment", "read_html", "read_xml", "fromstring", "save_model_pickle", "load_library",
}  # fmt: skip
SAFE_LOADERS = {"SAFE", "WORDS", "SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader"}
ANY = re.compile(
    r"\b(" + "|".join(sorted({one.split(".")[0] for one in MODULES} | NAMES | ATTRIBUTES)) + r")\b"
    r"|yaml\.load|\b(np|numpy)\.(load|save|from|gen)|shell|allow_pickle"
)  # worth parsing
LOOKED_AT = {
    "insights/cli/children.py: imports ctypes": "prctl of the C library: children end with their parent",
    "insights/bench/clauses.py: imports xml.etree.ElementTree": "a measure: a public corpus that its caller names",
}


def offences(code: str) -> Iterator[str]:
    """What in this code could turn what it reads into code or commands."""
    for node in ast.walk(ast.parse(code)) if ANY.search(code) else ():
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for name in names:
                if any(name == bad or name.startswith(f"{bad}.") for bad in MODULES):
                    yield f"imports {name}"
        elif isinstance(node, ast.Call):
            yield from _called(node)


def _called(node: ast.Call) -> Iterator[str]:
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if isinstance(node.func, ast.Name) and node.func.id in NAMES:
        yield f"calls {node.func.id}"
    if isinstance(node.func, ast.Attribute):
        owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
        if node.func.attr in ATTRIBUTES and owner not in {"platform"}:
            yield f"calls {owner}.{node.func.attr}"
        if owner == "yaml" and node.func.attr == "load":
            loader = given.get("Loader")
            if not isinstance(loader, ast.Name | ast.Attribute) or _last(loader) not in SAFE_LOADERS:
                yield "yaml.load without a safe loader"
        if owner in {"np", "numpy"} and node.func.attr in {"load", "save"}:
            allowed = given.get("allow_pickle")
            if not (isinstance(allowed, ast.Constant) and allowed.value is False):
                yield f"numpy.{node.func.attr} without allow_pickle=False"
        if owner in {"np", "numpy"} and node.func.attr in {"fromregex", "genfromtxt", "loadtxt"}:
            yield f"calls numpy.{node.func.attr}"
    shell = given.get("shell")
    if shell is not None and not (isinstance(shell, ast.Constant) and shell.value is False):
        yield "a shell"
    trusted = given.get("allow_pickle")
    if trusted is not None and not (isinstance(trusted, ast.Constant) and trusted.value is False):
        yield "allow_pickle"


def _last(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def test_nothing_read_becomes_code() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {what}"
        for top in ("insights", "flows", "dashboard")
        for path in sorted((ROOT / top).rglob("*.py"))
        for what in offences(path.read_text(encoding="utf-8"))
    ]
    assert [one for one in found if one not in LOOKED_AT] == []
    assert [one for one in LOOKED_AT if one not in found] == [], "no longer there: take them off the list"


@pytest.mark.parametrize(
    "code",
    [
        "import pickle", "from joblib import load", "eval(x)", "exec(x)", "yaml.load(t)", "yaml.unsafe_load(t)",
        "yaml.load(t, Loader=yaml.Loader)", "np.load(f)", "np.load(f, allow_pickle=True)", "pd.read_pickle(f)",
        "subprocess.run(c, shell=True)", "os.system(c)", "shutil.unpack_archive(f)", "import xml.etree.ElementTree",
        "run(c, shell=wanted)", "zip.extractall(folder)", "numpy.load(f, allow_pickle=p)",
    ],
)  # fmt: skip
def test_a_planted_danger_is_found(code: str) -> None:
    assert list(offences(code))
