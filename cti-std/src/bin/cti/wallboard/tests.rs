use std::time::Duration;

use cti_proto::value::{AgentState, CtiService, LocalConnectionState};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Color;

use super::board::{Agent, Board, Call, CallState, Connection, Link, LinkState, Party, Queue, ServiceLevel};
use super::draw::{Theme, draw};
use super::view::{Command, Outcome, Pane, Popup, View};

const PLAIN: Theme = Theme { colour: false };

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn agent(id: &str, name: &str, state: AgentState, since: u64) -> Agent {
    Agent {
        peripheral: 5000,
        id: id.into(),
        name: name.into(),
        extension: format!("5{}", &id[1..]),
        instrument: format!("5{}", &id[1..]),
        state,
        since: seconds(since),
        reason: 0,
        groups: vec![("Sales".into(), state)],
    }
}

fn party(device: &str, agent: &str, state: LocalConnectionState) -> Party {
    let connection = Connection { call_id: 16_777_216, device_id_type: 0, device_id: device.into() };
    Party { device: device.into(), agent: agent.into(), state, connection }
}

fn board() -> Board {
    let level = ServiceLevel { within: seconds(20), in_time: 41, counted: 50, answered: 50, abandoned: 3 };
    let open = LinkState::Open {
        protocol: "Unified CCE 24".into(),
        heartbeat: Some(seconds(5)),
        silence: seconds(1),
        standby: false,
        warning: None,
    };
    let call = Call {
        peripheral: 5000,
        id: 16_777_216,
        kind: "CALLTYPE_ACD_IN".into(),
        state: CallState::Ringing,
        since: seconds(4),
        age: seconds(64),
        from: "2065551234".into(),
        to: "8001".into(),
        queue: "Sales".into(),
        parties: vec![
            party("2065551234", "", LocalConnectionState::LCS_CONNECT),
            party("5001", "Ann", LocalConnectionState::LCS_ALERTING),
        ],
        data: vec![("CallVariable1".into(), "gold".into()), ("user.account".into(), "17".into())],
    };
    Board {
        links: vec![Link {
            side: 'A',
            address: "127.0.0.1:42027".into(),
            state: open,
            since: seconds(754),
            lost: Duration::ZERO,
            losses: 0,
        }],
        agents: vec![
            agent("1001", "Ann", AgentState::AGENT_STATE_RESERVED, 4),
            agent("1002", "李小龍 Bruce", AgentState::AGENT_STATE_TALKING, 151),
            agent("1003", "", AgentState::AGENT_STATE_NOT_READY, 3_723),
            agent("1004", "Zoë", AgentState::AGENT_STATE_AVAILABLE, 11),
        ],
        queues: vec![
            Queue { peripheral: 5000, number: 2, name: "Support".into(), ready: 1, busy: 2, ..Queue::default() },
            Queue {
                peripheral: 5000,
                number: 1,
                name: "Sales".into(),
                waiting: 3,
                longest: seconds(75),
                ready: 0,
                busy: 4,
                service_level: level,
            },
        ],
        calls: vec![
            call,
            Call { id: 2, state: CallState::Queued, age: seconds(75), queue: "Sales".into(), ..Call::default() },
        ],
        service_level: level,
        granted: CtiService::CTI_SERVICE_CLIENT_CONTROL | CtiService::CTI_SERVICE_ALL_EVENTS,
        events: 1_234,
        rate: 12.3,
        clock: "09:30:00".into(),
    }
}

/// The screen after drawing, line by line. What is behind a wide letter is left out, as on a real screen.
fn screen(width: u16, height: u16, board: &Board, view: &mut View) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, board, view, PLAIN)).unwrap();
    let buffer = terminal.backend().buffer();
    (0..height)
        .map(|y| {
            let mut line = String::new();
            let mut x = 0;
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                line += symbol;
                x += ratatui::text::Line::raw(symbol).width().max(1) as u16;
            }
            line.trim_end().to_owned()
        })
        .collect()
}

fn key(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

fn letters(view: &mut View, board: &Board, text: &str) {
    for letter in text.chars() {
        assert_eq!(view.key(key(KeyCode::Char(letter)), board), Outcome::Seen, "{letter}");
    }
}

#[test]
fn everything_is_on_a_screen_of_80_by_24() {
    let lines = screen(80, 24, &board(), &mut View::default());
    println!("{}", lines.join("\n"));
    assert_eq!(lines, include_str!("screen-80x24.txt").lines().collect::<Vec<_>>());
}

#[test]
fn any_size_is_drawn() {
    let (board, mut view) = (board(), View::default());
    for (width, height) in [(1, 1), (20, 5), (40, 12), (79, 23), (132, 43), (300, 100)] {
        let lines = screen(width, height, &board, &mut view);
        let is_picture = lines.iter().any(|line| line.contains("Service level"));
        assert_eq!(is_picture, width >= 40 && height >= 12, "{width}x{height}: {lines:?}");
    }
    assert!(screen(20, 5, &board, &mut view).join(" ").contains("needs 40x12"));
}

#[test]
fn wide_letters_keep_columns_in_line() {
    let lines = screen(100, 24, &board(), &mut View::default());
    let wide = lines.iter().find(|line| line.contains("李小龍")).unwrap();
    let plain = lines.iter().find(|line| line.contains("Zoë")).unwrap();
    let column_of = |line: &str, text: &str| ratatui::text::Line::raw(&line[..line.find(text).unwrap()]).width();
    assert_eq!(column_of(wide, "5002"), column_of(plain, "5004"));
    assert_eq!(column_of(wide, "李"), column_of(plain, "Zoë"));
}

#[test]
fn letters_that_command_the_terminal_are_not_passed_on() {
    let mut board = board();
    board.agents[0].name = "A\u{1b}[2Jnn\u{7}".into();
    board.calls[0].data[0].1 = "\u{9b}31mred".into();
    let lines = screen(120, 24, &board, &mut View::default());
    assert!(lines.iter().all(|line| !line.chars().any(char::is_control)), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("A[2Jnn")), "{lines:?}");
}

#[test]
fn colour_is_used_only_where_it_is_wanted() {
    let colours = |theme| {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| draw(frame, &board(), &mut View::default(), theme)).unwrap();
        let cells = terminal.backend().buffer().content().to_vec();
        cells.iter().filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset).count()
    };
    assert_eq!(colours(PLAIN), 0);
    assert!(colours(Theme { colour: true }) > 200);
}

#[test]
fn rows_are_ordered_and_chosen() {
    let (board, mut view) = (board(), View::default());
    let ids = |view: &View| view.agents(&board).iter().map(|agent| agent.id.as_str()).collect::<Vec<_>>();
    assert_eq!(ids(&view), ["1001", "1003", "1002", "1004"], "by state");
    letters(&mut view, &board, "s");
    assert_eq!(ids(&view), ["1003", "1002", "1004", "1001"], "by time");
    letters(&mut view, &board, "S");
    assert_eq!(ids(&view), ["1001", "1004", "1002", "1003"], "the other way round");
    letters(&mut view, &board, "/小龍");
    assert_eq!(view.key(key(KeyCode::Enter), &board), Outcome::Seen);
    assert_eq!(ids(&view), ["1002"]);
    view.key(key(KeyCode::Esc), &board);
    assert_eq!(ids(&view).len(), 4);
    letters(&mut view, &board, "/ready");
    assert_eq!(ids(&view).len(), 2, "by the name of the state");
    view.key(key(KeyCode::Enter), &board);
    letters(&mut view, &board, "/");
    view.key(key(KeyCode::Esc), &board);
    assert_eq!(view.queues(&board).iter().map(|queue| queue.number).collect::<Vec<_>>(), [1, 2]);
    letters(&mut view, &board, "/gold");
    assert_eq!(view.calls(&board).iter().map(|call| call.id).collect::<Vec<_>>(), [16_777_216], "by data");
}

#[test]
fn details_and_help_open_and_close() {
    let (board, mut view) = (board(), View::default());
    view.focus = Pane::Calls;
    view.key(key(KeyCode::Down), &board);
    view.key(key(KeyCode::Down), &board);
    view.key(key(KeyCode::Enter), &board);
    let lines = screen(80, 24, &board, &mut view).join("\n");
    for text in ["Call 16777216", "ringing for 0:04, 1:04 in all", "5001 (Ann): LCS_ALERTING", "user.account", "gold"] {
        assert!(lines.contains(text), "{text}\n{lines}");
    }
    let mut later = board.clone();
    later.calls.clear();
    assert!(screen(80, 24, &later, &mut view).join("\n").contains("It is over."));
    view.key(key(KeyCode::Esc), &board);
    assert_eq!(view.popup, None);
    letters(&mut view, &board, "?");
    assert!(screen(80, 24, &board, &mut view).join("\n").contains("set ready, set not ready"));
    letters(&mut view, &board, "q");
    assert_eq!(view.popup, None, "the first q closes, the second one ends");
    assert_eq!(view.key(key(KeyCode::Char('q')), &board), Outcome::Quit);
}

#[test]
fn details_without_a_selection_are_those_of_the_first_row() {
    let (board, mut view) = (board(), View::default());
    view.key(key(KeyCode::Enter), &board);
    let first = view.agents(&board)[0].key();
    assert!(matches!(&view.popup, Some(Popup::Agent(agent)) if *agent == first), "{:?}", view.popup);
    view.key(key(KeyCode::Esc), &board);
    view.key(key(KeyCode::Down), &board);
    view.key(key(KeyCode::Enter), &board);
    let second = view.agents(&board)[1].key();
    assert!(matches!(&view.popup, Some(Popup::Agent(agent)) if *agent == second), "{:?}", view.popup);
}

#[test]
fn the_selection_stays_with_what_was_selected() {
    let (mut board, mut view) = (board(), View::default());
    view.key(key(KeyCode::Down), &board);
    let selected = |view: &mut View, board: &Board| match view.key(key(KeyCode::Char('r')), board) {
        Outcome::Do(Command::SetState(agent, ..)) => Some(agent.id),
        _ => None,
    };
    assert_eq!(selected(&mut view, &board).as_deref(), Some("1001"));
    // Others come before it now.
    board.agents[0].state = AgentState::AGENT_STATE_AVAILABLE;
    assert_eq!(selected(&mut view, &board).as_deref(), Some("1001"));
    screen(80, 24, &board, &mut view);
    assert_eq!(view.pane(Pane::Agents).table.selected(), Some(3));
    // It is gone: nobody stands in for it.
    let agent = board.agents.remove(0);
    assert_eq!((selected(&mut view, &board), view.message.as_str()), (None, "no agent is selected"));
    screen(80, 24, &board, &mut view);
    assert_eq!(view.pane(Pane::Agents).table.selected(), None);
    board.agents.push(agent);
    assert_eq!(selected(&mut view, &board).as_deref(), Some("1001"));
}

#[test]
fn commands_are_about_the_selected_row() {
    let (board, mut view) = (board(), View::default());
    letters(&mut view, &board, "r");
    assert_eq!(view.message, "no agent is selected");
    view.key(key(KeyCode::Home), &board);
    view.key(key(KeyCode::Down), &board);
    let Outcome::Do(Command::SetState(agent, state, 0)) = view.key(key(KeyCode::Char('r')), &board) else {
        panic!("{view:?}")
    };
    assert_eq!((agent.peripheral, agent.id.as_str(), agent.instrument.as_str()), (5000, "1003", "5003"));
    assert_eq!(state, AgentState::AGENT_STATE_AVAILABLE);
    letters(&mut view, &board, "n12x");
    assert!(screen(80, 24, &board, &mut view).last().unwrap().contains("1003 not ready, reason code: 12x"));
    view.key(key(KeyCode::Enter), &board);
    assert_eq!(view.message, "a reason is a number up to 65535");
    letters(&mut view, &board, "n12");
    let not_ready = view.key(key(KeyCode::Enter), &board);
    assert_eq!(not_ready, Outcome::Do(Command::SetState(agent, AgentState::AGENT_STATE_NOT_READY, 12)));

    view.focus = Pane::Calls;
    letters(&mut view, &board, "sS");
    view.key(key(KeyCode::Home), &board);
    let Outcome::Do(Command::Answer(acted)) = view.key(key(KeyCode::Char('a')), &board) else { panic!("{view:?}") };
    assert_eq!((acted.instrument.as_str(), acted.connection.device_id.as_str()), ("5001", "5001"));
    letters(&mut view, &board, "u");
    assert_eq!(view.message, "nobody has the call on hold");
    letters(&mut view, &board, "t5002");
    assert!(screen(80, 24, &board, &mut view).last().unwrap().contains("Transfer to: 5002"));
    let Outcome::Do(Command::Transfer(acted, number)) = view.key(key(KeyCode::Enter), &board) else {
        panic!("{view:?}")
    };
    assert_eq!((acted.instrument.as_str(), number.as_str()), ("5001", "5002"));
    view.key(key(KeyCode::End), &board);
    letters(&mut view, &board, "x");
    assert_eq!(view.message, "no agent is in the call");
}

#[test]
fn letters_with_control_or_alt_are_no_commands() {
    let (board, mut view) = (board(), View::default());
    view.focus = Pane::Calls;
    view.key(key(KeyCode::Home), &board);
    // Ctrl-A is what screen and tmux are commanded by, and here `a` would answer a call.
    for (letter, modifiers) in [('a', KeyModifiers::CONTROL), ('x', KeyModifiers::ALT), ('q', KeyModifiers::CONTROL)] {
        assert_eq!(view.key(KeyEvent::new(KeyCode::Char(letter), modifiers), &board), Outcome::Seen, "{letter}");
    }
    letters(&mut view, &board, "/");
    view.key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL), &board);
    assert_eq!(view.filter, "", "nor are they text");
    view.key(key(KeyCode::Esc), &board);
    let shifted = KeyEvent::new(KeyCode::Char('S'), KeyModifiers::SHIFT);
    assert_eq!(view.key(shifted, &board), Outcome::Seen);
    assert!(view.pane(Pane::Calls).reversed, "a capital letter is one");
}

#[test]
fn what_is_not_granted_is_not_asked_for() {
    let (mut board, mut view) = (board(), View::default());
    board.granted = CtiService::CTI_SERVICE_ALL_EVENTS;
    view.key(key(KeyCode::Down), &board);
    letters(&mut view, &board, "n");
    assert!(view.message.contains("has not granted CTI_SERVICE_CLIENT_CONTROL"), "{}", view.message);
    board.granted = CtiService::CTI_AGENT_STATE_CONTROL_ONLY;
    assert!(matches!(view.key(key(KeyCode::Char('r')), &board), Outcome::Do(Command::SetState(..))));
    view.focus = Pane::Calls;
    view.key(key(KeyCode::Down), &board);
    letters(&mut view, &board, "x");
    assert!(view.message.contains("has not granted"), "{}", view.message);
}

#[test]
fn trouble_is_told() {
    let mut board = board();
    board.links[0].state = LinkState::Down { reason: "refused".into(), retry: Some(seconds(15)) };
    (board.links[0].losses, board.links[0].lost) = (2, seconds(61));
    let line = &screen(80, 24, &board, &mut View::default())[1];
    assert!(line.contains("× A 127.0.0.1:42027 down for 12:34, again in 15 s: ref"), "{line}");
    assert!(line.ends_with("lost 1:01, 2 breaks"), "{line}");
    board = super::tests::board();
    if let LinkState::Open { silence, .. } = &mut board.links[0].state {
        *silence = seconds(11);
    }
    assert!(
        screen(80, 24, &board, &mut View::default())[1]
            .contains("! A 127.0.0.1:42027 Unified CCE 24 for 12:34, silent for 0:11")
    );
}
