//! Many open sessions: what an idle one costs, and how long an event takes to all of them.

use std::io::Read;
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use cti_proto::message::{OpenConf, OpenReq};
use cti_proto::session::{Request, ServerConfig};
use cti_proto::{Frame, Product, Protocol};
use cti_std::server::{Application, Server, ServerOptions, SessionId, Sessions};

use crate::bare::{event, event_bytes, loopback, open};
use crate::{Failure, Scale};

struct Quiet;

impl Application for Quiet {
    fn open_requested(&mut self, sessions: &mut Sessions, id: SessionId, _: Protocol, request: &OpenReq<'_>) {
        let services_granted = request.services_requested;
        let _ = sessions.accept(id, &OpenConf { services_granted, ..OpenConf::default() });
    }

    fn request(&mut self, _: &mut Sessions, _: SessionId, _: Request, _: Frame<'_>) {}
}

pub(crate) fn report(scale: Scale) -> Result<(), Failure> {
    let mut server = Server::new(ServerOptions::new(), Quiet)?;
    let listener = server.listen(loopback(), ServerConfig::new(Product::Cce))?;
    let address = server.sessions().address(listener).ok_or("no address")?;
    let handle = server.handle();
    let thread = thread::spawn(move || server.run());
    // What the first one brings along counts for none.
    let mut sockets = vec![open(address)?];
    let before = resident()?;
    for _ in 1..scale.sessions {
        sockets.push(open(address)?);
    }
    let each = resident()?.saturating_sub(before) / (scale.sessions - 1).max(1);
    let held = handle.with(|_, sessions| sessions.len())?;
    println!("{held} sessions open at once; resident memory of an idle session: {:.1} KiB", each as f64 / 1024.0);

    let began = Instant::now();
    let sent = handle.with(|_, sessions| sessions.event(&event()))??;
    let length = event_bytes()?.len();
    sockets.iter_mut().try_for_each(|socket: &mut TcpStream| socket.read_exact(&mut vec![0; length]))?;
    println!(
        "an event to {sent} of them, sent and read one after the other: {:.1} ms",
        began.elapsed().as_secs_f64() * 1e3
    );
    assert_eq!((held, sent), (scale.sessions, scale.sessions));
    drop(sockets);
    handle.stop();
    thread.join().map_err(|_| "the server panicked")??;
    Ok(())
}

/// Resident memory of this process, in bytes.
fn resident() -> Result<usize, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<usize>()? * 1024)
}
