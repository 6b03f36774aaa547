//! The catalogue against the tables of `tests/spec`, which were made without it: every message, field, tag, size,
//! version and value. Where the two are meant to differ, `deviations` says so and why.

mod catalogue;
mod deviations;
mod enterprise;
mod express;
mod report;
mod tables;
mod values;
