//! `cti wallboard`.

mod board;
mod draw;
#[cfg(test)]
mod tests;
mod view;
