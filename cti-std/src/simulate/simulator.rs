//! The simulated contact centre in a thread of its own.

use std::io;
use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use cti_proto::Product;

use super::fault::{Fault, Side, TimedFault};
use super::{Config, Simulation};
use crate::server::{ServerHandle, ServerOptions};
#[cfg(feature = "tls")]
use crate::tls::ServerTls;

/// Where and how fast a simulation runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SimulatorOptions {
    /// The contact centre.
    pub config: Config,
    /// Side A, which is active at first. Port 0 stands for any free one.
    pub side_a: SocketAddr,
    /// Side B, on standby at first; `None` leaves it out.
    pub side_b: Option<SocketAddr>,
    /// Seconds that pass in the contact centre for each of ours: 0.001 to 100,000, and beyond that the nearest of them.
    pub speed: f64,
    /// How long the contact centre has been at work, by its own clock, when the first client comes.
    pub head_start: Duration,
    /// What goes wrong, and when.
    pub faults: Vec<TimedFault>,
    /// What connections may use.
    pub server: ServerOptions,
    /// Makes both sides secured ones.
    #[cfg(feature = "tls")]
    pub tls: Option<Arc<ServerTls>>,
    /// Further addresses of the sides: for clients of the other product, or for secured ones beside plain ones.
    pub more: Vec<Endpoint>,
}

/// An address at which a side can be reached, and by whom. A session speaks the product of the address that it came in
/// by, since nothing in OPEN_REQ names the product.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Endpoint {
    /// The side.
    pub side: Side,
    /// Where it listens. Port 0 stands for any free one.
    pub address: SocketAddr,
    /// The product that sessions speak there.
    pub product: Product,
    /// For secured connections.
    #[cfg(feature = "tls")]
    pub tls: Option<Arc<ServerTls>>,
}

impl Endpoint {
    /// An address of a side, for plain connections.
    #[must_use]
    pub const fn new(side: Side, address: SocketAddr, product: Product) -> Self {
        Self {
            side,
            address,
            product,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

impl SimulatorOptions {
    /// Both sides on free ports of this machine, at our speed, and nothing wrong.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = ServerOptions::new();
        // A whole upload of a large configuration fits, and a client that is slow for a while loses nothing.
        server.memory.transmit = 4 << 20;
        Self {
            config,
            side_a: local,
            side_b: Some(local),
            speed: 1.0,
            head_start: Duration::ZERO,
            faults: Vec::new(),
            server,
            #[cfg(feature = "tls")]
            tls: None,
            more: Vec::new(),
        }
    }

    /// All addresses: side A, side B, and what there is more.
    pub(super) fn endpoints(&self) -> Vec<Endpoint> {
        let main = [(Side::A, Some(self.side_a)), (Side::B, self.side_b)];
        let main = main.into_iter().filter_map(|(side, address)| {
            Some(Endpoint {
                #[cfg(feature = "tls")]
                tls: self.tls.clone(),
                ..Endpoint::new(side, address?, self.config.product)
            })
        });
        main.chain(self.more.iter().cloned()).collect()
    }
}

/// A simulated contact centre at work, in a thread of its own. It stops when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    handle: ServerHandle<Simulation>,
    thread: Option<JoinHandle<io::Result<()>>>,
    addresses: (SocketAddr, Option<SocketAddr>),
    more: Vec<SocketAddr>,
}

impl Simulator {
    /// Listens, and begins.
    ///
    /// # Errors
    /// The system does not give the addresses out, or has no thread.
    pub fn start(options: SimulatorOptions) -> io::Result<Self> {
        // In this thread, so that an address which is taken is an error of the caller.
        let mut server = Simulation::serve(options)?;
        let (addresses, more) = (server.application().addresses(), server.application().more().collect());
        let handle = server.handle();
        let thread = std::thread::Builder::new().name("cti-simulation".into()).spawn(move || server.run())?;
        Ok(Self { handle, thread: Some(thread), addresses, more })
    }

    /// Where side A listens.
    #[must_use]
    pub const fn side_a(&self) -> SocketAddr {
        self.addresses.0
    }

    /// Where side B listens, if there is one.
    #[must_use]
    pub const fn side_b(&self) -> Option<SocketAddr> {
        self.addresses.1
    }

    /// Where the sides listen besides, in the order of [`SimulatorOptions::more`].
    #[must_use]
    pub fn more(&self) -> &[SocketAddr] {
        &self.more
    }

    /// Reaches the simulation from other threads.
    #[must_use]
    pub fn handle(&self) -> ServerHandle<Simulation> {
        self.handle.clone()
    }

    /// Makes something go wrong now.
    pub fn fault(&self, fault: Fault) {
        // A simulation that is over has nothing left to go wrong.
        let _ = self.handle.run(move |simulation, sessions| simulation.fault(fault, sessions));
    }

    /// Whether the simulation is still at work: not after a failure of the system or a panic, which [`stop`](Self::stop)
    /// then tells.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Stops: every session is ended in order, which takes 5 s at most.
    ///
    /// # Errors
    /// What ended the server's thread.
    pub fn stop(mut self) -> io::Result<()> {
        self.finish()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.handle.stop();
        // Dropped after it was stopped, there is nothing to wait for.
        let Some(thread) = self.thread.take() else { return Ok(()) };
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the simulation has panicked")))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Nobody is left to tell.
        let _ = self.finish();
    }
}
