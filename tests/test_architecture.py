"""The layout that docs/architecture.md describes: which way imports go, and how long a module may be."""

import ast
from pathlib import Path

import scl_fem

PACKAGE = Path(scl_fem.__file__).parent

# docs/architecture.md, top to bottom; a part imports its own layer and those before it
LAYERS = (
    {
        "_mpi",
        "_stack",
        "complaints",
        "constants",
        "descriptions",
        "errors",
        "parallel",
        "progress",
        "registry",
        "regular",
        "settings",
        "units",
    },
    {"physics"},
    {"materials"},
    {"mesh"},
    {"discretisation"},
    {"equations"},
    {"solvers"},
    {"postprocess"},
    {"output"},
    {"fits"},
    {"figures"},
    {"case", "shipped", "citations"},
    {"constructors"},
    {"results", "studies"},
    {"sweeps"},
    {"reproduce"},
    {"cli"},
)
LAYER_OF = {part: number for number, layer in enumerate(LAYERS) for part in layer}
# the Python interface in __init__.py and `python -m` stand above all layers
ABOVE = {"__init__", "__main__"}
# modules that rank with a later layer than the rest of their part: the result folder and figure of a fit
RANKS_WITH = {"fits/report.py": "studies"}

LONGEST_MODULE = 400
# loaded only where they are used: a 1D run without figures needs none of them
HEAVY = {"gmsh", "h5py", "matplotlib", "meshio", "pint", "pyvista", "scipy", "vtk"}

MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def part_of(module: Path) -> str:
    return module.parts[0].removesuffix(".py")


def imported_names(tree: ast.Module) -> set[str]:
    """Dotted names of everything imported anywhere in a module, inside functions too."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imported_on_loading(tree: ast.Module) -> set[str]:
    """First parts of the names imported by statements at the level of the module."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    return names


def parsed(module: Path) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def test_every_part_has_its_place():
    parts = {part_of(module) for module in MODULES} - ABOVE
    assert parts == set(LAYER_OF), (
        "new parts of the package: give them a layer here and in docs/architecture.md"
    )


def test_the_page_has_the_layers():
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    missing = {part for part in LAYER_OF if f"`{part}" not in page}
    assert not missing


def imports_against_the_order(module: Path) -> set[str]:
    part = part_of(module)
    if part in ABOVE:
        return set()
    layer = LAYER_OF[RANKS_WITH.get(module.as_posix(), part)]
    wrong = set()
    for name in imported_names(parsed(module)):
        package, _, rest = name.partition(".")
        other = rest.split(".")[0]
        if package == "scl_fem" and other in LAYER_OF and LAYER_OF[other] > layer:
            wrong.add(name)
    return wrong


def test_imports_go_one_way():
    wrong = {str(module): names for module in MODULES if (names := imports_against_the_order(module))}
    assert not wrong


def test_modules_are_short():
    lengths = {str(module): len((PACKAGE / module).read_text("utf-8").splitlines()) for module in MODULES}
    assert not {module: lines for module, lines in lengths.items() if lines > LONGEST_MODULE}


def test_heavy_packages_are_loaded_where_they_are_used():
    heavy = {str(module): imported_on_loading(parsed(module)) & HEAVY for module in MODULES}
    assert not {module: names for module, names in heavy.items() if names}


def test_the_stack_is_loaded_before_what_it_makes_loadable():
    """So that each module that imports DOLFINx, PETSc or MPI can be imported by itself."""
    stack = {"dolfinx", "petsc4py", "mpi4py"}
    late = set()
    for module in MODULES:
        if module.name in ("_mpi.py", "_stack.py"):
            continue
        names = [
            alias.name if isinstance(node, ast.Import) else node.module
            for node in parsed(module).body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        ]
        first = next((i for i, name in enumerate(names) if name.split(".")[0] in stack), None)
        if first is not None and "scl_fem._stack" not in names[:first]:
            late.add(str(module))
    assert not late
