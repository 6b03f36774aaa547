//! embassy-net's stack on this machine, over a TAP device, against the kernel's TCP: the code of a microcontroller where
//! debuggers are. It needs the right to make a network namespace and a TAP device, and is skipped, loudly, without it.

#[path = "common/blocking.rs"]
mod blocking;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use blocking::{block_on, listen_at, serve};
use cti_embedded::embassy::{Tcp, Uptime};
use cti_embedded::{Client, Clock, Connect};
use cti_proto::message::{AgentStateEvent, QueryAgentStateReq};
use cti_proto::session::{Cause, ClientConfig, Event, Side};
use cti_proto::value::{CtiService, FailureStatus};
use cti_proto::{Protocol, Storage};
use embassy_net::{Config, Ipv4Cidr, StackResources, StaticConfigV4};
use embassy_net_tuntap::TunTapDevice;
use embassy_sync::blocking_mutex::raw::NoopRawMutex;

const DEVICE: &str = "cti0";
const KERNEL: &str = "192.168.69.1";
const STACK: Ipv4Addr = Ipv4Addr::new(192, 168, 69, 2);
const EVENTS: u32 = 5_000;

/// Runs `test` of this program in a network namespace that has nothing but a TAP device.
fn in_a_namespace(test: &str, story: fn()) {
    const INSIDE: &str = "CTI_TAP_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        return story();
    }
    let device = format!(
        "ip tuntap add dev {DEVICE} mode tap && ip addr add {KERNEL}/24 dev {DEVICE} && ip link set {DEVICE} up"
    );
    let namespace = |then: &str| {
        let mut command = Command::new("unshare");
        command.args(["-n", "sh", "-c", &format!("{device} && {then}")]);
        command
    };
    match namespace("true").output() {
        Ok(probe) if probe.status.success() => {}
        Ok(probe) => return eprintln!("SKIPPED {test}: no TAP device: {}", String::from_utf8_lossy(&probe.stderr)),
        Err(error) => return eprintln!("SKIPPED {test}: no unshare: {error}"),
    }
    let program = std::env::current_exe().unwrap();
    let run = format!("exec {} --exact {test} --nocapture", program.display());
    let status = namespace(&run).env(INSIDE, "1").status().unwrap();
    assert!(status.success(), "{test} failed in its namespace");
}

#[test]
fn a_session_over_embassy_net() {
    in_a_namespace("a_session_over_embassy_net", || block_on(session()));
}

/// Side A refuses, side B takes the session.
async fn session() {
    let (address, accept) = listen_at(KERNEL);
    let server = std::thread::spawn(move || serve(accept(), EVENTS));
    let ethernet = TunTapDevice::new(DEVICE).unwrap();
    let config = Config::ipv4_static(StaticConfigV4 {
        address: Ipv4Cidr::new(STACK, 24),
        gateway: None,
        dns_servers: Default::default(),
    });
    let mut resources = StackResources::<2>::new();
    let (stack, mut network) = embassy_net::new(ethernet, config, &mut resources, 1);
    let (mut reading, mut writing) = ([0; 4_096], [0; 1_024]);
    let nobody = SocketAddr::new(address.ip(), 1);
    let mut tcp = Tcp::new(stack, [nobody, address], &mut reading, &mut writing);

    let protocols = [Protocol::cce(24).unwrap()];
    let services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
    let config = ClientConfig::new(&protocols, "test".into(), services);
    let mut storage = Storage::<1_024, 512, 3, 2>::new();
    let mut client: Client<'_, NoopRawMutex, _> = Client::new(config, storage.parts(), Uptime).unwrap();
    let (mut runner, handle, mut events) = client.split();
    let application = async {
        let (mut seen, mut causes, mut opened) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let more = events.next(|event| match event {
                Event::Opened(session) => opened.push(session.side),
                Event::Message(frame) => {
                    seen.extend(frame.decode::<AgentStateEvent<'_>>().ok().map(|event| event.skill_group_id));
                }
                Event::Disconnected(disconnected) => causes.push(disconnected.cause),
                _ => {}
            });
            if more.await.is_none() {
                break;
            }
            if seen.len() % 100 == 99 {
                let query = QueryAgentStateReq { agent_id: Some("7".into()), ..Default::default() };
                handle.request(&query).await.expect("there is room for requests");
            }
            if seen.len() == EVENTS as usize {
                handle.close(FailureStatus::E_CTI_NO_ERROR).await;
            }
        }
        assert_eq!((opened, causes), (vec![Side::B], vec![Cause::ConnectFailed]));
        assert_eq!(seen, (1..=EVENTS).collect::<Vec<_>>(), "every event comes once, in order");
    };
    tokio::select! {
        _ = network.run() => unreachable!("the stack runs for ever"),
        ((), ()) = async { tokio::join!(runner.run(&mut tcp), application) } => {}
    }
    assert_eq!(server.join().unwrap().len(), EVENTS as usize / 100);
    tcp.reset().await;
    assert!(Uptime.now().as_millis() < 60_000);
}
