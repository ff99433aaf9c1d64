"""Small signals in a uniform slab of any number of components, solved by its modes.

    -eps phi'' = sum of z_i C_ij w_j,    M_i mu_i'' = i w C_ij w_j,    w_i = mu_i - z_i phi

has constant coefficients: X = (phi, mu_1, ...) obeys X'' = A X, whose modes grow as exp(+-k z). The ends
settle how much there is of each. Units are those of the solvers: nm, s, V, eV, e.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Slab:
    """A slab between two contacts.

    Attributes:
        length: nm.
        permittivity: eps, e/(V nm).
        charges: (n,) z of the components.
        slopes: (n, n) C, dc_i/dmu_j, 1/(eV nm^3).
        mobilities: (n,) M, 1/(eV nm s).
    """

    length: float
    permittivity: float
    charges: np.ndarray
    slopes: np.ndarray
    mobilities: np.ndarray

    def impedance(self, frequency, left, right):
        """V nm^2 s/e.

        Args:
            frequency: Hz.
            left: `End` where the voltage is.
            right: the other one.
        """
        omega = 2j * np.pi * frequency
        k, modes = self._modes(omega)
        half = 0.5 * self.length
        # odd: slope 1 at both ends; even: slope 1 at the right one, -1 at the left
        flat = np.abs(k) * half < 1e-7
        safe = np.where(flat, 1.0, k)
        odd_value = np.where(flat, half, np.tanh(safe * half) / safe)
        even_value = np.where(flat, 1.0, 1.0 / np.tanh(safe * half) / safe)
        even_slope = np.where(flat, 0.0, 1.0)
        ones = np.ones_like(k)
        rows, loads = [], []
        for end, side in ((left, -1.0), (right, 1.0)):
            value = np.hstack([modes * (side * odd_value), modes * even_value])
            slope = np.hstack([modes * ones, modes * (side * even_slope)])
            for number, charge in enumerate((1.0, *self.charges)):
                held = number == 0 or number - 1 in end.exchanged
                row, load = (value[number], charge * end.voltage) if held else (slope[number], 0.0)
                if number == 0 and end.capacitance is not None:
                    # eps phi' into the slab is C (V - phi)
                    row = end.capacitance * value[0] + side * self.permittivity * slope[0]
                    load = end.capacitance * end.voltage
                scale = np.abs(row).max()
                rows.append(row / scale)
                loads.append(load / scale)
        shares = np.linalg.solve(np.array(rows), np.array(loads))
        slope = np.hstack([modes * ones, modes * -even_slope]) @ shares
        current = -(self.charges * self.mobilities) @ slope[1:] - omega * self.permittivity * slope[0]
        return (left.voltage - right.voltage) / current

    def _modes(self, omega):
        z, n = self.charges, self.charges.size
        by_mu = np.hstack([-(self.slopes @ z)[:, None], self.slopes])
        matrix = np.zeros((n + 1, n + 1), complex)
        matrix[0] = -(z @ by_mu) / self.permittivity
        matrix[1:] = omega * by_mu / self.mobilities[:, None]
        squares, modes = np.linalg.eig(matrix)
        # the potential that moves everything alike drives nothing
        still = int(np.argmin(np.abs(squares)))
        squares[still], modes[:, still] = 0.0, (1.0, *z)
        return np.sqrt(squares), modes


@dataclass(frozen=True)
class End:
    """What a contact does.

    Attributes:
        exchanged: numbers of the components whose mu~/z moves with the voltage.
        voltage: V.
        capacitance: in series, e/(V nm^2).
    """

    exchanged: tuple[int, ...] = field(default=())
    voltage: float = 0.0
    capacitance: float | None = None
