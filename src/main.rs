//! accountd: parse the arguments, run one command.

fn main() {}
