//! The commands that are clients, from end to end: the built command against a server over real sockets.

#[path = "clients/command.rs"]
mod command;
#[path = "clients/load.rs"]
mod load;
#[path = "clients/monitor.rs"]
mod monitor;
#[path = "clients/request.rs"]
mod request;
#[path = "clients/server.rs"]
mod server;
#[path = "clients/shell.rs"]
mod shell;
#[path = "clients/simulated.rs"]
mod simulated;
#[path = "clients/svg.rs"]
mod svg;
#[path = "clients/terminal.rs"]
mod terminal;
#[path = "clients/wallboard.rs"]
mod wallboard;
