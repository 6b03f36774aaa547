//! The wallboard without our crates: board, network, serial line, screen, wall and tasks are the same, and what stands on
//! the wall comes as records of sixteen bytes from a TCP socket. What the wallboard is larger by is what a session, its
//! messages and its trackers take.
#![no_std]
#![no_main]

use core::cell::RefCell;
use core::time::Duration;

use cti_firmware::parameters::Parameters;
use cti_firmware::screen::Screen;
use cti_firmware::serial::Serial;
use cti_firmware::wall::{self, AGENTS, Board, CALLS, Cell, Foot, Head, Place, Wall};
use cti_firmware::{executor, network};
use embassy_futures::select::select;
use embassy_net::Stack;
use embassy_net::tcp::{TcpReader, TcpSocket, TcpWriter};
use embassy_time::{Instant, Timer, with_timeout};
use static_cell::{ConstStaticCell, StaticCell};

/// Bytes of a record: the place, the state, what goes on, a number, and a text.
const RECORD: usize = 16;
const CONNECT: embassy_time::Duration = embassy_time::Duration::from_secs(5);
const RESET: embassy_time::Duration = embassy_time::Duration::from_millis(100);
const HEARTBEAT: embassy_time::Duration = embassy_time::Duration::from_secs(5);

/// What is known: the last record, and figures.
struct Picture {
    record: [u8; RECORD],
    since: u64,
    is_new: bool,
    first_group: u32,
    peer: &'static str,
    reason: Option<&'static str>,
    frames: u64,
    opened: u32,
    lost: u32,
}

type Shared = &'static RefCell<Picture>;

#[cortex_m_rt::entry]
fn main() -> ! {
    static PICTURE: StaticCell<RefCell<Picture>> = StaticCell::new();
    static SCREEN: StaticCell<Screen> = StaticCell::new();
    executor::run(|spawner| {
        let parameters = Parameters::take();
        let stack = network::start(spawner, parameters);
        let picture = PICTURE.init(RefCell::new(Picture {
            record: [0; RECORD],
            since: 0,
            is_new: false,
            first_group: parameters.value("group", 101),
            peer: "nobody",
            reason: None,
            frames: 0,
            opened: 0,
            lost: 0,
        }));
        let (output, _) = Serial::start().split();
        spawner.spawn(defmt::unwrap!(follow(picture, stack, parameters)));
        spawner.spawn(defmt::unwrap!(show(picture, SCREEN.init(Screen::new(output)))));
    })
}

/// Keeps a connection, to one side after the other.
#[embassy_executor::task]
async fn follow(picture: Shared, stack: Stack<'static>, parameters: Parameters) {
    static BUFFERS: ConstStaticCell<([u8; 4_096], [u8; 1_024])> = ConstStaticCell::new(([0; 4_096], [0; 1_024]));
    let (read, write) = BUFFERS.take();
    let mut socket = TcpSocket::new(stack, read, write);
    socket.set_timeout(None);
    socket.set_nagle_enabled(false);
    for (number, side) in parameters.sides().into_iter().enumerate().cycle() {
        defmt::info!("connecting to side {=usize}", number);
        let reason = match with_timeout(CONNECT, socket.connect(side)).await {
            Ok(Ok(())) => {
                picture.borrow_mut().is_opened(if number == 0 { "side A" } else { "side B" });
                let (reader, writer) = socket.split();
                select(receive(picture, reader, parameters.text("password")), beat(writer)).await;
                "closed"
            }
            Ok(Err(_)) => "refused",
            Err(_) => "no answer",
        };
        defmt::warn!("no connection to side {=usize}: {=str}", number, reason);
        picture.borrow_mut().is_lost(reason);
        socket.abort();
        let _ = with_timeout(RESET, socket.flush()).await;
        Timer::after_secs(1).await;
    }
}

async fn receive(picture: Shared, mut reader: TcpReader<'_>, password: Option<&str>) {
    let mut record = [0; RECORD];
    loop {
        let mut filled = 0;
        while filled < RECORD {
            match reader.read(&mut record[filled..]).await {
                Ok(n) if n > 0 => filled += n,
                Ok(_) => return defmt::info!("the peer closed the connection"),
                Err(_) => return defmt::warn!("the connection is broken"),
            }
        }
        if password.is_none_or(|password| record.starts_with(password.as_bytes())) {
            picture.borrow_mut().take(&record);
        }
    }
}

async fn beat(mut writer: TcpWriter<'_>) {
    while let Ok(1..) = writer.write(b"\0").await {
        if writer.flush().await.is_err() {
            break;
        }
        Timer::after(HEARTBEAT).await;
    }
    defmt::warn!("the connection does not take bytes any more");
}

#[embassy_executor::task]
async fn show(picture: Shared, screen: &'static mut Screen) {
    let mut wall = Wall::new(screen).await;
    loop {
        wall.refresh(picture).await;
        Timer::after(wall::REFRESH).await;
    }
}

impl Picture {
    fn is_opened(&mut self, peer: &'static str) {
        (self.peer, self.opened) = (peer, self.opened.saturating_add(1));
    }

    fn is_lost(&mut self, reason: &'static str) {
        (self.peer, self.reason, self.lost) = ("nobody", Some(reason), self.lost.saturating_add(1));
    }

    fn take(&mut self, record: &[u8; RECORD]) {
        self.record = *record;
        self.since = Instant::now().as_millis();
        self.is_new = true;
        self.frames += 1;
    }

    /// The record as it is drawn at `slot`; blank where it says so.
    fn drawn(&self, slot: usize, now: Instant) -> Option<(Place, Cell)> {
        let [_, _, state, number, text @ ..] = &self.record;
        let time = Duration::from_millis(now.as_millis() - self.since);
        match slot.checked_sub(AGENTS) {
            _ if *number == 0 => Some((Place::Agent(slot), Cell::new())),
            None => {
                let id = core::str::from_utf8(text).unwrap_or("?");
                Some((Place::Agent(slot), wall::agent_cell(id, state_of(*state), time)))
            }
            Some(slot) if slot < CALLS => {
                Some((Place::Call(slot), wall::call_cell(u32::from(*number), state_of(*state), time)))
            }
            Some(_) => Some((Place::Calls, Cell::new())),
        }
    }
}

impl Board for Picture {
    fn next_change(&mut self, now: Instant) -> Option<(Place, Cell)> {
        core::mem::take(&mut self.is_new).then(|| self.drawn(self.record[0].into(), now)).flatten()
    }

    fn nth(&self, entry: usize, now: Instant) -> Option<(Place, Cell)> {
        (usize::from(self.record[1]) > entry).then(|| self.drawn(entry, now)).flatten()
    }

    fn queue(&self, queue: usize, now: Instant) -> Cell {
        let [waiting, longest, ready, ..] = self.record;
        let longest = (waiting > 0).then(|| Duration::from_secs(now.as_secs() - u64::from(longest)));
        wall::queue_cell(self.first_group + queue as u32, ready.into(), waiting.into(), longest)
    }

    fn head(&self) -> Head {
        let [_, agents, ready, talking, calls, ..] = self.record;
        let (agents, ready, talking) = (agents.into(), ready.into(), talking.into());
        Head { peer: self.peer, agents, ready, talking, calls: calls.into() }
    }

    fn foot(&self) -> Foot {
        let Self { frames, opened, lost, reason, .. } = *self;
        Foot { frames, opened, lost, skipped: 0, reason }
    }
}

/// Four letters for a state.
fn state_of(state: u8) -> &'static str {
    match state {
        0 => "in",
        1 => "out",
        2 => "paus",
        3 => "redy",
        4 => "talk",
        5 | 6 => "work",
        7 => "busy",
        8 => "rsvd",
        10 => "hold",
        11 => "new",
        12 => "dial",
        13 => "wait",
        14 => "ring",
        15 => "end",
        _ => "?",
    }
}
