//! The `cti` command.

fn main() {}
