"""What an erasure goes through.

The order is fixed (vault.md 6): keys, rows, files, proof. Each arrow is an act of the worker
and can be gone again after a crash.
"""

from studyhub.domain.lifecycle_course import Moves

ERASURE: Moves = {
    ("requested", "erasure.destroy"): "keys",
    ("keys", "erasure.empty"): "rows",
    ("rows", "erasure.remove"): "files",
    ("files", "erasure.finish"): "done",
}
