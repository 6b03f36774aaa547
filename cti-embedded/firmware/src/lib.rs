//! What the appliances have in common: the board, its network adapter and serial line, time, tasks, and the watch over
//! memory.
#![no_std]
#![warn(missing_docs, unreachable_pub)]

use defmt_semihosting as _;

pub mod board;
pub mod executor;
mod fault;
pub mod lan9118;
mod mmio;
pub mod network;
pub mod parameters;
pub mod screen;
pub mod serial;
pub mod stack;
mod systick;
pub mod text;
pub mod wall;
