//! The schema of accountd, one file per step.
