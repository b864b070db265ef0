r"""Iterative diagonalisation of the Wilson chain (Bulla, Costi and Pruschke 2008, section III).

.. math::
    H_{n+1} = H_n + t_n \sum_s (f_{n s}^\dagger f_{n+1, s} + h.c.), \qquad H_{-1} = H_{imp},
    \quad t_{-1} = V = \sqrt{2 \Gamma / \pi},

starting from the impurity alone (f_{-1} = d). Energies are not rescaled: they are counted from the
ground state of each shell, which keeps their relative precision down to the smallest scale.

After each diagonalisation the lowest states are kept. A fixed number would cut through multiplets
that a small field splits, which acts like a spurious field of its own; the cut is therefore made at
the widest gap of the spectrum between n_keep and 1.1 n_keep states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anderson import kernels
from anderson.model import Impurity
from anderson.symmetry import (
    ANNIHILATOR,
    SLOT_Q,
    SLOT_X,
    SPIN,
    ChargeSpin,
    ChargeSz,
    TensorKind,
)

Symmetry = ChargeSz | ChargeSpin


@dataclass(frozen=True)
class Ranges:
    """A range of eigenstates in each block of a shell, such as the kept or the discarded ones."""

    start: np.ndarray  # (n,)
    stop: np.ndarray  # (n,)

    @property
    def sizes(self) -> np.ndarray:
        """Number of states in each block, (n,)."""
        return self.stop - self.start


@dataclass(frozen=True)
class Shell:
    """One step of the iteration: the chain up to one site, diagonalised.

    Block matrices lie in flat buffers, laid out as `kernels` describes.
    """

    labels: np.ndarray  # (Q, x) of each block, (n, 2)
    parents: np.ndarray  # block of the previous shell in each slot, -1 if none, (n, 4)
    all: Ranges
    kept: Ranges
    discarded: Ranges
    energy_at: np.ndarray  # (n,)
    energies: np.ndarray  # relative to the shell's ground state, ascending in each block
    vector_at: np.ndarray  # (n,)
    vectors: np.ndarray
    shift: float  # ground-state energy relative to the previous shell's ground state
    degeneracy: np.ndarray  # states that each stored state of a block stands for, (n,)

    @cached_property
    def _row_blocks(self) -> dict[TensorKind, np.ndarray]:
        index = {label: b for b, label in enumerate(map(tuple, self.labels.tolist()))}
        return {
            kind: np.array(
                [[index.get((Q + dQ, x + dx), -1) for dQ, dx in kind.steps] for Q, x in index]
            )
            for kind in (ANNIHILATOR, SPIN)
        }

    def row_block(self, kind: TensorKind) -> np.ndarray:
        """Block to which each component of an operator leads, -1 if none, (n, component)."""
        return self._row_blocks[kind]

    def density_layout(self) -> tuple[np.ndarray, int]:
        """Where the blocks of a kept-kept density matrix begin, (n,), and its length."""
        sizes = self.kept.sizes**2
        return _begin(sizes), int(sizes.sum())


@dataclass(frozen=True)
class Layout:
    """Where the blocks of an operator of one kind lie in a flat buffer."""

    kind: TensorKind
    row_block: np.ndarray  # (n, component)
    at: np.ndarray  # (n, component)
    size: int

    @classmethod
    def of(cls, shell: Shell, kind: TensorKind, rows: Ranges, columns: Ranges) -> Layout:
        """Layout for the given row and column states of a shell."""
        row_block = shell.row_block(kind)
        sizes = np.where(row_block >= 0, rows.sizes[row_block] * columns.sizes[:, None], 0)
        return cls(kind, row_block, _begin(sizes), int(sizes.sum()))


@dataclass(frozen=True)
class Operator:
    """A tensor operator between two ranges of eigenstates of one shell."""

    layout: Layout
    values: np.ndarray


@dataclass(frozen=True)
class Iteration:
    """All shells of one chain, from the impurity to the last site."""

    shells: Sequence[Shell]
    carried: Sequence[dict[str, Operator]]  # operators of the impurity between kept states
    symmetry: Symmetry


def _begin(sizes: np.ndarray) -> np.ndarray:
    ends = np.cumsum(sizes.ravel())
    return (ends - sizes.ravel()).reshape(sizes.shape)


def diagonalise_chain(
    impurity: Impurity, hoppings: np.ndarray, n_keep: int, carry: Sequence[str] = ("d", "F")
) -> Iteration:
    """Diagonalise impurity and chain, site by site.

    Args:
        impurity: The parameters; the full spin symmetry is used where B = 0.
        hoppings: Amplitudes of the Wilson chain, (n_sites - 1,).
        n_keep: States kept after each step (spin components counted); at most 10 % more.
        carry: Operators of the impurity to follow along the chain, of `d`, `F` (its commutator
            with the interaction) and, at B = 0, `S` (the spin).

    Returns:
        The shells from the impurity (index 0) to the last site. No state of the last is kept.
    """
    symmetry: Symmetry = ChargeSpin() if impurity.B == 0 else ChargeSz()
    amplitudes = np.concatenate([[np.sqrt(2 * impurity.Gamma / np.pi)], hoppings])
    shell = _impurity_shell(impurity, symmetry)
    own = _impurity_operators(impurity, shell, symmetry)
    f = own["d"]
    shells, carried = [shell], [{name: own[name] for name in carry}]
    for step, t in enumerate(amplitudes):
        is_last = step == len(amplitudes) - 1
        old, shell = shell, _add_site(shell, f, t, symmetry, 0 if is_last else n_keep)
        shells.append(shell)
        if not is_last:
            f = _site_annihilator(old.kept.sizes, shell, symmetry)
            carried.append(transport(old, shell, carried[-1], shell.kept, shell.kept, symmetry))
    return Iteration(shells, carried, symmetry)


def _impurity_shell(impurity: Impurity, symmetry: Symmetry) -> Shell:
    """The bare impurity, built like a site that is added to a vacuum of one state."""
    labels, parents = _blocks(np.array([[0, 0]]), np.array([1]), symmetry)
    n = len(labels)
    Q, x = labels.T
    zeeman = -x * impurity.B / 2  # vanishes with the full spin symmetry, where x = 2 S
    energies = Q * impurity.eps_d + np.where(Q == 1, zeeman, 0.0) + (Q == 2) * impurity.U
    ground = energies.min()
    everything = Ranges(np.zeros(n, np.int64), np.ones(n, np.int64))
    return Shell(
        labels=labels,
        parents=parents,
        all=everything,
        kept=everything,
        discarded=Ranges(everything.stop, everything.stop),
        energy_at=np.arange(n),
        energies=energies - ground,
        vector_at=np.arange(n),
        vectors=np.ones(n),
        shift=float(ground),
        degeneracy=symmetry.degeneracy(x),
    )


def _impurity_operators(
    impurity: Impurity, shell: Shell, symmetry: Symmetry
) -> dict[str, Operator]:
    Q, x = shell.labels.T
    d = _site_annihilator(np.array([1]), shell, symmetry)
    F = d.values.copy()
    for b, component in np.argwhere(d.layout.row_block >= 0):
        F[d.layout.at[b, component]] *= impurity.U if Q[b] == 2 else 0.0
    spin = Layout.of(shell, SPIN, shell.all, shell.all)
    S = np.zeros(spin.size)
    S[spin.at[:, 0]] = np.where((Q == 1) & (x == 1), np.sqrt(3) / 2, 0.0)
    return {"d": d, "F": Operator(d.layout, F), "S": Operator(spin, S)}


def _blocks(
    labels: np.ndarray, kept: np.ndarray, symmetry: Symmetry
) -> tuple[np.ndarray, np.ndarray]:
    """Labels of the new shell's blocks, sorted, and the kept blocks in their slots."""
    slots: dict[tuple[int, int], list[int]] = {}
    for parent, (Q, x) in enumerate(labels.tolist()):
        if kept[parent] == 0:
            continue
        for slot in range(4):
            label = (Q + SLOT_Q[slot], x + SLOT_X[slot])
            if symmetry.lowest_x is None or label[1] >= symmetry.lowest_x:
                slots.setdefault(label, [-1, -1, -1, -1])[slot] = parent
    ordered = sorted(slots)
    return np.array(ordered), np.array([slots[label] for label in ordered])


def _add_site(old: Shell, f: Operator, t: float, symmetry: Symmetry, n_keep: int) -> Shell:
    labels, parents = _blocks(old.labels, old.kept.sizes, symmetry)
    x = labels[:, 1]
    slot_sizes = np.where(parents >= 0, old.kept.sizes[parents], 0)
    dims = slot_sizes.sum(axis=1)
    energy_at, vector_at = _begin(dims), _begin(dims**2)
    energies, vectors = np.empty(dims.sum()), np.empty((dims**2).sum())
    kernels.diagonalise(
        dims,
        parents,
        old.kept.sizes,
        old.energy_at,
        old.energies,
        f.layout.row_block,
        f.layout.at,
        f.values,
        t,
        symmetry.hop(x),
        energy_at,
        vector_at,
        energies,
        vectors,
    )
    shift = energies.min()
    energies -= shift
    degeneracy = symmetry.degeneracy(x)
    kept = _count_kept(energies, np.repeat(degeneracy, dims), dims, n_keep)
    zeros = np.zeros_like(dims)
    return Shell(
        labels=labels,
        parents=parents,
        all=Ranges(zeros, dims),
        kept=Ranges(zeros, kept),
        discarded=Ranges(kept, dims),
        energy_at=energy_at,
        energies=energies,
        vector_at=vector_at,
        vectors=vectors,
        shift=float(shift),
        degeneracy=degeneracy,
    )


def _count_kept(
    energies: np.ndarray, degeneracy: np.ndarray, dims: np.ndarray, n_keep: int
) -> np.ndarray:
    """Kept states of each block: those below the widest gap between n_keep and 1.1 n_keep."""
    order = np.argsort(energies, kind="stable")
    counts = np.cumsum(degeneracy[order])
    if n_keep == 0:
        return np.zeros_like(dims)
    if counts[-1] <= n_keep:
        return dims.copy()
    first = int(np.searchsorted(counts, n_keep))
    last = max(first + 1, int(np.searchsorted(counts, 1.1 * n_keep, side="right")))
    last = min(last, len(order) - 1)
    ascending = energies[order]
    cut = first + int(np.argmax(np.diff(ascending[first : last + 1]))) if last > first else first
    kept = np.zeros(len(energies), dtype=np.int64)
    kept[order[: cut + 1]] = 1
    return np.add.reduceat(kept, _begin(dims))


def _site_annihilator(old_kept: np.ndarray, shell: Shell, symmetry: Symmetry) -> Operator:
    """Annihilator of the newest site between kept states."""
    kept = shell.kept
    layout = Layout.of(shell, ANNIHILATOR, kept, kept)
    values = np.empty(layout.size)
    kernels.site_operator(
        shell.parents,
        old_kept,
        np.stack([shell.all.sizes, kept.sizes], axis=1),
        shell.vector_at,
        shell.vectors,
        layout.row_block,
        layout.at,
        symmetry.site(shell.labels[:, 1]),
        values,
    )
    return Operator(layout, values)


def transport(
    old: Shell,
    shell: Shell,
    operators: Mapping[str, Operator],
    rows: Ranges,
    columns: Ranges,
    symmetry: Symmetry,
) -> dict[str, Operator]:
    """Operators of the impurity between the given eigenstates of a shell.

    Args:
        old: The previous shell.
        shell: The shell.
        operators: The operators between kept states of the previous shell.
        rows: States that label the rows.
        columns: States that label the columns.
        symmetry: The symmetry of both shells.

    Returns:
        The operators of the same names.
    """
    layouts: dict[TensorKind, Layout] = {}
    result = {}
    for name, operator in operators.items():
        kind = operator.layout.kind
        if kind not in layouts:
            layouts[kind] = Layout.of(shell, kind, rows, columns)
        layout = layouts[kind]
        values = np.empty(layout.size)
        kernels.transport(
            shell.parents,
            old.kept.sizes,
            operator.layout.row_block,
            operator.layout.at,
            operator.values,
            shell.vector_at,
            shell.vectors,
            rows.start,
            rows.stop,
            columns.start,
            columns.stop,
            layout.row_block,
            layout.at,
            kind.links,
            symmetry.transport(kind, shell.labels[:, 1]),
            values,
        )
        result[name] = Operator(layout, values)
    return result
