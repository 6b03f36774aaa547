//! Prints what a CTI Server, or a pair of them, says; ends after a minute, in order.
//!
//! ```text
//! cargo run -p cti-std --example client -- pg1a.example:42027 pg1b.example:43027
//! ```

use std::error::Error;
use std::time::{Duration, Instant};

use cti_proto::session::Event;
use cti_std::client::{BlockingClient, ClientOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let mut addresses = std::env::args().skip(1);
    let mut options = ClientOptions::new(addresses.next().ok_or("the address of a CTI Server")?);
    options.side_b = addresses.next();
    options.config.heartbeat = Some(Duration::from_secs(5));
    let mut client = BlockingClient::new(options)?;
    let end = Instant::now() + Duration::from_secs(60);
    while let Some(event) = client.next_event(Some(end.saturating_duration_since(Instant::now())))? {
        let is_lost = matches!(event, Event::Disconnected(_));
        println!("{event:?}");
        if is_lost && let Some(error) = client.last_error() {
            println!("{error}");
        }
    }
    client.shut_down(|event| println!("{event:?}"))?;
    Ok(())
}
