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
