//! The network, and the session's task.

use core::net::{Ipv4Addr, SocketAddr};

use cti_embedded::embassy::{Tcp, Uptime};
use cti_embedded::{Client, Events, Handle, Runner};
use embassy_executor::Spawner;
use embassy_net::{Config, Ipv4Cidr, Stack, StackResources, StaticConfigV4};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_time::Timer;
use static_cell::{ConstStaticCell, StaticCell};

use crate::lan9118::Lan9118;
use crate::parameters::Parameters;
use crate::stack;

/// A session of the appliances: all tasks run on one executor, so that no lock is needed.
pub type Station = Client<'static, NoopRawMutex, Uptime>;
/// Its requests.
pub type Requests = Handle<'static, 'static, NoopRawMutex, Uptime>;
/// Its events.
pub type Happenings = Events<'static, 'static, NoopRawMutex, Uptime>;

/// Bytes of TCP that wait to be read: as many segments as the adapter holds would be better, and cost more memory.
const READ: usize = 4_096;
/// Bytes of TCP that wait to be sent or acknowledged.
const WRITE: usize = 1_024;

/// Starts the network and gives its stack. The address is `ip=` of the parameters, 10.0.2.15 by default.
pub fn start(spawner: Spawner, parameters: Parameters) -> Stack<'static> {
    static RESOURCES: StaticCell<StackResources<2>> = StaticCell::new();
    let address = parameters.value("ip", Ipv4Addr::new(10, 0, 2, 15));
    let config = Config::ipv4_static(StaticConfigV4 {
        address: Ipv4Cidr::new(address, 24),
        gateway: parameters.text("gateway").and_then(|gateway| gateway.parse().ok()),
        dns_servers: Default::default(),
    });
    let resources = RESOURCES.init(StackResources::new());
    let (stack, runner) = embassy_net::new(Lan9118::start(), config, resources, parameters.value("seed", 1));
    spawner.spawn(defmt::unwrap!(network(runner)));
    spawner.spawn(defmt::unwrap!(watch(stack)));
    stack
}

/// The socket for the servers that the parameters name.
pub fn tcp(stack: Stack<'static>, parameters: Parameters) -> &'static mut Tcp<'static> {
    static TCP: StaticCell<Tcp<'static>> = StaticCell::new();
    static BUFFERS: ConstStaticCell<([u8; READ], [u8; WRITE])> = ConstStaticCell::new(([0; READ], [0; WRITE]));
    let (read, write) = BUFFERS.take();
    TCP.init(Tcp::new(stack, parameters.sides().map(SocketAddr::V4), read, write))
}

/// Keeps a session.
#[embassy_executor::task]
pub async fn session(mut runner: Runner<'static, 'static, NoopRawMutex, Uptime>, tcp: &'static mut Tcp<'static>) {
    runner.run(tcp).await;
    defmt::info!("the session has ended");
}

#[embassy_executor::task]
async fn network(mut runner: embassy_net::Runner<'static, Lan9118>) {
    runner.run().await;
}

/// Says how the link and the stack's memory do, when that changes.
#[embassy_executor::task]
async fn watch(stack: Stack<'static>) {
    let mut link = None;
    let mut peak = 0;
    loop {
        let is_up = stack.is_link_up();
        if link.replace(is_up) != Some(is_up) {
            defmt::info!("the link is {=str}", if is_up { "up" } else { "down" });
        }
        let usage = stack::usage();
        if usage.peak > peak {
            peak = usage.peak;
            defmt::info!("stack: {=usize} of {=usize} bytes", usage.peak, usage.size);
            defmt::assert!(usage.size - usage.peak >= stack::MARGIN, "the stack is nearly full");
        }
        Timer::after_secs(1).await;
    }
}
