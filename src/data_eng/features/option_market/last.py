"""The last row of each option among rows in the order of their receipt."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def last_of_each(slots: npt.NDArray[np.integer]) -> npt.NDArray[np.intp]:
    """Return the number of the last row of each slot, by slot.

    Parameters
    ----------
    slots : int array, shape (m,)
        Of rows in the order of their receipt.
    """
    return np.asarray(len(slots) - 1 - np.unique(slots[::-1], return_index=True)[1], np.intp)
