//! Every call that leaves the process, broken in every way, in every operation.
//!
//! No list of places is kept: each operation is run once while the seam writes down what it passes, and then once more
//! for each of those places and each fault. Whatever happens, the state must be the one before or the one after, told
//! as what it is, and the same request again must end in the state after, once.

mod ask;
mod call;
mod cells;
mod kills;
mod panics;
mod scenes;
mod state;
mod workers;
