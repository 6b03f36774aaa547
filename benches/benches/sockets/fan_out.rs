//! Events to many clients: a server beside a bare epoll program that writes the same bytes to as many sockets, in
//! batches of the same size.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Instant;

use cti_proto::message::{OpenConf, OpenReq};
use cti_proto::session::{Request, ServerConfig, Wake};
use cti_proto::value::FailureStatus;
use cti_proto::{Frame, Product, Protocol};
use cti_std::server::{Application, Server, ServerOptions, SessionId, Sessions};
use rustix::event::epoll::EventFlags;
use rustix::time::Timespec;

use crate::bare::{Epoll, cpu_seconds, event, event_bytes, loopback, open, pairs};
use crate::{Failure, Needed, Row, Scale, median};

/// Events of a batch.
const BATCH: usize = 16;
/// Bytes that may wait for a client before the next batch is made.
const BEHIND: usize = 64 << 10;

pub(crate) fn measure(scale: Scale) -> Result<Row, Failure> {
    let events = (scale.clients * scale.batches * BATCH) as f64;
    let (mut rounds, mut cpu) = (Vec::new(), [Vec::new(), Vec::new()]);
    for _ in 0..scale.rounds {
        let (ours, bare) = (server(scale)?, writer(scale)?);
        rounds.push([events / ours.0 / 1e3, events / bare.0 / 1e3]);
        cpu[0].push(ours.1 * 1e9 / events);
        cpu[1].push(bare.1 * 1e9 / events);
    }
    let [ours, bare] = cpu.map(median);
    println!("fan-out: CPU time of the writing thread, ours {ours:.0} ns, bare {bare:.0} ns an event and client");
    Ok(Row {
        name: format!("fan-out to {} clients", scale.clients),
        rounds,
        needed: Needed::AtLeast(0.6),
        unit: "1,000 events/s",
    })
}

/// Reads from all sockets until each has had its bytes; then tells.
fn drain(mut sockets: Vec<TcpStream>, bytes_each: usize) -> Receiver<()> {
    let (sender, receiver) = sync_channel(1);
    thread::spawn(move || {
        let mut epoll = Epoll::new(&sockets, EventFlags::IN).expect("epoll");
        let mut left = sockets.len() * bytes_each;
        let mut buffer = vec![0; 64 << 10];
        while left > 0 {
            for number in epoll.wait(None).expect("epoll waits") {
                while let Ok(n @ 1..) = sockets[number].read(&mut buffer) {
                    left -= n;
                    if n < buffer.len() {
                        break;
                    }
                }
            }
        }
        let _ = sender.send(());
    });
    receiver
}

struct Source {
    batches: usize,
    is_running: bool,
}

impl Application for Source {
    fn open_requested(&mut self, sessions: &mut Sessions, id: SessionId, _: Protocol, request: &OpenReq<'_>) {
        let services_granted = request.services_requested;
        let _ = sessions.accept(id, &OpenConf { services_granted, ..OpenConf::default() });
    }

    fn request(&mut self, sessions: &mut Sessions, id: SessionId, request: Request, _: Frame<'_>) {
        let _ = sessions.fail(id, request, FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE);
    }

    fn wake(&self) -> Wake {
        if self.is_running && self.batches > 0 { Wake::Now } else { Wake::Idle }
    }

    fn handle_timeout(&mut self, sessions: &mut Sessions) {
        if sessions.ids().any(|id| sessions.backlog(id) > BEHIND) {
            return;
        }
        self.batches -= 1;
        for _ in 0..BATCH {
            let _ = sessions.event(&event());
        }
    }
}

/// Seconds that a server takes, and CPU seconds of its thread.
fn server(scale: Scale) -> Result<(f64, f64), Failure> {
    let mut server = Server::new(ServerOptions::new(), Source { batches: scale.batches, is_running: false })?;
    let listener = server.listen(loopback(), ServerConfig::new(Product::Cce))?;
    let address = server.sessions().address(listener).ok_or("no address")?;
    let handle = server.handle();
    let thread = thread::spawn(move || server.run().map(|()| server.sessions().counters()));
    let sockets: Vec<TcpStream> = (0..scale.clients).map(|_| open(address)).collect::<Result<_, _>>()?;
    let done = drain(sockets, scale.batches * BATCH * event_bytes()?.len());
    let cpu = handle.with(|_, _| cpu_seconds())?;
    let began = Instant::now();
    handle.run(|source, _| source.is_running = true)?;
    done.recv()?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu = handle.with(|_, _| cpu_seconds())? - cpu;
    handle.stop();
    let counters = thread.join().map_err(|_| "the server panicked")??;
    assert_eq!(counters.events, (scale.clients * scale.batches * BATCH) as u64);
    Ok((seconds, cpu))
}

/// Seconds that a bare program takes, and CPU seconds of its thread.
fn writer(scale: Scale) -> Result<(f64, f64), Failure> {
    let (mut sockets, readers) = pairs(scale.clients)?;
    let batch = event_bytes()?.repeat(BATCH);
    let total = batch.len() * scale.batches;
    let done = drain(readers, total);
    let mut epoll = Epoll::new(&sockets, EventFlags::OUT)?;
    let mut written = vec![0; sockets.len()];
    let mut is_writable = vec![true; sockets.len()];
    let (cpu, began) = (cpu_seconds(), Instant::now());
    let mut made = 0;
    while written.iter().any(|written| *written < total) {
        let slowest = made - written.iter().min().ok_or("no sockets")?;
        if made < total && slowest <= BEHIND {
            made += batch.len();
        }
        for ((socket, written), is_writable) in sockets.iter_mut().zip(&mut written).zip(&mut is_writable) {
            while *is_writable && *written < made {
                // The bytes are the same in every batch.
                let bytes = &batch[*written % batch.len()..];
                match socket.write(bytes) {
                    Ok(n) => *written += n,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => *is_writable = false,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let has_nothing_to_do = (made == total || slowest > BEHIND)
            && written.iter().zip(&is_writable).all(|(written, is_writable)| *written == made || !is_writable);
        let timeout = (!has_nothing_to_do).then_some(Timespec { tv_sec: 0, tv_nsec: 0 });
        if written.iter().all(|written| *written == total) {
            break;
        }
        for number in epoll.wait(timeout.as_ref())? {
            is_writable[number] = true;
        }
    }
    done.recv()?;
    Ok((began.elapsed().as_secs_f64(), cpu_seconds() - cpu))
}
