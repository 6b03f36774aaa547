//! A small application, and how to test it: with a server in memory, in virtual time, and with generated events.
//!
//! ```text
//! cargo run -p cti-proto --features proptest --example test_your_application
//! cargo test -p cti-proto --features proptest --example test_your_application
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use cti_proto::harness::{End, Memory, OwnedEvent, Pair};
use cti_proto::message::AgentStateEvent;
use cti_proto::session::{ClientConfig, Instant, ServerConfig};
use cti_proto::value::{AgentState, CtiService};
use cti_proto::{Frame, Protocol};

/// The application: how many agents are ready? Nobody knows any more when the session is lost.
#[derive(Debug, Default)]
struct Board {
    agents: BTreeMap<String, AgentState>,
}

impl Board {
    /// The server said something.
    fn observe(&mut self, frame: &Frame<'_>) {
        let Ok(event) = frame.decode::<AgentStateEvent>() else { return };
        let Some(agent) = event.agent_id else { return };
        match event.agent_state {
            AgentState::AGENT_STATE_LOGOUT => self.agents.remove(&agent.to_string()),
            state => self.agents.insert(agent.to_string(), state),
        };
    }

    /// The session is lost, and with it all that was known.
    fn lost(&mut self) {
        self.agents.clear();
    }

    fn ready(&self) -> usize {
        self.agents.values().filter(|state| **state == AgentState::AGENT_STATE_AVAILABLE).count()
    }
}

/// Lets the board see what the client of the pair was told since the last time.
fn show(board: &mut Board, pair: &mut Pair<'_>) {
    for (_, event) in pair.take_events() {
        match event {
            OwnedEvent::Message(frame) => board.observe(&frame.frame()),
            OwnedEvent::Disconnected(_) | OwnedEvent::Ended(_) => board.lost(),
            _ => {}
        }
    }
}

fn agent(id: &str, agent_state: AgentState) -> AgentStateEvent<'_> {
    AgentStateEvent { agent_id: Some(id.into()), agent_state, ..AgentStateEvent::default() }
}

/// What the client of the tests is.
fn config(protocols: &[Protocol]) -> ClientConfig<'_> {
    let mut config = ClientConfig::new(protocols, "board".into(), CtiService::CTI_SERVICE_ALL_EVENTS);
    config.heartbeat = Some(Duration::from_secs(5));
    config
}

fn main() -> Result<(), Box<dyn Error>> {
    let protocols = [Protocol::cce(24)?];
    let mut memory = Memory::new();
    let mut pair = Pair::new(config(&protocols), ServerConfig::new(protocols[0].product()), &mut memory)?;
    let mut board = Board::default();
    pair.open();

    for id in ["1001", "1002", "1003"] {
        let _ = pair.emit(&agent(id, AgentState::AGENT_STATE_AVAILABLE));
    }
    let _ = pair.emit(&agent("1002", AgentState::AGENT_STATE_TALKING));
    // An hour passes, in no time.
    pair.run_until(Instant::from_millis(3_600_000));
    show(&mut board, &mut pair);
    println!("{} agents are ready after {} heartbeats", board.ready(), pair.sent_by(End::Client).count());

    pair.cut();
    pair.settle();
    show(&mut board, &mut pair);
    println!("{} agents are ready after the connection was lost", board.ready());
    Ok(())
}

#[cfg(test)]
mod tests {
    use cti_proto::harness::conditions;
    use cti_proto::strategy::{self, Generator};
    use proptest::prelude::*;

    use super::*;

    const PROTOCOLS: [Protocol; 1] = [match Protocol::cce(24) {
        Ok(protocol) => protocol,
        Err(_) => panic!("there is version 24"),
    }];

    fn pair(memory: &mut Memory) -> Pair<'_> {
        let server = ServerConfig::new(PROTOCOLS[0].product());
        Pair::new(config(&PROTOCOLS), server, memory).expect("a configuration that can be used")
    }

    #[test]
    fn an_agent_that_logs_out_is_not_ready() {
        let (mut memory, mut board) = (Memory::new(), Board::default());
        let mut pair = pair(&mut memory);
        pair.open();
        let _ = pair.emit(&agent("1001", AgentState::AGENT_STATE_AVAILABLE));
        pair.settle();
        show(&mut board, &mut pair);
        assert_eq!(board.ready(), 1);
        let _ = pair.emit(&agent("1001", AgentState::AGENT_STATE_LOGOUT));
        pair.settle();
        show(&mut board, &mut pair);
        assert_eq!(board.ready(), 0);
    }

    #[test]
    fn a_server_that_falls_silent_is_noticed_within_20_s() {
        let (mut memory, mut board) = (Memory::new(), Board::default());
        let mut pair = pair(&mut memory);
        pair.open();
        let _ = pair.emit(&agent("1001", AgentState::AGENT_STATE_AVAILABLE));
        pair.settle();
        pair.stall(End::Server, true);
        pair.run_until(Instant::from_millis(19_999));
        show(&mut board, &mut pair);
        assert_eq!(board.ready(), 1);
        pair.run_until(Instant::from_millis(20_000));
        show(&mut board, &mut pair);
        assert_eq!(board.ready(), 0);
    }

    proptest! {
        /// Whatever the links are like and whatever else is said, the board shows what the server said of agents.
        #[test]
        fn the_board_shows_what_the_server_said(
            events in proptest::collection::vec(
                prop_oneof![
                    Generator::new(PROTOCOLS[0]).optional(0.9).typed::<AgentStateEvent>(),
                    strategy::events(PROTOCOLS[0]),
                ],
                0..20,
            ),
            up in conditions(),
            down in conditions(),
        ) {
            let (mut memory, mut board, mut expected) = (Memory::new(), Board::default(), Board::default());
            let mut pair = pair(&mut memory);
            pair.set_conditions(up, down);
            pair.open();
            for event in &events {
                if pair.emit_frame(event) == cti_proto::session::Delivery::Sent {
                    expected.observe(&event.frame());
                }
                pair.settle();
                show(&mut board, &mut pair);
                if pair.client().opened().is_none_or(|opened| opened.gap.is_some()) {
                    // The event was one that ends the session.
                    return Ok(());
                }
            }
            prop_assert_eq!(board.agents, expected.agents);
        }
    }
}
