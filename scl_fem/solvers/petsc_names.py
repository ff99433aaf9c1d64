"""Which PETSc options a case may set, and what each may be.

Those of the nonlinear and linear solvers and preconditioners that our systems can use. What writes
files, runs code, prints, or says that something has converged when it has not is not among them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

type Value = str | int | float | bool
"""What a case file can give an option."""


class Kind(Protocol):
    """What an option may be."""

    @property
    def allowed(self) -> str:
        """In words."""

    def takes(self, value: Value) -> bool:
        """Whether PETSc can read a value, and do something sensible with it."""


@dataclass(frozen=True)
class Flag:
    """True or false."""

    allowed: str = "true or false"

    def takes(self, value: Value) -> bool:
        """See `Kind`: an option without a value is true."""
        return str(value).lower() in {"true", "false", "yes", "no", "on", "off", "1", "0", ""}


@dataclass(frozen=True)
class OneOf:
    """A name.

    Attributes:
        names: those there are.
        any_case: whether PETSc takes capitals for small letters.
    """

    names: tuple[str, ...]
    any_case: bool = False

    @property
    def allowed(self) -> str:
        """See `Kind`."""
        return ", ".join(self.names)

    def takes(self, value: Value) -> bool:
        """See `Kind`."""
        return isinstance(value, str) and (value.lower() if self.any_case else value) in self.names


_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Whole:
    """A whole number within limits, both included."""

    low: int
    high: int

    @property
    def allowed(self) -> str:
        """See `Kind`."""
        return f"a whole number from {self.low} to {self.high}"

    def takes(self, value: Value) -> bool:
        """See `Kind`."""
        if isinstance(value, bool | float):
            return False
        if isinstance(value, str) and not _WHOLE.fullmatch(value):
            return False
        return self.low <= int(value) <= self.high


@dataclass(frozen=True)
class Number:
    """A number within limits, both included."""

    low: float
    high: float = math.inf

    @property
    def allowed(self) -> str:
        """See `Kind`."""
        upper = f" to {self.high:g}" if self.high < math.inf else " on"
        return f"a number from {self.low:g}{upper}"

    def takes(self, value: Value) -> bool:
        """See `Kind`."""
        if isinstance(value, bool):
            return False
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            return False
        try:
            number = float(value)
        except OverflowError:
            return False
        return math.isfinite(number) and self.low <= number <= self.high


@dataclass(frozen=True)
class Numbers:
    """Numbers with commas between them.

    Attributes:
        most: how many there may be.
        each: what each may be.
    """

    most: int
    each: Number = field(default_factory=lambda: Number(-1e300, 1e300))

    @property
    def allowed(self) -> str:
        """See `Kind`."""
        return f"up to {self.most} numbers with commas between them, {self.each.allowed} each"

    def takes(self, value: Value) -> bool:
        """See `Kind`."""
        parts = value.split(",") if isinstance(value, str) else [value]
        return len(parts) <= self.most and all(self.each.takes(part) for part in parts)


_FLAG = Flag()
_TINY = 1e-300
_RELATIVE = Number(0.0, 1.0 - 1e-9)
_POSITIVE = Number(_TINY, 1e300)
_SIZE = Number(0.0, 1e300)
_FEW = Whole(1, 1000)
_MANY = Whole(0, 10_000_000)


def _types(names: str) -> OneOf:
    return OneOf(tuple(names.split()))


def _enumeration(names: str) -> OneOf:
    return OneOf(tuple(names.split()), any_case=True)


def _all(prefix: str, names: str, kind: Kind) -> dict[str, Kind]:
    return {f"{prefix}{name}": kind for name in names.split()}


NEWTON: dict[str, Kind] = {
    "snes_type": _types("newtonls newtontr"),
    "snes_linesearch_type": _types("basic bt cp nleqerr secant bisection none"),
    "snes_linesearch_order": Whole(1, 3),
    "snes_linesearch_max_it": Whole(1, 1000),
    **_all("snes_linesearch_", "damping alpha", Number(_TINY, 1.0)),
    **_all("snes_linesearch_", "minlambda rtol", _RELATIVE),
    **_all("snes_linesearch_", "maxlambda", _POSITIVE),
    **_all("snes_linesearch_", "atol ltol", _SIZE),
    **_all("snes_linesearch_", "keeplambda norms", _FLAG),
    "snes_rtol": _RELATIVE,
    "snes_atol": _SIZE,
    "snes_max_it": Whole(1, 10_000_000),
    "snes_max_funcs": Whole(1, 2_000_000_000),
    "snes_max_fail": _MANY,
    "snes_max_linear_solve_fail": _MANY,
    "snes_lag_jacobian": _FEW,
    "snes_lag_preconditioner": _FEW,
    **_all("snes_", "lag_jacobian_persists lag_preconditioner_persists force_iteration ksp_ew", _FLAG),
    "snes_ksp_ew_version": Whole(1, 4),
    **_all("snes_ksp_ew_", "rtol0 rtolmax threshold gamma", _RELATIVE),
    **_all("snes_ksp_ew_", "alpha alpha2", Number(1.0 + 1e-9, 2.0)),
}
"""Of the nonlinear solver."""

KRYLOV: dict[str, Kind] = {
    "ksp_type": _types(
        "cg groppcg pipecg pipecgrr pipecr cr fcg pipefcg gmres fgmres lgmres dgmres pgmres gcr pipegcr bcgs "
        "ibcgs fbcgs fbcgsr bcgsl pipebcgs tfqmr tcqmr cgs cgne lsqr minres symmlq richardson chebyshev "
        "preonly none"
    ),
    "ksp_rtol": _RELATIVE,
    "ksp_atol": _SIZE,
    "ksp_divtol": Number(1.0 + 1e-9, 1e300),
    **_all("ksp_", "max_it min_it", _MANY),
    "ksp_norm_type": _enumeration("none preconditioned unpreconditioned natural"),
    "ksp_pc_side": _enumeration("left right symmetric"),
    **_all(
        "ksp_",
        "initial_guess_nonzero knoll diagonal_scale diagonal_scale_fix lag_norm reuse_preconditioner "
        "converged_use_initial_residual_norm converged_use_min_initial_residual_norm "
        "gmres_classicalgramschmidt gmres_modifiedgramschmidt gmres_preallocate lgmres_constant "
        "cg_single_reduction richardson_self_scale chebyshev_esteig_noisy bcgsl_cxpoly bcgsl_mrpoly "
        "bcgsl_pinv pipegcr_unroll_w minres_qlp",
        _FLAG,
    ),
    **_all("ksp_", "gmres_restart gcr_restart fcg_mmax pipefcg_mmax pipegcr_mmax lgmres_augment", _FEW),
    **_all("ksp_", "fcg_nprealloc pipefcg_nprealloc pipegcr_nprealloc", _FEW),
    **_all(
        "ksp_",
        "fcg_truncation_type pipefcg_truncation_type pipegcr_truncation_type",
        _enumeration("standard notay"),
    ),
    "ksp_gmres_cgs_refinement_type": _enumeration("refine_never refine_ifneeded refine_always"),
    **_all("ksp_", "gmres_haptol gmres_breakdown_tolerance bcgsl_xres", _SIZE),
    "ksp_bcgsl_ell": Whole(1, 20),
    "ksp_chebyshev_eigenvalues": Numbers(2, _POSITIVE),
    "ksp_chebyshev_esteig": Numbers(4, _SIZE),
    "ksp_chebyshev_esteig_steps": _FEW,
    "ksp_chebyshev_kind": _enumeration("first fourth opt_fourth"),
    "ksp_richardson_scale": _POSITIVE,
}
"""Of a linear solver."""

PRECONDITIONER: dict[str, Kind] = {
    "pc_type": _types(
        "none jacobi pbjacobi bjacobi sor eisenstat ilu icc lu cholesky asm gasm gamg hypre ksp redundant "
        "kaczmarz"
    ),
    "pc_factor_mat_solver_type": _types("mumps petsc superlu_dist superlu umfpack cholmod klu"),
    "pc_factor_mat_ordering_type": _types("natural nd 1wd rcm qmd rowlength metisnd wbm spectral"),
    "pc_factor_shift_type": _enumeration("none nonzero positive_definite inblocks"),
    **_all("pc_factor_", "shift_amount zeropivot", _SIZE),
    "pc_factor_column_pivot": Number(0.0, 1.0),
    "pc_factor_levels": Whole(0, 100),
    "pc_factor_fill": Number(1.0, 1000.0),
    "pc_factor_nonzeros_along_diagonal": _SIZE,
    **_all("pc_factor_", "reuse_ordering reuse_fill diagonal_fill pivot_in_blocks in_place", _FLAG),
    **_all("pc_", "bjacobi_blocks bjacobi_local_blocks", _FEW),
    **_all("pc_", "asm_overlap gasm_overlap", Whole(0, 100)),
    **_all("pc_", "asm_type gasm_type", _enumeration("none basic restrict interpolate")),
    "pc_asm_local_type": _enumeration("additive multiplicative"),
    "pc_gasm_total_subdomains": _FEW,
    "pc_jacobi_type": _enumeration("diagonal rowl1 rowmax rowsum"),
    **_all("pc_", "jacobi_abs jacobi_fixdiagonal", _FLAG),
    "pc_jacobi_rowl1_scale": _SIZE,
    "pc_sor_omega": Number(1e-9, 2.0 - 1e-9),
    **_all("pc_", "sor_its sor_lits", _FEW),
    **_all("pc_sor_", "symmetric forward backward local_symmetric local_forward local_backward", _FLAG),
    "pc_sor_diagonal_shift": _SIZE,
    "pc_eisenstat_omega": Number(1e-9, 2.0 - 1e-9),
    "pc_eisenstat_no_diagonal_scaling": _FLAG,
    "pc_redundant_number": _FEW,
    "pc_kaczmarz_lambda": Number(1e-9, 2.0 - 1e-9),
    "pc_kaczmarz_symmetric": _FLAG,
    "pc_mg_levels": Whole(1, 100),
    "pc_mg_type": _enumeration("multiplicative additive full kaskade"),
    "pc_mg_cycle_type": _enumeration("v w"),
    "pc_mg_multiplicative_cycles": _FEW,
    "pc_mg_distinct_smoothup": _FLAG,
    "pc_gamg_type": _types("agg"),
    "pc_gamg_threshold": Numbers(30, Number(-1.0, 1.0)),
    "pc_gamg_threshold_scale": _SIZE,
    "pc_gamg_agg_nsmooths": Whole(0, 10),
    **_all("pc_gamg_", "aggressive_coarsening square_graph", Whole(0, 100)),
    **_all("pc_gamg_", "coarse_eq_limit process_eq_limit", Whole(1, 10_000_000)),
    "pc_gamg_mat_coarsen_type": _types("hem mis misk"),
    "pc_gamg_coarse_grid_layout_type": _enumeration("compact spread"),
    "pc_gamg_eigenvalues": Numbers(2, _POSITIVE),
    **_all(
        "pc_gamg_",
        "repartition reuse_interpolation recompute_esteig graph_symmetrize use_sa_esteig asm_use_agg "
        "parallel_coarse_grid_solver low_memory_threshold_filter aggressive_square_graph "
        "mis_k_minimum_degree_ordering",
        _FLAG,
    ),
    "pc_hypre_type": _types("boomeramg euclid"),
    "pc_hypre_boomeramg_strong_threshold": Number(0.0, 1.0),
    **_all("pc_hypre_boomeramg_", "max_levels max_iter agg_nl P_max grid_sweeps_all", Whole(0, 1000)),
    **_all("pc_hypre_boomeramg_", "tol truncfactor", Number(0.0, 1.0)),
    "pc_hypre_boomeramg_coarsen_type": _types("CLJP Ruge-Stueben modifiedRuge-Stueben Falgout PMIS HMIS"),
    "pc_hypre_boomeramg_interp_type": _types("classical direct multipass standard ext ext+i ext+i-cc FF FF1"),
    "pc_hypre_boomeramg_relax_type_all": _types(
        "Jacobi SOR/Jacobi backward-SOR/Jacobi symmetric-SOR/Jacobi l1scaled-Jacobi l1scaled-SOR/Jacobi "
        "Chebyshev Gaussian-elimination"
    ),
    # What MUMPS prints, where it prints it and what it writes to the disk (1 to 4, 22) is left out.
    **{f"mat_mumps_icntl_{number}": Whole(-100_000, 1_000_000) for number in (14, 23, 27, 35, 36, 38)},
    **{f"mat_mumps_icntl_{number}": Whole(-1, 100) for number in (6, 7, 8, 10, 12, 13, 24, 28, 29, 37, 58)},
    **{f"mat_mumps_cntl_{number}": Number(-1e300, 1e300) for number in (1, 2, 3, 4, 5, 7)},
    **_all("mat_superlu_dist_", "equil replacetinypivot", _FLAG),
    "mat_superlu_dist_rowperm": _enumeration("norowperm largediag_mc64"),
    "mat_superlu_dist_colperm": _enumeration("natural mmd_at_plus_a mmd_ata metis_at_plus_a"),
}
"""Of a preconditioner and the factorisation it may be."""

_PARTS = "sub mg_coarse redundant esteig pc_gamg_esteig ksp".split()
_PART = re.compile(rf"(?:{'|'.join(_PARTS)}|mg_levels(?:_\d{{1,2}})?)_")
_LONGEST = 100
"""Characters of a name."""


def kind_of(name: str) -> Kind | None:
    """What an option may be, None where a case may not set it.

    Args:
        name: without the leading dash; options of the parts of a preconditioner begin with the parts'
            names: mg_levels_ksp_max_it, ksp_sub_pc_type.
    """
    if name in NEWTON:
        return NEWTON[name]
    if len(name) > _LONGEST:
        return None
    # "ksp_" begins the options of a linear solver, and those of the one that is a preconditioner
    starts = {0}
    waiting = [0]
    while waiting:
        start = waiting.pop()
        found = KRYLOV.get(name[start:]) or PRECONDITIONER.get(name[start:])
        if found is not None:
            return found
        part = _PART.match(name, start)
        if part and part.end() not in starts:
            starts.add(part.end())
            waiting.append(part.end())
    return None


def known_names() -> Iterable[str]:
    """The options that a case may set, without those of a preconditioner's parts."""
    return [*NEWTON, *KRYLOV, *PRECONDITIONER]
