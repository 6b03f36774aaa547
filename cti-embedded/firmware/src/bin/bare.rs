//! The wallboard without our crates: the same board, network, tasks and screen, on which bytes are counted. What the
//! wallboard is larger by is what a session, its messages and its trackers take.
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU32, Ordering};

use cti_firmware::parameters::Parameters;
use cti_firmware::screen::{HEIGHT, Screen};
use cti_firmware::serial::Serial;
use cti_firmware::text::Line;
use cti_firmware::{executor, network, stack};
use embassy_net::Stack;
use embassy_net::tcp::TcpSocket;
use embassy_time::{Duration, Instant, Timer, with_timeout};
use static_cell::{ConstStaticCell, StaticCell};

static BYTES: AtomicU32 = AtomicU32::new(0);

#[cortex_m_rt::entry]
fn main() -> ! {
    static SCREEN: StaticCell<Screen> = StaticCell::new();
    executor::run(|spawner| {
        let parameters = Parameters::take();
        let stack = network::start(spawner, parameters);
        let (output, _) = Serial::start().split();
        spawner.spawn(defmt::unwrap!(count(stack, parameters)));
        spawner.spawn(defmt::unwrap!(show(SCREEN.init(Screen::new(output)))));
    })
}

#[embassy_executor::task]
async fn count(stack: Stack<'static>, parameters: Parameters) {
    static BUFFERS: ConstStaticCell<([u8; 4_096], [u8; 1_024])> = ConstStaticCell::new(([0; 4_096], [0; 1_024]));
    let (read, write) = BUFFERS.take();
    let mut socket = TcpSocket::new(stack, read, write);
    for side in parameters.sides().into_iter().cycle() {
        if let Ok(Ok(())) = with_timeout(Duration::from_secs(10), socket.connect(side)).await {
            let mut buffer = [0; 512];
            while let Ok(n @ 1..) = socket.read(&mut buffer).await {
                let _ = socket.write(b"\0").await;
                BYTES.fetch_add(n as u32, Ordering::Relaxed);
            }
        }
        defmt::warn!("disconnected from {}", side.port());
        socket.abort();
        Timer::after_secs(1).await;
    }
}

#[embassy_executor::task]
async fn show(screen: &'static mut Screen) {
    screen.clear().await;
    loop {
        let (bytes, time) = (BYTES.load(Ordering::Relaxed), Instant::now().as_secs() as u32);
        for row in 1..HEIGHT - 1 {
            let cell = Line::<19>::of(format_args!("{row:<5}{:<5}{}:{:02}", bytes, time / 60, time % 60));
            screen.put::<19>(row, 0, format_args!("{cell}")).await;
            screen.put::<15>(row, 40, format_args!("{cell}")).await;
        }
        let usage = stack::usage();
        screen.put::<80>(0, 0, format_args!("bare  bytes {bytes}")).await;
        screen.put::<80>(HEIGHT - 1, 0, format_args!("stack {}/{}", usage.peak, usage.size)).await;
        Timer::after_millis(200).await;
    }
}
