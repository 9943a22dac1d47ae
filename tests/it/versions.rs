//! Two versions on the same stores: this one on what the version after it may make of our schema.

mod ahead;
mod life;
mod next;
