"""Array types."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

type Array = npt.NDArray[np.float64]
type Indices = npt.NDArray[np.intp]
